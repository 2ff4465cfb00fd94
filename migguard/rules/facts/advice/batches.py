"""Rows written in batches: SQL and Python for a table as it is keyed, on its engine, whose rounds come to an end."""

from migguard.catalog.naming import quote
from migguard.catalog.schema import Catalog, Table
from migguard.catalog.types import format_type
from migguard.changes import Delete, Engine, Expression, Update
from migguard.records import dataclass
from migguard.rules.facts.advice.probes import column, relation
from migguard.rules.facts.rows.restrictions import is_new, left_null, written_here
from migguard.rules.frame import StepContext
from migguard.rules.wording import python

SIZE = 5000
"""So many rows are one batch."""

INTEGERS = frozenset({"smallint", "integer", "bigint", "int", "mediumint"})
LIMITING = frozenset({Engine.MYSQL, Engine.MARIADB})
"""Engines that limit an UPDATE or DELETE itself, and take no LIMIT in the subquery of an IN."""

JOINED = dict.fromkeys(LIMITING, " JOIN …")
"""How a table is followed by those that it is joined with."""

WITHOUT_EQUALITY = frozenset(
    ("json", "jsonpath", "xml", "point", "polygon", "box", "circle", "path", "txid_snapshot", "pg_snapshot")
)
"""PostgreSQL's types without `=`, or whose `=` compares no more than areas or numbers of points."""


def row_key(table: Table) -> tuple[str, ...]:
    """The columns that tell the rows apart: the primary key's, else those of a unique index that are never NULL."""
    if table.primary_key is not None:
        return table.primary_key.columns
    filled = {c.name for c in table.columns if not c.nullable and c.not_null_valid}
    keys = (
        tuple(c for c in i.columns if c is not None)
        for i in table.indexes
        if i.unique and i.valid and i.where is None and filled.issuperset(i.columns)
    )
    return next(keys, ())


def by_key(table: Table, catalog: Catalog, *, keyless: bool = False) -> str:
    """`by primary key`, and what there is where there is none; `keyless` says that a table gets its first one now."""
    postgresql = catalog.server.engine is Engine.POSTGRESQL
    if table.primary_key is not None:
        return "by primary key"
    if not table.complete and not keyless:
        return f"by primary key{', or by ctid if it has none' if postgresql else ''}"
    key = row_key(table)
    if key:
        return f"by {', '.join(key)}, which is unique"
    return "by ctid, since it has no key" if postgresql else "of some rows each, since it has no key"


@dataclass(frozen=True, slots=True)
class Target:
    """The table of an UPDATE or DELETE as it is spelled there. `prefix` stands before its columns where `joined` tables
    may have some of the same names."""

    spelled: str
    prefix: str
    joined: bool


def target_of(change: Update | Delete, table: Table, catalog: Catalog) -> Target:
    """How a statement spells its table."""
    name, sources = relation(table.key, catalog), change.rows_of.sources if change.rows_of is not None else ()
    alias = sources[0].alias if sources else None
    own = quote(alias, catalog.server.engine) if alias and alias != change.table.name else None
    joined = len(sources) > 1
    if isinstance(change, Delete) and catalog.server.engine in LIMITING and not joined:
        own = None  # older servers take an alias only where tables are joined
    return Target(f"{name} AS {own}" if own else name, f"{own or name}." if joined else "", joined)


def picked(table: Table, where: str, catalog: Catalog, target: Target | None = None, *, outer: bool = False) -> str:
    """What follows WHERE in an UPDATE or DELETE of one batch of the rows that fulfil a condition.

    `outer` says that what the target is joined with stands in the statement too, and not only where rows are chosen.
    """
    engine = catalog.server.engine
    target = target or Target(relation(table.key, catalog), "", joined=False)
    if engine in LIMITING and not target.joined:
        return f"{where} LIMIT {SIZE}"
    source = target.spelled + (JOINED.get(engine, ", …") if target.joined else "")
    first = target.prefix if outer else ""
    keys = [column(c, catalog) for c in row_key(table)]
    if not keys and table.complete and engine is Engine.POSTGRESQL:
        if table.partition_by is None and not catalog.children.get(table.key):
            rows = f"SELECT {target.prefix}ctid FROM {source} WHERE {where} LIMIT {SIZE}"
            return f"{first}ctid = ANY (ARRAY({rows}))"
        keys = ["tableoid", "ctid"]
    keys = keys or ["rowid" if table.complete and engine is Engine.SQLITE else "id"]
    rows = f"SELECT {', '.join(target.prefix + k for k in keys)} FROM {source} WHERE {where} LIMIT {SIZE}"
    if engine in LIMITING:
        rows = f"SELECT {', '.join(keys)} FROM ({rows}) AS batch"
    listed = ", ".join(first + k for k in keys)
    own = f"({listed})" if len(keys) > 1 else listed  # a part of a key would choose more rows than the batch has
    return f"{own} IN ({rows})"


def updated(target: Target, catalog: Catalog) -> str:
    """The beginning of an UPDATE, up to its WHERE."""
    if not target.joined:
        return f"UPDATE {target.spelled} SET … WHERE "
    if catalog.server.engine in LIMITING:
        return f"UPDATE {target.spelled} JOIN … SET … WHERE "
    return f"UPDATE {target.spelled} SET … FROM … WHERE "


def rounds(statement: str) -> str:
    """A loop that runs a statement until it finds no row."""
    return (
        "with op.get_context().autocommit_block():\n"
        "    while op.get_bind().execute(sa.text(\n"
        f"        {python(statement)}\n"
        "    )).rowcount:\n"
        "        pass"
    )


