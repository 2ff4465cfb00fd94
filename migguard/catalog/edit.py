"""Put things into a catalog and take them out, with the reverse maps kept true."""

from __future__ import annotations

from collections.abc import Iterable

from immutables import Map

from migguard.catalog.copying import replace
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
    UserType,
    View,
)
from migguard.changes import Engine, Name
from migguard.placeholders import is_placeholder


class Refused(Exception):
    """The server would refuse the change."""

    def __init__(self, kind: RefusalKind, message: str, name: str | None = None) -> None:
        super().__init__(message)
        self.refusal = Refusal(kind, message, name)


def nearest(name: str, among: Iterable[str]) -> str:
    """A hint at the name that was meant, in parentheses; empty where there is none like it."""
    import difflib

    near = difflib.get_close_matches(name, list(among), 1)
    return f' (the nearest is "{near[0]}")' if near else ""


# --- reverse maps -------------------------------------------------------------------------------------------------


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


def exchanged(
    among: Map[Key, frozenset[Key]], before: set[Key], after: set[Key], member: Key
) -> Map[Key, frozenset[Key]]:
    """The map with a member moved from some keys to others."""
    for key in before - after:
        among = without_member(among, key, member)
    for key in after - before:
        among = with_member(among, key, member)
    return among


def references(table: Table | None) -> set[Key]:
    """The tables that a table's foreign keys refer to."""
    if table is None:
        return set()
    foreign = ConstraintKind.FOREIGN
    return {c.references for c in table.constraints if c.kind is foreign and c.references is not None}


def used_types(columns: Iterable[Column], catalog: Catalog) -> set[Key]:
    """The user types of columns."""
    found = set()
    for column in columns:
        data_type = column.type
        if data_type is not None and not data_type.builtin:
            if data_type.schema is not None:
                found.add((data_type.schema, data_type.name))
            elif (key := type_key(catalog, Name(data_type.name))) is not None:
                found.add(key)
    return found


def parents(table: Table | None) -> tuple[Key, ...]:
    """What a table is a part or a child of."""
    if table is None:
        return ()
    return (table.partition_of, *table.inherits) if table.partition_of is not None else table.inherits


def named_indexes(catalog: Catalog, relation: Table | View | None) -> dict[Key, None]:
    """The keys under which a relation's indexes are found; MySQL's live in their table."""
    if relation is None or catalog.server.engine in (Engine.MYSQL, Engine.MARIADB, Engine.MSSQL):
        return {}
    return {(relation.key[0], i.name): None for i in relation.indexes}


def owners(catalog: Catalog, old: Table | View | None, new: Table | View | None) -> Map[Key, Key]:
    """The map of index owners when a relation's indexes have changed."""
    found = catalog.index_owner
    before, after = named_indexes(catalog, old), named_indexes(catalog, new)
    for key in before:
        if key not in after and old is not None and found.get(key) == old.key:
            found = found.delete(key)
    if new is not None:
        unknown = is_placeholder(new.key[1])
        for key in after:
            if found.get(key) != new.key and not (unknown and key in found):
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


def constraint_names(table: Table | None, catalog: Catalog) -> dict[Key, int]:
    """How often each constraint name stands in a table; on PostgreSQL 18 not-null constraints have names too."""
    found: dict[Key, int] = {}
    if table is not None and not is_placeholder(table.key[1]):
        schema = table.key[0]
        for constraint in table.constraints:
            key = (schema, constraint.name)
            found[key] = found.get(key, 0) + 1
        if catalog.server.version >= (18,):
            for column in table.columns:
                if column.not_null_name is not None:
                    key = (schema, column.not_null_name)
                    found[key] = found.get(key, 0) + 1
    return found


def counted(catalog: Catalog, old: Table | None, new: Table | None) -> Map[Key, int]:
    """The map of constraint names when a table's constraints have changed; only PostgreSQL chooses names by them."""
    found = catalog.constraint_names
    if catalog.server.engine is not Engine.POSTGRESQL:
        return found
    before, after = constraint_names(old, catalog), constraint_names(new, catalog)
    if before == after:
        return found
    for key in before.keys() | after.keys():
        number = found.get(key, 0) - before.get(key, 0) + after.get(key, 0)
        if number != found.get(key, 0):
            found = found.set(key, number) if number > 0 else found.delete(key)
    return found


# --- tables -------------------------------------------------------------------------------------------------------


