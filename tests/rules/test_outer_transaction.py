"""Recipes for a project whose env.py begins the transaction itself, where Alembic's autocommit block raises."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from migguard.pipeline import run
from tests.shadow.project import PLAIN, Project

OUTER = PLAIN.replace("    context.configure(", "    connection.begin()\n    context.configure(")


@pytest.mark.parametrize(("env", "said"), [(PLAIN, False), (OUTER, True)], ids=["Alembic's own", "env.py's"])
def test_a_recipe_says_what_its_autocommit_block_needs(tmp_path: Path, env: str, said: bool) -> None:
    project = Project(tmp_path)
    project.env(env)
    released = project.revision('op.execute("CREATE TABLE orders (id bigint PRIMARY KEY, code text)")')
    project.revision('op.create_index("ix_orders_code", "orders", ["code"])')
    checked = run(replace(project.request(), everything=False, since=released))
    [finding] = [f for f in checked.report.findings if f.code == "MG401"]
    assert "autocommit_block()" in finding.recipe
    assert ("Let Alembic begin it" in finding.recipe) == said
    assert not (said and finding.fixable)
