"""A key that takes the place of one that the script asks the database for, where no revision made the table."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.findings import Severity
from migguard.rules.frame import Example
from tests.rules import examples

pytestmark = pytest.mark.thorough

ASKED = """
there = sa.inspect(op.get_bind())
keys = [k["name"] for k in there.get_unique_constraints("people")]
{}
op.add_column("people", sa.Column("realm", sa.Text(), nullable=False, server_default="x"))
op.create_unique_constraint("uq_people", "people", ["realm", "name"])
"""
CASES = {
    "by its own call": ('if keys:\n    op.drop_constraint(keys[0], "people", type_="unique")', True),
    "by a function of the script": (
        "def drop(table, name):\n    if name:\n        op.drop_constraint(name, table_name=table)\n"
        'drop("people", keys[0] if keys else None)',
        True,
    ),
    "in a batch": (
        'with op.batch_alter_table("people") as batch:\n    if keys:\n        batch.drop_index(keys[0])',
        True,
    ),
    "a foreign key": ('if keys:\n    op.drop_constraint(keys[0], "people", type_="foreignkey")', False),
    "of another table": ('if keys:\n    op.drop_constraint(keys[0], "others", type_="unique")', False),
    "none": ("", False),
}


@pytest.mark.parametrize("case", CASES)
def test_what_the_dropped_one_may_have_kept_out_is_said(case: str, tmp_path: Path) -> None:
    drop, hedged = CASES[case]
    checked = examples.check(Example(ASKED.format(drop), given="DELETE FROM people"), "MG610", tmp_path, "postgresql")
    [found] = [f for f in checked.report.findings if f.code == "MG610"]
    assert (found.severity is Severity.NOTICE, found.verified) == (hedged, False)
    assert (" drops kept them out already" in found.message) is hedged
    assert hedged or "unless a key of the table that is not known here keeps them out already" in found.message


def test_a_table_that_is_known_has_no_such_keys(tmp_path: Path) -> None:
    code, given = ASKED.format(CASES["by its own call"][0]), "CREATE TABLE people (id int PRIMARY KEY, name text)"
    checked = examples.check(Example(code, given=given), "MG610", tmp_path, "postgresql")
    [found] = [f for f in checked.report.findings if f.code == "MG610"]
    assert (found.severity, "unless" in found.message) == (Severity.WARNING, False)
