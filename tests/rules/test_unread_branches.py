"""MG702 and MG703 do not say that nothing mends the rows where a side of a branch could not be read."""

from pathlib import Path

import pytest

from migguard.rules.frame import Example
from tests.rules.examples import check

pytestmark = pytest.mark.thorough

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text)"
NOT_NULL = 'op.alter_column("orders", "email", existing_type=sa.Text(), nullable=False)\n'
ROWS = 'rows = op.get_bind().execute(sa.text("SELECT id FROM orders")).fetchall()\n'
UNREAD = ROWS + "if rows:\n    op.execute(other.fill(rows, 'email'))\n"
READ = ROWS + "if rows:\n    op.execute(\"UPDATE orders SET id = 2 WHERE email = 'x' AND id = 1\")\n"


@pytest.mark.parametrize(
    ("code", "verified"),
    [(UNREAD + NOT_NULL, False), (NOT_NULL, True), (READ + NOT_NULL, True), (NOT_NULL + UNREAD, True)],
    ids=["unread", "no branch", "read", "afterwards"],
)
def test_what_was_not_read_may_fill_it(code: str, verified: bool, tmp_path: Path) -> None:
    """The finding stays: it is hedged, and not verified."""
    report = check(Example(code, given=GIVEN), "MG702", tmp_path, "postgresql").report
    [found] = [f for f in report.findings if f.code == "MG702"]
    assert (found.verified, "MG008" in found.message) == (verified, not verified)


UNIQUE = 'op.create_unique_constraint("uq", "orders", ["email"])\n'
LOOP = """for row in op.get_bind().execute(sa.text("SELECT id, email FROM orders")):
    op.get_bind().execute(sa.text("UPDATE orders SET email = :e WHERE id = :i"), {"e": row.email, "i": row.id})
"""
OTHER = 'for row in op.get_bind().execute(sa.text("SELECT id FROM orders")):\n    print(row)\n'


@pytest.mark.parametrize(
    ("code", "verified"),
    [(UNREAD + UNIQUE, False), (UNIQUE, True), (READ + UNIQUE, True), (UNIQUE + UNREAD, True), (LOOP + UNIQUE, False),
     (OTHER + UNIQUE, True)],
    ids=["unread", "no branch", "read", "afterwards", "row by row", "a loop that writes nothing"],
)  # fmt: skip
def test_what_was_not_read_may_keep_the_keys_apart(code: str, verified: bool, tmp_path: Path) -> None:
    report = check(Example(code, given=GIVEN), "MG703", tmp_path, "postgresql").report
    [found] = [f for f in report.findings if f.code == "MG703"]
    assert (found.verified, ", unless " in found.message) == (verified, not verified)
    assert ("mend by hand only what it fails on" in found.advice) is not verified
