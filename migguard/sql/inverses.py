"""Whether an expression over a column gives another value for each value: then the old one can be had again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from migguard.changes import Engine
from migguard.sql.trees import value_tree


def steps_of(text: str, column: str, engine: Engine, given: Mapping[str, object]) -> frozenset[str] | None:
    """What an expression does to the column, each of it to be undone: `not`, `negate`, `add`, `times`, `append`.

    None where it reads anything else, does anything else, or cannot be read. `given` are the bound parameters.
    """
    from sqlglot import exp

    node = value_tree(text, engine)
    if node is None:
        return None
    found: set[str] = set()
    while not (isinstance(node, exp.Column) and node.name == column):
        step = inward(node, given)
        if step is None:
            return None
        done, node = step
        found |= done
    return frozenset(found)


def inward(node: Any, given: Mapping[str, object]) -> tuple[set[str], Any] | None:
    """What the outermost operator does, and to what; None where it cannot be undone."""
    from sqlglot import exp

    match node:
        case exp.Paren():
            return set(), node.this
        case exp.Not() | exp.EQ(expression=exp.Boolean()) | exp.NEQ(expression=exp.Boolean()):
            return {"not"}, node.this
        case exp.Neg():
            return {"negate"}, node.this
        case exp.Add() | exp.Sub() | exp.Mul():
            kind = "times" if isinstance(node, exp.Mul) else "add"
            for part, other in ((node.this, node.expression), (node.expression, node.this)):
                value = whole(other, given)
                if value is not None and (value != 0 or kind == "add"):
                    turned = isinstance(node, exp.Sub) and part is node.expression
                    return {kind, "negate"} if turned or (kind == "times" and value < 0) else {kind}, part
        case exp.DPipe():
            for part, other in ((node.this, node.expression), (node.expression, node.this)):
                if isinstance(other, exp.Literal) and other.is_string:
                    return {"append"}, part
        case _:
            pass
    return None


def whole(node: Any, given: Mapping[str, object]) -> int | None:
    """The whole number that an expression is."""
    from sqlglot import exp

    match node:
        case exp.Paren():
            return whole(node.this, given)
        case exp.Neg():
            value = whole(node.this, given)
            return -value if value is not None else None
        case exp.Literal() if not node.is_string and node.this.isdecimal():
            return int(node.this)
        case exp.Placeholder():
            bound = given.get(node.name)
            return bound if isinstance(bound, int) and not isinstance(bound, bool) else None
        case _:
            return None
