"""Whether a server takes two expressions for one: it is asked how it understands each, and runs neither.

EXPLAIN plans and does not execute; it needs the right to read the table, and takes the lock of a reader.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from migguard.catalog.naming import quote
from migguard.catalog.schema import Key
from migguard.changes import Engine
from migguard.errors import AnalysisError
from migguard.live.definitions import Ask
from migguard.sql.cursor import Cursor
from migguard.sql.tokens import Unread

if TYPE_CHECKING:
    import psycopg

AGAIN = "try again when no migration runs there, or with a longer --timeout"
Alike = Callable[[Key, str, str], bool | None]


def read_alike(ask: Ask) -> Alike:
    """Who says whether two expressions over a table, or two queries, are one; None where the server does not say."""

    def same(key: Key, one: str, other: str) -> bool | None:
        table = f"{quote(key[0])}.{quote(key[1])}"
        if not (single(one) and single(other)):
            return None
        try:
            mine, theirs = (understood(ask, text, table) for text in (one, other))
        except Exception:  # noqa: BLE001 - whatever a driver raises: it is not known then, and said so
            return None
        return mine == theirs

    return same


def single(text: str) -> bool:
    """Whether the text is one expression or one query, and not a second statement behind it."""
    try:
        return not any(t.text == ";" for t in Cursor(text.rstrip().rstrip(";"), Engine.POSTGRESQL).tokens)
    except Unread:
        return False


def understood(ask: Ask, text: str, table: str) -> list[str]:
    """An expression or query as the server understands it."""
    word = text.lstrip("( \n").partition(" ")[0].upper()
    query = text if word in ("SELECT", "WITH", "VALUES") else f"SELECT ({text}) FROM {table}"
    return [str(row[0]) for row in ask(f"EXPLAIN (VERBOSE, COSTS OFF) {query.rstrip().rstrip(';')}")]


def asked(connection: Any) -> Ask:
    """How to ask over a connection of SQLAlchemy's; what fails leaves its transaction as it was."""

    def ask(query: str) -> Sequence[Sequence[Any]]:
        with connection.begin_nested():
            found: Sequence[Sequence[Any]] = (
                connection.execution_options(no_parameters=True).exec_driver_sql(query).fetchall()
            )
        return found

    return ask


def asking(connection: psycopg.Connection[Any]) -> Ask:
    """How to ask over a psycopg connection, each question in a transaction of its own."""

    from psycopg import Error

    def ask(query: str) -> Sequence[Sequence[Any]]:
        try:
            with connection.transaction():
                return connection.execute(query.encode()).fetchall()  # bytes: a % in it is no placeholder
        except Error as error:
            said = " ".join(str(error).split())
            raise AnalysisError(f"the database did not say how it is defined: {said}", hint=AGAIN) from None

    return ask


def explaining(connection: psycopg.Connection[Any]) -> Ask:
    """The same for text that is not ours: by the protocol that takes one statement only."""

    def ask(query: str) -> Sequence[Sequence[Any]]:
        with connection.transaction(), connection.cursor(binary=True) as cursor:
            return cursor.execute(query.encode()).fetchall()

    return ask
