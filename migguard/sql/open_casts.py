"""The casts in an expression that meet what stands in the rows: not those of constants, nor those in a CASE."""

from __future__ import annotations

from functools import lru_cache

from migguard.changes import DataType, Engine
from migguard.sql.cursor import Cursor
from migguard.sql.tokens import Token, Unread


@lru_cache(maxsize=1024)
def open_casts(text: str, engine: Engine) -> tuple[DataType, ...]:
    """The types that an expression casts the rows' values to, outside of CASE; none where it cannot be read."""
    from migguard.sql.postgresql_types import read_type

    try:
        cursor = Cursor(text, engine)
    except Unread:
        return ()
    found: list[DataType] = []
    depth = 0
    for place, token in enumerate(cursor.tokens):
        depth += (token.word == "CASE") - (token.word == "END" and depth > 0)
        if depth or not casts(cursor.tokens, place):
            continue
        cursor.at = place + 1
        try:
            found.append(read_type(cursor).type)
        except Unread:
            continue
    return tuple(found)


def casts(tokens: list[Token], place: int) -> bool:
    """Whether a type follows that something other than a constant is cast to."""
    before = tokens[place - 1] if place else None
    if before is None or tokens[place].word not in ("::", "AS"):
        return False
    constant = before.kind in ("string", "number", "literal")
    return not constant and before.word not in ("NULL", "TRUE", "FALSE")
