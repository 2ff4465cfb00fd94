"""What a step brings in that was not there before: tables, columns, constraints and indexes.

A batch copy (`_alembic_tmp_…`) is the table that it copies, so only what the copy adds is new.
"""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from migguard.catalog.lookup import table_key
from migguard.catalog.schema import Column, ConstraintState, Index, Key, Table
from migguard.catalog.tables import BATCH_PREFIX
from migguard.changes import (
    AddColumn,
    AddConstraint,
    AlterColumnType,
    CreateIndex,
    CreateTable,
    DataType,
    DropColumn,
    ModifyColumn,
    Persistence,
)
from migguard.rules.facts.schema.deployment_end import final, released, survivor
from migguard.rules.frame import StepContext

Typing = CreateTable | AddColumn | AlterColumnType | ModifyColumn
"""Changes that can give a column a type."""

Indexing = CreateTable | AddColumn | AddConstraint | CreateIndex
"""Changes that can make an index or a constraint."""

Part = TypeVar("Part", Column, Index, ConstraintState)
Restriction = TypeVar("Restriction", Index, ConstraintState)


def original(key: Key) -> Key:
    """The key of the table that a batch copy stands for; any other key as it is."""
    return (key[0], key[1].removeprefix(BATCH_PREFIX))


def table_before(table: Table, ctx: StepContext) -> Table | None:
    """The table as it was before the step; for a batch copy that the step makes, the table that it copies."""
    before = ctx.before.tables.get(table.key)
    if before is not None and before.oid == table.oid:
        return before
    key = original(table.key)
    return ctx.before.tables.get(key) if key != table.key else None


def table_after(change: Typing | Indexing | DropColumn, ctx: StepContext) -> Table | None:
    """The table that the change is about, after it; None where the server refuses the change."""
    if ctx.step.refusal is not None:
        return None
    key = table_key(ctx.after, change.table)
    return ctx.after.tables.get(key) if key is not None else None


def at_end(table: Table, ctx: StepContext) -> Table | None:
    """The table as the deployment leaves it; None where it is gone again."""
    found = survivor(table, ctx)
    key = original(table.key)
    return found or (final(ctx).tables.get(key) if key != table.key else None)


def new_table(change: CreateTable, ctx: StepContext) -> Table | None:
    """The table that a CREATE TABLE makes; None for one that is there already, and for a batch copy."""
    table = table_after(change, ctx)
    if table is None or table.key[1] == ctx.after.version_table:
        return None
    return table if table_before(table, ctx) is None else None


def lasting_table(change: CreateTable, ctx: StepContext) -> Table | None:
    """The table that a CREATE TABLE makes, as the deployment leaves it: no temporary table, no partition."""
    made = new_table(change, ctx)
    table = at_end(made, ctx) if made is not None else None
    if table is None or table.partition_of is not None or not table.complete:
        return None
    return table if table.persistence is not Persistence.TEMPORARY else None


def new_columns(change: Typing, ctx: StepContext) -> Iterator[tuple[Table, Column, DataType]]:
    """The columns that the change makes, or gives another type, with their table and type.

    Not those that a parent table gives, nor those that are gone or of another type when the deployment ends.
    """
    table = table_after(change, ctx)
    if table is None or table.key[1] == ctx.after.version_table:
        return
    before, end = table_before(table, ctx), at_end(table, ctx)
    untouched = {id(c) for c in before.columns} if before is not None else ()
    for column in table.columns:
        if column.type is None or column.inherited or end is None or id(column) in untouched:
            continue
        old = same(column, before.columns) if before is not None else None
        last = same(column, end.columns)
        if (old is None or old.type != column.type) and last is not None and last.type == column.type:
            yield end if table.key != original(table.key) else table, column, column.type


def same(wanted: Part, among: Iterable[Part]) -> Part | None:
    """The same thing in another state of its table: by identity, else by name."""
    listed = list(among)
    found = next((x for x in listed if x.oid == wanted.oid != 0), None)
    return found or next((x for x in listed if x.name == wanted.name), None)


def same_one(wanted: Restriction, among: Iterable[Restriction], table: Table, other: Table) -> Restriction | None:
    """The same constraint or index of a table in another state of it; none of its name made after it was dropped.

    A batch copy's constraints are made anew with the table, so there the name tells.
    """
    if wanted.oid and table.oid == other.oid:
        return next((x for x in among if x.oid == wanted.oid), None)
    return same(wanted, among)


def new_indexes(change: Indexing, ctx: StepContext) -> Iterator[tuple[Table, Index]]:
    """The indexes that the change makes and the deployment keeps, each with its table at the end.

    Not the copies that partitions get, nor one that the released table has just so.
    """
    table = table_after(change, ctx)
    end = at_end(table, ctx) if table is not None else None
    if table is None or end is None:
        return
    before = table_before(table, ctx)
    old = released(end, ctx)
    for index in table.indexes:
        if index.parent is not None or (before is not None and same_one(index, before.indexes, table, before)):
            continue
        kept = same_one(index, end.indexes, table, end)
        if kept is not None and not any(alike(kept, i) for i in (old.indexes if old is not None else ())):
            yield end, kept


def new_constraints(
    change: Indexing, ctx: StepContext, *, anew: bool = False
) -> Iterator[tuple[Table, ConstraintState]]:
    """The constraints that the change makes and the deployment keeps, each with its table at the end.

    Not those that a parent table gives, nor, but with `anew`, one that the released table has just so.
    """
    table = table_after(change, ctx)
    end = at_end(table, ctx) if table is not None else None
    if table is None or end is None:
        return
    before = table_before(table, ctx)
    old = released(end, ctx) if not anew else None
    for constraint in table.constraints:
        if constraint.inherited or (before is not None and same_one(constraint, before.constraints, table, before)):
            continue
        kept = same_one(constraint, end.constraints, table, end)
        if kept is None or kept.kind is not constraint.kind:
            continue
        if not any(known(kept, c) for c in (old.constraints if old is not None else ())):
            yield end, kept


def known(constraint: ConstraintState, old: ConstraintState) -> bool:
    """Whether a constraint is an old one: of the same columns, and of the same name if it was given one."""
    there = (old.kind, old.columns, old.references)
    here = (constraint.kind, constraint.columns, constraint.references)
    return there == here and (old.name == constraint.name or not constraint.named)


def alike(one: Index, other: Index) -> bool:
    """Whether two indexes of one name index the same."""
    return one.name == other.name and one.elements == other.elements and one.where == other.where
