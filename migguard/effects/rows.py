"""Whether a statement over rows works on whole tables: its time, and how long it holds its rows, grow with them.

Rows are few where a key says which, where LIMIT says how many, or where they are matched by a key with what is few.
"""

from __future__ import annotations

from migguard.catalog.lookup import relation_key
from migguard.catalog.schema import Catalog, ConstraintKind, Key, Table
from migguard.changes import Change, Condition, Delete, Insert, Merge, Selection, Source, Update

SHARP = frozenset({"=", "in"})
BELOW = frozenset({"<", "<="})
ABOVE = frozenset({">", ">="})
TUPLE_ID = "ctid"
SHARED = frozenset({"", "true", "false"})
"""Values that hardly any key has: a column that is compared with one is taken for none."""


def whole_tables(change: Change, catalog: Catalog) -> tuple[Key, ...]:
    """The tables over all of whose rows a statement goes, as far as their keys tell."""
    match change:
        case Update() | Delete():
            target = relation_key(catalog, change.table)
            if (
                target is None
                or change.limited
                or (change.rows_of is not None and few_targets(change.rows_of, catalog))
            ):
                return ()
            return (target,)
        case Insert():
            return tuple(dict.fromkeys(unbounded(change.rows_of, catalog))) if change.rows_of is not None else ()
        case Merge():
            keys = (relation_key(catalog, name) for name in (change.table, *change.others))
            return tuple(k for k in keys if k is not None)
        case _:
            return ()


def few_targets(rows: Selection, catalog: Catalog) -> bool:
    """Whether an UPDATE or DELETE is bounded on its target."""
    return rows.limited or 0 in few_sources(rows, catalog)


def unbounded(rows: Selection, catalog: Catalog) -> list[Key]:
    """The tables that a query reads whole."""
    if rows.limited:
        return []
    few = few_sources(rows, catalog)
    found: list[Key] = []
    for place, source in enumerate(rows.sources):
        if place in few:
            continue
        if source.rows is not None:
            found += unbounded(source.rows, catalog)
        elif source.relation is not None and (key := relation_key(catalog, source.relation)) is not None:
            found.append(key)
    return found


def is_few(rows: Selection, catalog: Catalog) -> bool:
    """Whether a query gives few rows."""
    return not unbounded(rows, catalog)


def few_sources(rows: Selection, catalog: Catalog) -> set[int]:
    """Which of a selection's sources give few rows."""
    few: set[int] = set()
    for place, source in enumerate(rows.sources):
        conditions = [c for alias, c in rows.conditions if belongs(alias, c.column, source, rows, catalog)]
        if source.relation is None:
            bounded = source.rows is None or is_few(source.rows, catalog)
        else:
            bounded = keyed(source, conditions, catalog)
        if not bounded:
            bounded = any(
                belongs(alias, column, source, rows, catalog)
                and is_key(source, column, catalog)
                and is_few(inner, catalog)
                for alias, column, inner in rows.members
            )
        if bounded:
            few.add(place)
    growing = True
    while growing:
        growing = False
        for (left_alias, left), (right_alias, right) in rows.equal:
            lefts = [p for p, s in enumerate(rows.sources) if belongs(left_alias, left, s, rows, catalog)]
            for place, source in enumerate(rows.sources):
                if place in few or place in lefts or not any(p in few for p in lefts):
                    continue
                if belongs(right_alias, right, source, rows, catalog) and is_key(source, right, catalog):
                    few.add(place)
                    growing = True
    return few


def belongs(alias: str | None, column: str, source: Source, rows: Selection, catalog: Catalog) -> bool:
    """Whether a column is of that source: by its alias, else by the name, else if there is no other."""
    if alias is not None:
        return alias == source.alias
    if len(rows.sources) == 1:
        return True
    table = table_of(source, catalog)
    return table is not None and (table.column(column) is not None or column == TUPLE_ID)


def table_of(source: Source, catalog: Catalog) -> Table | None:
    """The table that a source is."""
    key = relation_key(catalog, source.relation) if source.relation is not None else None
    return catalog.tables.get(key) if key is not None else None


def keyed(source: Source, conditions: list[Condition], catalog: Catalog) -> bool:
    """Whether conditions bound a key: one value or some, a range with two ends, or what a unique key has below."""
    for condition in conditions:
        column, operator = condition.column, condition.operator
        if condition.value in SHARED and guessed_key(source, column, catalog):
            continue
        if operator in SHARP and is_key(source, column, catalog):
            return True
        if operator in BELOW and (
            is_unique(source, column, catalog)
            or (
                any(c.column == column and c.operator in ABOVE for c in conditions)
                and is_indexed(source, column, catalog)
            )
        ):
            return True
    return False


def is_key(source: Source, column: str, catalog: Catalog) -> bool:
    """Whether a value of the column stands for few rows: a unique key or a foreign key begins with it."""
    table = table_of(source, catalog)
    if table is None or column == TUPLE_ID or unknown_keys(table, column):
        return True  # of a derived table's rows, or of a table whose keys are not known, nothing better can be told
    foreign = any(c.kind is ConstraintKind.FOREIGN and c.columns[:1] == (column,) for c in table.constraints)
    return foreign or is_unique(source, column, catalog)


def guessed_key(source: Source, column: str, catalog: Catalog) -> bool:
    """Whether a column of a table is only taken for a key because the table's keys are not known."""
    table = table_of(source, catalog)
    return table is not None and column != TUPLE_ID and unknown_keys(table, column)


def unknown_keys(table: Table, column: str) -> bool:
    """Whether a key may begin with the column that no revision made: no revision made the column either."""
    there = table.column(column)
    return not table.complete and (there is None or there.assumed)


def is_unique(source: Source, column: str, catalog: Catalog) -> bool:
    """Whether a unique key begins with the column."""
    table = table_of(source, catalog)
    if table is None or column == TUPLE_ID or unknown_keys(table, column):
        return column == TUPLE_ID or table is not None
    kinds = (ConstraintKind.PRIMARY, ConstraintKind.UNIQUE)
    constraints = any(c.kind in kinds and c.columns[:1] == (column,) for c in table.constraints)
    return constraints or any(i.unique and i.columns[:1] == (column,) for i in table.indexes)


def is_indexed(source: Source, column: str, catalog: Catalog) -> bool:
    """Whether an index or a unique key begins with the column."""
    table = table_of(source, catalog)
    if table is None or column == TUPLE_ID:
        return True
    return is_unique(source, column, catalog) or any(i.columns[:1] == (column,) for i in table.indexes)
