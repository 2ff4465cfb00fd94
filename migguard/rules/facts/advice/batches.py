"""Rows written in batches: SQL and Python for a table as it is keyed, on its engine, whose rounds come to an end."""

from collections.abc import Sequence

from migguard.catalog.schema import Catalog, Table
from migguard.catalog.types import format_type
from migguard.changes import Engine, Update
from migguard.rules.facts.advice.probes import column, relation
from migguard.rules.facts.rows.restrictions import is_new, left_null, written_here
from migguard.rules.frame import StepContext
from migguard.rules.wording import python

SIZE = 5000
"""So many rows are one batch."""

INTEGERS = frozenset({"smallint", "integer", "bigint", "int", "mediumint"})
LIMITING = frozenset({Engine.MYSQL, Engine.MARIADB})
"""Engines that limit an UPDATE or DELETE itself, and take no LIMIT in the subquery of an IN."""

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


def picked(table: Table, where: str, catalog: Catalog) -> str:
    """What follows WHERE in an UPDATE or DELETE of one batch of the rows that fulfil a condition."""
    engine = catalog.server.engine
    if engine in LIMITING:
        return f"{where} LIMIT {SIZE}"
    name = relation(table.key, catalog)
    keys = [column(c, catalog) for c in row_key(table)]
    if not keys and table.complete and engine is Engine.POSTGRESQL:
        if table.partition_by is None and not catalog.children.get(table.key):
            return f"ctid = ANY (ARRAY(SELECT ctid FROM {name} WHERE {where} LIMIT {SIZE}))"
        keys = ["tableoid", "ctid"]
    listed = ", ".join(keys) or ("rowid" if table.complete and engine is Engine.SQLITE else "id")
    own = f"({listed})" if len(keys) > 1 else listed  # a part of a key would choose more rows than the batch has
    return f"{own} IN (SELECT {listed} FROM {name} WHERE {where} LIMIT {SIZE})"


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


def in_ranges(table: Table, number: str, statement: str, catalog: Catalog, *, joined: bool = False) -> str:
    """A loop that runs a statement for one range of keys after the other; `{}` in it is the range's condition.

    `joined` names the key with its table, since other tables of the statement may have a column of that name.
    """
    key, name = column(number, catalog), relation(table.key, catalog)
    last = f"SELECT max({key}) FROM (SELECT {key} FROM {name} WHERE {key} > :last ORDER BY {key} LIMIT {SIZE}) AS batch"
    own = f"{name}.{key}" if joined else key
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


def undone(change: Update, table: Table, ctx: StepContext) -> str:
    """The rows that do not have the new values yet: of a new column that gets a value, those that have none."""
    for name, value in change.assignments:
        there = table.column(name)
        if value.constant is None or there is None or not is_new(there, ctx):
            continue
        if left_null(there, ctx) and not written_here(name, table, ctx):
            return f"{column(name, ctx.before)} IS NULL"
    return differs([c for c, _ in change.assignments], table, ctx.before)


def differs(names: Sequence[str], table: Table, catalog: Catalog) -> str:
    """A condition that is false for the rows in which these columns have their new values already."""
    each = [other(name, table, catalog) for name in names]
    return f"({' OR '.join(each)})" if len(each) > 1 else "".join(each)


def other(name: str, table: Table, catalog: Catalog) -> str:
    """That a column has another value than its new one; by their texts where its type has no equality of values."""
    engine, own, there = catalog.server.engine, column(name, catalog), table.column(name)
    kind = there.type if there is not None else None
    match engine:
        case Engine.SQLITE:
            return f"{own} IS NOT …"
        case Engine.MYSQL | Engine.MARIADB:
            json = engine is Engine.MYSQL and kind is not None and kind.name == "json"  # equals no text
            return f"NOT ({own} <=> {'CAST(… AS JSON)' if json else '…'})"
        case Engine.POSTGRESQL if kind is not None and kind.name in WITHOUT_EQUALITY and kind.builtin:
            return f"{own}::text IS DISTINCT FROM (…)::{format_type(kind, catalog)}::text"
        case _:
            return f"{own} IS DISTINCT FROM …"


def filling(change: Update) -> str | None:
    """The column without a value that the statement gives one, where its WHERE asks for just that."""
    written = dict(change.assignments)
    asked = change.where.conditions if change.where is not None else ()
    empty = (c.column for c in asked if c.operator == "is null" and c.column is not None and c.column in written)
    return next((c for c in empty if not written[c].is_null), None)


def repeats(change: Update) -> bool:
    """Whether the new values are made of the old ones, so that a second round would change them again."""
    written = {name for name, _ in change.assignments}
    return any(written & {r.name for r in value.references} for _, value in change.assignments)


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
