"""The operations that make the schema what the models say, for what Alembic does not compare."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import render_op_text
from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext

from migguard.catalog.schema import Catalog, EnumType
from migguard.drift.details import Detail

KINDS = {"unique": "unique", "check": "check", "foreign_key": "foreignkey", "primary_key": "primary"}
OPTIONS = {"alembic_module_prefix": "op.", "sqlalchemy_module_prefix": "sa.", "user_module_prefix": None}


def cure(detail: Detail, models: list[sa.MetaData], context: MigrationContext, made: Catalog) -> str:
    """The calls of a revision; nothing where they depend on what the rows are to become."""
    rendering = AutogenContext(context, opts={"render_item": None, "render_as_batch": False, **context.opts, **OPTIONS})
    try:
        return "\n".join(line for op in calls(detail, models, made) for line in [rendered(op, rendering)])
    except (ValueError, NotImplementedError, sa.exc.SQLAlchemyError):
        return ""  # Alembic has no call for it


def rendered(op: ops.MigrateOperation | str, rendering: AutogenContext) -> str:
    """A call in Python."""
    return op if isinstance(op, str) else render_op_text(rendering, op)


def calls(detail: Detail, models: list[sa.MetaData], made: Catalog) -> Iterator[ops.MigrateOperation | str]:
    """The operations, or lines of Python."""
    verb, _, kind = detail.kind.partition("_")
    if kind == "enum" and verb == "modify":
        yield from enum_calls(detail, made)
        return
    if not detail.inside:
        return
    schema = None if detail.key[0] == made.default_schema else detail.key[0]
    old, what = detail.also or detail.object, kind.removesuffix("_validity")
    one = modelled(detail, models, made)
    if kind.startswith("index_"):
        yield ops.DropIndexOp(str(old), detail.key[1], schema=schema)
        if isinstance(one, sa.Index):
            yield ops.CreateIndexOp.from_index(one)
    elif what in KINDS and verb == "rename":
        table = f"{schema}.{detail.key[1]}" if schema else detail.key[1]
        yield f'op.execute("ALTER TABLE {table} RENAME CONSTRAINT {old} TO {detail.object}")'
    elif what in KINDS:
        if verb != "add":
            yield ops.DropConstraintOp(str(old), detail.key[1], KINDS[what], schema=schema)
        if verb != "remove" and one is not None:
            yield ops.AddConstraintOp.from_constraint(one)


def enum_calls(detail: Detail, made: Catalog) -> Iterator[str]:
    """ADD VALUE for what the models have more, which is all that PostgreSQL does to an enum without a new type."""
    found = made.types.get(detail.key)
    if not isinstance(found, EnumType):
        return
    before = detail.first.strip("()").split(", ")
    if [label for label in found.labels if label in before] != before:
        return  # labels are gone or in another order: that takes a new type
    name = detail.key[1] if detail.key[0] == made.default_schema else ".".join(detail.key)
    for place, value in enumerate(found.labels):
        if value not in before:
            after = f" AFTER '{found.labels[place - 1]}'" if place else f" BEFORE '{found.labels[1]}'"
            yield f"op.execute(\"ALTER TYPE {name} ADD VALUE '{value}'{after}\")"


def modelled(detail: Detail, models: list[sa.MetaData], made: Catalog) -> Any:
    """The constraint or index of the models."""
    for metadata in models:
        names = (
            (".".join(detail.key), detail.key[1]) if detail.key[0] == made.default_schema else (".".join(detail.key),)
        )
        for table in (metadata.tables[n] for n in names if n in metadata.tables):
            parts: list[Any] = [*table.indexes, *table.constraints]
            found = next((one for one in parts if one.name == detail.object), None)
            if found is not None:
                return found
            if detail.kind.endswith("primary_key"):
                return table.primary_key
    return None
