"""The queries in the body of a function, those inside expressions included: RETURN (SELECT …), IF EXISTS (SELECT …)."""

from __future__ import annotations

from functools import lru_cache

from migguard.changes import Engine, Query
from migguard.sql.cursor import Cursor
from migguard.sql.queries import read_query
from migguard.sql.tokens import Token, Unread


@lru_cache(maxsize=1024)
def body_queries(body: str, engine: Engine) -> tuple[Query, ...]:
    """The queries that could be read; none where the body cannot be cut into tokens."""
    try:
        cursor = Cursor(body, engine)
    except Unread:
        return ()
    found: list[Query] = []
    at = 0
    while at < len(cursor.tokens):
        if cursor.tokens[at].word != "SELECT":
            at += 1
            continue
        end = end_of(cursor.tokens, at)
        found.append(read_query(body[cursor.tokens[at].start : cursor.tokens[end - 1].end], engine))
        at = end
    return tuple(q for q in found if q.readable)


def end_of(tokens: list[Token], at: int) -> int:
    """Where a query ends: at the parenthesis around it, a semicolon, or the LOOP or THEN that it stands before."""
    depth = 0
    for place in range(at, len(tokens)):
        word = tokens[place].word
        depth += (word in ("(", "CASE")) - (word == ")" or (word == "END" and depth > 0))
        if depth < 0 or (depth == 0 and word in (";", "LOOP", "THEN")):
            return place
    return len(tokens)
