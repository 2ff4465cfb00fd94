"""What a statement means by a name that the schema does not have, where a naming convention is not known.

SQLAlchemy gives constraints and indexes the names that the convention of the MetaData makes
(https://docs.sqlalchemy.org/en/20/core/constraints.html#configuring-constraint-naming-conventions). Where the MetaData
is not there, the schema has them under the server's names, or under the part that the script gave. A statement that
names one later shows how it was called all along.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from migguard.catalog import constraints, indexes
from migguard.catalog.constraints import not_null_column
from migguard.catalog.edit import Refused
from migguard.catalog.lookup import path, table_key, table_of_index
from migguard.catalog.schema import Applied, Catalog, ConstraintKind, ConstraintState, Index, Key, RefusalKind, Table
from migguard.changes import (
    AddConstraint,
    AlterConstraint,
    Change,
    CreateIndex,
    DropConstraint,
    DropIndex,
    Name,
    RenameConstraint,
    RenameIndex,
    ValidateConstraint,
)

OfConstraint = DropConstraint | RenameConstraint | ValidateConstraint | AlterConstraint
OfIndex = DropIndex | RenameIndex

Found = TypeVar("Found")

KINDS = {
    ConstraintKind.PRIMARY: ("pk", "pkey", "primary"),
    ConstraintKind.UNIQUE: ("uq", "uc", "uk", "uix", "unique", "key"),
    ConstraintKind.CHECK: ("ck", "chk", "check"),
    ConstraintKind.FOREIGN: ("fk", "fkey", "foreign"),
    ConstraintKind.EXCLUSION: ("ex", "excl", "exclude"),
}
"""The words that a name begins or ends with, by the kind of constraint."""

REFUSED = (RefusalKind.UNKNOWN_CONSTRAINT, RefusalKind.UNKNOWN_INDEX, RefusalKind.DUPLICATE)


def as_meant(catalog: Catalog, change: Change) -> Catalog:
    """The catalog with the one constraint or index that the change can mean called as the change calls it."""
    try:
        if isinstance(change, OfConstraint) and change.name is not None:
            key = table_key(catalog, change.table)
            table = catalog.tables.get(key) if key is not None else None
            if key is None or table is None or table.constraint(change.name) is not None:
                return catalog
            if not_null_column(catalog, table, change.name) is not None:
                return catalog
            kind = change.kind if isinstance(change, DropConstraint) else None
            optional = isinstance(change, DropConstraint) and change.if_exists
            # of a table that the history never made it may as well be one that the history never saw
            found = constraint_meant(table, change.name, kind, strict=optional or not table.complete)
            return catalog if found is None else constraints.rename(catalog, key, found.name, change.name)
        if isinstance(change, OfIndex):
            return with_index(catalog, change)
    except Refused:
        return catalog  # the name is taken by something else
    return catalog


def with_index(catalog: Catalog, change: OfIndex) -> Catalog:
    """The catalog with the one index that the change can mean called as the change calls it."""
    wanted = change.index.name
    key = table_of_index(catalog, change.index, change.table)
    table = catalog.tables.get(key) if key is not None else None
    if (change.table is None and key is not None) or (table is not None and table.index(wanted) is not None):
        return catalog
    schemas = tuple(path(catalog, change.index))
    among = [table] if table is not None else [t for k, t in catalog.tables.items() if k[0] in schemas]
    found = best([(score, (t, i)) for t in among for i, score in index_scores(t, wanted)])
    if found is None:
        return catalog
    there, index = found
    owner = Name(there.key[1], there.key[0]) if change.table is not None else None
    return indexes.rename_index(catalog, RenameIndex(Name(index.name, there.key[0]), wanted, owner))


def words(name: str) -> list[str]:
    """The words of a name."""
    return name.lower().split("_")


def within(part: str, name: str) -> bool:
    """Whether a name has another in it, in whole words."""
    return f"_{part}_".lower() in f"_{name}_".lower()


def kind_said(name: str) -> ConstraintKind | None:
    """The kind of constraint that a name's first or last word tells; None where neither does."""
    listed = words(name)
    for word in (listed[0], listed[-1]):
        for kind, known in KINDS.items():
            if word in known:
                return kind
    return None


