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
