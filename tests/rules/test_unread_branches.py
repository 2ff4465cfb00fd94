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


MAPPED = """
from alembic import op
import sqlalchemy as sa
from app import db, mend

class Order(db.Model):
    __tablename__ = "orders"
    id = sa.Column(sa.BigInteger, primary_key=True)
    email = sa.Column(sa.Text)

class Other(db.Model):
    __tablename__ = "others"
    id = sa.Column(sa.BigInteger, primary_key=True)
    email = sa.Column(sa.Text)

def upgrade():
    session = db.Session(bind=op.get_bind())
"""
ON_OTHER = (
    "    for one in session.query(Other).all():\n        if one.email is None:\n            session.delete(one)\n"
)
ON_ORDERS = ON_OTHER.replace("Other", "Order")
CHANGED = ON_OTHER.replace("session.delete(one)", "one.email = 1")
BROUGHT = "    for one in session.query(Other).all():\n        mend(one)\n"
REFERS = f"{GIVEN}; CREATE TABLE others (id bigint PRIMARY KEY, email text)"
KEYED = "CREATE TABLE others (id bigint PRIMARY KEY, email text);" + GIVEN.replace(
    "text)", "bigint REFERENCES others (id))"
)


@pytest.mark.parametrize(("sides", "given", "line"), [
    (ON_OTHER + ON_ORDERS, REFERS, "the loop in line 26 "), (ON_ORDERS + ON_OTHER, REFERS, "the loop in line 23 "),
    (ON_OTHER, REFERS, None), (BROUGHT, REFERS, "the loop in line 23 "),
    (ON_OTHER, KEYED, "the loop in line 23 "), (CHANGED, KEYED, None),
], ids=["after another's", "before another's", "another's alone", "a helper", "of a parent", "a change"])  # fmt: skip
def test_the_branch_that_works_on_the_table_is_named(sides: str, given: str, line: str | None, tmp_path: Path) -> None:
    """A loop over the objects of another class can mend no row of this table, if nothing else is called in it."""
    report = check(Example(f"{MAPPED}{sides}    {UNIQUE}", given=given), "MG703", tmp_path, "postgresql").report
    [found] = [f for f in report.findings if f.code == "MG703"]
    assert (line is None) == (" could not be read" not in found.message)
    assert line is None or f"unless {line}that could not be read (MG008) mends them" in found.message


def test_a_word_in_a_value_is_no_table(tmp_path: Path) -> None:
    loop = "    for one in session.query(Other).all():\n        one.email = {'orders:all': 'all'}.get(one.email)\n"
    report = check(Example(f"{MAPPED}{loop}    {UNIQUE}", given=REFERS), "MG703", tmp_path, "postgresql").report
    [found] = [f for f in report.findings if f.code == "MG703"]
    assert " could not be read" not in found.message


@pytest.mark.parametrize(
    ("more", "hedged"), [("", False), ('        session.execute(sa.text("DELETE FROM query"))\n', True)]
)
def test_a_method_is_no_table_of_that_name(more: str, hedged: bool, tmp_path: Path) -> None:
    given = f"{REFERS}; CREATE TABLE query (id bigint PRIMARY KEY, email text)"
    code = f"{MAPPED}{ON_OTHER}{more}    {UNIQUE.replace('orders', 'query')}"
    report = check(Example(code, given=given), "MG703", tmp_path, "postgresql").report
    [found] = [f for f in report.findings if f.code == "MG703"]
    assert (" could not be read" in found.message) is hedged
    assert ("delete" in found.advice) is hedged
