"""A line that runs only where a count of rows came out so knows what is in the table."""

from pathlib import Path

import pytest

from migguard.findings import Severity
from migguard.rules.frame import Example
from tests.rules import examples

pytestmark = pytest.mark.thorough

GIVEN = "CREATE TABLE invoices (id bigint PRIMARY KEY)"


def lost(code: str, given: str = "") -> tuple[str, str, Severity]:
    """A drop that may take rows along."""
    return code, GIVEN + given, Severity.ERROR


def noticed(code: str, given: str = "") -> tuple[str, str, Severity]:
    """A drop of a table that is known to be empty."""
    return code, GIVEN + given, Severity.NOTICE


CASES = {
    "where the script has counted no row in it": noticed(
        """
        found = op.get_bind().execute(sa.text("SELECT COUNT(*) FROM invoices;")).fetchone()
        if found[0] > 0:
            print("keep it")
            return
        op.drop_table("invoices")
        """
    ),
    "where the count is nothing": noticed(
        """
        if not op.get_bind().scalar(sa.text("SELECT count(*) FROM invoices")):
            op.drop_table("invoices")
        """
    ),
    "where no row is found": noticed(
        """
        row = op.get_bind().execute(sa.text("SELECT 1 FROM invoices LIMIT 1")).first()
        if row is None:
            op.drop_table("invoices")
        """
    ),
    "where the table that it must refer to has no row": noticed(
        """
        if op.get_bind().execute(sa.text("SELECT count(*) FROM invoices")).scalar() == 0:
            op.drop_table("items")
        """,
        given=";CREATE TABLE items (invoice_id bigint NOT NULL REFERENCES invoices)",
    ),
    "where the table that it may refer to has no row": lost(
        """
        if op.get_bind().execute(sa.text("SELECT count(*) FROM invoices")).scalar() == 0:
            op.drop_table("items")
        """,
        given=";CREATE TABLE items (invoice_id bigint REFERENCES invoices)",
    ),
    "where few rows are counted": lost(
        """
        if op.get_bind().execute(sa.text("SELECT count(*) FROM invoices")).scalar() < 1000:
            op.drop_table("invoices")
        """
    ),
    "where some rows are counted": lost(
        """
        if op.get_bind().execute(sa.text("SELECT count(*) FROM invoices WHERE id > 7")).scalar() == 0:
            op.drop_table("invoices")
        """
    ),
    "where whether there are many is asked": lost(
        """
        if not op.get_bind().execute(sa.text("SELECT count(*) > 1000 FROM invoices")).scalar():
            op.drop_table("invoices")
        """
    ),
    "where no row was counted, and one is put in": lost(
        """
        if op.get_bind().execute(sa.text("SELECT count(*) FROM invoices")).scalar() == 0:
            op.execute("INSERT INTO invoices (id) VALUES (1)")
            op.drop_table("invoices")
        """
    ),
    "where another table has no row": lost(
        """
        if op.get_bind().execute(sa.text("SELECT count(*) FROM items")).scalar() == 0:
            op.drop_table("invoices")
        """,
        given=";CREATE TABLE items (invoice_id bigint NOT NULL)",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_table_that_was_counted_empty_loses_nothing(case: str, tmp_path: Path) -> None:
    """Only what the script has asked of that very table, and of all of its rows, proves it."""
    code, given, severity = CASES[case]
    checked = examples.check(Example(code, given=given), "MG301", tmp_path, "postgresql")
    assert [f.severity for f in checked.report.findings if f.code == "MG301"] == [severity]
    assert not checked.report.failures
