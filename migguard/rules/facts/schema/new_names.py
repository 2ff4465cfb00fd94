"""The names that a step brings in, and what the engines are called."""

from collections.abc import Iterator

from migguard.catalog.lookup import relation_key, sequence_key, table_of_index
from migguard.catalog.schema import Table, View
from migguard.catalog.tables import BATCH_PREFIX
from migguard.changes import (
    AddColumn,
    AddConstraint,
    CreateCompositeType,
    CreateDomain,
    CreateEnum,
    CreateIndex,
    CreateSequence,
    CreateTable,
    CreateView,
    Engine,
    ModifyColumn,
    RenameColumn,
    RenameConstraint,
    RenameIndex,
    RenameSequence,
    RenameTable,
    RenameType,
)
from migguard.rules.facts.schema.introduced import table_before
from migguard.rules.frame import StepContext

OnTable = (
    CreateTable | AddColumn | ModifyColumn | AddConstraint | CreateIndex | RenameColumn | RenameConstraint | RenameIndex
)
"""Changes that can bring in a name on a table."""

Naming = (
    OnTable
    | RenameTable
    | CreateView
    | CreateSequence
    | CreateEnum
    | CreateDomain
    | CreateCompositeType
    | RenameSequence
    | RenameType
)
"""Changes that can bring in a name."""

ENGINE_NAMES = {
    Engine.POSTGRESQL: "PostgreSQL",
    Engine.MYSQL: "MySQL",
    Engine.MARIADB: "MariaDB",
    Engine.SQLITE: "SQLite",
    Engine.MSSQL: "SQL Server",
    Engine.ORACLE: "Oracle",
}


def new_names(change: Naming, ctx: StepContext) -> Iterator[tuple[str, str]]:
    """The names that the user gives in this change, each with its kind: table, column, index, constraint …"""
    if ctx.step.refusal is not None:
        return
    match change:
        case CreateView():
            key = relation_key(ctx.after, change.view)
            if key is not None and key not in ctx.before.views:
                yield "view", change.view.name
        case CreateSequence():
            if sequence_key(ctx.before, change.sequence) is None:
                yield "sequence", change.sequence.name
        case CreateEnum() | CreateCompositeType():
            yield "type", change.type.name
        case CreateDomain():
            yield "domain", change.domain.name
        case RenameSequence():
            yield "sequence", change.new
        case RenameType():
            yield "type", change.new
        case RenameTable():
            if not change.table.name.startswith(BATCH_PREFIX) and change.table.name != change.new.name:
                yield change.kind, change.new.name
        case _:
            yield from names_on_table(change, ctx)


def names_on_table(change: OnTable, ctx: StepContext) -> Iterator[tuple[str, str]]:
    """The names on one table (or materialized view) that were not there before."""
    if isinstance(change, RenameIndex):
        key = table_of_index(ctx.before, change.index, change.table)
    else:
        key = relation_key(ctx.after, change.table)
    found = ctx.after.tables.get(key) or ctx.after.views.get(key) if key is not None else None
    if found is None or found.key[1] == ctx.after.version_table:
        return
    before = table_before(found, ctx) if isinstance(found, Table) else ctx.before.views.get(found.key)
    if before is None and isinstance(found, Table):
        yield "table", found.key[1]
    known = set(names_of(before)) if before is not None else set()
    for pair in names_of(found):
        if pair not in known:
            yield pair


def names_of(relation: Table | View) -> Iterator[tuple[str, str]]:
    """The names that a user gave to a relation's columns, constraints and indexes; none from a parent."""
    for column in relation.columns:
        if not column.inherited:
            yield "column", column.name
    constraints = relation.constraints if isinstance(relation, Table) else ()
    for constraint in constraints:
        if constraint.named and not constraint.inherited and constraint.name != "PRIMARY":
            yield "constraint", constraint.name
    for index in relation.indexes:
        if index.named and index.constraint is None and index.parent is None:
            yield "index", index.name
