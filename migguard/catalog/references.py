"""PostgreSQL: what a statement over rows, a view or a CREATE TABLE AS names that is not there.

Only what the server is sure to refuse is called so: of a relation whose columns are not all known, and of whatever
comes from a function, any column may be. Sources: src/backend/parser/parse_relation.c (how names are looked up),
parse_target.c (what INSERT and UPDATE may set) and plancat.c (infer_arbiter_indexes); each refusal, and what only
looks like one, is held against servers by tests/live/name_statements.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from migguard.catalog.believed import just_so, need_any, whole
from migguard.catalog.edit import Refused, nearest
from migguard.catalog.lookup import functions_named, relation_at, type_at
from migguard.catalog.schema import Catalog, Column, EnumType, Refusal, RefusalKind, Table, View
from migguard.changes import (
    Cell,
    Change,
    CreateTable,
    CreateView,
    Delete,
    Engine,
    Given,
    Insert,
    Merge,
    Name,
    Naming,
    Scope,
    Select,
    Update,
)
from migguard.placeholders import is_placeholder

SYSTEM = frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid"})
"""Columns that every table has."""

OF_ROWS = frozenset(
    {"count", "row_to_json", "to_json", "to_jsonb", "num_nulls", "num_nonnulls", "pg_typeof", "json_agg", "jsonb_agg",
     "array_agg", "hash_record", "record_out", "record_send", "hstore", "pg_column_size"}
)  # fmt: skip
"""Functions that take a row, and so can be written as a column of it."""

Columns = tuple[str, ...]
Around = tuple[Scope, ...]
"""The levels of a query that one can see from, the innermost first."""


def unresolved(catalog: Catalog, change: Change) -> Refusal | None:
    """Why the server refuses a statement for the names in it; None where it does not, or nobody can tell."""
    if catalog.server.engine is not Engine.POSTGRESQL or None in catalog.unread:
        return None
    try:
        match change:
            case Select() if change.query.scope is not None:
                look_up(catalog, change.query.scope)
            case CreateView() if change.query.scope is not None:
                if change.view not in relations_in(change.query.scope):  # CREATE RECURSIVE VIEW reads itself
                    look_up(catalog, change.query.scope)
            case CreateTable() if change.query is not None and change.query.scope is not None:
                look_up(catalog, change.query.scope)
            case Insert() | Update() | Delete() | Merge() if change.naming is not None:
                of_rows(catalog, change, change.naming)
            case _:
                pass
    except Refused as refused:
        return None if made_up(catalog, change, refused.refusal) else refused.refusal
    return None


def made_up(catalog: Catalog, change: Change, refusal: Refusal) -> bool:
    """Whether a refusal may rest on a value that the replay did not know: of a missing module, or of a row."""
    missing = refusal.object or ""
    if missing.lower() == "none":
        return True
    if not catalog.stood_in:
        return False
    names = {missing}
    scope = change.query.scope if isinstance(change, (Select, CreateView, CreateTable)) and change.query else None
    if isinstance(change, (Insert, Update, Delete, Merge)):
        names |= {change.table.name, change.table.schema or ""}
        scope = change.naming.scope if change.naming is not None else None
    for relation in relations_in(scope):
        names |= {relation.name, relation.schema or ""}
    if names & catalog.stood_in or any(map(is_placeholder, names)):
        return True
    parts = [text[1:-1] for text in catalog.stood_in if text.startswith("%")]
    return any(part and part in name for part in parts for name in names)


def relations_in(scope: Scope | None) -> Iterator[Name]:
    """The relations that a query names, with those of the queries inside it."""
    if scope is not None:
        yield from (given.relation for given in scope.given if given.relation is not None)
        for one in (*scope.inner, *scope.apart):
            yield from relations_in(one)


# --- queries ------------------------------------------------------------------------------------------------------


def look_up(catalog: Catalog, scope: Scope, around: Around = ()) -> None:
    """Raise Refused for a relation or column that is not there, in a query or one inside it."""
    for given in scope.given:
        if given.relation is not None and relation_at(catalog, given.relation) is None:
            need_any(catalog, given.relation)
    levels = (scope, *around)
    for qualifier, column in scope.used:
        if qualifier is None:
            need_plain(catalog, column, levels)
        else:
            need_qualified(catalog, qualifier, column, levels)
    for qualifier, column, text in scope.compared:
        found = meant(catalog, qualifier, column, levels)
        if found is not None:
            need_label(catalog, found, text)
    for inner in scope.inner:
        look_up(catalog, inner, levels)
    for apart in scope.apart:
        look_up(catalog, apart, around)


def need_plain(catalog: Catalog, column: str, levels: Around) -> None:
    """Raise Refused for a column, written without a qualifier, that nothing in sight has."""
    near: list[str] = []
    for level in levels:
        for given in level.given:
            names = columns_of(catalog, given)
            if names is None or column in names or column == given.alias:
                return
            near += names
    if column in SYSTEM and any(level.given for level in levels):
        return
    raise Refused(RefusalKind.UNKNOWN_COLUMN, f'there is no column "{column}" here{nearest(column, near)}', column)


def need_qualified(catalog: Catalog, qualifier: str, column: str, levels: Around) -> None:
    """Raise Refused for a column that what is called so does not have, and where nothing in sight is called so."""
    every = [g for level in levels for g in level.given]
    given = next((g for g in every if g.alias == qualifier), None)
    if given is None:
        if all(g.alias is not None for g in every):
            raise Refused(RefusalKind.UNKNOWN_RELATION, f'nothing in FROM is called "{qualifier}"', qualifier)
        return
    names = columns_of(catalog, given)
    if names is None or column in names or column in SYSTEM or column in OF_ROWS or functions_named(catalog, column):
        return
    shown = given.relation.name if given.relation is not None else qualifier
    raise Refused(RefusalKind.UNKNOWN_COLUMN, f'{shown} has no column "{column}"{nearest(column, names)}', column)


def columns_of(catalog: Catalog, given: Given) -> Columns | None:
    """The columns of what FROM gives, in order; None where they are not all known."""
    names: Columns | None = None
    if given.relation is not None:
        names = relation_columns(catalog, given.relation)
    elif given.rows is not None:
        listed = outputs(catalog, given.rows)
        names = tuple(n for n in listed if n is not None) if listed is not None and None not in listed else None
    return names if names is None or not given.renamed else (*given.renamed, *names[len(given.renamed) :])


def relation_columns(catalog: Catalog, name: Name) -> Columns | None:
    """The columns of a table or view."""
    relation = relation_at(catalog, name)
    if relation is None or not told(catalog, relation):
        return None
    return tuple(c.name for c in relation.columns)


def told(catalog: Catalog, relation: Table | View) -> bool:
    """Whether the catalog has all columns of a relation, under their names."""
    if isinstance(relation, Table):
        if not just_so(catalog, relation):
            return False
    elif relation.key in catalog.unread or not relation.complete or not relation.columns:
        return False
    if isinstance(relation, View):
        made = relation.query.scope
        if made is None or made.outputs is None or (None, None) in made.outputs:
            return False
    return not any(c.name == "" or is_placeholder(c.name) for c in relation.columns)


def outputs(catalog: Catalog, scope: Scope) -> tuple[str | None, ...] | None:
    """The names of what a query gives back, in order, None for one that the server makes; None where * is not known."""
    if scope.outputs is None:
        return None
    found: list[str | None] = []
    for qualifier, name in scope.outputs:
        if name != "*":
            found.append(name)
            continue
        for given in scope.given:
            if qualifier in (None, given.alias):
                names = columns_of(catalog, given)
                if names is None:
                    return None
                found += names
    return tuple(found)


def meant(catalog: Catalog, qualifier: str | None, name: str, levels: Around) -> Column | None:
    """The column of a relation that a name means; None where that is not certain."""
    for level in levels:
        found: list[Column | None] = []
        for given in level.given:
            if qualifier is not None and given.alias != qualifier:
                continue
            names = columns_of(catalog, given)
            if names is None:
                return None
            if name in names:
                relation = relation_at(catalog, given.relation) if given.relation is not None else None
                own = relation.columns if relation is not None and not given.renamed else ()
                found.append(next((c for c in own if c.name == name), None))
        if found:
            return found[0] if len(found) == 1 else None
    return None


def need_label(catalog: Catalog, column: Column, text: str) -> None:
    """Raise Refused for a string that stands for a value of an enum type, and is none of its labels."""
    made = type_at(catalog, column.type) if column.type is not None and not column.type.dimensions else None
    if isinstance(made, EnumType) and text not in made.labels and not any(map(is_placeholder, made.labels)):
        message = f'the enum type {made.key[1]} of the column {column.name} has no value "{text}"'
        raise Refused(RefusalKind.UNKNOWN_VALUE, message + nearest(text, made.labels), text)


# --- writes -------------------------------------------------------------------------------------------------------


def of_rows(catalog: Catalog, change: Insert | Update | Delete | Merge, naming: Naming) -> None:
    """Raise Refused for what a statement over rows names or sets that is not there, or not to be set."""
    if naming.scope is not None:
        look_up(catalog, naming.scope)
    table = relation_at(catalog, change.table)
    if not isinstance(table, Table) or not told(catalog, table):
        return
    for name in (*(naming.columns or ()), *(n for n, _ in naming.assigned)):
        need_own(table, name)
    refuse_repeated(naming.columns or ())
    if not isinstance(change, Merge):
        refuse_repeated(n for n, cell in naming.assigned if not cell.part)
    for name, cell in naming.assigned:
        refuse_set(catalog, table, name, cell)
    if isinstance(change, Insert):
        refuse_rows(catalog, table, naming)
        refuse_conflict(catalog, table, naming)


def need_own(table: Table, name: str) -> Column:
    """A column that is written to. Raises Refused."""
    column = table.column(name)
    if column is None:
        hint = nearest(name, [c.name for c in table.columns])
        raise Refused(RefusalKind.UNKNOWN_COLUMN, f'{table.key[1]} has no column "{name}"{hint}', name)
    return column


def refuse_repeated(names: Iterator[str] | Columns) -> None:
    """Raise Refused for a column that is written to twice."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise Refused(RefusalKind.DUPLICATE, f'the column "{name}" is set twice', name)
        seen.add(name)


