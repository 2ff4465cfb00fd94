"""Our own statements over our own tables, one of each kind of thing that a migration does.

`setup_for(version)` makes the tables, `SESSION` what each connection needs besides, and `statements_for(version)` are
the statements that a server of that major version knows. Each is observed by itself, on the tables as the setup left
them. What a statement does is not written here: `recorded` has what the servers showed. Only whether it is refused is.
"""

from __future__ import annotations

from tests.live.column_statements import COLUMNS, TYPES
from tests.live.edges import EDGE_SETUP, EDGES
from tests.live.object_statements import PROGRAMS, QUERIES, TYPES_AND_DOMAINS, UPKEEP
from tests.live.statement import Statement
from tests.live.table_statements import COMBINATIONS, CONSTRAINTS, INDEXES, PARTITIONS, TABLES
from tests.live.tables import SESSION, SETUP, SETUP_SINCE_18

__all__ = ["SESSION", "STATEMENTS", "setup_for", "statements_for"]


def statements_for(version: int) -> tuple[Statement, ...]:
    """The statements to run on a server of that major version."""
    return tuple(statement for statement in STATEMENTS if statement.since <= version)


def setup_for(version: int) -> tuple[str, ...]:
    """The tables, for a server of that major version."""
    return SETUP + EDGE_SETUP + (SETUP_SINCE_18 if version >= 18 else ())


STATEMENTS: tuple[Statement, ...] = (
    *COLUMNS,
    *TYPES,
    *CONSTRAINTS,
    *COMBINATIONS,
    *INDEXES,
    *TABLES,
    *PARTITIONS,
    *TYPES_AND_DOMAINS,
    *PROGRAMS,
    *QUERIES,
    *UPKEEP,
    *EDGES,
)
