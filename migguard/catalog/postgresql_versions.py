"""What PostgreSQL took up in its versions 11 to 18, and an older one refuses. Source: each version's release notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from migguard.catalog.edit import Refused
from migguard.catalog.lookup import table_key
from migguard.catalog.schema import Catalog, RefusalKind
from migguard.changes import (
    AddColumn,
    AddConstraint,
    AlterColumnType,
    AlterConstraint,
    Change,
    Check,
    ColumnDefinition,
    Constraint,
    CreateIndex,
    CreateTable,
    CreateTrigger,
    DataType,
    Exclusion,
    ForeignKey,
    Merge,
    Name,
    NotNull,
    ObjectAction,
    OtherObject,
    PartitionBy,
    Persistence,
    PrimaryKey,
    SetColumnOption,
    SetGenerated,
    SetTableOption,
    TableAction,
    Unique,
)

MULTIRANGES = frozenset(
    {"int4multirange", "int8multirange", "nummultirange", "tsmultirange", "tstzmultirange", "datemultirange"}
)

Need = tuple[int, str]
"""Since which version there is something, and what it is."""


def refuse_by_version(catalog: Catalog, change: Change) -> None:
    """Raise Refused for what the server's version does not have yet, or does not take any more.

    Where nobody said which version it is, nothing is refused for it.
    """
    if not catalog.server.configured:
        return
    version = catalog.server.version[0]
    for since, what in needs(catalog, change):
        if version < since:
            raise Refused(RefusalKind.VERSION, f"{what} needs PostgreSQL {since}", what)
    if isinstance(change, CreateTable) and change.partition_by is not None and version >= 18:
        refuse_unlogged(change)


def refuse_unlogged(change: CreateTable) -> None:
    """Raise Refused for a partitioned table that is UNLOGGED, which meant nothing before PostgreSQL 18."""
    if change.persistence is Persistence.UNLOGGED:
        message = f"{change.table.name} is partitioned, and cannot be UNLOGGED from PostgreSQL 18 on"
        raise Refused(RefusalKind.VERSION, message, change.table.name)


def needs(catalog: Catalog, change: Change) -> Iterator[Need]:
    """What a change needs of the server."""
    match change:
        case CreateTable():
            for definition in change.columns:
                yield from of_column(definition)
            yield from of_constraints(catalog, change.constraints, change.partition_by)
        case AddColumn():
            yield from of_column(change.column)
            yield from of_constraints(catalog, change.constraints, partitioned(catalog, change.table))
        case AddConstraint():
            if isinstance(change.constraint, NotNull):
                yield 18, "NOT NULL as a constraint of a table"
            yield from of_constraints(catalog, (change.constraint,), partitioned(catalog, change.table))
        case AlterConstraint():
            if change.enforced is not None or change.inherit is not None:
                yield 18, "ALTER CONSTRAINT … [NOT] ENFORCED or [NO] INHERIT"
        case AlterColumnType():
            yield from of_type(change.type)
        case CreateIndex(nulls_not_distinct=True):
            yield 15, "NULLS NOT DISTINCT"
        case CreateTrigger():
            if change.or_replace:
                yield 14, "CREATE OR REPLACE TRIGGER"
            if change.each_row and change.timing == "before" and partitioned(catalog, change.table) is not None:
                yield 13, "a BEFORE trigger for each row of a partitioned table"
        case OtherObject(action=ObjectAction.CREATE, kind="statistics", name=None):
            yield 16, "CREATE STATISTICS without a name"
        case Merge():
            yield 15, "MERGE"
        case SetGenerated(expression=None):
            yield 13, "DROP EXPRESSION"
        case SetColumnOption(option="compression"):
            yield 14, "SET COMPRESSION"
        case SetTableOption(action=TableAction.ACCESS_METHOD):
            yield 15, "SET ACCESS METHOD"
        case _:
            pass


def partitioned(catalog: Catalog, name: Name) -> PartitionBy | None:
    """How a table is partitioned."""
    key = table_key(catalog, name)
    return catalog.tables[key].partition_by if key is not None else None


def of_type(data_type: DataType | None) -> Iterator[Need]:
    """What a type needs."""
    if data_type is not None and data_type.builtin and data_type.name in MULTIRANGES:
        yield 14, data_type.name


def of_column(column: ColumnDefinition) -> Iterator[Need]:
    """What a column needs."""
    yield from of_type(column.type)
    if column.compression is not None:
        yield 14, "COMPRESSION"
    if column.storage is not None:
        yield 16, "STORAGE in the definition of a column"


def of_constraints(catalog: Catalog, constraints: Iterable[Constraint], by: PartitionBy | None) -> Iterator[Need]:
    """What constraints need; `by` says how their table is partitioned."""
    for constraint in constraints:
        match constraint:
            case Unique(nulls_not_distinct=True):
                yield 15, "NULLS NOT DISTINCT"
            case NotNull() if constraint.not_valid or constraint.no_inherit:
                yield 18, "NOT NULL … NOT VALID or NO INHERIT"
            case Exclusion() if by is not None:
                yield 17, "an exclusion constraint on a partitioned table"
            case ForeignKey():
                if constraint.set_columns:
                    yield 15, "ON DELETE SET … with columns"
                if partitioned(catalog, constraint.references) is not None:
                    yield 12, "a foreign key to a partitioned table"
            case _:
                pass
        if isinstance(constraint, (PrimaryKey, Unique)) and constraint.without_overlaps:
            yield 18, "WITHOUT OVERLAPS"
        if isinstance(constraint, (Check, ForeignKey)) and not constraint.enforced:
            yield 18, "NOT ENFORCED"
        if isinstance(constraint, ForeignKey) and constraint.period:
            yield 18, "PERIOD"
