"""What a change does that calls something by a name which nobody knows: as far as that can be told, and in doubt."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields

from migguard.catalog.apply import apply
from migguard.catalog.copying import replace
from migguard.catalog.edit import put_table
from migguard.catalog.lookup import relation_key, table_of_index
from migguard.catalog.meant_names import OfConstraint, OfIndex, doubted, out_of_the_way
from migguard.catalog.schema import Applied, Catalog, Key, RefusalKind, Table
from migguard.changes import AlterColumnType, Change, Name
from migguard.placeholders import MARKED, is_placeholder


def as_far_as_known(catalog: Catalog, change: Change, made: Applied) -> tuple[Catalog, Applied]:
    """The catalog before a change and after it, where what stands for a missing module is among the names."""
    if not catalog.stood_in:
        return catalog, made
    if made.refusal is None:
        made = in_doubt(catalog, change, made)
        return catalog, replace(made, verified=False) if made.verified and names_unknown(change) else made
    if is_placeholder(made.refusal.message):
        return without_refusal(catalog, change)
    if isinstance(change, OfConstraint | OfIndex):
        meant = [t.key for t in catalog.tables.values() if may_be_of(catalog, change, t)]
        return (catalog, Applied(doubted(catalog, meant), None, verified=False)) if meant else (catalog, made)
    key = key_of(catalog, change)
    table = catalog.tables.get(key) if key is not None else None
    if made.refusal.kind is RefusalKind.DUPLICATE and table is not None and table.oid in catalog.in_doubt:
        moved = out_of_the_way(catalog, change, made) or catalog
        again = apply(moved, change)
        return moved, replace(again, refusal=None, verified=False)
    return catalog, replace(made, verified=False) if made.verified and any_may_be_meant(catalog) else made


def names_unknown(change: Change) -> bool:
    """Whether a table, a column or another thing that a change is about has a name that nobody knows; or a new type."""
    values = [getattr(change, one.name) for one in fields(change)]
    parts = [*values, *(part for value in values if isinstance(value, tuple) for part in value)]
    texts = [*(p for p in parts if isinstance(p, str)), *(p.name for p in parts if isinstance(p, Name))]
    if any(map(is_placeholder, texts)):
        return True
    return isinstance(change, AlterColumnType) and any(map(is_placeholder, change.type.arguments))


def any_may_be_meant(catalog: Catalog) -> bool:
    """Whether something was done to a table that nobody knows, so to any."""
    return any(is_placeholder(key[1]) for key in (*catalog.assumed, *catalog.dropped))


def key_of(catalog: Catalog, change: Change) -> Key | None:
    """The key of the table that a change is about."""
    if isinstance(change, OfIndex):
        return table_of_index(catalog, change.index, change.table)
    name = getattr(change, "table", None)
    return relation_key(catalog, name) if isinstance(name, Name) else None


def in_doubt(before: Catalog, change: Change, made: Applied) -> Applied:
    """A change that was not refused. What has a name that nobody knows may have any other."""
    key = key_of(made.catalog, change)
    table = made.catalog.tables.get(key) if key is not None else None
    old = before.tables.get(key) if key is not None else None
    if table is None or table is old:
        return made
    columns = unknown(c.name for c in table.columns) - unknown(c.name for c in (old.columns if old else ()))
    others = unknown(names_in(table)) - (unknown(names_in(old)) if old is not None else set())
    if not columns and not others:
        return made
    catalog = left_incomplete(made.catalog, table) if columns else made.catalog
    return replace(made, catalog=doubted(catalog, [table.key]), verified=False)


def unknown(names: Iterable[str | None]) -> set[str]:
    """The names that nobody knows."""
    return {name for name in names if name is not None and is_placeholder(name)}


def names_in(table: Table) -> Iterable[str | None]:
    """The names of a table's constraints and indexes; of a table that nobody knows they have its own name in them."""
    if is_placeholder(table.key[1]):
        return ()
    return (*(c.name for c in table.constraints), *(i.name for i in table.indexes))


def left_incomplete(catalog: Catalog, table: Table) -> Catalog:
    """The catalog with a table that may have other columns as well."""
    return put_table(catalog, replace(table, complete=False)) if table.complete else catalog


def without_refusal(catalog: Catalog, change: Change) -> tuple[Catalog, Applied]:
    """A change that is refused for a name which nobody knows: the server would find something of the real name."""
    key = key_of(catalog, change)
    table = catalog.tables.get(key) if key is not None else None
    if table is not None:
        catalog = left_incomplete(catalog, table) if not isinstance(change, OfConstraint | OfIndex) else catalog
        catalog = doubted(catalog, [table.key])
    elif isinstance(change, OfIndex):
        catalog = doubted(catalog, [k for k, t in catalog.tables.items() if has_index(t, change.index.name)])
    made = apply(catalog, change)
    if isinstance(change, OfConstraint | OfIndex):
        made = replace(made, refusal=None)
    return catalog, replace(made, verified=False)


def may_be(name: str, other: str) -> bool:
    """Whether a name, of which a part is not known, may be another one."""
    return re.fullmatch(".+".join(map(re.escape, MARKED.split(name))), other) is not None


def has_index(table: Table, name: str) -> bool:
    """Whether an index of a table may be meant by a name of which a part is not known."""
    return any(index.constraint is None and may_be(name, index.name) for index in table.indexes)


def may_be_of(catalog: Catalog, change: OfConstraint | OfIndex, table: Table) -> bool:
    """Whether a change may mean a constraint or an index of a table, of whose name a part is not known."""
    if isinstance(change, OfIndex):
        names = [i.name for i in table.indexes if i.constraint is None]
        wanted, owner = change.index.name, change.table
    else:
        names = [c.name for c in table.constraints]
        wanted, owner = change.name or "", change.table
    if owner is not None and relation_key(catalog, owner) != table.key:
        return False
    return any(is_placeholder(name) and may_be(name, wanted) for name in names)
