"""Which columns' values a query or an expression gives back, and which only decide about it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from migguard.changes import Engine
from migguard.sql.queries import folded
from migguard.sql.tokens import Unread
from migguard.sql.trees import parse, value_tree


@lru_cache(maxsize=512)
def given_by_query(text: str, engine: Engine) -> frozenset[tuple[str | None, str]]:
    """The columns whose values are in what a query gives back, as (qualifier or None, name); none if it is unread."""
    try:
        return frozenset(given(parse(text, engine), engine))
    except Unread:
        return frozenset()


@lru_cache(maxsize=512)
def given_by_value(text: str, engine: Engine) -> frozenset[tuple[str | None, str]]:
    """The columns whose values are in that of an expression, likewise."""
    return frozenset(given(value_tree(text, engine), engine))


def given(node: Any, engine: Engine) -> Iterator[tuple[str | None, str]]:
    """What stands where values come from: not in a condition, nor in what is only counted or tested."""
    from sqlglot import exp

    match node:
        case None | exp.Count() | exp.CountIf() | exp.Exists() | exp.Predicate() | exp.Window():
            return
        case exp.Column() if not isinstance(node.this, exp.Star):
            of = node.args.get("table")
            yield (folded(of, engine) if of is not None else None), folded(node.this, engine)
        case exp.If() | exp.Case():
            results = [node.args.get("true"), node.args.get("false"), node.args.get("default")]
            for one in (*results, *(node.args.get("ifs") or ())):
                yield from given(one, engine)
        case exp.Select():
            yield from selected(node, engine)
        case exp.Subquery() | exp.Paren() | exp.SetOperation() | exp.Alias() | exp.Func() | exp.Expression():
            for one in node.iter_expressions():
                if not isinstance(one, (exp.Where, exp.Order, exp.With, exp.Identifier)):
                    yield from given(one, engine)
        case _:
            pass


def selected(node: Any, engine: Engine) -> Iterator[tuple[str | None, str]]:
    """The columns of a SELECT's list, and those of queries in its FROM and WITH, which it has them from."""
    from sqlglot import exp

    found = [pair for one in node.expressions for pair in given(one, engine)]
    yield from found
    every = any(one.is_star and isinstance(one, (exp.Star, exp.Column)) for one in node.expressions)
    names, qualifiers = {name for _, name in found}, {of for of, _ in found}
    with_ = node.args.get("with") or node.args.get("with_")
    first = node.args.get("from") or node.args.get("from_")
    sources = [first.this if first is not None else None, *(join.this for join in node.args.get("joins") or ())]
    inner = [one.this for one in sources if isinstance(one, exp.Subquery)]
    inner += [one.this for one in with_.expressions] if with_ is not None else []
    for rows in (one for one in sources if isinstance(one, (exp.Unnest, exp.Lateral))):
        if every or None in qualifiers or rows.alias in qualifiers:
            yield from (pair for one in rows.iter_expressions() for pair in given(one, engine))
    for query in inner:
        for one in getattr(query, "selects", []) or []:
            if every or one.alias_or_name in names or isinstance(one, exp.Star):
                yield from given(one, engine)
