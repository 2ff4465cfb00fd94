"""Whether a statement over rows reads the table that it writes to a second time: to compare rows with each other."""

from __future__ import annotations

from functools import lru_cache

from migguard.changes import Engine
from migguard.sql.tokens import Unread
from migguard.sql.trees import parse


@lru_cache(maxsize=512)
def reads_itself(text: str, table: str, engine: Engine) -> bool:
    """Whether the table stands in the statement more than once; False where the tree cannot be had."""
    from sqlglot import exp

    try:
        tree = parse(text, engine)
    except Unread:
        return False
    names = [str(node.name).lower() for node in tree.find_all(exp.Table)]
    return names.count(table.lower()) > 1
