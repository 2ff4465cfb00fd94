"""Recipes for a project whose env.py begins the transaction itself, where Alembic's autocommit block raises."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from migguard.pipeline import run
from tests.shadow.project import PLAIN, Project

pytestmark = pytest.mark.thorough

OUTER = PLAIN.replace("    context.configure(", "    connection.begin()\n    context.configure(")

UNRUN = "raise ValueError\n" + PLAIN.replace("engine.connect()", "engine.begin()").replace(
    "connection=connection", "connection=connection, transaction_per_migration=True"
)
"""It cannot be run here, and its source has the transaction."""


@pytest.mark.parametrize(
    ("env", "said"),
    [(PLAIN, False), (OUTER, True), (UNRUN, True)],
    ids=["Alembic's own", "env.py's", "env.py's as written"],
)
def test_a_recipe_says_what_its_autocommit_block_needs(tmp_path: Path, env: str, said: bool) -> None:
    project = Project(tmp_path)
    project.env(env)
    released = project.revision('op.execute("CREATE TABLE orders (id bigint PRIMARY KEY, code text)")')
    project.revision('op.create_index("ix_orders_code", "orders", ["code"])')
    checked = run(replace(project.request(), everything=False, since=released))
    [finding] = [f for f in checked.report.findings if f.code == "MG401"]
    assert "autocommit_block()" in finding.recipe
    assert ("let Alembic begin it" in finding.recipe) == said
    assert not (said and finding.fixable)


LOCKED = PLAIN.replace(
    "        context.run_migrations()",
    '        connection.execute(text("SELECT pg_advisory_xact_lock(7)"))\n'
    "        connection.execute(text(\"SET LOCAL lock_timeout = '2s'\"))\n"
    "        context.run_migrations()",
    1,
).replace("from sqlalchemy import ", "from sqlalchemy import text, ", 1)
UNIQUE = 'op.create_unique_constraint("uq_orders_code", "orders", ["code"])'
BESIDE = {
    "alone": (PLAIN, UNIQUE, []),
    "after other work": (PLAIN, f'op.add_column("orders", sa.Column("note", sa.Text()))\n{UNIQUE}', ["of its own"]),
    "after a setting": (PLAIN, f"op.execute(\"SET lock_timeout = '2s'\")\n{UNIQUE}", []),
    "under what env.py holds": (LOCKED, UNIQUE, ["pg_try_advisory_lock", "lock_timeout for the session"]),
}
BESIDE["after a block"] = (
    LOCKED,
    f"with op.get_context().autocommit_block():\n    op.execute('VACUUM orders')\n{UNIQUE}",
    ["of its own"],
)
SAID = ("of its own", "pg_try_advisory_lock", "lock_timeout for the session")


@pytest.mark.parametrize(("env", "code", "said"), BESIDE.values(), ids=list(BESIDE))
def test_a_recipe_says_what_its_block_ends(tmp_path: Path, env: str, code: str, said: list[str]) -> None:
    project = Project(tmp_path)
    project.env(env)
    released = project.revision('op.execute("CREATE TABLE orders (id bigint PRIMARY KEY, code text)")')
    project.revision(code)
    checked = run(replace(project.request(), everything=False, since=released))
    [finding] = [f for f in checked.report.findings if f.code == "MG406"]
    assert "autocommit_block()" in finding.recipe
    told = finding.recipe.replace("\n# ", " ")
    assert [words for words in SAID if words in told] == said
    assert finding.fixable == (not said)


def test_what_begins_the_outer_transaction_has_to_go(tmp_path: Path) -> None:
    project = Project(tmp_path)
    env = OUTER.replace("connection=connection", "connection=connection, transaction_per_migration=True")
    project.env(env)
    project.revision("op.execute('SELECT 1')")
    [finding] = [f for f in project.checked().report.findings if f.code == "MG809" and "in a transaction" in f.message]
    assert finding.origin is not None
    assert "context.configure(" in env.splitlines()[finding.origin.line - 1]
    assert "begin() or a statement" in finding.advice
