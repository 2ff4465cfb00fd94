"""A statement's text into changes: read to its last token, or Unknown."""

from __future__ import annotations

from functools import lru_cache

from migguard.changes import Change, Engine, Nothing, Unknown
from migguard.sql.cursor import Cursor
from migguard.sql.tokens import Unread

ROWS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "VALUES", "REPLACE", "("})
"""First words of statements over rows, which are read from trees."""


def read(sql: str, engine: Engine) -> tuple[Change, ...]:
    """The changes that a text makes, one after the other; a text of several statements gives those of all.

    A statement of which one token was left unread is `Unknown`. A text without a statement is `Nothing`.
    """
    return tuple(change for _, changes in read_statements(sql, engine) for change in changes)


@lru_cache(maxsize=8192)
def read_statements(sql: str, engine: Engine) -> tuple[tuple[str, tuple[Change, ...]], ...]:
    """The statements of a text, each with the changes that it makes; always at least one."""
    try:
        cursor = Cursor(sql, engine)
    except Unread as error:
        return ((sql, (Unknown(sql.strip(), str(error)),)),)
    if not cursor.tokens:
        return ((sql, (Nothing("an empty statement"),)),)
    if not any(t.word == ";" for t in cursor.tokens[:-1]):
        return ((sql, read_tokens(cursor)),)
    from migguard.sql.split import split

    found = tuple((piece.text, read_one(piece.text, engine)) for piece in split(sql, engine))
    return found or ((sql, (Nothing("an empty statement"),)),)


def read_one(sql: str, engine: Engine) -> tuple[Change, ...]:
    """The changes of one statement."""
    try:
        cursor = Cursor(sql, engine)
    except Unread as error:
        return (Unknown(sql.strip(), str(error)),)
    return read_tokens(cursor) if cursor.tokens else (Nothing("an empty statement"),)


def read_tokens(cursor: Cursor) -> tuple[Change, ...]:
    """The changes of one statement's tokens."""
    word = cursor.peek().word
    if word in ROWS or (word == "TABLE" and cursor.engine is Engine.POSTGRESQL):
        from migguard.sql.statements import read_dml

        return read_dml(cursor.sql.strip().rstrip(";").rstrip(), cursor.engine)
    try:
        return reader(cursor)
    except Unread as error:
        return (Unknown(cursor.sql.strip(), str(error)),)


def reader(cursor: Cursor) -> tuple[Change, ...]:
    """The changes of a statement that is not over rows, by the engine's own grammar."""
    match cursor.engine:
        case Engine.POSTGRESQL:
            from migguard.sql.postgresql import read_postgresql

            return read_postgresql(cursor)
        case Engine.MYSQL | Engine.MARIADB:
            from migguard.sql.mysql import read_mysql

            return read_mysql(cursor)
        case Engine.SQLITE:
            from migguard.sql.sqlite import read_sqlite

            return read_sqlite(cursor)
        case Engine.MSSQL | Engine.ORACLE:
            from migguard.sql.generic import read_generic

            return read_generic(cursor)
