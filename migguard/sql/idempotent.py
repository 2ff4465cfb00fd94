"""Whether a value, made of a column by a function, stays as it is when it is made once more."""

from __future__ import annotations

from migguard.changes import Engine
from migguard.sql.conditions import column_of
from migguard.sql.constants import constant_of
from migguard.sql.cursor import Cursor
from migguard.sql.parts import commas
from migguard.sql.tokens import Unread

IDEMPOTENT = frozenset(
    {"lower", "upper", "initcap", "btrim", "ltrim", "rtrim", "trim", "date_trunc", "round", "trunc", "floor", "ceil",
     "ceiling", "abs", "coalesce"}
)  # fmt: skip
"""Functions of one column and constants that leave their own results alone, also those that the column rounds."""


def idempotent(value: str, column: str, engine: Engine) -> bool:
    """Whether a text is a call of such a function, with the column and constants and nothing else in it."""
    try:
        cursor = Cursor(value, engine)
        called = cursor.identifier()
        if called.lower() not in IDEMPOTENT or not cursor.sees("("):
            return False
        start = cursor.at + 1
        cursor.skip_parentheses()
        inside = cursor.tokens[start : cursor.at - 1]
        cursor.finish()
    except Unread:
        return False
    named = [column_of(part, cursor) for part in commas(inside) if constant_of(part, cursor) == (None, False)]
    return named == [column]
