"""The tokens of a statement, with the offsets into the user's own text."""

from __future__ import annotations

from typing import NamedTuple

from migguard.changes import Engine

DIALECTS = {
    Engine.POSTGRESQL: "postgres",
    Engine.MYSQL: "mysql",
    Engine.MARIADB: "mysql",
    Engine.SQLITE: "sqlite",
    Engine.MSSQL: "tsql",
    Engine.ORACLE: "oracle",
}
"""What sqlglot calls the engines."""


class Unread(Exception):
    """A token that no reader expected. The statement it stands in is Unknown."""


class Token(NamedTuple):
    """One token. `kind`: `word`, `name` (quoted), `string`, `number`, `literal` (bits, hex), `operator` or `end`.

    `word` is the upper-case text of words and operators, empty for the rest. `start` and `end` are offsets.
    """

    kind: str
    text: str
    word: str
    start: int
    end: int