def constraint_meant(table: Table, name: str, kind: str | None, *, strict: bool) -> ConstraintState | None:
    """The one constraint of a table that a name can mean; with `strict` none that shares no word with the name."""
    said = ConstraintKind(kind) if kind is not None and kind in list(ConstraintKind) else kind_said(name)
    among = [c for c in table.constraints if not c.inherited and said in (None, c.kind)]
    found = best([(score, c) for c in among if (score := constraint_score(c, name))])
    if found is not None or strict or said is None:
        return found
    unnamed = [c for c in among if not c.named]
    return unnamed[0] if len(unnamed) == 1 and not any(constraint_score(c, name) for c in among) else None


def constraint_score(constraint: ConstraintState, name: str) -> int:
    """How much of a name tells of a constraint, in characters: the name it was given, or all of its columns."""
    if constraint.named:
        if within(constraint.name, name):
            return len(constraint.name)
        return len(name) if constraint.name.lower().endswith(f"_{name}".lower()) else 0
    if not constraint.columns or not all(within(c, name) for c in constraint.columns):
        return 0
    return sum(map(len, constraint.columns))


def index_scores(table: Table, name: str) -> Iterator[tuple[Index, tuple[int, bool]]]:
    """The indexes of a table that a name can mean: those that have no name of their own, and whose columns it has."""
    if not within(table.key[1], name):
        return
    for index in table.indexes:
        if index.constraint is not None or index.parent is not None or not all(index.columns):
            continue
        columns = [c for c in index.columns if c is not None]
        if columns and (not index.named or generated(index, table)) and all(within(c, name) for c in columns):
            unique = any(word in ("uq", "unique") for word in words(name))
            yield index, (len(table.key[1]) + sum(map(len, columns)), index.unique == unique)


def generated(index: Index, table: Table) -> bool:
    """Whether an index has the name that SQLAlchemy gives it by itself (DEFAULT_NAMING_CONVENTION)."""
    label = f"{table.key[1]}_{index.columns[0]}"
    return index.name in (f"ix_{label}", f"ix_{table.key[0]}_{label}")


def best(scored: Sequence[tuple[object, Found]]) -> Found | None:
    """The one with the highest score; None where there is none, or another as high."""
    ordered = sorted(scored, key=lambda pair: pair[0], reverse=True)  # type: ignore[arg-type,return-value]
    if not ordered or (len(ordered) > 1 and ordered[0][0] == ordered[1][0]):
        return None
    return ordered[0][1]


# --- what is left open --------------------------------------------------------------------------------------------


def left_open(before: Catalog, change: Change, made: Applied) -> Applied | None:
    """A change that is refused only because a name is not known: done, as far as that can be told, and in doubt.

    None where the refusal does not rest on a name.
    """
    if made.refusal is None or made.refusal.kind not in REFUSED:
        return None
    if isinstance(change, OfConstraint):
        key = table_key(before, change.table)
        return Applied(doubted(before, [key] if key is not None else []), None, verified=False)
    if isinstance(change, OfIndex):
        schemas = tuple(path(before, change.index))
        key = table_of_index(before, change.index, change.table)
        near = [k for k in before.tables if k[0] in schemas and within(k[1], change.index.name)]
        return Applied(doubted(before, [key] if key is not None else near), None, verified=False)
    return None


def doubted(catalog: Catalog, keys: Iterable[Key]) -> Catalog:
    """The catalog with tables of which nobody knows any more what constraints and indexes they have."""
    oids = {catalog.tables[k].oid for k in keys if k in catalog.tables}
    return replace(catalog, in_doubt=catalog.in_doubt | oids)


def out_of_the_way(catalog: Catalog, change: Change, made: Applied) -> Catalog | None:
    """The catalog with what has the change's name called otherwise: the convention has called it otherwise before.

    None where nothing of the table is in the way.
    """
    if made.refusal is None or made.refusal.kind is not RefusalKind.DUPLICATE:
        return None
    if not isinstance(change, AddConstraint | CreateIndex):
        return None
    name = (
        change.constraint.name
        if isinstance(change, AddConstraint)
        else change.name.name
        if change.name is not None
        else None
    )
    key = table_key(catalog, change.table)
    table = catalog.tables.get(key) if key is not None else None
    if name is None or key is None or table is None:
        return None
    other = next(n for i in range(1, 99) if table.constraint(n := f"{name}_{i}") is None and table.index(n) is None)
    try:
        if table.constraint(name) is not None:
            moved = constraints.rename(catalog, key, name, other)
        elif table.index(name) is not None:
            moved = indexes.rename_index(catalog, RenameIndex(Name(name, key[0]), other, change.table))
        else:
            return None
    except Refused:
        return None
    return doubted(moved, [key])
