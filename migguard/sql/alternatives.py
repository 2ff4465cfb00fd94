"""The members of a disjunction: what a WHERE says when OR stands at its top level."""

from __future__ import annotations

from functools import lru_cache

from migguard.changes import Engine, Expression
from migguard.sql.cursor import Cursor
from migguard.sql.expressions import read_expression
from migguard.sql.parts import unwrap
from migguard.sql.tokens import Token, Unread


@lru_cache(maxsize=512)
def alternatives(text: str, engine: Engine) -> tuple[Expression, ...]:
    """The expressions between the ORs at the top level; all of it where there is no OR, none if unreadable."""
    try:
        cursor = Cursor(text, engine)
    except Unread:
        return ()
    found: list[Expression] = []
    for part in parts(unwrap(cursor.tokens)):
        if not part:
            return ()
        found.append(read_expression(text[part[0].start : part[-1].end], engine))
    return tuple(found)


def parts(tokens: list[Token]) -> list[list[Token]]:
    """Tokens cut at the ORs at their top level."""
    cut: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token.word in ("(", "[", "CASE")) - (token.word in (")", "]") or (token.word == "END" and depth > 0))
        if token.word == "OR" and depth == 0:
            cut.append([])
        else:
            cut[-1].append(token)
    return cut
