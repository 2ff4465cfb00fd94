"""Names in recipes are whole: a project's naming convention is not applied to them again."""

from __future__ import annotations

import io

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from migguard.changes import Name
from migguard.rules.facts.advice.recipes import set_not_null


def test_a_recipe_names_its_check_alike_in_every_line() -> None:
    written = io.StringIO()
    metadata = sa.MetaData(naming_convention={"ck": "ck_%(table_name)s_%(constraint_name)s"})
    context = MigrationContext.configure(
        dialect_name="postgresql",
        opts={"as_sql": True, "output_buffer": written, "target_metadata": metadata, "transactional_ddl": False},
    )
    with context.begin_transaction():
        exec("\n".join(set_not_null(Name("orders"), "email")), {"op": Operations(context), "sa": sa})
    lines = [line for line in written.getvalue().splitlines() if "CONSTRAINT" in line]
    assert len(lines) == 3
    assert all("CONSTRAINT ck_orders_email_not_null" in line for line in lines)
