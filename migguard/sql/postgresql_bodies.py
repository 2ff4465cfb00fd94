"""PostgreSQL: what DO blocks and function bodies do, as far as it can be read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from migguard.changes import (
    Change,
    CreateFunction,
    Delete,
    Engine,
    Insert,
    Merge,
    Nothing,
    Opaque,
    Select,
    TransactionControl,
    Unknown,
    Update,
)
from migguard.sql.cursor import Cursor, Token, Unread

HARMLESS = ("RETURN", "RAISE", "NULL", "PERFORM", "ASSERT", "GET", "EXIT", "CONTINUE", "OPEN", "FETCH", "CLOSE", "MOVE")
"""PL/pgSQL statements that change no schema (what a function called by PERFORM does is not seen)."""


def do_block(cursor: Cursor) -> Opaque:
    """DO, from behind the word."""
    body, language = None, "plpgsql"
    while not cursor.done and not cursor.sees(";"):
        if cursor.accept("LANGUAGE"):
            language = cursor.identifier().lower()
        else:
            body = cursor.string()
    if body is None:
        raise cursor.unread("where the block's body was expected")
    text = cursor.sql.strip()
    if language != "plpgsql":
        return Opaque("DO block", text)
    read = read_body(body, cursor.engine)
    return Opaque("DO block", text, tuple(read.changes), read.conditional, read.complete)


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
    language = (made.language or "sql").lower()
    if language == "plpgsql":
        read = read_body(body, engine)
    elif language == "sql":
        read = Body()
        for text in statements(Cursor(body, engine)):
            read.add(text, engine)
    else:
        return replace(made, body=body)
    changing = tuple(c for c in read.changes if not isinstance(c, (Select, Insert, Update, Delete, Merge, Nothing)))
    return replace(made, body=body, body_changes=changing, dynamic=read.dynamic)


@dataclass(slots=True)
class Body:
    """What was read of a body. `complete` is false if something was not; `dynamic` if it runs text made at run time."""

    changes: list[Change] = field(default_factory=list)
    conditional: bool = False
    complete: bool = True
    dynamic: bool = False

    def add(self, text: str, engine: Engine) -> None:
        """Read one statement inside."""
        from migguard.sql.read import read_one

        for change in read_one(text, engine):
            if isinstance(change, Unknown):
                self.complete = False
            elif not isinstance(change, TransactionControl):
                self.changes.append(change)
                if isinstance(change, Opaque) and not change.complete:
                    self.complete = False


def statements(cursor: Cursor) -> list[str]:
    """The texts between semicolons."""
    found, start = [], None
    last = 0
    for token in cursor.tokens:
        if token.word == ";":
            if start is not None:
                found.append(cursor.sql[start:last])
            start = None
        else:
            start = token.start if start is None else start
            last = token.end
    if start is not None:
        found.append(cursor.sql[start:last])
    return found


def read_body(body: str, engine: Engine) -> Body:
    """What a PL/pgSQL body does, statement by statement."""
    made = Body()
    try:
        cursor = Cursor(body, engine)
        block(cursor, made)
        cursor.accept(";")
        cursor.finish()
    except Unread:
        made.complete = False
    return made


def block(cursor: Cursor, made: Body) -> None:
    """[<<label>>] [DECLARE …] BEGIN … [EXCEPTION …] END."""
    if cursor.sees("<<"):
        cursor.take()
        cursor.identifier()
        cursor.take()
    if cursor.accept("DECLARE"):
        while not cursor.sees("BEGIN"):
            cursor.take()
    cursor.expect("BEGIN")
    while not cursor.accept("END"):
        if cursor.accept("EXCEPTION"):
            made.conditional = True
            continue
        if cursor.sees("WHEN"):
            until(cursor, "THEN")
            continue
        statement(cursor, made)
    if cursor.peek().kind in ("word", "name") and not cursor.sees(";"):
        cursor.take()


def until(cursor: Cursor, word: str) -> list[Token]:
    """Pass everything up to and with a word at depth 0; what was passed."""
    passed: list[Token] = []
    depth = 0
    while True:
        token = cursor.take()
        depth += (token.word in ("(", "CASE")) - (token.word == ")" or (token.word == "END" and depth > 0))
        if depth == 0 and token.word == word:
            return passed
        passed.append(token)


def statement(cursor: Cursor, made: Body) -> None:
    """One PL/pgSQL statement with its semicolon."""
    word = cursor.peek().word
    if word in ("IF", "ELSIF", "ELSEIF", "WHILE", "CASE"):
        made.conditional = True
        until(cursor, "LOOP" if word == "WHILE" else "WHEN" if word == "CASE" else "THEN")
        if word == "CASE":
            until(cursor, "THEN")
        return
    if word in ("FOR", "FOREACH"):
        made.conditional = True
        until(cursor, "LOOP")
        return
    if word in ("ELSE", "LOOP"):
        made.conditional = True
        cursor.take()
        return
    if word == "END":
        cursor.take()
        if cursor.accept_any("IF", "LOOP", "CASE"):
            cursor.accept(";") or cursor.identifier()
        return
    if word in ("BEGIN", "DECLARE", "<<"):
        block(cursor, made)
        cursor.accept(";")
        return
    tokens = until(cursor, ";")
    if not tokens:
        return
    text = cursor.sql[tokens[0].start : tokens[-1].end]
    if word == "EXECUTE":
        dynamic(cursor, tokens, made)
    elif word in HARMLESS or (any(t.word in (":=", "=") for t in tokens[1:4]) and word not in SQL_WORDS):
        return
    elif word == "SELECT" or word == "WITH":
        return  # a query: with INTO it sets variables
    else:
        made.add(text, cursor.engine)


SQL_WORDS = frozenset(
    [
        "CREATE",
        "ALTER",
        "DROP",
        "INSERT",
        "UPDATE",
        "DELETE",
        "MERGE",
        "TRUNCATE",
        "SET",
        "COMMENT",
        "GRANT",
        "REVOKE",
        "LOCK",
    ]
)


def dynamic(cursor: Cursor, tokens: list[Token], made: Body) -> None:
    """EXECUTE: a literal is read, also through format() with literal arguments; anything else is not seen."""
    from migguard.sql.expressions import constant_of

    arguments = tokens[1:]
    for place, token in enumerate(arguments):
        if token.word in ("USING", "INTO"):
            arguments = arguments[:place]
            break
    value, _ = constant_of(arguments, cursor)
    if value is None and len(arguments) > 3 and arguments[0].word == "FORMAT":
        value = formatted(arguments[2:-1], cursor)
    if value is None:
        made.complete, made.dynamic = False, True
        return
    made.add(value, cursor.engine)


def formatted(tokens: list[Token], cursor: Cursor) -> str | None:
    """The result of format() where all of its arguments are literals."""
    from migguard.sql.expressions import commas, constant_of

    values = [constant_of(p, cursor)[0] for p in commas(tokens)]
    if not values or any(v is None for v in values):
        return None
    text, rest = str(values[0]), [str(v) for v in values[1:]]
    out, at = "", 0
    while at < len(text):
        if text[at] == "%" and at + 1 < len(text):
            kind = text[at + 1]
            if kind == "%":
                out += "%"
            elif kind in "sIL" and rest:
                value = rest.pop(0)
                quoted = {
                    "s": value,
                    "I": '"' + value.replace('"', '""') + '"',
                    "L": "'" + value.replace("'", "''") + "'",
                }
                out += quoted[kind]
            else:
                return None
            at += 2
        else:
            out += text[at]
            at += 1
    return out
