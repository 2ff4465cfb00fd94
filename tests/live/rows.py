"""A few rows in every table, so that a server has something to read where it reads a table whole."""

from __future__ import annotations

import psycopg
from psycopg import errors, sql

from tests.live.observe import spelled

ROWS = 3

VALUES = {
    "integer": "g",
    "bigint": "g",
    "smallint": "g",
    "numeric": "g",
    "real": "g",
    "double precision": "g",
    "text": "g::text",
    "character varying": "g::text",
    "character": "g::text",
    "boolean": "true",
    "date": "date '2025-03-01' + g",
    "timestamp without time zone": "timestamp '2025-03-01' + g * interval '1 day'",
    "timestamp with time zone": "timestamptz '2025-03-01' + g * interval '1 day'",
    "uuid": "md5(g::text)::uuid",
    "json": "'{}'",
    "jsonb": "'{}'",
    "bytea": "'x'",
    "daterange": "daterange(date '2024-01-01' + g, date '2024-01-02' + g)",
    "int4range": "int4range(g, g + 1)",
    "tstzrange": "tstzrange(now() + g * interval '1 day', now() + (g + 1) * interval '1 day')",
    "ARRAY": "'{}'",
}
"""A value for row g, by the type's name in information_schema."""

TABLES = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND c.relname <> 'alembic_version'
    ORDER BY c.oid
"""

VIEWS = "SELECT schemaname, matviewname FROM pg_matviews WHERE ispopulated"

COLUMNS = """
    SELECT a.attname, format_type(a.atttypid, NULL), t.typtype::text, t.typcategory::text
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
      AND a.attgenerated = '' AND a.attidentity = ''
    ORDER BY a.attnum
"""


def fill(connection: psycopg.Connection) -> dict[str, bool]:
    """Put rows into every table that takes them, the same numbers everywhere, so that foreign keys find each other.

    The tables and materialized views with whether they have rows now.
    """
    found = tables(connection)
    for _ in range(2):  # once more for tables that were made before those they refer to
        for table in found.values():
            if not holds_rows(connection, table):
                insert(connection, table)
    for row in connection.execute(VIEWS).fetchall():
        connection.execute(sql.SQL("REFRESH MATERIALIZED VIEW {}").format(sql.Identifier(*row)))
        found[spelled(*row)] = sql.Identifier(*row)
    return {name: holds_rows(connection, table) for name, table in found.items()}


def tables(connection: psycopg.Connection) -> dict[str, sql.Identifier]:
    """The tables by their name as an observation writes it."""
    return {spelled(*row): sql.Identifier(*row) for row in connection.execute(TABLES)}


def holds_rows(connection: psycopg.Connection, table: sql.Identifier) -> bool:
    """Whether a table has a row."""
    row = connection.execute(sql.SQL("SELECT EXISTS (SELECT 1 FROM {})").format(table)).fetchone()
    return row is not None and bool(row[0])


def insert(connection: psycopg.Connection, table: sql.Identifier) -> None:
    """Insert the rows, or none where a constraint is against it."""
    columns = connection.execute(COLUMNS, [table.as_string(connection)]).fetchall()
    names = [sql.Identifier(name) for name, *_ in columns]
    values = [sql.SQL(value(*kind)) for _, *kind in columns]
    if not names:
        return
    statement = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM generate_series(1, {}) g").format(
        table, sql.SQL(", ").join(names), sql.SQL(", ").join(values), sql.Literal(ROWS)
    )
    try:
        connection.execute(statement)
    except (errors.IntegrityError, errors.DataError, errors.ProgrammingError):
        return  # a table without rows is not asked whether it was read


def value(name: str, kind: str, category: str) -> str:
    """What row g holds in a column of a type."""
    if kind == "e":
        return f"(enum_range(NULL::{name}))[1]"
    return VALUES.get("ARRAY" if category == "A" else name, "NULL")
