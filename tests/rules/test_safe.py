"""With -v: what a reader of the SQL alone would have flagged, and why it is fine here."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.rules.frame import Example
from tests.rules import examples

pytestmark = pytest.mark.thorough

GIVEN = (
    "CREATE TABLE orders (id bigint PRIMARY KEY, email varchar(50), n int); CREATE TABLE users (id bigint PRIMARY KEY)"
)
CONCURRENT = """
with op.get_context().autocommit_block():
    op.create_index("ix_orders_email", "orders", ["email"], unique=True, postgresql_concurrently=True)
"""

NOTES = {
    "MG401": Example(CONCURRENT, given=GIVEN, env=("transaction_per_migration",)),
    "MG403": Example(
        'op.create_foreign_key("fk", "orders", "users", ["n"], ["id"], postgresql_not_valid=True)', given=GIVEN
    ),
    "MG404": Example('op.create_check_constraint("ck", "orders", "n > 0", postgresql_not_valid=True)', given=GIVEN),
    "MG405": Example(
        'op.alter_column("orders", "n", nullable=False)',
        given=f"{GIVEN}; ALTER TABLE orders ADD CONSTRAINT ck CHECK (n IS NOT NULL)",
    ),
    "MG406": Example(
        'op.execute("ALTER TABLE orders ADD CONSTRAINT uq UNIQUE USING INDEX ix")',
        given=f"{GIVEN}; CREATE UNIQUE INDEX ix ON orders (email)",
    ),
    "MG409": Example('op.alter_column("orders", "email", type_=sa.String(200))', given=GIVEN),
    "MG411": Example(
        'op.add_column("orders", sa.Column("at", sa.DateTime(), server_default=sa.func.now(), nullable=False))',
        given=GIVEN,
    ),
    "MG301": Example('op.drop_table("fresh")', earlier=('op.execute("CREATE TABLE fresh (id int)")',), given=GIVEN),
    "MG302": Example(
        'op.drop_column("orders", "x")', earlier=('op.add_column("orders", sa.Column("x", sa.Text()))',), given=GIVEN
    ),
}


@pytest.mark.parametrize("code", NOTES)
def test_what_looks_dangerous_and_is_not_has_its_reason(code: str, tmp_path: Path) -> None:
    """The rule is silent, and says why; the note is no finding."""
    report = examples.check(NOTES[code], code, tmp_path, "postgresql").report
    assert code not in {f.code for f in report.findings}
    assert code in {s.code for s in report.safe}


def test_what_is_flagged_has_no_such_note(tmp_path: Path) -> None:
    """Nothing is both."""
    flagged = Example('op.create_index("ix", "orders", ["email"])', given=GIVEN)
    report = examples.check(flagged, "MG401", tmp_path, "postgresql").report
    assert "MG401" in {f.code for f in report.findings}
    assert "MG401" not in {s.code for s in report.safe}
