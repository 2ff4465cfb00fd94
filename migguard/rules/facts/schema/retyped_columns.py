"""Columns that a step gives the type they have when the deployment ends."""

from __future__ import annotations

from collections.abc import Iterator

from migguard.catalog.lookup import type_at
from migguard.catalog.schema import Catalog, Column, EnumType, Table
from migguard.changes import AddColumn, AlterColumnType, CreateTable, DataType, ModifyColumn
from migguard.rules.facts.schema.deployment_end import final
from migguard.rules.facts.schema.introduced import at_end, same, table_after, table_before
from migguard.rules.frame import StepContext

Retyping = AlterColumnType | ModifyColumn | AddColumn | CreateTable


def retyped(change: Retyping, ctx: StepContext) -> Iterator[tuple[Table, Column, DataType]]:
    """The columns of existing tables that the step gives another type, with the type as it is called at the end."""
    table = table_after(change, ctx)
    before, end = (table_before(table, ctx), at_end(table, ctx)) if table is not None else (None, None)
    if table is None or before is None or end is None or not ctx.deployment.existing(before.oid):
        return
    for column in table.columns:
        there, last = same(column, before.columns), same(column, end.columns)
        if last is None or last.type is None or column.type is None:
            continue
        if there is not None and there.type == column.type:
            continue
        if alike(column.type, ctx.after, last.type, final(ctx)):
            yield before, column, last.type


def alike(one: DataType, at: Catalog, other: DataType, end: Catalog) -> bool:
    """Whether two spellings mean one type, which may have got another name since."""
    first, second = type_at(at, one), type_at(end, other)
    return one == other or (first is not None and second is not None and first.oid == second.oid != 0)


def labels(data_type: DataType, catalog: Catalog) -> tuple[str, ...]:
    """The values of an enum, whether a type of its own or the column's; none for any other type."""
    made = type_at(catalog, data_type)
    if isinstance(made, EnumType):
        return made.labels
    return data_type.arguments if data_type.builtin and data_type.name in ("enum", "set") else ()
