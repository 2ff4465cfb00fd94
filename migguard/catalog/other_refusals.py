"""PostgreSQL: names of its own, words that contradict each other, TRUNCATE of what others refer to, and statistics."""

from __future__ import annotations

from migguard.catalog.believed import just_so, whole
from migguard.catalog.drops import descendants, shown
from migguard.catalog.edit import Refused
from migguard.catalog.index_methods import refuse_collation
from migguard.catalog.lookup import relation_key, table_key, type_of_own_rows
from migguard.catalog.naming import relation_taken
from migguard.catalog.schema import Catalog, CompositeType, ConstraintKind, Key, RefusalKind, SequenceState
from migguard.changes import (
    AddColumn,
    AddConstraint,
    AlterColumnType,
    AlterConstraint,
    Change,
    Check,
    ColumnDefinition,
    Constraint,
    CreateDomain,
    CreateIndex,
    CreateSequence,
    CreateTable,
    CreateView,
    DataType,
    Engine,
    Exclusion,
    ForeignKey,
    Name,
    NotNull,
    ObjectAction,
    OtherObject,
    PrimaryKey,
    RenameColumn,
    RenameConstraint,
    Truncate,
    Unique,
)

SYSTEM_COLUMNS = frozenset({"ctid", "xmin", "cmin", "xmax", "cmax", "tableoid"})
"""The columns that every table has (src/backend/catalog/heap.c); before PostgreSQL 12 there was `oid` too."""

SPELLED: dict[type, str] = {
    PrimaryKey: "PRIMARY KEY", Unique: "UNIQUE", Check: "CHECK", ForeignKey: "FOREIGN KEY", Exclusion: "EXCLUDE",
    NotNull: "NOT NULL",
}  # fmt: skip


def refuse_otherwise(catalog: Catalog, change: Change) -> None:
    """Raise Refused for what does not fit the schema, or itself."""
    match change:
        case CreateTable() if not (change.if_not_exists and relation_key(catalog, change.table) is not None):
            for definition in change.columns:
                refuse_definition(catalog, definition, change.constraints)
            for constraint in change.constraints:
                refuse_misplaced(constraint)
            if change.query is not None:
                for column in change.query.columns:
                    refuse_system_column(column)
            refuse_partition_key(change)
        case CreateSequence(sequence=name) if not change.temporary:
            refuse_type_name(catalog, name)
        case CreateView(view=name) if not change.temporary and relation_key(catalog, name) is None:
            refuse_type_name(catalog, name)
        case CreateIndex(name=Name() as name):
            key = relation_key(catalog, change.table)
            row = catalog.types.get((key[0], name.name)) if key is not None else None
            if isinstance(row, CompositeType) and row.kind == "composite":
                raise Refused(RefusalKind.DUPLICATE, f'a relation "{name.name}" already exists', name.name)
        case _:
            pass
    match change:
        case CreateView(materialized=True):
            for column in (*change.columns, *change.query.columns):
                refuse_system_column(column)
        case AddColumn() if not (change.if_not_exists and there(catalog, change)):
            refuse_definition(catalog, change.column, change.constraints)
            refuse_own_rows(catalog, change.table, change.column.type)
        case AddConstraint():
            refuse_misplaced(change.constraint)
        case RenameColumn(kind="table"):
            key = relation_key(catalog, change.table)
            if key is not None and key in catalog.tables:
                refuse_system_column(change.new)
        case AlterColumnType():
            refuse_own_rows(catalog, change.table, change.type)
            if change.collation is not None:
                refuse_collation(change.type, change.collation.name, catalog)
        case CreateDomain(collation=Name() as collation):
            refuse_collation(change.type, collation.name, catalog)
        case AlterConstraint(inherit=None):
            refuse_altering(catalog, change)
        case RenameConstraint():
            refuse_taken(catalog, change)
        case Truncate(cascade=False):
            refuse_referred(catalog, change)
        case OtherObject(kind="statistics", name=Name() as name):
            refuse_statistics(catalog, change, name)
        case _:
            pass


def refuse_type_name(catalog: Catalog, name: Name) -> None:
    """Raise Refused where a relation, which is a type too, would be called as another type."""
    key = (name.schema or next((s for s in catalog.search_path if s in catalog.schemas), ""), name.name)
    if key in catalog.types and None not in catalog.unread:
        raise Refused(RefusalKind.DUPLICATE, f'a type "{name.name}" already exists', name.name)


def refuse_start(catalog: Catalog, sequence: SequenceState) -> None:
    """Raise Refused for a sequence that would start outside of its bounds, or never move."""
    if catalog.server.engine is not Engine.POSTGRESQL:
        return
    if sequence.increment == 0:
        raise Refused(RefusalKind.INVALID, "INCREMENT must not be zero", sequence.key[1])
    if not sequence.minimum <= sequence.start <= sequence.maximum:
        message = f"START ({sequence.start}) is not between {sequence.minimum} and {sequence.maximum}"
        raise Refused(RefusalKind.INVALID, message, sequence.key[1])


# --- columns ------------------------------------------------------------------------------------------------------


def refuse_system_column(name: str | None) -> None:
    """Raise Refused for a column that would be called as one of the system's own."""
    if name in SYSTEM_COLUMNS:
        raise Refused(RefusalKind.INVALID, f'"{name}" is the name of a system column', name)


def refuse_partition_key(change: CreateTable) -> None:
    """Raise Refused for a partition key of more columns than it may have, or over a generated one."""
    by = change.partition_by
    if by is None:
        return
    if by.strategy.lower() == "list" and len(by.columns) > 1:
        raise Refused(RefusalKind.INVALID, "PARTITION BY LIST takes one column", change.table.name)
    for column in change.columns:
        if column.generated is not None and column.name in by.columns:
            message = f"the generated {column.name} cannot be in a partition key"
            raise Refused(RefusalKind.INVALID, message, column.name)


