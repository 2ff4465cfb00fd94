"""Which fields of a trigger's row a function's body names: NEW.email, OLD.email."""

from __future__ import annotations

from functools import lru_cache

from migguard.changes import Engine
from migguard.sql.cursor import Cursor
from migguard.sql.tokens import Unread

ROWS = ("NEW", "OLD")


@lru_cache(maxsize=1024)
def row_fields(body: str, engine: Engine) -> frozenset[str]:
    """The fields of NEW and OLD in a body; none where it cannot be cut into tokens."""
    try:
        cursor = Cursor(body, engine)
    except Unread:
        return frozenset()
    tokens = cursor.tokens
    return frozenset(
        cursor.fold(field)
        for row, dot, field in zip(tokens, tokens[1:], tokens[2:], strict=False)
        if row.kind == "word" and row.word in ROWS and dot.word == "." and field.kind in ("word", "name")
    )
