"""Constants among the tokens of an expression, casts and parentheses left out."""

from __future__ import annotations

from migguard.sql.cursor import Cursor
from migguard.sql.parts import commas, unwrap
from migguard.sql.tokens import Token

TYPE_PREFIXES = frozenset(
    [
        "DATE",
        "TIMESTAMP",
        "TIMESTAMPTZ",
        "TIME",
        "TIMETZ",
        "INTERVAL",
        "BOOL",
        "BOOLEAN",
        "INT",
        "INTEGER",
        "BIGINT",
        "SMALLINT",
        "NUMERIC",
        "DECIMAL",
        "TEXT",
        "VARCHAR",
        "CHAR",
        "UUID",
        "JSON",
        "JSONB",
        "BYTEA",
        "INET",
        "CIDR",
        "REAL",
        "FLOAT",
    ]
)


def literal(cursor: Cursor) -> tuple[str | None, bool]:
    """The constant that a whole expression is, and whether it is NULL."""
    return constant_of(cursor.tokens, cursor)


def constant_of(tokens: list[Token], cursor: Cursor) -> tuple[str | None, bool]:
    """The constant that the tokens spell, casts left out; (None, True) for NULL, (None, False) for no constant."""
    tokens = unwrap(tokens)
    if not tokens:
        return None, False
    if len(tokens) > 5 and tokens[0].word == "CAST" and tokens[1].word == "(" and tokens[-1].word == ")":
        inner = tokens[2:-1]
        place = next((i for i, t in enumerate(inner) if t.word == "AS"), None)
        return constant_of(inner[:place], cursor) if place is not None else (None, False)
    place = next((i for i, t in enumerate(tokens) if t.word == "::"), None)
    if place is not None:
        depth = 0
        for token in tokens[:place]:
            depth += (token.word == "(") - (token.word == ")")
        if depth == 0 and cast_tail(tokens[place:]):
            return constant_of(tokens[:place], cursor)
        return None, False
    first = tokens[0]
    if len(tokens) == 1:
        if first.kind == "string":
            return cursor.value_of(first), False
        if first.kind in ("number", "literal"):
            return first.text, False
        if first.word in ("TRUE", "FALSE"):
            return first.word.lower(), False
        return None, first.word == "NULL"
    if len(tokens) == 2:
        second = tokens[1]
        if first.word in ("-", "+") and second.kind == "number":
            return (first.word if first.word == "-" else "") + second.text, False
        if second.kind == "string" and (first.word in TYPE_PREFIXES or first.text.startswith("_")):
            return cursor.value_of(second), False
    if len(tokens) == 4 and first.word == "." and first.kind == "operator":
        return None, False
    return None, False


def cast_tail(tokens: list[Token]) -> bool:
    """Whether tokens are nothing but `::type` casts."""
    allowed = {"::", "(", ")", "[", "]", ",", "."}
    return all(t.word in allowed or t.kind in ("word", "name", "number") for t in tokens)


def constants(tokens: list[Token], cursor: Cursor) -> tuple[str, ...] | None:
    """Constants separated by commas, or None where one is none."""
    found = [constant_of(p, cursor)[0] for p in commas(tokens)]
    return None if any(v is None for v in found) else tuple(v for v in found if v is not None)
