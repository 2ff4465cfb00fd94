"""Tables that the history never made, met for the first time by a statement that only works on them."""

from __future__ import annotations

import pytest

from migguard.effects.dispatch import effect_of_statement
from tests.shadow.project import Project, upgrade

MET = {
    "UPDATE met SET a = 1": "ROW EXCLUSIVE",
    "DELETE FROM met WHERE a > 1": "ROW EXCLUSIVE",
    "INSERT INTO met (a) VALUES (1)": "ROW EXCLUSIVE",
    "WITH gone AS (DELETE FROM met RETURNING a) INSERT INTO other SELECT a FROM gone": "ROW EXCLUSIVE",
    "INSERT INTO other (a) SELECT a FROM met": "ACCESS SHARE",
    "UPDATE other SET a = 1 FROM met WHERE met.b = other.b": "ACCESS SHARE",
    "MERGE INTO met USING other ON met.a = other.a WHEN MATCHED THEN UPDATE SET b = 1": "ROW EXCLUSIVE",
    "SELECT a FROM met FOR UPDATE": "ROW SHARE",
    "CREATE TABLE made AS SELECT * FROM met": "ACCESS SHARE",
    "CREATE TABLE made (b integer) INHERITS (met)": "SHARE UPDATE EXCLUSIVE",
    "CREATE TABLE made PARTITION OF met DEFAULT": "ACCESS EXCLUSIVE",
    "CREATE TABLE made (LIKE met)": "ACCESS SHARE",
    "TRUNCATE other, met": "ACCESS EXCLUSIVE",
    "DROP TABLE other, met": "ACCESS EXCLUSIVE",
    "LOCK TABLE met IN SHARE MODE": "SHARE",
    "ANALYZE met": "SHARE UPDATE EXCLUSIVE",
    "CLUSTER met USING ix": "ACCESS EXCLUSIVE",
    "REINDEX TABLE met": "SHARE",
    "CREATE TRIGGER t BEFORE INSERT ON met FOR EACH ROW EXECUTE FUNCTION f()": "SHARE ROW EXCLUSIVE",
    "DROP TRIGGER t ON met": "ACCESS EXCLUSIVE",
    "CREATE POLICY p ON met": "ACCESS EXCLUSIVE",
    "DROP POLICY p ON met": "ACCESS EXCLUSIVE",
    "ALTER TABLE met ENABLE ROW LEVEL SECURITY": "ACCESS EXCLUSIVE",
    "ALTER TABLE met DISABLE TRIGGER ALL": "SHARE ROW EXCLUSIVE",
    "CREATE RULE r AS ON INSERT TO met DO INSTEAD NOTHING": "ACCESS EXCLUSIVE",
    "COMMENT ON TABLE met IS 'x'": "SHARE UPDATE EXCLUSIVE",
    "COMMENT ON COLUMN met.a IS 'x'": "SHARE UPDATE EXCLUSIVE",
    "CREATE STATISTICS s ON a, b FROM met": "SHARE UPDATE EXCLUSIVE",
    "ALTER TABLE met RENAME TO renamed": "ACCESS EXCLUSIVE",
    "ALTER TABLE met SET SCHEMA public": "ACCESS EXCLUSIVE",
    "ALTER TABLE met ADD COLUMN c integer": "ACCESS EXCLUSIVE",
    "DO $$ BEGIN UPDATE met SET a = 1; END $$": "ROW EXCLUSIVE",
}
OPERATIONS = {
    'op.execute(sa.table("met", sa.column("a")).update().values(a=1))': "ROW EXCLUSIVE",
    'op.bulk_insert(sa.table("met", sa.column("a")), [{"a": 1}])': "ROW EXCLUSIVE",
    'op.rename_table("met", "renamed")': "ACCESS EXCLUSIVE",
    'op.create_table_comment("met", "x")': "SHARE UPDATE EXCLUSIVE",
}


@pytest.mark.parametrize(
    ("body", "mode"),
    [*((f'op.execute("""{sql}""")', mode) for sql, mode in MET.items()), *OPERATIONS.items()],
    ids=[*MET, *OPERATIONS],
)
def test_the_lock_is_told_at_the_first_statement(project: Project, body: str, mode: str) -> None:
    project.revision('op.add_column("told", sa.Column("a", sa.Integer()))')
    name = project.revision(body)
    [statement] = upgrade(project.traced(), name).statements
    assert [step.refusal for step in statement.steps if step.refusal is not None] == []
    effect = effect_of_statement(statement)
    assert effect.known
    assert {lock.mode.spelling for lock in effect.locks if lock.table == ("public", "met") and lock.mode} == {mode}


def test_the_work_on_it_is_told(project: Project) -> None:
    project.revision('op.add_column("told", sa.Column("a", sa.Integer()))')
    project.revision('op.execute("UPDATE met SET a = 1")', 'op.execute("UPDATE met SET a = 2")')
    found = [(f.code, f.table) for f in project.checked().report.findings if f.code in ("MG306", "MG514", "MG202")]
    assert found == [("MG306", "met"), ("MG514", "met")]


def test_a_table_of_another_schema_says_nothing_of_what_else_there_is(project: Project) -> None:
    project.revision('op.create_table("a", sa.Column("id", sa.Integer(), primary_key=True))')
    name = project.revision(
        """
        op.execute("UPDATE theirs.met SET a = 1")
        op.add_column("no_such", sa.Column("b", sa.Integer()))
        """,
        'op.execute("UPDATE theirs.met SET a = 2")',
    )
    first, second = upgrade(project.traced(), name).statements
    assert [lock.table for lock in effect_of_statement(first).locks] == [("theirs", "met")]
    assert second.steps[0].refusal is not None
    assert not any(f.code == "MG202" for f in project.checked().report.findings)


def test_a_table_that_was_dropped_is_not_met(project: Project) -> None:
    project.revision('op.create_table("a", sa.Column("id", sa.Integer(), primary_key=True))')
    name = project.revision(
        'op.drop_table("a")\nop.execute("CREATE EXTENSION postgis")\nop.execute("UPDATE a SET b = 1")'
    )
    assert not upgrade(project.traced(), name).statements[-1].steps[0].before.tables
