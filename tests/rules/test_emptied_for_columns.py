"""What is said of a table that is emptied so that a NOT NULL column without a default can be added."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.findings import Finding, Severity
from migguard.rules.frame import Example
from tests.rules.examples import check

pytestmark = pytest.mark.thorough

GIVEN = "CREATE TABLE calls (id bigint PRIMARY KEY)"
DELETE = 'op.execute("DELETE FROM calls")\n'
ADD = 'op.add_column("calls", sa.Column("kind", sa.Text(), nullable=False{more}))\n'
RENAMED = 'op.rename_table("calls", "tasks")\n' + ADD.replace('"calls"', '"tasks"')


def told(code: str, rule: str, root: Path, engine: str = "postgresql", **more: tuple[str, ...]) -> Finding:
    found = check(Example(code, given=GIVEN, **more), rule, root, engine).report.findings  # type: ignore[arg-type]
    [one] = [f for f in found if f.code == rule]
    return one


@pytest.mark.parametrize("after", [ADD, RENAMED], ids=["there", "under a new name"])
def test_rows_that_a_column_has_no_value_for_are_to_be_kept_and_not_picked(tmp_path: Path, after: str) -> None:
    found = told(DELETE + after.format(more=""), "MG305", tmp_path)
    assert found.advice.startswith("A WHERE clause would not do: with a row left, line ")
    assert found.recipe.endswith('sa.Column("kind", ..., nullable=True))')


def test_all_columns_that_come_so_are_told(tmp_path: Path) -> None:
    other = ADD.format(more="").replace("kind", "place")
    found = told(DELETE + ADD.format(more="") + other, "MG305", tmp_path)
    assert "adds kind and line " in found.advice
    assert found.recipe.count("nullable=True") == 2


def test_a_column_that_takes_the_name_of_another_gets_one_of_its_own_first(tmp_path: Path) -> None:
    anew = 'op.drop_column("calls", "id")\nop.add_column("calls", sa.Column("id", sa.Uuid(), nullable=False))\n'
    found = told(DELETE + anew, "MG305", tmp_path)
    assert found.recipe == (
        'op.add_column("calls", sa.Column("id_new", ..., nullable=True))  # until its own name is free'
    )


@pytest.mark.parametrize("more", [', server_default="x"', ", nullable=True"], ids=["a default", "nullable"])
def test_where_no_such_column_comes_the_rows_that_are_meant_are_to_be_named(tmp_path: Path, more: str) -> None:
    code = ADD.replace(", nullable=False", "") if "nullable" in more else ADD
    assert told(DELETE + code.format(more=more), "MG305", tmp_path).advice.startswith("Name the rows")


def test_what_the_running_code_puts_in_meanwhile_is_a_warning(tmp_path: Path) -> None:
    found = told(DELETE + RENAMED.format(more=""), "MG701", tmp_path)
    assert found.severity is Severity.WARNING
    assert "if the running code puts a row into calls after line" in found.message  # it does not know the new name
    assert found.advice.endswith("in its transaction, where the table is called tasks.")
    assert found.origin is not None
    assert found.message.endswith(f"before line {found.origin.line - 1} has its lock.")


def test_no_query_finds_today_what_comes_after_the_table_was_emptied(tmp_path: Path) -> None:
    found = told(DELETE + ADD.format(more=""), "MG701", tmp_path)
    assert found.probe is None
    assert found.message.endswith("before this statement has its lock.")
    assert told(ADD.format(more=""), "MG701", tmp_path / "rows").probe == "SELECT 1 FROM calls LIMIT 1"


def test_an_earlier_revision_that_emptied_the_table_is_named(tmp_path: Path) -> None:
    found = told(ADD.format(more=""), "MG701", tmp_path, earlier=(DELETE,))
    assert " of revision " in found.message


KEYS = {
    "of the new column": ('op.create_unique_constraint("uq", "calls", ["place", "kind"])', "place and kind"),
    "an index": ('op.create_index("uq", "calls", ["kind"], unique=True)', "kind"),
    "an index that is no key": ('op.create_index("ix", "calls", ["kind"])', ""),
    "with what is a key": ('op.create_unique_constraint("uq", "calls", ["id", "kind"])', ""),
    "of another table": ('op.create_unique_constraint("uq", "others", ["kind"])', ""),
}


@pytest.mark.parametrize(("key", "differ"), KEYS.values(), ids=KEYS)
@pytest.mark.parametrize("rule", ["MG305", "MG514"])
def test_rows_are_to_be_kept_where_a_later_key_lets_them(rule: str, key: str, differ: str, tmp_path: Path) -> None:
    given = "CREATE TABLE calls (id bigint PRIMARY KEY, place text);CREATE TABLE others (kind text)"
    report = check(Example(DELETE + ADD.format(more="") + key, given=given), rule, tmp_path, "postgresql").report
    [found] = [f for f in report.findings if f.code == rule]
    if differ:
        assert f"Keep the rows if they can differ in {differ} (a unique key of line " in found.advice
    else:
        assert "Keep the rows: add what is new nullable" in found.advice


LATER = {
    "a column": ADD.format(more=""),
    "a column of a new name of the table": RENAMED.format(more=""),
    "a constraint": 'op.create_unique_constraint("uq", "calls", ["kind"])\n',
    "a NOT NULL": 'op.alter_column("calls", "kind", nullable=False)\n',
}
KINDS = "CREATE TABLE calls (id bigint PRIMARY KEY, kind text)"


@pytest.mark.parametrize("rule", ["MG513", "MG514"])
@pytest.mark.parametrize("after", LATER.values(), ids=LATER)
def test_rows_are_not_to_be_deleted_by_themselves_for_what_comes_later(after: str, rule: str, tmp_path: Path) -> None:
    """What the running code puts in after that commit is in the way also of the second attempt."""
    given = GIVEN if "add_column" in after else KINDS
    found = check(Example(DELETE + after, given=given), rule, tmp_path, "postgresql").report.findings
    [one] = [f for f in found if f.code == rule]
    assert one.advice.startswith("A commit between would not do: with a row that the application puts in meanwhile")
    assert "stop what writes to the table first" in one.advice.lower()
    assert "DELETE" not in one.recipe


def test_a_commit_before_the_delete_leaves_it_with_what_comes_later(tmp_path: Path) -> None:
    note = 'op.add_column("calls", sa.Column("note", sa.Text()))\n'
    found = told(note + DELETE + ADD.format(more=""), "MG503", tmp_path)
    assert (
        ", before the DELETE, which stays with line 11: a row that is put in between can make that fail" in found.advice
    )
    assert "batches" not in found.advice
    assert "batches" in told(note + DELETE, "MG503", tmp_path / "alone").advice


@pytest.mark.parametrize(
    ("delete", "after"),
    [
        (DELETE, 'op.execute("ALTER TABLE calls ADD CONSTRAINT c CHECK (id > 0) NOT VALID")'),
        (DELETE, 'op.add_column("calls", sa.Column("note", sa.Text()))'),
        ('op.execute("DELETE FROM calls WHERE kind IS NULL")\n', LATER["a constraint"]),
    ],
    ids=["a constraint that reads no row", "a column that may be empty", "rows of a kind"],
)
def test_else_they_may_be_deleted_in_batches(delete: str, after: str, tmp_path: Path) -> None:
    found = check(Example(delete + after, given=KINDS), "MG514", tmp_path, "postgresql").report.findings
    [one] = [f for f in found if f.code == "MG514"]
    assert "DELETE FROM calls WHERE id IN (SELECT" in one.recipe


NOT_NULL = LATER["a NOT NULL"]
MEANWHILE, BETWEEN = "comes meanwhile can make line ", "puts in between, line "


@pytest.mark.parametrize(
    ("first", "after", "said"),
    [
        ("DELETE FROM calls WHERE kind IS NULL", NOT_NULL, MEANWHILE),
        ("DELETE FROM calls WHERE kind = 'a'", LATER["a constraint"], MEANWHILE),
        ("UPDATE calls SET kind = 'a' WHERE kind IS NULL", NOT_NULL, BETWEEN),
        ("DELETE FROM calls WHERE kind IS NULL", 'op.alter_column("calls", "kind", nullable=True)', None),
        ("DELETE FROM calls WHERE id > 1", NOT_NULL, None),
        ("DELETE FROM calls WHERE kind IS NULL", NOT_NULL.replace("calls", "others"), None),
        ("DELETE FROM calls WHERE kind IS NULL", "pass", None),
        ("DELETE FROM filled WHERE kind = 'a'", NOT_NULL.replace("calls", "filled"), None),
    ],
)
def test_rows_that_come_between_batches_are_in_the_way_of_what_asks_for_them(
    first: str, after: str, said: str | None, tmp_path: Path
) -> None:
    given = f"{KINDS};CREATE TABLE others (kind text);CREATE TABLE filled (id int PRIMARY KEY, kind text NOT NULL)"
    found = check(
        Example(f'op.execute("{first}")\n{after}', given=given), "MG514", tmp_path, "postgresql"
    ).report.findings
    told = [f"{f.advice} {f.recipe}" for f in found if f.code == "MG514"]
    found_words = {words for words in (MEANWHILE, BETWEEN) for text in told if words in text}
    assert found_words == ({said} if said is not None else set())


COPY = 'op.execute("INSERT INTO tasks SELECT id FROM calls")\n'


@pytest.mark.parametrize("first", ["", COPY], ids=["as they are", "copied before"])
def test_two_findings_on_one_statement_say_the_same_of_where_to_delete(first: str, tmp_path: Path) -> None:
    given = f"{GIVEN};CREATE TABLE tasks (id bigint PRIMARY KEY)"
    found = check(Example(first + DELETE, given=given), "MG305", tmp_path, "postgresql").report.findings
    where = "in a later deployment" if first else "from a job or in a revision of its own"
    said = [f.advice for f in found if f.code in ("MG305", "MG514") and "DELETE" in (f.sql or "")]
    assert [f"in batches, each a transaction of its own, {where}" in text for text in said] == [True, True]


KEYED = "CREATE TABLE people (id bigint PRIMARY KEY, login text CONSTRAINT uq UNIQUE, kind text)"
SOME = """op.execute("DELETE FROM people WHERE kind = 'x'")\n"""
READ = 'op.get_bind().execute(sa.text("SELECT login FROM people")).all()\n'
UNIQUE, SEEN = "fail, at a unique key", "bound each batch to the rows of that time"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (SOME + 'op.create_index("ix_login", "people", ["login"], unique=True)', {UNIQUE}),
        (SOME + 'op.alter_column("people", "login", type_=sa.String(99))', {UNIQUE}),
        (SOME + 'op.alter_column("people", "kind", type_=sa.String(99))', set()),
        (READ + SOME, {SEEN}),
        (READ.replace("people", "others") + SOME, set()),
        (SOME + READ, set()),
    ],
    ids=["a new key", "a key made anew", "no key", "read before", "another table", "read after"],
)
def test_a_delete_in_batches_says_what_comes_meanwhile(code: str, words: set[str], tmp_path: Path) -> None:
    given = f"{KEYED};CREATE TABLE others (login text)"
    found = check(Example(code, given=given), "MG514", tmp_path, "postgresql").report.findings
    [one] = [f for f in found if f.code == "MG514"]
    assert {w for w in (UNIQUE, SEEN) if w in one.recipe} == words


@pytest.mark.parametrize(
    ("select", "split"),
    [("SELECT DISTINCT kind FROM people", False), ("SELECT kind FROM people GROUP BY kind", False),
     ("SELECT kind FROM (SELECT DISTINCT kind FROM people) AS p", False), ("SELECT kind FROM people", True)],
    ids=["distinct", "grouped", "distinct inside", "row by row"],
)  # fmt: skip
def test_rows_that_are_made_of_many_go_into_no_batches_by_a_limit(select: str, split: bool, tmp_path: Path) -> None:
    """It would bound what is put in, and not what is read for it."""
    code = f'op.execute("INSERT INTO others {select}")'
    given = f"{KEYED};CREATE TABLE others (login text)"
    found = check(Example(code, given=given), "MG514", tmp_path, "postgresql").report.findings
    [one] = [f for f in found if f.code == "MG514"]
    assert ("op.get_bind()" in one.recipe, "split no group" in one.advice) == (split, not split)
