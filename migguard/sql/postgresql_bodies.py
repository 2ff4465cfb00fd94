"""PostgreSQL: what DO blocks and function bodies do, as far as it can be read."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from migguard.changes import (
    CreateFunction,
    Delete,
    Engine,
    Insert,
    Inside,
    Merge,
    Nothing,
    Opaque,
    Select,
    SetVariable,
    Unknown,
    Update,
)
from migguard.sql import postgresql_plpgsql as plpgsql
from migguard.sql.cursor import Cursor
from migguard.sql.postgresql_plpgsql import Body, conditional, flat
from migguard.sql.postgresql_texts import cut
from migguard.sql.tokens import Unread


def do_block(cursor: Cursor) -> Opaque:
    """DO, from behind the word."""
    body, language = None, "plpgsql"
    while not cursor.done and not cursor.sees(";"):
        if cursor.accept("LANGUAGE"):
            token = cursor.take()
            language = token.text.lower()
        else:
            body = cursor.string()
    if body is None:
        raise cursor.unread("where the block's body was expected")
    text = cursor.sql.strip()
    if language != "plpgsql":
        return Opaque("DO block", text, doubtful=True)
    return opened(Opaque("DO block", text), read_body(body, cursor.engine))


def opened(change: Opaque, body: Body) -> Opaque:
    """A block or call with what could be read of its body."""
    return replace(
        change,
        inside=body.parts,
        conditional=change.conditional or conditional(body.parts),
        complete=body.complete,
        doubtful=body.doubtful,
    )


def create_function(cursor: Cursor, kind: str, *, or_replace: bool) -> CreateFunction:
    """CREATE FUNCTION or PROCEDURE, from behind the word."""
    name = cursor.name()
    made = CreateFunction(name, kind, cursor.parenthesised(), or_replace=or_replace)
    body: str | None = None
    while not cursor.done and not cursor.sees(";"):
        if cursor.accept("RETURNS"):
            start = cursor.peek().start
            cursor.accept("NULL", "ON", "NULL", "INPUT")
            function_type(cursor)
            made = replace(made, returns=cursor.sql[start : cursor.tokens[cursor.at - 1].end])
        elif cursor.accept("LANGUAGE"):
            token = cursor.take()
            made = replace(made, language=token.text.lower())
        elif (word := cursor.accept_any("IMMUTABLE", "STABLE", "VOLATILE")) is not None:
            made = replace(made, volatility=word.lower())
        elif cursor.accept("AS"):
            body = cursor.string()
            if cursor.accept(","):
                cursor.string()
        elif cursor.accept("BEGIN", "ATOMIC"):
            body = atomic(cursor)
        elif cursor.accept("RETURN"):
            body = "SELECT " + cursor.text_until()
        elif cursor.accept("SET"):
            setting(cursor)
        elif cursor.accept_any("COST", "ROWS", "SUPPORT", "PARALLEL", "TRANSFORM", "WINDOW"):
            if cursor.tokens[cursor.at - 1].word != "WINDOW":
                cursor.text_until(
                    "LANGUAGE", "IMMUTABLE", "STABLE", "VOLATILE", "AS", "COST", "ROWS", "SET", "SECURITY"
                )
        elif not any(
            cursor.accept(*words)
            for words in (
                ("CALLED", "ON", "NULL", "INPUT"),
                ("RETURNS", "NULL", "ON", "NULL", "INPUT"),
                ("STRICT",),
                ("EXTERNAL", "SECURITY", "DEFINER"),
                ("EXTERNAL", "SECURITY", "INVOKER"),
                ("SECURITY", "DEFINER"),
                ("SECURITY", "INVOKER"),
                ("NOT", "LEAKPROOF"),
                ("LEAKPROOF",),
            )
        ):
            raise cursor.unread(f"in CREATE {kind.upper()}")
    if body is None:
        raise cursor.unread("where the function's body was expected")
    return with_body(made, body, cursor.engine)


def function_type(cursor: Cursor) -> None:
    """A function's result: TABLE (…), SETOF, a type."""
    if cursor.accept("TABLE"):
        cursor.skip_parentheses()
        return
    cursor.accept("SETOF")
    from migguard.sql.postgresql_types import read_type

    read_type(cursor)
    if cursor.accept("%"):
        cursor.identifier()


def setting(cursor: Cursor) -> None:
    """SET name { TO value | = value | FROM CURRENT } of a function."""
    cursor.name()
    if cursor.accept("FROM", "CURRENT"):
        return
    if cursor.accept_any("TO", "=") is None:
        raise cursor.unread("where TO or = was expected")
    cursor.listed(lambda: cursor.take())


def atomic(cursor: Cursor) -> str:
    """The statements of BEGIN ATOMIC … END."""
    start, depth = cursor.peek().start, 1
    while depth:
        token = cursor.take()
        if token.word in ("CASE", "BEGIN"):
            depth += 1
        elif token.word == "END":
            depth -= 1
    return cursor.sql[start : cursor.tokens[cursor.at - 1].start]


def with_body(made: CreateFunction, body: str, engine: Engine) -> CreateFunction:
    """The function with what its body does to the schema."""
    read = read_routine(made.language, body, engine)
    if read is None:
        return replace(made, body=body)
    changing = tuple(c for part in flat(read.parts) for c in part.changes if not isinstance(c, HARMLESS))
    return replace(made, body=body, body_changes=changing, dynamic=read.dynamic)


HARMLESS = (Select, Insert, Update, Delete, Merge, Nothing, SetVariable)
"""Changes in a function's body that leave the schema alone."""


def read_routine(language: str | None, body: str, engine: Engine) -> Body | None:
    """What a function's body does; None in a language that is not read here."""
    match (language or "sql").lower():
        case "plpgsql":
            return read_body(body, engine)
        case "sql":
            return read_statements(body, engine)
        case _:
            return None


@lru_cache(maxsize=1024)
def read_body(body: str, engine: Engine) -> Body:
    """What a PL/pgSQL body does."""
    return plpgsql.read_body(body, lambda text: Cursor(text, engine))


@lru_cache(maxsize=1024)
def read_statements(body: str, engine: Engine) -> Body:
    """What a body in SQL does."""
    from migguard.sql.read import read_one

    made, parts = Body(), []
    try:
        texts = statements(Cursor(body, engine))
    except Unread:
        return Body(complete=False, doubtful=True)
    for text in texts:
        changes = read_one(text, engine)
        if any(isinstance(c, Unknown) for c in changes):
            made.complete, made.doubtful = False, True
        else:
            parts.append(Inside(text, changes))
    made.parts = tuple(parts)
    return made


def statements(cursor: Cursor) -> list[str]:
    """The texts between semicolons."""
    pieces = (p for p in cut(cursor.tokens, ";") if p)
    return [cursor.sql[p[0].start : p[-1].end] for p in pieces]
