"""Tables that the history never made, met where something is done to them that leaves the schema as it is."""

from __future__ import annotations

from collections.abc import Iterator

from migguard.catalog.believed import OF_EXTENSIONS
from migguard.catalog.edit import Refused, put_table
from migguard.catalog.existence import assumed, identity, is_foreign, is_system
from migguard.catalog.lookup import index_key, relation_key, sequence_key, type_key
from migguard.catalog.schema import Catalog, Key, Table
from migguard.changes import (
    AlterTableObject,
    Change,
    Comment,
    CreatePolicy,
    CreateTable,
    CreateTrigger,
    Delete,
    DropPolicy,
    DropTrigger,
    Engine,
    Insert,
    LockTable,
    Maintain,
    Merge,
    Name,
    OtherObject,
    Reindex,
    RenameTable,
    Scope,
    Select,
    SetSchema,
    Update,
)


def with_met(catalog: Catalog, change: Change) -> Catalog:
    """The catalog with the tables that a change works on, which was not refused: so they were there before it.

    Those of a schema or an extension that the history does not make say nothing about what else there is: they are
    put in without being counted among the assumed ones.
    """
    for name in worked_on(change):
        if is_system(name) or is_foreign(catalog, name) or name.name in (catalog.version_table, *OF_EXTENSIONS):
            continue
        if any(find(catalog, name) is not None for find in (relation_key, index_key, sequence_key, type_key)):
            continue
        try:
            _, catalog = assumed(catalog, name)
        except Refused:
            key = (name.schema or catalog.default_schema, name.name)
            if key not in catalog.dropped and catalog.server.engine is Engine.POSTGRESQL:
                catalog = put_table(catalog, Table(key, complete=False, oid=identity(catalog)))
    return catalog


def worked_on(change: Change) -> Iterator[Name]:
    """The relations that must be there for a change, and that applying it does not ask for."""
    match change:
        case Insert() | Update() | Delete() | Merge():
            yield change.table
            yield from read_by(change.naming.scope if change.naming is not None else None)
        case Select():
            yield from change.query.locked
        case CreateTable(query=query) if query is not None:
            yield from read_by(query.scope)
        case LockTable() | CreateTrigger() | CreatePolicy() | AlterTableObject():
            yield change.table
        case DropTrigger(table=Name() as table, if_exists=False) | DropPolicy(table=table, if_exists=False):
            yield table
        case Maintain(table=Name() as table) | Reindex(kind="table", name=Name() as table):
            yield table
        case Comment(kind="table" | "column"):
            yield change.table or change.name
        case OtherObject(kind="statistics" | "publication"):
            yield from change.tables
        case RenameTable(kind="table", if_exists=False):
            yield change.table
        case SetSchema(kind="table", if_exists=False):
            yield change.name
        case _:
            pass


def read_by(scope: Scope | None) -> Iterator[Name]:
    """The relations that a query reads, with those of the queries inside it; names of WITH are none."""
    if scope is not None:
        yield from (given.relation for given in scope.given if given.relation is not None)
        for one in (*scope.inner, *scope.apart):
            yield from read_by(one)


def met_before(catalog: Catalog, later: Catalog) -> Iterator[Key]:
    """Tables that a later catalog knows to have been there all along, and that one does not have yet."""
    if later.tables is catalog.tables:
        return
    for key, table in later.tables.items():
        if table.oid < 0 and key not in catalog.tables and not has_moved(catalog, table):
            yield key


def has_moved(catalog: Catalog, table: Table | None) -> bool:
    """Whether a catalog has the table, perhaps under another name."""
    return table is not None and any(other.oid == table.oid for other in catalog.tables.values())
