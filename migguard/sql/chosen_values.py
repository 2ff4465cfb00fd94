"""Which texts an expression can give where a column has a certain value: what a CASE chooses for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from migguard.changes import Engine
from migguard.records import dataclass
from migguard.sql.queries import folded
from migguard.sql.trees import value_tree

Texts = frozenset[str]


@dataclass(frozen=True, slots=True)
class At:
    """A column with its value, None for NULL, and the bound parameters."""

    column: str
    value: str | None
    engine: Engine
    given: Mapping[str, object]


def chosen(text: str, column: str, values: frozenset[str], engine: Engine, given: Mapping[str, object]) -> Texts | None:
    """The texts that an expression gives where the column has one of the values, or NULL; None where it may be any."""
    tree = value_tree(text, engine)
    if tree is None:
        return None
    found = Texts()
    for value in (*values, None):
        more = outcomes(tree, At(column, value, engine, given))
        if more is None:
            return None
        found |= more
    return found


def outcomes(node: Any, at: At) -> Texts | None:
    """The texts that a part of an expression may be; NULL is none."""
    from sqlglot import exp

    match node:
        case exp.Paren() | exp.Cast():
            return outcomes(node.this, at)
        case exp.Null() | None:
            return Texts()
        case exp.Column() if folded(node.this, at.engine) == at.column:
            return frozenset({at.value}) if at.value is not None else Texts()
        case exp.Literal() if node.is_string:
            return frozenset({str(node.this)})
        case exp.Placeholder():
            bound = at.given.get(node.name)
            return frozenset({bound}) if isinstance(bound, str) else None
        case exp.Coalesce():
            return together((node.this, *node.expressions), at)
        case exp.Case():
            reached = []
            for branch in node.args["ifs"]:
                test = branch.this
                subject = node.args.get("this")
                holds = decided(exp.EQ(this=subject, expression=test) if subject is not None else test, at)
                if holds is not False:
                    reached.append(branch.args["true"])
                if holds is True:
                    return together(reached, at)
            return together((*reached, node.args.get("default")), at)
        case _:
            return None


def together(nodes: Any, at: At) -> Texts | None:
    """The texts that one of several parts may be."""
    found = Texts()
    for node in nodes:
        more = outcomes(node, at)
        if more is None:
            return None
        found |= more
    return found


def decided(node: Any, at: At) -> bool | None:
    """Whether a test is true; None where that is not known. Of NULL nothing is told: it may be either."""
    from sqlglot import exp

    if node.args.get("negate"):  # newer sqlglot writes IS NOT so
        plain = node.copy()
        plain.set("negate", None)
        inner = decided(plain, at)
        return None if inner is None else not inner
    match node:
        case exp.Is(this=exp.Column() as column, expression=exp.Null()) if folded(column.this, at.engine) == at.column:
            return at.value is None
        case exp.Paren():
            return decided(node.this, at)
        case exp.Not():
            inner = decided(node.this, at)
            return None if inner is None else not inner
        case exp.And() | exp.Or():
            parts = [decided(node.this, at), decided(node.expression, at)]
            settling = isinstance(node, exp.Or)
            return settling if settling in parts else None if None in parts else not settling
        case exp.EQ() | exp.NEQ():
            same = compared(node.this, [node.expression], at)
            return None if same is None else same is isinstance(node, exp.EQ)
        case exp.In() if node.args.get("query") is None and node.expressions:
            return compared(node.this, node.expressions, at)
        case _:
            return None


def compared(left: Any, right: list[Any], at: At) -> bool | None:
    """Whether one text is among others, all of them known."""
    one = outcomes(left, at)
    others = [outcomes(node, at) for node in right]
    if one is None or len(one) != 1 or any(other is None or len(other) != 1 for other in others):
        return None
    return any(one == other for other in others)