def put_table(catalog: Catalog, table: Table, *, oids: int = 0) -> Catalog:
    """The catalog with a table as it is now, and with `oids` identities given away."""
    old = catalog.tables.get(table.key)
    changes: dict[str, object] = {"tables": catalog.tables.set(table.key, table)}
    if oids:
        changes["next_oid"] = catalog.next_oid + oids
    if old is None or old.indexes is not table.indexes:
        changes["index_owner"] = owners(catalog, old, table)
    new_columns = old is None or old.columns is not table.columns
    new_constraints = old is None or old.constraints is not table.constraints
    if new_constraints:
        before, after = references(old), references(table)
        if before != after:
            changes["referenced_by"] = exchanged(catalog.referenced_by, before, after, table.key)
    if catalog.server.engine is Engine.POSTGRESQL:
        if new_constraints or (new_columns and catalog.server.version >= (18,)):
            changes["constraint_names"] = counted(catalog, old, table)
        if new_columns:
            used, uses = used_types(old.columns if old is not None else (), catalog), used_types(table.columns, catalog)
            if used != uses:
                changes["type_users"] = exchanged(catalog.type_users, used, uses, table.key)
    if parents(old) != parents(table):
        changes["children"] = families(catalog, old, table)
    return replace(catalog, **changes)


def remove_table(catalog: Catalog, key: Key) -> Catalog:
    """The catalog without a table. What referred to it is the caller's to mend first."""
    table = catalog.tables[key]
    return replace(
        catalog,
        tables=catalog.tables.delete(key),
        index_owner=owners(catalog, table, None),
        referenced_by=exchanged(catalog.referenced_by, references(table), set(), key),
        type_users=exchanged(catalog.type_users, used_types(table.columns, catalog), set(), key),
        children=families(catalog, table, None),
        constraint_names=counted(catalog, table, None),
        dropped=catalog.dropped | {key},
        rows=catalog.rows.delete(key) if key in catalog.rows else catalog.rows,
    )


def replace_column(table: Table, name: str, column: Column) -> Table:
    """The table with one of its columns as it is now."""
    return replace(table, columns=tuple(column if c.name == name else c for c in table.columns))


def tell(table: Table, name: str, **what: object) -> Table:
    """The table with more told of one of its unknown columns: its `type`, or whether it is `nullable`."""
    others = tuple(t for t in table.told if t.name != name)
    return replace(table, told=(*others, replace(table.told_of(name), **what)))


def put_index(table: Table, index: Index) -> Table:
    """The table with an index more, or one as it is now."""
    if any(i.name == index.name for i in table.indexes):
        return replace(table, indexes=tuple(index if i.name == index.name else i for i in table.indexes))
    return replace(table, indexes=(*table.indexes, index))


# --- views, sequences, types --------------------------------------------------------------------------------------


def put_view(catalog: Catalog, view: View) -> Catalog:
    """The catalog with a view as it is now."""
    old = catalog.views.get(view.key)
    before = {k for k, _ in old.uses} if old is not None else set()
    after = {k for k, _ in view.uses}
    return replace(
        catalog,
        views=catalog.views.set(view.key, view),
        view_users=exchanged(catalog.view_users, before, after, view.key),
        index_owner=owners(catalog, old, view),
    )


def remove_view(catalog: Catalog, key: Key) -> Catalog:
    """The catalog without a view."""
    view = catalog.views[key]
    return replace(
        catalog,
        views=catalog.views.delete(key),
        view_users=exchanged(catalog.view_users, {k for k, _ in view.uses}, set(), key),
        index_owner=owners(catalog, view, None),
        dropped=catalog.dropped | {key},
    )


def put_sequence(catalog: Catalog, sequence: SequenceState, *, oids: int = 0) -> Catalog:
    """The catalog with a sequence as it is now, and with `oids` identities given away."""
    sequences = catalog.sequences.set(sequence.key, sequence)
    return replace(catalog, sequences=sequences, next_oid=catalog.next_oid + oids)


def remove_sequence(catalog: Catalog, key: Key) -> Catalog:
    """The catalog without a sequence."""
    return replace(catalog, sequences=catalog.sequences.delete(key)) if key in catalog.sequences else catalog


def put_type(catalog: Catalog, made: UserType, *, oids: int = 0) -> Catalog:
    """The catalog with a type as it is now, and with `oids` identities given away."""
    return replace(catalog, types=catalog.types.set(made.key, made), next_oid=catalog.next_oid + oids)
