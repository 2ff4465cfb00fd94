"""Expressions as the server spells them, so that the text of a script can be held against what a server shows."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tests.corpus.reflection import Facts, Name


def differing(server: Facts, memory: Facts, connection: sa.Connection) -> list[Name]:
    """The facts on which the two sides do not agree; the server is asked whether two expressions are one."""
    names = sorted(server.keys() | memory.keys())
    return [n for n in names if server.get(n) != memory.get(n) and not same(n, server, memory, connection)]


def same(name: Name, server: Facts, memory: Facts, connection: sa.Connection) -> bool:
    """Whether the server reads both texts of a fact alike."""
    if name not in server or name not in memory:
        return False
    theirs, ours = server[name], memory[name]
    match name:
        case ("check", table, _, "text") | ("index", table, _, "where"):
            return alike(table, theirs, ours, connection)
        case ("index", table, _, word) if word.startswith("expression "):
            return alike(table, theirs, ours, connection)
        case ("column", table, column, "computed"):
            kind = server["column", table, column, "type"]  # the server adds a cast to it where the types differ
            return any(alike(table, theirs, one, connection) for one in (ours, f"CAST({ours} AS {kind})"))
        case ("view" | "materialized view", _, "query"):
            return viewed(ours, connection) == theirs
        case _:
            return False


def alike(table: str, theirs: str, ours: str, connection: sa.Connection) -> bool:
    """Whether the server spells our text as it does its own.

    What it shows it may spell yet another way when it reads that, as `IN` over varchar: ours is read twice.
    """
    once = spelled(table, f"({ours}) IS NULL", connection)
    return spelled(table, once, connection) == spelled(table, f"({theirs}) IS NULL", connection)


def spelled(table: str, condition: str, connection: sa.Connection) -> str:
    """A condition on the columns of a table, in the server's words. No constraint is left behind."""
    schema, _, relation = table.partition(".")
    quoted = ".".join(connection.dialect.identifier_preparer.quote_identifier(n) for n in (schema, relation))
    with connection.begin_nested() as savepoint:
        run(connection, f"ALTER TABLE {quoted} ADD CONSTRAINT migguard_spelling CHECK ({condition}) NOT VALID")
        query = "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conname = 'migguard_spelling'"
        found: str = run(connection, query).scalar_one()
        savepoint.rollback()
    return found


def viewed(query: str, connection: sa.Connection) -> str:
    """A query in the server's words. Nothing is left of the view that it is asked through."""
    with connection.begin_nested() as savepoint:
        run(connection, f"CREATE TEMPORARY VIEW migguard_spelling AS {query}")
        found: str = run(connection, "SELECT pg_get_viewdef('migguard_spelling'::regclass)").scalar_one()
        savepoint.rollback()
    return found


def run(connection: sa.Connection, statement: str) -> Any:
    """Run a text in which nothing is a parameter."""
    return connection.exec_driver_sql(statement.replace("%", "%%"))