def there(catalog: Catalog, change: AddColumn) -> bool:
    """Whether the column is there already."""
    key = table_key(catalog, change.table)
    return key is not None and catalog.tables[key].column(change.column.name) is not None


def refuse_definition(catalog: Catalog, column: ColumnDefinition, constraints: tuple[Constraint, ...]) -> None:
    """Raise Refused for a column whose definition contradicts itself."""
    refuse_system_column(column.name)
    if column.collation is not None and not column.serial:
        refuse_collation(column.type, column.collation.name, catalog)
    why = None
    if column.nullable is True and (column.serial or column.identity is not None):
        why = "a serial column" if column.serial else "an identity column"
    elif column.nullable is True and any(isinstance(c, NotNull) and c.column == column.name for c in constraints):
        why = "NOT NULL"
    if why is not None:
        raise Refused(RefusalKind.INVALID, f"{column.name} is declared NULL, and is {why}", column.name)


def refuse_own_rows(catalog: Catalog, table: Name, data_type: DataType | None) -> None:
    """Raise Refused for a column that would hold whole rows of its own table."""
    if data_type is not None and type_of_own_rows(catalog, table, data_type):
        name = data_type.name
        message = f'"{name}" is the type of the rows of {name}, and there can be no other type of that name'
        raise Refused(RefusalKind.INVALID, message, name)


def refuse_misplaced(constraint: Constraint) -> None:
    """Raise Refused for NOT VALID, DEFERRABLE and the like on a constraint of a kind that does not take it."""
    if constraint.misplaced is not None:
        message = f"a {SPELLED[type(constraint)]} constraint cannot be {constraint.misplaced}"
        raise Refused(RefusalKind.INVALID, message, constraint.name)


# --- constraints --------------------------------------------------------------------------------------------------


def refuse_altering(catalog: Catalog, change: AlterConstraint) -> None:
    """Raise Refused for ALTER CONSTRAINT of what is no foreign key."""
    key = table_key(catalog, change.table)
    constraint = catalog.tables[key].constraint(change.name) if key is not None else None
    if constraint is not None and constraint.kind is not ConstraintKind.FOREIGN:
        message = f'"{change.name}" is a {constraint.kind} constraint, and only a foreign key can be altered like that'
        raise Refused(RefusalKind.INVALID, message, change.name)


def refuse_taken(catalog: Catalog, change: RenameConstraint) -> None:
    """Raise Refused where the index of a constraint would get the name of another relation."""
    key = table_key(catalog, change.table)
    constraint = catalog.tables[key].constraint(change.name) if key is not None else None
    if key is None or constraint is None or constraint.index is None:
        return
    if relation_taken(catalog, key[0], change.new):
        raise Refused(RefusalKind.DUPLICATE, f'a relation "{change.new}" already exists', change.new)


# --- rows ---------------------------------------------------------------------------------------------------------


def refuse_referred(catalog: Catalog, change: Truncate) -> None:
    """Raise Refused where a table that is not emptied along refers to this one (heap_truncate_check_FKs)."""
    key = table_key(catalog, change.table)
    if key is None or None in catalog.unread:
        return
    emptied = covered(catalog, key, only=change.only)
    whole_set = set(emptied)
    for name in change.along:
        other = table_key(catalog, name)
        if other is None:
            return
        whole_set |= covered(catalog, other, only=False)
    for target in emptied:
        for holder in sorted(catalog.referenced_by.get(target, ())):
            if holder not in whole_set and just_so(catalog, catalog.tables[holder]):
                message = f"{shown(target, catalog)} cannot be truncated, because {shown(holder, catalog)} refers to it"
                raise Refused(RefusalKind.DEPENDENTS, message, shown(target, catalog))


def covered(catalog: Catalog, key: Key, *, only: bool) -> set[Key]:
    """The tables that TRUNCATE of one empties."""
    return {key} if only else {key, *descendants(catalog, key)}


# --- statistics ---------------------------------------------------------------------------------------------------


def refuse_statistics(catalog: Catalog, change: OtherObject, name: Name) -> None:
    """Raise Refused for statistics that are not there, or are there already; those of a table go with its columns."""
    if change.action is ObjectAction.CREATE:
        if change.if_not_exists or None in catalog.unread or str(name) not in catalog.statistics:
            return
        if catalog.statistics[str(name)] <= living(catalog):
            raise Refused(RefusalKind.DUPLICATE, f'statistics "{name}" already exist', str(name))
        return
    known = {other.rpartition(".")[2] for kind, other in catalog.others if kind == "statistics"}
    plain = name.name.rpartition(".")[2].strip('"')
    if change.if_exists or "," in change.text or known & {plain, ""} or not whole(catalog):
        return
    raise Refused(RefusalKind.UNKNOWN_OBJECT, f'there are no statistics "{name}"', str(name))


def living(catalog: Catalog) -> set[int]:
    """The identities of all tables and columns."""
    return {oid for t in catalog.tables.values() for oid in (t.oid, *(c.oid for c in t.columns))}


def statistics_of(catalog: Catalog, change: OtherObject) -> frozenset[int]:
    """What statistics go with: a table and the columns they are of, all of them where that is not clear."""
    key = table_key(catalog, change.tables[0]) if change.tables else None
    if key is None:
        return frozenset({-1})
    table = catalog.tables[key]
    listed = change.text.partition("ON ")[2].rpartition(" FROM")[0]
    names = {n.strip() for n in listed.split(",")}
    columns = [c.oid for c in table.columns if c.name in names or not names <= {c.name for c in table.columns}]
    return frozenset({table.oid, *columns})