def counted(table: Table) -> str | None:
    """The one integer that the rows of a table are numbered by."""
    key = row_key(table)
    known = table.column(key[0]) if len(key) == 1 else None
    return known.name if known is not None and known.type is not None and known.type.name in INTEGERS else None


def in_ranges(table: Table, number: str, statement: str, catalog: Catalog, prefix: str = "") -> str:
    """A loop that runs a statement for one range of keys after the other; `{}` in it is the range's condition.

    `prefix` stands before the key, where other tables of the statement may have a column of that name.
    """
    key, name = column(number, catalog), relation(table.key, catalog)
    last = f"SELECT max({key}) FROM (SELECT {key} FROM {name} WHERE {key} > :last ORDER BY {key} LIMIT {SIZE}) AS batch"
    own = f"{prefix}{key}"
    work = statement.replace("{}", f"{own} > :last AND {own} <= :until", 1)
    return (
        "with op.get_context().autocommit_block():\n"
        "    bind, last = op.get_bind(), 0  # or what is below the smallest key\n"
        "    while (until := bind.execute(sa.text(\n"
        f"        {python(last)}\n"
        '    ), {"last": last}).scalar()) is not None:\n'
        "        bind.execute(sa.text(\n"
        f"            {python(work)}\n"
        '        ), {"last": last, "until": until})\n'
        "        last = until"
    )


def unfilled(change: Update, table: Table, ctx: StepContext) -> tuple[str, bool] | None:
    """A new column that is NULL in all rows until the statement gives it a value, and whether that is never NULL.

    A row in which it is not NULL is done, or has its value of a default, a trigger or the new code, to be left alone.
    """
    given = [(name, value) for name, value in change.assignments if not value.is_null]
    found = [(name, never_null(value, name, table)) for name, value in given if empty(name, table, ctx)]
    return next((one for one in found if one[1]), found[0] if found else None)


def empty(name: str, table: Table, ctx: StepContext) -> bool:
    """Whether a new column is NULL in all rows that were there."""
    there = table.column(name)
    new = there is not None and is_new(there, ctx) and left_null(there, ctx)
    return new and not written_here(name, table, ctx)


def never_null(value: Expression, name: str, table: Table) -> bool:
    """Whether a new value is a constant, or another column's that is NOT NULL."""
    given = table.column(value.cast_of) if value.cast_of is not None and value.cast_of != name else None
    return value.constant is not None or (given is not None and not given.nullable and given.not_null_valid)


def lacking(change: Update, table: Table, ctx: StepContext, prefix: str) -> str:
    """A condition that is false for the rows that have their values, where that of a new column may be NULL too."""
    catalog = ctx.before
    each = [
        f"{prefix}{column(name, catalog)} IS NULL AND {made(value)} IS NOT NULL"
        if empty(name, table, ctx)
        else other(name, value, table, catalog, prefix)
        for name, value in change.assignments
        if not (value.is_null and empty(name, table, ctx))
    ]
    return f"({' OR '.join(each)})" if len(each) > 1 else "".join(each)


def made(value: Expression) -> str:
    """What stands for a new value; in parentheses where that is a query."""
    query = any(r.kind == "relation" for r in value.references) and value.text.startswith("(")
    return "(…)" if query else "…"


def differs(change: Update, table: Table, catalog: Catalog, prefix: str) -> str:
    """A condition that is false for the rows in which the columns have their new values already."""
    each = [other(name, value, table, catalog, prefix) for name, value in change.assignments]
    return f"({' OR '.join(each)})" if len(each) > 1 else "".join(each)


def other(name: str, value: Expression, table: Table, catalog: Catalog, prefix: str) -> str:
    """That a column has another value than its new one; by their texts where its type has no equality of values."""
    engine, own, there = catalog.server.engine, prefix + column(name, catalog), table.column(name)
    new = made(value)
    kind = there.type if there is not None else None
    match engine:
        case Engine.SQLITE:
            return f"{own} IS NOT {new}"
        case Engine.MYSQL | Engine.MARIADB:
            json = engine is Engine.MYSQL and kind is not None and kind.name == "json"  # equals no text
            return f"NOT ({own} <=> {f'CAST({new} AS JSON)' if json else new})"
        case Engine.POSTGRESQL if kind is not None and kind.name in WITHOUT_EQUALITY and kind.builtin:
            return f"{own}::text IS DISTINCT FROM (…)::{format_type(kind, catalog)}::text"
        case _:
            return f"{own} IS DISTINCT FROM {new}"


def filling(change: Update) -> str | None:
    """The column without a value that the statement gives one, where its WHERE asks for just that."""
    written = dict(change.assignments)
    asked = change.where.conditions if change.where is not None else ()
    other = {c.column for c in asked if c.operator != "is null"}  # then it is another table's of the name
    empty = (c.column for c in asked if c.operator == "is null" and c.column in written and c.column not in other)
    return next((c for c in empty if not written[c].is_null), None)


def asks_for_written(change: Update) -> bool:
    """Whether the WHERE asks for a column that is written: it may be false for the rows that are done."""
    written = {name for name, _ in change.assignments}
    return change.where is not None and not written.isdisjoint(r.name for r in change.where.references)


def settles(change: Update) -> bool:
    """Whether a second round would write the same: the values come of no column that is written, and of no clock."""
    written = {name for name, _ in change.assignments}
    return bool(written) and not change.others and not any(
        value.subquery or value.functions or not value.readable or written & {r.name for r in value.references}
        for _, value in change.assignments
    )  # fmt: skip
