"""PostgreSQL: whether a table fits under another, as a partition or by inheritance.

Sources: MergeAttributes(), MergeAttributesIntoExisting(), MergeConstraintsIntoExisting(), ATExecAttachPartition() and
ATPrepAddInherit() in src/backend/commands/tablecmds.c.
"""

from __future__ import annotations

from migguard.catalog.believed import just_so
from migguard.catalog.edit import Refused
from migguard.catalog.lookup import relation_key, table_key
from migguard.catalog.partition_bounds import refuse_bound
from migguard.catalog.postgresql_assignment import BUILTIN
from migguard.catalog.schema import Catalog, Column, ConstraintKind, Key, RefusalKind, Table
from migguard.catalog.types import format_type
from migguard.changes import (
    AddColumn,
    AddConstraint,
    AlterColumnType,
    AttachPartition,
    Change,
    Check,
    Constraint,
    CreateTable,
    DataType,
    Name,
    SetInheritance,
)


def refuse_descent(catalog: Catalog, change: Change) -> None:
    """Raise Refused where a table cannot come under another, or a parent cannot change alone."""
    match change:
        case CreateTable(partition_of=Name() as parent):
            refuse_new_partition(catalog, change, parent)
        case CreateTable(inherits=parents) if parents:
            refuse_heir(catalog, change, parents)
        case AttachPartition():
            refuse_attaching(catalog, change)
        case SetInheritance():
            refuse_inheritance(catalog, change)
        case AddColumn(only=True) | AddConstraint(only=True):
            refuse_parent_alone(catalog, change)
        case AlterColumnType():
            refuse_heirloom(catalog, change)
        case _:
            pass
    match change:
        case CreateTable(partition_by=by) if by is not None:
            for constraint in change.constraints:
                refuse_not_inherited(constraint, change.table)
        case AddConstraint():
            table = table_at(catalog, change.table)
            if table is not None and table.partition_by is not None:
                refuse_not_inherited(change.constraint, change.table)
        case _:
            pass


def table_at(catalog: Catalog, name: Name) -> Table | None:
    """The table of that name, where it is as the catalog has it."""
    key = table_key(catalog, name)
    table = catalog.tables.get(key) if key is not None else None
    return table if table is not None and just_so(catalog, table) else None


def refuse_new_partition(catalog: Catalog, change: CreateTable, parent_name: Name) -> None:
    """CREATE TABLE … PARTITION OF."""
    parent = table_at(catalog, parent_name)
    if parent is None or (change.if_not_exists and relation_key(catalog, change.table) is not None):
        return
    if parent.partition_by is None:
        raise Refused(RefusalKind.INVALID, f"{parent.key[1]} is not partitioned", parent.key[1])
    for definition in change.columns:
        if parent.column(definition.name) is None:
            message = f'{parent.key[1]} has no column "{definition.name}" that its partition could have'
            raise Refused(RefusalKind.UNKNOWN_COLUMN, message, definition.name)
    refuse_bound(catalog, parent, (change.table.schema or catalog.default_schema, change.table.name), change.bound)


def refuse_heir(catalog: Catalog, change: CreateTable, parents: tuple[Name, ...]) -> None:
    """CREATE TABLE … INHERITS."""
    if change.if_not_exists and relation_key(catalog, change.table) is not None:
        return
    seen: set[Key] = set()
    for name in parents:
        refuse_parent_kind(catalog, name)
        parent = table_at(catalog, name)
        if parent is None:
            continue
        if parent.key in seen:
            raise Refused(RefusalKind.DUPLICATE, f"{change.table.name} would inherit {name} twice", str(name))
        seen.add(parent.key)
        for definition in change.columns:
            column = parent.column(definition.name)
            if column is not None and differ(column.type, definition.type):
                refuse_type(catalog, change.table.name, definition.name, definition.type, column.type)


def refuse_parent_kind(catalog: Catalog, name: Name) -> None:
    """Raise Refused where what would be inherited from is partitioned, or a partition, or no table."""
    key = relation_key(catalog, name)
    if key is not None and key in catalog.views:
        raise Refused(RefusalKind.INVALID, f"{key[1]} is a view, and cannot be inherited from", str(name))
    parent = table_at(catalog, name)
    if parent is not None and (parent.partition_by is not None or parent.partition_of is not None):
        kind = "partitioned" if parent.partition_by is not None else "a partition"
        raise Refused(RefusalKind.INVALID, f"{parent.key[1]} is {kind}, and cannot be inherited from", str(name))


def refuse_attaching(catalog: Catalog, change: AttachPartition) -> None:
    """ALTER TABLE … ATTACH PARTITION."""
    parent, child = table_at(catalog, change.table), table_at(catalog, change.partition)
    if parent is None or child is None or parent.partition_by is None or child.partition_of is not None:
        return
    if child.inherits:
        raise Refused(
            RefusalKind.INVALID, f"{child.key[1]} inherits from a table, and cannot be attached", child.key[1]
        )
    if catalog.children.get(child.key) and child.partition_by is None:
        raise Refused(
            RefusalKind.INVALID, f"tables inherit from {child.key[1]}, so it cannot be attached", child.key[1]
        )
    for column in child.columns:
        if parent.column(column.name) is None:
            message = f'{child.key[1]} has the column "{column.name}", which {parent.key[1]} has not'
            raise Refused(RefusalKind.INVALID, message, column.name)
    refuse_unlike(catalog, parent, child)
    refuse_bound(catalog, parent, child.key, change.bound)


