"""Put things into a catalog and take them out, with the reverse maps kept true."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from immutables import Map

from migguard.catalog.lookup import type_key
from migguard.catalog.schema import (
    Catalog,
    Column,
    ConstraintKind,
    Index,
    Key,
    Refusal,
    RefusalKind,
    SequenceState,
    Table,
    View,
)
from migguard.changes import Engine, Name


class Refused(Exception):
    """The server would refuse the change."""

    def __init__(self, kind: RefusalKind, message: str, name: str | None = None) -> None:
        super().__init__(message)
        self.refusal = Refusal(kind, message, name)


def with_member(among: Map[Key, frozenset[Key]], key: Key, member: Key) -> Map[Key, frozenset[Key]]:
    """The map with a member more under a key."""
    there = among.get(key, frozenset())
    return among if member in there else among.set(key, there | {member})


def without_member(among: Map[Key, frozenset[Key]], key: Key, member: Key) -> Map[Key, frozenset[Key]]:
    """The map with a member less under a key."""
    there = among.get(key)
    if there is None or member not in there:
        return among
    left = there - {member}
    return among.set(key, left) if left else among.delete(key)


def references(table: Table | None) -> set[Key]:
    """The tables that a table's foreign keys refer to."""
    if table is None:
        return set()
    return {c.references for c in table.constraints if c.kind is ConstraintKind.FOREIGN and c.references is not None}


def used_types(columns: Iterable[Column], catalog: Catalog) -> set[Key]:
    """The user types of columns."""
    found = set()
    for column in columns:
        if column.type is not None and not column.type.builtin:
            key = type_key(catalog, Name(column.type.name, column.type.schema))
            if key is not None:
                found.add(key)
    return found


def parents(table: Table | None) -> tuple[Key, ...]:
    """What a table is a part or a child of."""
    if table is None:
        return ()
    return (*((table.partition_of,) if table.partition_of else ()), *table.inherits)


def named_indexes(catalog: Catalog, relation: Table | View | None) -> dict[Key, None]:
    """The keys under which a relation's indexes are found; MySQL's live in their table."""
    if relation is None or catalog.server.engine in (Engine.MYSQL, Engine.MARIADB, Engine.MSSQL):
        return {}
    return {(relation.key[0], i.name): None for i in relation.indexes}


def put_table(catalog: Catalog, table: Table) -> Catalog:
    """The catalog with a table as it is now."""
    old = catalog.tables.get(table.key)
    changes: dict[str, object] = {"tables": catalog.tables.set(table.key, table)}
    if old is None or old.indexes is not table.indexes:
        changes["index_owner"] = owners(catalog, old, table)
    if old is None or old.constraints is not table.constraints:
        before, after = references(old), references(table)
        if before != after:
            referenced = catalog.referenced_by
            for key in before - after:
                referenced = without_member(referenced, key, table.key)
            for key in after - before:
                referenced = with_member(referenced, key, table.key)
            changes["referenced_by"] = referenced
    if catalog.types and (old is None or old.columns is not table.columns):
        before, after = used_types(old.columns, catalog) if old else set(), used_types(table.columns, catalog)
        if before != after:
            users = catalog.type_users
            for key in before - after:
                users = without_member(users, key, table.key)
            for key in after - before:
                users = with_member(users, key, table.key)
            changes["type_users"] = users
    if parents(old) != parents(table):
        changes["children"] = families(catalog, old, table)
    return replace(catalog, **changes)  # type: ignore[arg-type]  # the fields named above, of their own types


def owners(catalog: Catalog, old: Table | View | None, new: Table | View | None) -> Map[Key, Key]:
    """The map of index owners when a relation's indexes have changed."""
    found = catalog.index_owner
    before, after = named_indexes(catalog, old), named_indexes(catalog, new)
    for key in before:
        if key not in after and key in found:
            found = found.delete(key)
    if new is not None:
        for key in after:
            if found.get(key) != new.key:
                found = found.set(key, new.key)
    return found


def families(catalog: Catalog, old: Table | None, new: Table | None) -> Map[Key, tuple[Key, ...]]:
    """The map of children when a table's parents have changed."""
    found = catalog.children
    for parent in parents(old):
        assert old is not None
        left = tuple(k for k in found.get(parent, ()) if k != old.key)
        found = found.set(parent, left) if left else (found.delete(parent) if parent in found else found)
    for parent in parents(new):
        assert new is not None
        there = found.get(parent, ())
        if new.key not in there:
            found = found.set(parent, (*there, new.key))
    return found


def remove_table(catalog: Catalog, key: Key) -> Catalog:
    """The catalog without a table. What referred to it is the caller's to mend first."""
    table = catalog.tables[key]
    referenced, users = catalog.referenced_by, catalog.type_users
    for other in references(table):
        referenced = without_member(referenced, other, key)
    for used in used_types(table.columns, catalog):
        users = without_member(users, used, key)
    return replace(
        catalog,
        tables=catalog.tables.delete(key),
        index_owner=owners(catalog, table, None),
        referenced_by=referenced,
        type_users=users,
        children=families(catalog, table, None),
        dropped=catalog.dropped | {key},
        rows=catalog.rows.delete(key) if key in catalog.rows else catalog.rows,
    )


def put_view(catalog: Catalog, view: View) -> Catalog:
    """The catalog with a view as it is now."""
    old = catalog.views.get(view.key)
    users = catalog.view_users
    before = {k for k, _ in old.uses} if old is not None else set()
    after = {k for k, _ in view.uses}
    for key in before - after:
        users = without_member(users, key, view.key)
    for key in after - before:
        users = with_member(users, key, view.key)
    return replace(
        catalog,
        views=catalog.views.set(view.key, view),
        view_users=users,
        index_owner=owners(catalog, old, view),
    )


def remove_view(catalog: Catalog, key: Key) -> Catalog:
    """The catalog without a view."""
    view = catalog.views[key]
    users = catalog.view_users
    for used, _ in view.uses:
        users = without_member(users, used, key)
    return replace(
        catalog,
        views=catalog.views.delete(key),
        view_users=users,
        index_owner=owners(catalog, view, None),
        dropped=catalog.dropped | {key},
    )


def put_sequence(catalog: Catalog, sequence: SequenceState) -> Catalog:
    """The catalog with a sequence as it is now."""
    return replace(catalog, sequences=catalog.sequences.set(sequence.key, sequence))


def remove_sequence(catalog: Catalog, key: Key) -> Catalog:
    """The catalog without a sequence."""
    return replace(catalog, sequences=catalog.sequences.delete(key)) if key in catalog.sequences else catalog


def new_oid(catalog: Catalog) -> tuple[int, Catalog]:
    """An identity for a new object."""
    return catalog.next_oid, replace(catalog, next_oid=catalog.next_oid + 1)


def replace_column(table: Table, name: str, column: Column) -> Table:
    """The table with one of its columns as it is now."""
    return replace(table, columns=tuple(column if c.name == name else c for c in table.columns))


def put_index(table: Table, index: Index) -> Table:
    """The table with an index more, or one as it is now."""
    if any(i.name == index.name for i in table.indexes):
        return replace(table, indexes=tuple(index if i.name == index.name else i for i in table.indexes))
    return replace(table, indexes=(*table.indexes, index))
