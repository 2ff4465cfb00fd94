"""Names in recipes are whole: a project's naming convention is not applied to them again."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.changes import Name
from migguard.rules.facts.advice.recipes import set_not_null
from tests.shadow.project import Project

pytestmark = pytest.mark.thorough

ENV = """
from alembic import context
import sqlalchemy as sa
metadata = sa.MetaData(naming_convention={"ck": "ck_%(table_name)s_%(constraint_name)s"})
with sa.create_engine("postgresql://").connect() as connection:
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()
"""


def test_a_recipe_names_its_check_alike_in_every_line(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.env(ENV)
    recipe = "\n".join(set_not_null(Name("orders"), "email"))
    project.revision(f'op.execute("CREATE TABLE orders (id int, email text)")\n{recipe}')
    [deployment] = project.traced().deployments
    lines = [s.sql for trace in deployment.upgrades for s in trace.statements if " CONSTRAINT " in s.sql]
    assert len(lines) == 3
    assert all("CONSTRAINT ck_orders_email_not_null" in line for line in lines)
