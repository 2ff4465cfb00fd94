"""What is advised where rows are committed before something that comes later in the deployment."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.rules.frame import Example
from tests.rules.examples import check
from tests.rules.test_fitting_advice import told

pytestmark = pytest.mark.thorough

GIVEN = (
    "CREATE TABLE u (id int PRIMARY KEY, note text);"
    "CREATE TABLE t (id uuid PRIMARY KEY, a int, b int, u_id int, note text)"
)
ALONE = ("transaction_per_migration",)
DELETE = 'op.execute("DELETE FROM t WHERE a = b")\n'
UPDATE = 'op.execute("UPDATE t SET a = abs(a) WHERE a <> abs(a)")\n'
CHECK = 'op.create_check_constraint("ck", "t", "a <> b")\n'
KEY = 'op.create_foreign_key("fk", "t", "u", ["a"], ["id"])\n'
UNIQUE = 'op.create_unique_constraint("uq", "t", ["a"])\n'
OTHER = 'op.create_check_constraint("ck", "t", "u_id > 0")\n'
NOT_VALID = CHECK.replace('b")', 'b", postgresql_not_valid=True)')
ADD = 'op.add_column("t", sa.Column("n", sa.Integer()))\n'
FILL = 'op.execute("UPDATE t SET n = 3")\n'
LATER: dict[str, tuple[str, str]] = {
    "a check after a delete": (DELETE + CHECK, "NOT VALID before"),
    "a check after an update": (UPDATE + CHECK, "NOT VALID before"),
    "a foreign key": (UPDATE + KEY, "NOT VALID before"),
    "a unique key": (UPDATE + UNIQUE, "put no such rows in before"),
    "of another column": (UPDATE + OTHER, ""),
    "before the rows": (CHECK + DELETE, ""),
    "not valid": (DELETE + NOT_VALID, ""),
    "of a new column": (ADD + FILL + CHECK.replace("a <> b", "n > 0"), ""),
    "that asks a new column for a value": (ADD + FILL + CHECK.replace("a <> b", "n IS NOT NULL"), "NOT VALID before"),
}


@pytest.mark.parametrize("rule", ["MG513", "MG514"])
@pytest.mark.parametrize(("code", "said"), LATER.values(), ids=LATER)
def test_what_running_code_puts_in_between_must_not_fail_what_is_added_after(
    code: str, said: str, rule: str, tmp_path: Path
) -> None:
    found = told(rule, Example(code, given=GIVEN, env=ALONE), tmp_path)
    whole = f"{found.advice}\n{found.recipe}"
    assert ("cannot be updated meanwhile" in whole) is (said == "NOT VALID before" and "CHECK" in code.upper())
    assert [part for part in ("NOT VALID before", "put no such rows in before") if part in whole] == [said] * bool(said)


ENUM = "CREATE TYPE kind AS ENUM ('a', 'b', 'c');CREATE TABLE t (id uuid PRIMARY KEY, kind kind)"
CHANGED = """
op.execute("UPDATE t SET kind = 'b' WHERE kind = 'a'")
op.execute("ALTER TYPE kind RENAME TO kind_old")
op.execute("CREATE TYPE kind AS ENUM ({})")
op.execute("ALTER TABLE t ALTER COLUMN kind TYPE kind USING kind::text::kind")
"""


@pytest.mark.parametrize("rule", ["MG513", "MG514"])
@pytest.mark.parametrize(("labels", "mapped"), [("'b', 'c'", True), ("'a', 'b', 'c', 'd'", False)])
def test_values_that_the_next_type_lacks_are_mapped_in_its_conversion(
    labels: str, mapped: bool, rule: str, tmp_path: Path
) -> None:
    """Between an UPDATE that is committed and the type change, running code can write the old label again."""
    found = told(rule, Example(CHANGED.format(labels), given=ENUM, env=ALONE), tmp_path)
    assert found.advice.startswith("Convert the values where the type is changed (line ") is mapped
    assert ("batches" in found.advice) is not mapped


COPY = 'op.execute("INSERT INTO u SELECT a, note FROM t WHERE note IS NOT NULL")\n'
READ = 'op.execute("UPDATE u SET note = (SELECT max(note) FROM t WHERE t.u_id = u.id)")\n'
LOCK = 'op.add_column("u", sa.Column("n", sa.Integer()))\n'
GONE = {
    "deleted": (COPY + 'op.execute("DELETE FROM t WHERE note IS NOT NULL")\n', "takes what is copied here"),
    "one row deleted": (COPY + "op.execute(\"DELETE FROM t WHERE id = '5'\")\n", ""),
    "dropped": (COPY + 'op.drop_table("t")\n', "What running code writes to t between this and line "),
    "dropped after it was looked up": (READ + 'op.drop_table("t")\n', "What running code writes to t between this and"),
    "kept": (COPY, ""),
}


@pytest.mark.parametrize("rule", ["MG513", "MG514"])
@pytest.mark.parametrize(("code", "said"), GONE.values(), ids=GONE)
def test_rows_that_come_between_a_copy_and_its_end_are_in_neither(
    code: str, said: str, rule: str, tmp_path: Path
) -> None:
    example = Example(LOCK + code, given=GIVEN, env=ALONE)
    found = next(f for f in check(example, rule, tmp_path, "postgresql").report.findings if f.code == rule)
    assert said in found.advice
    assert bool(said) is ("takes what is copied" in found.advice or "is lost" in found.advice)


REFERRING = {
    "that goes with it": ("CASCADE", "(t_id)", False),
    "that keeps it": ("NO ACTION", "(t_id)", False),
    "that is made NULL": ("SET NULL", "(t_id)", True),
    "that is not written": ("CASCADE", "(note)", True),
}


@pytest.mark.parametrize(("action", "columns", "said"), REFERRING.values(), ids=REFERRING)
def test_rows_that_refer_to_others_do_not_take_their_place(
    action: str, columns: str, said: bool, tmp_path: Path
) -> None:
    given = f"{GIVEN}; CREATE TABLE w (t_id uuid REFERENCES t ON DELETE {action}, note text)"
    chosen = "id" if "t_id" in columns else "note"
    copy = f'op.execute("INSERT INTO w {columns} SELECT {chosen} FROM t WHERE note IS NOT NULL")\n'
    gone = 'op.execute("DELETE FROM t WHERE note IS NOT NULL")\n'
    found = check(Example(copy + gone, given=given, env=ALONE), "MG514", tmp_path, "postgresql").report.findings
    first = next(f for f in found if f.code == "MG514")
    assert ("takes what is copied" in first.advice) is said


def test_nothing_is_lost_where_what_is_written_is_dropped_too(tmp_path: Path) -> None:
    code = READ + 'op.drop_table("t")\nop.drop_table("u")\n'
    found = check(Example(code, given=GIVEN, env=ALONE), "MG514", tmp_path, "postgresql").report.findings
    assert "is lost" not in next(f for f in found if f.code == "MG514").advice


@pytest.mark.parametrize(("action", "told_of"), [("NO ACTION", True), ("RESTRICT", True), ("CASCADE", False)])
@pytest.mark.parametrize("where", ["", " WHERE note IS NULL"])
def test_rows_that_refer_to_their_own_table_are_deleted_first(
    where: str, action: str, told_of: bool, tmp_path: Path
) -> None:
    """One DELETE takes both at once; a batch that has only the row that is referred to is refused."""
    given = f"CREATE TABLE n (id uuid PRIMARY KEY, up uuid REFERENCES n ON DELETE {action}, note text)"
    recipe = told("MG514", Example(f'op.execute("DELETE FROM n{where}")', given=given, env=ALONE), tmp_path).recipe
    assert ("# first the rows that no other refers to by up" in recipe) is told_of


BEFORE = {
    "a column": (ADD + UPDATE, ("cannot be run again",)),
    "a column if it is not there": (
        'op.execute("ALTER TABLE t ADD COLUMN IF NOT EXISTS n int")\n' + UPDATE,
        ("does that once more",),
    ),
    "rows": ("op.execute(\"UPDATE u SET note = 'x' WHERE id = 1\")\n" + UPDATE, ("does that once more",)),
    "nothing": (UPDATE, ()),
}


@pytest.mark.parametrize(("code", "said"), BEFORE.values(), ids=BEFORE)
def test_what_a_revision_has_done_before_is_told_as_far_as_it_is_known(
    code: str, said: tuple[str, ...], tmp_path: Path
) -> None:
    recipe = told("MG514", Example(code, given=GIVEN, env=ALONE), tmp_path).recipe
    told_of = [one for one in ("cannot be run again", "does that once more") if one in recipe]
    assert all(any(one in part for part in said) for one in told_of)
    assert all(part in recipe for part in said)


TEMPORARY = ADD + 'op.execute("CREATE TEMP TABLE seen ON COMMIT DROP AS SELECT id, a FROM t WHERE a > 3")\n'
READING = {
    "a join": "DELETE FROM t USING seen WHERE seen.id = t.id",
    "a subquery": "UPDATE t SET b = 3 WHERE a IN (SELECT a FROM seen)",
    "a join of an UPDATE": "UPDATE t SET note = seen.a FROM seen WHERE seen.id = t.id",
    "a copy": "INSERT INTO u SELECT t.a, t.note FROM t JOIN seen ON seen.id = t.id",
}


@pytest.mark.parametrize("rule", ["MG503", "MG513", "MG514"])
@pytest.mark.parametrize("statement", READING.values(), ids=READING)
def test_a_temporary_table_that_is_read_outlives_no_commit(rule: str, statement: str, tmp_path: Path) -> None:
    code = TEMPORARY + f'op.execute("{statement}")\n'
    report = check(Example(code, given=GIVEN, env=ALONE), rule, tmp_path, "postgresql").report
    found = [f for f in report.findings if f.code == rule and f.sql == statement]
    if rule != "MG503" or found:
        [one] = found
        assert one.advice.startswith("seen is temporary: ")
        assert not one.recipe
        assert rule == "MG503" or "what may be all" in one.message


@pytest.mark.parametrize("before", [True, False])
def test_what_is_split_off_still_reads_the_temporary_table(before: bool, tmp_path: Path) -> None:
    """One that is made behind the commit is made in the session that reads it."""
    work, made = 'op.execute("UPDATE t SET b = 3")\n', TEMPORARY.removeprefix(ADD)
    code = ADD + (made + work if before else work + made) + f'op.execute("{READING["a join"]}")\n'
    found = told("MG503", Example(code, given=GIVEN, env=ALONE), tmp_path)
    assert found.sql == "UPDATE t SET b = 3"
    assert found.advice.startswith("seen is temporary: ") == before
    assert "Commit in between" in found.advice
