"""Which column of which table a scalar subquery picks its value from."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from migguard.changes import Engine, Name
from migguard.sql.queries import folded, table_name
from migguard.sql.trees import value_tree


@lru_cache(maxsize=512)
def picked_column(text: str, engine: Engine) -> tuple[Name, str] | None:
    """The table and the column of `(SELECT t.c FROM t …)`, also of its MIN or MAX; None for any other expression.

    A column without a qualifier is taken for one of the only table that is read: it may be of a query outside.
    """
    from sqlglot import exp

    query = inside(value_tree(text, engine))
    if (
        not isinstance(query, exp.Select)
        or len(query.expressions) != 1
        or query.args.get("with")
        or query.args.get("with_")
    ):
        return None
    column = inside(query.expressions[0])
    while isinstance(column, (exp.Alias, exp.Min, exp.Max)):
        column = inside(column.this)
    if not isinstance(column, exp.Column) or isinstance(column.this, exp.Star):
        return None
    first = query.args.get("from") or query.args.get("from_")
    joins = query.args.get("joins") or []
    sources = [first.this if first is not None else None, *(join.this for join in joins)]
    if not all(isinstance(one, exp.Table) for one in sources):
        return None
    qualifier = column.args.get("table")
    if qualifier is None and len(sources) > 1:
        return None
    called = folded(qualifier, engine) if qualifier is not None else alias(sources[0], engine)
    found = [name for one in sources if alias(one, engine) == called and (name := table_name(one, engine)) is not None]
    return (found[0], folded(column.this, engine)) if len(found) == 1 else None


def inside(node: Any) -> Any:
    """A node without the parentheses and casts around it."""
    from sqlglot import exp

    while isinstance(node, (exp.Paren, exp.Cast, exp.Subquery)):
        node = node.this
    return node


def alias(table: Any, engine: Engine) -> str:
    """What a table is called in its query."""
    given = table.args.get("alias")
    return folded(given.this if given is not None and given.this is not None else table.this, engine)
