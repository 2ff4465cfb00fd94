"""Whether an expression is a column at a time zone, and nothing else."""

from __future__ import annotations

from migguard.changes import Engine
from migguard.sql.trees import value_tree


def column_at_zone(text: str, engine: Engine) -> tuple[str, str] | None:
    """The column and the time zone of `a AT TIME ZONE 'UTC'`; None for any other expression, and for two of them."""
    from sqlglot import exp

    node = value_tree(text, engine)
    if not isinstance(node, exp.AtTimeZone):
        return None
    column, zone = node.this.unnest(), node.args.get("zone")
    if not isinstance(column, exp.Column) or not isinstance(zone, exp.Literal) or not zone.is_string:
        return None
    return column.name, zone.name