def refuse_set(catalog: Catalog, table: Table, name: str, cell: Cell) -> None:
    """Raise Refused for a value that a column cannot be given."""
    column = need_own(table, name)
    if not cell.default and (column.generated is not None or column.identity == "always"):
        kind = "generated" if column.generated is not None else "GENERATED ALWAYS AS IDENTITY"
        raise Refused(RefusalKind.INVALID, f"{table.key[1]}.{name} is {kind} and takes no value but DEFAULT", name)
    if cell.text is not None and not cell.part:
        need_label(catalog, column, cell.text)


def refuse_rows(catalog: Catalog, table: Table, naming: Naming) -> None:
    """Raise Refused for rows that do not fit the columns that INSERT names, or the table's."""
    targets = naming.columns if naming.columns is not None else tuple(c.name for c in table.columns)
    width = len(naming.rows[0]) if naming.rows else None
    if naming.rows and any(len(row) != width for row in naming.rows):
        raise Refused(RefusalKind.INVALID, "the rows of VALUES are not all equally long")
    if naming.source is not None:
        width = width_of(naming.source)
    if width is None:
        return
    if width > len(targets) or (naming.columns is not None and width < len(targets)):
        counted = f"{width} {'value' if width == 1 else 'values'} for {len(targets)} of its columns"
        raise Refused(RefusalKind.INVALID, f"the rows for {table.key[1]} have {counted}")
    for place, name in enumerate(targets[:width]):
        for row in naming.rows:
            refuse_set(catalog, table, name, row[place])
        if naming.source is not None:
            refuse_set(catalog, table, name, Cell())


def width_of(scope: Scope) -> int | None:
    """How many columns a query gives back; None where `*` stands for some of them."""
    if scope.outputs is None or any(name == "*" for _, name in scope.outputs):
        return None
    return len(scope.outputs)


def refuse_conflict(catalog: Catalog, table: Table, naming: Naming) -> None:
    """Raise Refused for ON CONFLICT where no unique index can tell that there is one."""
    if not whole(catalog) or catalog.unknown_names:
        return
    if naming.constraint is not None and table.constraint(naming.constraint) is None:
        message = f'{table.key[1]} has no constraint "{naming.constraint}"'
        raise Refused(RefusalKind.UNKNOWN_CONSTRAINT, message, naming.constraint)
    if not naming.conflict:
        return
    wanted = set(naming.conflict)
    for index in table.indexes:
        if index.unique and set(index.columns) == wanted and (index.where is None or naming.conflict_where):
            return
    listed = ", ".join(naming.conflict)
    raise Refused(RefusalKind.INVALID, f"{table.key[1]} has no unique index over ({listed}) for ON CONFLICT", listed)
