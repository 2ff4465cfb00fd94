"""The advice about a renamed table looks after its renamed columns."""

from pathlib import Path

import pytest

from migguard.rules.frame import Example
from tests.rules import examples

pytestmark = pytest.mark.thorough

GIVEN = "CREATE TABLE clients (id bigint PRIMARY KEY, name text, age int)"
COLUMN = 'op.alter_column("{}", "name", new_column_name="full_name")\n'
TABLE = 'op.rename_table("clients", "customers")\n'


@pytest.mark.parametrize(
    ("code", "named", "view"),
    [
        (TABLE, False, "CREATE VIEW clients AS SELECT * FROM customers"),
        (COLUMN.format("clients") + TABLE, True, "SELECT id, full_name AS name, age FROM customers"),
        (TABLE + COLUMN.format("customers"), True, "CREATE VIEW clients AS SELECT * FROM customers"),
    ],
)
def test_a_view_shows_columns_by_their_old_names(code: str, named: bool, view: str, tmp_path: Path) -> None:
    """A view keeps the names of its columns when the table's are renamed later, and has to give them otherwise."""
    checked = examples.check(Example(code, given=GIVEN), "MG601", tmp_path, "postgresql")
    [finding] = [f for f in checked.report.findings if f.code == "MG601"]
    assert ("its columns (name)" in finding.advice) is named
    assert view in finding.recipe


TYPE = 'op.alter_column("{}", "age", type_=sa.BigInteger())\n'
NEW = 'op.create_table("regions", sa.Column("id", sa.Integer(), primary_key=True))\n'
KEY = 'op.create_foreign_key("fk", "customers", "{}", ["{}"], ["id"])\n'
YEARS = 'op.alter_column("clients", "age", new_column_name="years")\n'
ADDED = 'op.add_column("customers", sa.Column("region", sa.Integer()))\n'


@pytest.mark.parametrize(
    ("code", "view"),
    [
        (TYPE.format("clients") + TABLE, True),
        (TABLE + TYPE.format("customers"), False),
        (TABLE + 'op.drop_column("customers", "age")', False),
        (TABLE, True),
    ],
    ids=["a type before", "a type after", "a column that goes", "nothing"],
)
def test_a_view_is_in_the_way_of_what_comes_after_it(code: str, view: bool, tmp_path: Path) -> None:
    checked = examples.check(Example(code, given=GIVEN), "MG601", tmp_path, "postgresql")
    [finding] = [f for f in checked.report.findings if f.code == "MG601"]
    assert ("in the way" in finding.advice) is not view
    assert (finding.recipe is not None and "CREATE VIEW clients" in finding.recipe) is view


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (NEW + TABLE + KEY.format("regions", "age"), "not write age through it"),
        (NEW + YEARS + TABLE + KEY.format("regions", "years"), "not write age through it"),
        (NEW + TABLE + ADDED + KEY.format("regions", "region"), None),
        (TABLE + KEY.format("areas", "age"), None),
    ],
    ids=["a new table", "a column renamed along", "a new column", "a table that was there"],
)
def test_a_view_carries_no_write_of_a_key_to_a_new_table(code: str, said: str | None, tmp_path: Path) -> None:
    """Old code does not fill that table: the server refuses what it puts in through the view."""
    given = f"{GIVEN};CREATE TABLE areas (id int PRIMARY KEY)"
    checked = examples.check(Example(code, given=given), "MG601", tmp_path, "postgresql")
    [finding] = [f for f in checked.report.findings if f.code == "MG601"]
    assert ("through it" in finding.advice) is (said is not None)
    assert said is None or f"{said}, which has to be in regions, new here" in finding.advice
