"""MG807 does not say that the rows stay empty where the application's function may fill them."""

from dataclasses import replace
from pathlib import Path

import pytest

from migguard.pipeline import run
from tests.shadow.project import Project

pytestmark = pytest.mark.thorough

ADD = 'op.add_column("orders", sa.Column("key", sa.Text(), default="k"))'
MODULE = """
import sqlalchemy as sa

def fill(bind, table):
    for row in bind.execute(sa.text(f"SELECT id FROM {table}")):
        bind.execute(sa.text(f"UPDATE {table} SET key = 'k' WHERE id = :i"), {"i": row.id})

def widen(op):
    op.execute("ALTER TABLE orders ADD COLUMN wide int")
"""
TOP = "from shop import filling\nfrom shop.filling import fill, widen\n"


@pytest.mark.parametrize(
    ("body", "hedged"),
    [
        (ADD + '\nfill(op.get_bind(), "orders")', True),
        (ADD + '\nfilling.fill(op.get_bind(), "orders")', True),
        (ADD, False),
        ('fill(op.get_bind(), "orders")\n' + ADD, False),
        (ADD + "\nwiden(op)", False),
    ],
    ids=["by its name", "by its module", "not called", "called before", "does something else"],
)
def test_a_call_that_may_fill_the_column_is_named(tmp_path: Path, body: str, hedged: bool) -> None:
    """What the replay followed fills nothing: it is no reason for doubt."""
    project = Project(tmp_path)
    project.file("shop/__init__.py", "")
    project.file("shop/filling.py", MODULE)
    released = project.revision('op.execute("CREATE TABLE orders (id bigint PRIMARY KEY)")')
    project.revision(body, top=TOP)
    report = run(replace(project.request(), everything=False, since=released)).report
    [found] = [f for f in report.findings if f.code == "MG807"]
    assert (found.verified, "fill() of line" in found.message) == (not hedged, hedged)


@pytest.mark.parametrize("call", ['fill(op.get_bind(), "orders")', ""], ids=["called", "not called"])
def test_a_downgrade_that_may_fill_what_it_brings_back_is_in_doubt(tmp_path: Path, call: str) -> None:
    """MG204 names what may refill the column."""
    project = Project(tmp_path)
    project.file("shop/__init__.py", "")
    project.file("shop/filling.py", MODULE)
    released = project.revision('op.execute("CREATE TABLE orders (id bigint PRIMARY KEY, key text)")')
    project.revision('op.drop_column("orders", "key")', ADD + "\n" + call, top=TOP)
    report = run(replace(project.request(), everything=False, since=released)).report
    [found] = [f for f in report.findings if f.code == "MG204"]
    assert (found.verified, "fill() of line" in found.message) == (not call, bool(call))
