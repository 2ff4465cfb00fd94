"""A recipe calls Alembic and SQLAlchemy as its script does, and brings the import where the script has none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from migguard.pipeline import run
from migguard.rules.facts.advice.by_imports import by_imports
from migguard.source import Script
from tests.shadow.project import Project

AS_SA, AS_OP = "import sqlalchemy as sa\n", "from alembic import op\n"
TEXT = 'op.execute(sa.text("…"))  # sa.text'


@pytest.mark.parametrize(
    ("imported", "recipe", "said"),
    [
        (AS_OP + AS_SA, TEXT, TEXT),
        (AS_OP + "import os, sqlalchemy as sa\n", TEXT, TEXT),
        (AS_OP + "from sqlalchemy import text\n", TEXT, 'op.execute(text("…"))  # sa.text'),
        (AS_OP + "from sqlalchemy import text as t\n", 'f("…", sa.text("a"), sa.text("b"))', 'f("…", t("a"), t("b"))'),
        (AS_OP + "import sqlalchemy\n", TEXT, 'op.execute(sqlalchemy.text("…"))  # sa.text'),
        (AS_OP + "from sqlalchemy import Column\n", TEXT, f"{AS_SA}{TEXT}"),
        (AS_OP + "from sqlalchemy import text\n", "sa.text(sa.func.now())", f"{AS_SA}sa.text(sa.func.now())"),
        (AS_OP + "from sqlalchemy import func\n", "x = (\n    sa.func.now()\n)", "x = (\n    func.now()\n)"),
        (AS_OP + "from sqlalchemy import text\n", f"{AS_SA}sa.text()", f"{AS_SA}sa.text()"),
        (AS_OP, "# sa.text, as sa. has it\nx = 1", "# sa.text, as sa. has it\nx = 1"),
        (AS_OP, "sa.text('", "sa.text('"),
        ("import alembic\n" + AS_SA, "op.get_bind().execute(sa.x)", "alembic.op.get_bind().execute(sa.x)"),
        (AS_SA, TEXT, f"{AS_OP}{TEXT}"),
        ("", TEXT, f"{AS_SA}{AS_OP}{TEXT}"),
    ],
)  # fmt: skip
def test_by_what_is_imported(imported: str, recipe: str, said: str) -> None:
    assert by_imports(recipe, Script(Path("a.py"), imported)) == said


@pytest.mark.thorough
def test_a_recipe_stands_in_its_script_as_it_is(tmp_path: Path) -> None:
    project = Project(tmp_path)
    released = project.revision('op.execute("CREATE TABLE people (id bigint PRIMARY KEY, login text)")')
    name = project.revision('op.execute("DELETE FROM people WHERE login IS NULL")')
    path = project.versions / f"{name}_x.py"
    path.write_text(path.read_text().replace("import sqlalchemy as sa\n", ""))
    report = run(replace(project.request(), everything=False, since=released)).report
    [found] = [f for f in report.findings if f.code == "MG514"]
    assert "import sqlalchemy as sa" in found.recipe.splitlines()
