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
