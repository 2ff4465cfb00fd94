"""MG602 advises to rename the attribute alone only where the column goes on to mean the same."""

from pathlib import Path

import pytest

from migguard.rules.frame import Example
from tests.rules.examples import check

pytestmark = pytest.mark.thorough

GIVEN = "CREATE TABLE rooms (id bigint PRIMARY KEY, is_open boolean, name text)"
RENAME = 'op.alter_column("rooms", "is_open", new_column_name="is_closed")\n'
NOT = 'op.execute("UPDATE rooms SET {0} = NOT {0}")\n'

TURNED = {
    "after the rename": RENAME + NOT.format("is_closed"),
    "before the rename": NOT.format("is_open") + RENAME,
    "by a type change": 'op.execute("ALTER TABLE rooms ALTER is_open TYPE boolean USING NOT is_open")\n' + RENAME,
    "by cases": RENAME + 'op.execute("UPDATE rooms SET is_closed = CASE WHEN is_closed THEN false ELSE true END")',
}
KEPT = {
    "the rename alone": RENAME,
    "NULLs filled in": RENAME + 'op.execute("UPDATE rooms SET is_closed = coalesce(is_closed, false)")',
    "another column": RENAME + "op.execute(\"UPDATE rooms SET name = upper(name) || '!'\")",
    "a constant": RENAME + 'op.execute("UPDATE rooms SET is_closed = false WHERE is_closed IS NULL")',
    "a cast": 'op.execute("ALTER TABLE rooms ALTER is_open TYPE text USING is_open::text")\n' + RENAME,
}


@pytest.mark.parametrize(
    ("code", "turned"),
    [(code, held is TURNED) for held in (TURNED, KEPT) for code in held.values()],
    ids=[*TURNED, *KEPT],
)
def test_another_attribute_is_advised_only_for_the_same_values(code: str, turned: bool, tmp_path: Path) -> None:
    report = check(Example(code, given=GIVEN), "MG602", tmp_path, "postgresql").report
    [found] = [f for f in report.findings if f.code == "MG602"]
    assert ("Its values change too" in found.advice, "mapped_column" in found.advice) == (turned, not turned)


AGAIN = 'op.add_column("rooms", sa.Column("is_open", sa.Text(), nullable=True))\n'
AGAINST = {
    "the renamed one kept": RENAME + AGAIN,
    "the renamed one dropped": RENAME
    + AGAIN
    + 'op.execute("UPDATE rooms SET is_open = is_closed::text")\nop.drop_column("rooms", "is_closed")\n',
}


@pytest.mark.parametrize("code", AGAINST.values(), ids=list(AGAINST))
def test_a_column_that_is_added_anew_is_what_the_running_code_meets(code: str, tmp_path: Path) -> None:
    """It misses no name then, and what the old column is called in between is nothing to go on with."""
    report = check(Example(code, given=GIVEN), "MG602", tmp_path, "postgresql").report
    [found] = [f for f in report.findings if f.code == "MG602"]
    assert "breaks every query" not in found.message
    assert "adding another is_open gives the running code that one" in found.message
    assert "mapped_column" not in found.advice
    assert "is_closed" not in found.advice
