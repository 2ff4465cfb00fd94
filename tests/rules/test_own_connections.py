"""A connection that a revision opens beside Alembic's: what it waits for, and what it does not end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from migguard.findings import Finding, Severity
from migguard.pipeline import run
from tests.shadow.project import Project

pytestmark = pytest.mark.thorough

TABLE = 'op.execute("CREATE TABLE orders (id bigint PRIMARY KEY, a int)")'
ADD = 'op.add_column("orders", sa.Column("b", sa.Integer()))\n'
INDEX = 'op.create_index("ix_orders_a", "orders", ["a"])\n'
URL = "postgresql+psycopg://someone@nowhere.invalid/db"
OPEN = f"with sa.create_engine('{URL}').begin() as own:\n    own.execute(sa.text('{{}}'))\n"
BIND = "with op.get_bind().engine.connect() as own:\n    own.execute(sa.text('{}'))\n    own.commit()\n"
READ, WRITE = "SELECT count(*) FROM orders", "UPDATE orders SET a = 1 WHERE id = 1"


def checked(root: Path, upgrade: str, *more: str, top: str = "") -> list[Finding]:
    project = Project(root)
    project.url = URL
    released = project.revision(TABLE)
    for body in (upgrade, *more):
        project.revision(body, top=top)
    return run(replace(project.request(), everything=False, since=released)).report.findings


@pytest.mark.parametrize("opened", [OPEN, BIND], ids=["create_engine", "of Alembic's engine"])
@pytest.mark.parametrize(
    ("before", "sql", "said", "severity"),
    [
        ("", READ, "outside of the revision's transaction", Severity.WARNING),
        ("", WRITE, "outside of the revision's transaction", Severity.ERROR),
        (ADD, READ, "for orders, which the revision's own transaction has locked since line", Severity.ERROR),
        (ADD, WRITE, "waits for ever for orders", Severity.ERROR),
        (INDEX, READ, "outside of the revision's transaction", Severity.WARNING),
        (INDEX, WRITE, "waits for ever for orders", Severity.ERROR),
        (ADD.replace("orders", "others"), READ, "outside of the revision's transaction", Severity.WARNING),
    ],
    ids=["reads", "writes", "reads what is locked", "writes what is locked", "reads under SHARE",
         "writes under SHARE", "reads beside another lock"],
)  # fmt: skip
def test_what_a_second_connection_does(
    tmp_path: Path, opened: str, before: str, sql: str, said: str, severity: Severity
) -> None:
    found = [f for f in checked(tmp_path, before + opened.format(sql)) if f.code == "MG803"]
    assert [f.severity for f in found] == [severity]
    assert said in found[0].message


@pytest.mark.parametrize("opened", [OPEN, BIND], ids=["create_engine", "of Alembic's engine"])
def test_it_ends_nothing_of_alembics(tmp_path: Path, opened: str) -> None:
    found = checked(tmp_path, ADD + opened.format("SELECT 1") + INDEX)
    assert "MG512" not in {f.code for f in found}
    [build] = [f for f in found if f.code == "MG401"]
    assert build.lock is not None
    assert "held since line" in build.lock


def test_what_it_undoes_is_not_the_revisions(tmp_path: Path) -> None:
    """A connection that is closed without a commit rolls back its own work, not what Alembic's has done."""
    reads = BIND.format("SELECT 1").replace("    own.commit()\n", "")
    found = checked(tmp_path, ADD + reads + 'op.alter_column("orders", "b", server_default="1")')
    assert "MG706" not in {f.code for f in found}


def test_alembics_own_connection_is_none(tmp_path: Path) -> None:
    upgrade = f"bind = op.get_bind()\nbind.execute(sa.text('{READ}'))\nsa.inspect(bind).get_columns('orders')\n{ADD}"
    assert [f.code for f in checked(tmp_path, upgrade) if f.code == "MG803"] == []


def test_questions_about_the_schema_only_read(tmp_path: Path) -> None:
    asked = "sa.inspect(op.get_bind().engine).get_table_names()\n"
    [found] = [f for f in checked(tmp_path, ADD + asked) if f.code == "MG803"]
    assert found.severity is Severity.WARNING


def test_one_that_a_helper_opens_is_told_at_the_call(tmp_path: Path) -> None:
    asked = f"        return own.scalar(sa.text('{READ}'))\n"
    top = f"def ask():\n    with sa.create_engine('{URL}').connect() as own:\n{asked}"
    [found] = [f for f in checked(tmp_path, f"ask()\n{ADD}", top=top) if f.code == "MG803"]
    assert found.severity is Severity.WARNING
    assert found.origin is not None


@pytest.mark.parametrize(
    ("before", "said", "severity"),
    [
        ("", "outside of the revision's transaction", Severity.WARNING),
        ("op.execute('UPDATE orders SET a = 1 WHERE id = 1')\n", "waits for ever for orders", Severity.ERROR),
    ],
    ids=["alone", "behind a row that is written"],
)
def test_a_concurrent_build_waits_for_who_writes(tmp_path: Path, before: str, said: str, severity: Severity) -> None:
    build = (
        f"{before}with sa.create_engine('{URL}', isolation_level='AUTOCOMMIT').connect() as own:\n"
        "    own.execute(sa.text('CREATE INDEX CONCURRENTLY ix ON orders (a)'))\n"
    )
    found = checked(tmp_path, ADD.replace("orders", "others") + build)
    assert {f.code for f in found} & {"MG501", "MG515"} == set()
    [finding] = [f for f in found if f.code == "MG803"]
    assert (said in finding.message, finding.severity) == (True, severity)


ENGINE = "engine = op.get_bind().engine\n"
ADVICE = {
    "it inspects": (f"{ENGINE}assert 'orders' in sa.inspect(engine).get_table_names()", "sa.inspect(op.get_bind())"),
    "it inspects beside what could not be read": (
        "sa.inspect(op.get_bind().engine).get_table_names()\n"
        f"for (row,) in op.get_bind().execute(sa.text('{READ}')).all():\n"
        "    other(op.get_bind())",
        "sa.inspect(op.get_bind())",
    ),
    "it inspects under a name beside what could not be read": (
        f"{ENGINE}sa.inspect(engine).get_table_names()\n"
        f"for (row,) in op.get_bind().execute(sa.text('{READ}')).all():\n"
        "    other(op.get_bind())",
        "sa.inspect(op.get_bind())",
    ),
    "it reads": (BIND.format(READ).replace("    own.commit()\n", ""), "op.get_bind().execute(...)"),
    "it writes": (BIND.format(WRITE), "with op.get_context().autocommit_block():"),
    "it inspects and writes": (f"{ENGINE}sa.inspect(engine)\n{BIND.format(WRITE)}", "autocommit_block"),
    "it may write": (
        f"{ENGINE}sa.inspect(engine)\nwith engine.connect() as own:\n"
        f"    for (row,) in own.execute(sa.text('{READ}')).all():\n"
        "        other(own)",
        "autocommit_block",
    ),
}


@pytest.mark.parametrize(("code", "words"), ADVICE.values(), ids=list(ADVICE))
def test_what_only_looks_is_not_sent_to_an_autocommit_block(tmp_path: Path, code: str, words: str) -> None:
    found = next(f for f in checked(tmp_path, code) if f.code == "MG803")
    assert words in found.recipe
    assert ("autocommit_block" in found.recipe) is ("autocommit_block" in words)
