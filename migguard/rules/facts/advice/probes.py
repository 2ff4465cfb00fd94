"""Queries that find the rows in a migration's way, ready to paste: names quoted and qualified as need be."""

from __future__ import annotations

from collections.abc import Iterable

from migguard.catalog.defaults import outer
from migguard.catalog.naming import quote
from migguard.catalog.schema import Catalog, ConstraintState, Index, Key, Table
from migguard.changes import Engine, IndexElement

MOST = 20
"""How many of the rows a probe shows."""


def relation(key: Key, catalog: Catalog) -> str:
    """A table in a query: with its schema, but for the default one."""
    engine = catalog.server.engine
    name = quote(key[1], engine)
    return name if key[0] == catalog.default_schema else f"{quote(key[0], engine)}.{name}"


def column(name: str, catalog: Catalog) -> str:
    """A column in a query."""
    return quote(name, catalog.server.engine)


def any_row(key: Key, catalog: Catalog) -> str:
    """Whether there is a row at all."""
    return f"SELECT 1 FROM {relation(key, catalog)} LIMIT 1"


def nulls(key: Key, name: str, catalog: Catalog) -> str:
    """The rows that have nothing in a column."""
    return f"SELECT * FROM {relation(key, catalog)} WHERE {column(name, catalog)} IS NULL LIMIT {MOST}"


def matching(key: Key, condition: str, catalog: Catalog) -> str:
    """The rows for which a condition is true."""
    return f"SELECT * FROM {relation(key, catalog)} WHERE {condition} LIMIT {MOST}"


def violations(key: Key, condition: str, catalog: Catalog) -> str:
    """The rows for which a condition is false; one that is NULL is no violation."""
    return f"SELECT * FROM {relation(key, catalog)} WHERE NOT ({condition}) LIMIT {MOST}"


def duplicates(table: Table, index: Index, catalog: Catalog) -> str:
    """The keys that more than one row has, as a unique index sees them; for a primary key NULLs too."""
    keys = [spelled(e, catalog) for e in index.elements]
    where = [f"({index.where.text})"] if index.where is not None else []
    having = "count(*) > 1"
    if index.primary:
        empty = [f"{k} IS NULL" for k, e in zip(keys, index.elements, strict=True) if nullable(e, table)]
        having = " OR ".join([having, *empty])
    elif not index.nulls_not_distinct:
        where += [f"{k} IS NOT NULL" for k, e in zip(keys, index.elements, strict=True) if nullable(e, table)]
    listed = ", ".join(keys)
    some = f" WHERE {' AND '.join(where)}" if where else ""
    return (
        f"SELECT {listed}, count(*) FROM {relation(table.key, catalog)}{some} "
        f"GROUP BY {listed} HAVING {having} LIMIT {MOST}"
    )


def spelled(element: IndexElement, catalog: Catalog) -> str:
    """A key of an index as an expression."""
    if element.expression is not None:
        made = f"({outer(element.expression.text)})"
    else:
        made = column(element.column or "", catalog)
        if element.prefix is not None and catalog.server.engine in (Engine.MYSQL, Engine.MARIADB):
            made = f"left({made}, {element.prefix})"
    if element.collation is not None and catalog.server.engine is Engine.POSTGRESQL:
        made += f" COLLATE {quote(element.collation)}"
    return made


def nullable(element: IndexElement, table: Table) -> bool:
    """Whether a key can be NULL in some row."""
    there = table.column(element.column) if element.column is not None else None
    return there is None or there.nullable or not there.not_null_valid


def orphans(table: Table, key: ConstraintState, catalog: Catalog) -> str | None:
    """The rows that refer to no row; None where it is not known what they refer to."""
    if key.references is None or len(key.references_columns) != len(key.columns):
        return None
    mine = [f"child.{column(c, catalog)}" for c in key.columns]
    other = [f"parent.{column(c, catalog)}" for c in key.references_columns]
    joined = " AND ".join(f"{o} = {m}" for o, m in zip(other, mine, strict=True))
    if (key.match or "").upper() == "FULL":
        some = f"NOT ({' AND '.join(f'{m} IS NULL' for m in mine)})"
    else:
        some = " AND ".join(f"{m} IS NOT NULL" for m in mine)
    return (
        f"SELECT {', '.join(mine)} FROM {relation(table.key, catalog)} AS child WHERE {some} AND NOT EXISTS "
        f"(SELECT 1 FROM {relation(key.references, catalog)} AS parent WHERE {joined}) LIMIT {MOST}"
    )


def literals(values: Iterable[str]) -> str:
    """Strings as the items of a list in SQL."""
    return ", ".join("'" + v.replace("'", "''") + "'" for v in values)
