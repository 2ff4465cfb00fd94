"""Statements that the reader of PostgreSQL understands: those of the catalog's scripts and of the live tests."""

from __future__ import annotations

from migguard.changes import Change, Delete, Engine, Insert, Merge, Nothing, OtherObject, Select, Unknown, Update
from migguard.sql.read import read
from migguard.sql.tokenizers import tokenize
from tests.catalog.scripts import SCRIPTS
from tests.live.statements import SETUP, STATEMENTS

OVER_ROWS = (Select, Insert, Update, Delete, Merge)
"""Statements whose trees are sqlglot's."""
BY_NAME = (OtherObject, Nothing)
"""Statements that are read only as far as what they are about."""


def changes(sql: str) -> tuple[Change, ...]:
    return read(sql, Engine.POSTGRESQL)


def unknown(sql: str) -> bool:
    return any(isinstance(change, Unknown) for change in changes(sql))


def ddl() -> list[str]:
    """The statements that change the schema by our own grammar."""
    pool = [*(s for script in SCRIPTS.values() for s in script), *(s.sql for s in STATEMENTS), *SETUP]
    return [
        sql
        for sql in dict.fromkeys(pool)
        if not unknown(sql) and not any(isinstance(c, OVER_ROWS + BY_NAME) for c in changes(sql))
    ]


DDL = ddl()


def spoiled(sql: str, place: int, junk: str) -> str:
    """The statement with a token more, before its token number `place`, or behind the last."""
    tokens = tokenize(sql, Engine.POSTGRESQL)
    if place >= len(tokens):
        return f"{sql} {junk}"
    start = tokens[place].start
    return f"{sql[:start]}{junk} {sql[start:]}"
