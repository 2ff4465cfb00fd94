"""A table that the deployment has emptied has rows again where a replay does not see them put in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from migguard.findings import Finding, Severity
from migguard.pipeline import run
from tests.shadow.project import Project

pytestmark = pytest.mark.thorough

TABLES = (
    'op.execute("CREATE TABLE orders (id bigint PRIMARY KEY, fax text); CREATE TABLE others (id bigint, fax text);'
    'CREATE VIEW seen AS SELECT id, fax FROM orders")'
)
BIND = "bind = op.get_bind()\n"
KEPT = "kept = bind.execute(sa.text('SELECT id, fax FROM orders')).fetchall()\n"
EMPTY = 'op.execute("DELETE FROM orders")\n'
DROP = 'op.execute("DROP VIEW seen")\nop.drop_column("orders", "fax")\n'
TEXT = "sa.text('INSERT INTO orders (id, fax) VALUES (:id, :fax)')"
FILL = f"for row in kept:\n    bind.execute({TEXT}, {{'id': row.id, 'fax': row.fax}})\n"
CORE = "orders = sa.table('orders', sa.column('id'), sa.column('fax'))\n"
MODEL = (
    "from sqlalchemy.orm import Session, declarative_base\nBase = declarative_base()\nclass Order(Base):\n"
    "    __tablename__ = 'orders'\n    id = sa.Column(sa.BigInteger, primary_key=True)\n    fax = sa.Column(sa.Text)\n"
)
INSERT = "    bind.execute(orders.insert().values(id=row.id))\n"
NAMED = "for n in ():\n    op.execute(f'INSERT INTO {NAME} (id) VALUES ({n})')\n"
BLOCK = "op.execute(\"DO $$ BEGIN EXECUTE 'INSERT INTO ' || current_setting('a.b'); END $$\")\n"
CHANGE = "for row in kept:\n    bind.execute(sa.text('UPDATE orders SET id = 1'))\n"
OTHER = FILL.replace("INTO orders", "INTO others")


def dropped(root: Path, *upgrades: str, top: str = "", released: str = TABLES) -> Finding:
    project = Project(root)
    first = project.revision(released)
    for upgrade in upgrades:
        project.revision(upgrade, top=top)
    report = run(replace(project.request(), everything=False, since=first)).report
    [finding] = [f for f in report.findings if f.code == "MG302"]
    return finding


@pytest.mark.parametrize(
    ("upgrades", "top"),
    [
        ((BIND + KEPT + EMPTY + FILL + DROP,), ""),
        ((BIND + KEPT + EMPTY + FILL, DROP), ""),
        ((BIND + KEPT + EMPTY + "put(bind, kept)\n" + DROP,),
         "def put(bind, kept):\n" + "".join(f"    {line}\n" for line in FILL.splitlines())),
        ((BIND + KEPT + CORE + EMPTY + "for row in kept:\n" + INSERT + DROP,), ""),
        ((BIND + KEPT + CORE + EMPTY + "if kept:\n    bind.execute(sa.insert(orders), [dict(id=1)])\n" + DROP,), ""),
        ((BIND + KEPT + EMPTY + "for row in kept:\n    Session(bind).add(Order(id=row.id, fax=row.fax))\n" + DROP,),
         MODEL),
        ((EMPTY + "seeds(op.get_bind())\n" + DROP,), "from missing_application import seeds"),
        ((EMPTY + NAMED + DROP,), "NAME = 'orders'"),
        ((EMPTY + 'op.execute("INSERT INTO seen VALUES (1, \'a\')")\n' + DROP,), ""),
        ((EMPTY + 'op.execute("MERGE INTO orders USING others ON orders.id = others.id WHEN NOT MATCHED THEN INSERT '
          'VALUES (others.id, others.fax)")\n' + DROP,), ""),
        ((EMPTY + BLOCK + DROP,), ""),
    ],
    ids=["in a loop over rows", "in a loop of an earlier revision", "in a function", "by a table of the script",
         "on a side not taken", "by a mapped class", "by a missing module", "under a name that is a variable",
         "through a view", "by a merge", "by SQL that is not known"],
)  # fmt: skip
def test_values_that_were_put_in_unseen_are_lost(tmp_path: Path, upgrades: tuple[str, ...], top: str) -> None:
    finding = dropped(tmp_path, *upgrades, top=top)
    assert finding.severity is Severity.ERROR
    assert "destroys its values" in finding.message or "destroys the values that are still in it" in finding.message


@pytest.mark.parametrize(
    ("upgrades", "top"),
    [
        ((BIND + KEPT + EMPTY + OTHER + DROP,), ""),
        ((BIND + KEPT + FILL + EMPTY + DROP,), ""),
        ((BIND + KEPT + EMPTY + DROP + FILL,), ""),
        ((BIND + KEPT + EMPTY + DROP, BIND + KEPT + FILL), ""),
        ((BIND + KEPT + EMPTY + CHANGE + DROP,), ""),
        ((EMPTY + "logger.info('emptied orders')\n" + DROP,), "from missing_library import logger"),
    ],
    ids=["into another table", "before it is emptied", "after the drop", "in a later revision", "an update", "a word"],
)  # fmt: skip
def test_an_emptied_table_stays_empty_where_nothing_can_put_rows_in(
    tmp_path: Path, upgrades: tuple[str, ...], top: str
) -> None:
    finding = dropped(tmp_path, *upgrades, top=top)
    assert finding.severity is Severity.NOTICE
    assert "has emptied orders before" in finding.message


ORDERS = 'op.execute("CREATE TABLE orders (id bigint, fax text); CREATE TABLE kinds (id bigint PRIMARY KEY)")'
NEEDS = 'op.add_column("orders", sa.Column("kind", sa.BigInteger(), nullable=False))\n'
KEYED = 'op.create_foreign_key("fk_kind", "orders", "kinds", ["id"], ["id"])\n'
WORK = {
    "MG403": KEYED,
    "MG406": 'op.create_unique_constraint("uq", "orders", ["id"])\n',
    "MG407": 'op.create_primary_key("pk", "orders", ["id"])\n',
    "MG409": 'op.alter_column("orders", "id", type_=sa.Integer())\n',
}


def weighed(root: Path, code: str, *upgrades: str, down: str = "pass") -> list[tuple[Severity, bool]]:
    project = Project(root)
    first = project.revision(ORDERS)
    for upgrade in upgrades:
        project.revision(upgrade, down)
    report = run(replace(project.request(), everything=False, since=first)).report
    return [(f.severity, "has emptied orders before" in f.message) for f in report.findings if f.code == code]


BUILDS = frozenset({"MG406", "MG407"})


@pytest.mark.parametrize(("code", "work"), WORK.items())
def test_time_does_not_grow_with_a_table_that_is_emptied(code: str, work: str, tmp_path: Path) -> None:
    """But for an index: rows that the same transaction has deleted are in it, and it takes as long as with them."""
    whole = [(Severity.ERROR, False)]
    deleted, gone = (whole, whole) if code in BUILDS else ([(Severity.NOTICE, True)], [])
    assert weighed(tmp_path / "a", code, work) == whole
    assert weighed(tmp_path / "b", code, EMPTY + work) == deleted
    assert weighed(tmp_path / "c", code, EMPTY, work) == deleted
    assert weighed(tmp_path / "d", code, EMPTY + NEEDS + work) == gone
    assert weighed(tmp_path / "e", code, NEEDS + work) == []
    assert weighed(tmp_path / "t", code, 'op.execute("TRUNCATE orders")\n' + work) == [(Severity.NOTICE, True)]
    refilled = 'op.execute("INSERT INTO orders SELECT id FROM kinds")\n'
    assert weighed(tmp_path / "f", code, EMPTY + refilled + work) == [(Severity.ERROR, False)]
    assert weighed(tmp_path / "g", code, work + EMPTY) == [(Severity.ERROR, False)]


def test_time_grows_with_the_table_that_a_step_reads(tmp_path: Path) -> None:
    other = 'op.execute("DELETE FROM kinds")\n'
    assert weighed(tmp_path, "MG403", other + KEYED) == [(Severity.ERROR, False)]


@pytest.mark.parametrize("child", ["INHERITS (orders)", "PARTITION OF"])
def test_rows_of_a_child_are_rows_of_its_parent(tmp_path: Path, child: str) -> None:
    made = (
        "CREATE TABLE orders (id bigint, fax text); CREATE TABLE part () INHERITS (orders)"
        if child != "PARTITION OF"
        else "CREATE TABLE orders (id bigint, fax text) PARTITION BY RANGE (id);"
        "CREATE TABLE part PARTITION OF orders DEFAULT"
    )
    upgrade = EMPTY + 'op.execute("INSERT INTO part VALUES (1, \'a\')")\nop.drop_column("orders", "fax")\n'
    assert dropped(tmp_path, upgrade, released=f'op.execute("{made}")').severity is Severity.ERROR