def refuse_inheritance(catalog: Catalog, change: SetInheritance) -> None:
    """ALTER TABLE … [NO] INHERIT."""
    child, parent = table_at(catalog, change.table), table_at(catalog, change.parent)
    if child is None or parent is None:
        return
    if not change.inherit:
        if parent.key not in child.inherits:
            raise Refused(RefusalKind.INVALID, f"{child.key[1]} does not inherit from {parent.key[1]}", parent.key[1])
        return
    if child.partition_of is not None or child.partition_by is not None:
        kind = "a partition" if child.partition_of is not None else "partitioned"
        raise Refused(RefusalKind.INVALID, f"{child.key[1]} is {kind}, and cannot inherit", child.key[1])
    refuse_parent_kind(catalog, change.parent)
    if parent.key in child.inherits:
        raise Refused(RefusalKind.DUPLICATE, f"{child.key[1]} inherits from {parent.key[1]} already", parent.key[1])
    refuse_unlike(catalog, parent, child)


def refuse_unlike(catalog: Catalog, parent: Table, child: Table) -> None:
    """Raise Refused where a table lacks a column, NOT NULL or CHECK of its parent, or has another type."""
    for column in parent.columns:
        own = child.column(column.name)
        if own is None:
            raise Refused(
                RefusalKind.UNKNOWN_COLUMN,
                f'{child.key[1]} lacks the column "{column.name}" of {parent.key[1]}',
                column.name,
            )
        if column.assumed or own.assumed:
            continue
        if differ(column.type, own.type):
            refuse_type(catalog, child.key[1], own.name, own.type, column.type)
        if strictly_not_null(column) and own.nullable:
            message = f"{child.key[1]}.{own.name} must be NOT NULL, as in {parent.key[1]}"
            raise Refused(RefusalKind.INVALID, message, own.name)
    for constraint in parent.constraints:
        inherited = constraint.kind is ConstraintKind.CHECK and not constraint.no_inherit
        if inherited and constraint.enforced and child.constraint(constraint.name) is None:
            message = f'{child.key[1]} lacks the CHECK "{constraint.name}" of {parent.key[1]}'
            raise Refused(RefusalKind.INVALID, message, constraint.name)


def strictly_not_null(column: Column) -> bool:
    """Whether a column's NOT NULL is asked of its children too."""
    return not column.nullable and column.not_null_valid


def differ(one: DataType | None, other: DataType | None) -> bool:
    """Whether two types are certainly not the same."""
    if one is None or other is None or not (one.builtin and other.builtin):
        return False
    if one.name not in BUILTIN or other.name not in BUILTIN:
        return False
    if one.name != other.name or bool(one.dimensions) != bool(other.dimensions):
        return True
    if one.name == "numeric":
        return (*one.arguments, "0")[:2] != (*other.arguments, "0")[:2]
    return one.name == "character varying" and one.arguments != other.arguments


def refuse_type(catalog: Catalog, table: str, column: str, own: DataType | None, parent: DataType | None) -> None:
    """Raise Refused: a column's type is not that of the parent's column."""
    assert own is not None
    assert parent is not None
    message = f"{table}.{column} is {format_type(own, catalog)}, and {format_type(parent, catalog)} in the parent"
    raise Refused(RefusalKind.INVALID, message, column)


def refuse_heirloom(catalog: Catalog, change: AlterColumnType) -> None:
    """Raise Refused for the type of a column that a parent has: it changes there."""
    table = table_at(catalog, change.table)
    column = table.column(change.column) if table is not None else None
    if table is not None and column is not None and column.inherited:
        message = f"{table.key[1]}.{column.name} is inherited from a parent, and its type is changed there"
        raise Refused(RefusalKind.INVALID, message, column.name)


def refuse_not_inherited(constraint: Constraint, table: Name) -> None:
    """Raise Refused for a CHECK of a partitioned table that its partitions would not have."""
    if isinstance(constraint, Check) and constraint.no_inherit:
        message = f"a CHECK of the partitioned table {table.name} cannot be NO INHERIT"
        raise Refused(RefusalKind.INVALID, message, constraint.name)


def refuse_parent_alone(catalog: Catalog, change: AddColumn | AddConstraint) -> None:
    """ALTER TABLE ONLY of a table that has children, where these must have the same."""
    parent = table_at(catalog, change.table)
    if parent is None or not catalog.children.get(parent.key):
        return
    if isinstance(change, AddColumn):
        if change.if_not_exists and parent.column(change.column.name) is not None:
            return
        message = f"{parent.key[1]} has children, which must get the column {change.column.name} too: leave out ONLY"
        raise Refused(RefusalKind.INVALID, message, change.column.name)
    if isinstance(change.constraint, Check) and not change.constraint.no_inherit:
        message = f"{parent.key[1]} has children, which must get the CHECK too: leave out ONLY, or write NO INHERIT"
        raise Refused(RefusalKind.INVALID, message, change.constraint.name)
