"""Which rows a statement reads or writes: its sources, and what bounds each of them.

The tree gives the shape alone; which column is a key is for whoever holds the schema.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from migguard.changes import Condition, Engine, Selection, Source
from migguard.sql.expressions import read_expression
from migguard.sql.queries import folded, table_name

Named = dict[str, Selection]
"""The queries that WITH names."""

SIDES = {"LEFT": (True, False), "RIGHT": (False, True), "FULL": (False, False)}
"""For each outer join: whether what bounds the left side bounds the right one, and the other way round."""


def selection_of(tree: Any, engine: Engine, named: Named | None = None) -> Selection:
    """The rows of a SELECT, UPDATE or DELETE; of the last two the target is the first source."""
    from sqlglot import exp

    while isinstance(tree, (exp.Subquery, exp.Paren)):
        tree = tree.this
    named = named_queries(tree, engine, named or {})
    if isinstance(tree, exp.SetOperation):
        sides = tuple(Source(rows=selection_of(s, engine, named)) for s in (tree.this, tree.expression))
        return Selection(sides, limited=tree.args.get("limit") is not None)
    if isinstance(tree, exp.Insert):
        return selection_of(tree.expression, engine, named)
    reader = Reader(engine, named)
    if isinstance(tree, (exp.Update, exp.Delete)):
        targets = tree.args.get("tables")
        reader.source(targets[0] if targets else tree.this)
        others = tree.args.get("using") or []
        for one in others if isinstance(others, list) else [others]:
            reader.source(one)
        if targets:
            reader.source(tree.this)
    elif isinstance(tree, exp.Values):
        reader.source(tree)
    first = tree.args.get("from") or tree.args.get("from_")
    if first is not None:
        reader.source(first.this if isinstance(first, exp.From) else first)
        for join in first.args.get("joins") or []:
            reader.join(join)
    for join in tree.args.get("joins") or []:
        reader.join(join)
    where = tree.args.get("where")
    for part in conjuncts(where.this if where is not None else None):
        reader.condition(part)
    return Selection(
        tuple(reader.sources),
        tuple(reader.conditions),
        tuple(reader.equal),
        tuple(reader.members),
        tree.args.get("limit") is not None or tree.args.get("fetch") is not None,
    )


def named_queries(tree: Any, engine: Engine, known: Named) -> Named:
    """The queries of a statement's WITH, each seeing those before it."""
    with_ = (tree.args.get("with") or tree.args.get("with_")) if hasattr(tree, "args") else None
    found = dict(known)
    for cte in with_.expressions if with_ is not None else ():
        alias = cte.args.get("alias")
        if alias is not None and alias.this is not None:
            found[folded(alias.this, engine)] = selection_of(cte.this, engine, found)
    return found


def conjuncts(node: Any) -> Iterator[Any]:
    """The members of a conjunction."""
    from sqlglot import exp

    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, exp.And):
        yield from conjuncts(node.this)
        yield from conjuncts(node.expression)
    elif node is not None:
        yield node


class Reader:
    """Gathers the sources and conditions of one query."""

    def __init__(self, engine: Engine, named: Named) -> None:
        self.engine, self.named = engine, named
        self.sources: list[Source] = []
        self.conditions: list[tuple[str | None, Condition]] = []
        self.equal: list[tuple[tuple[str | None, str], tuple[str | None, str]]] = []
        self.members: list[tuple[str | None, str, Selection]] = []

    def source(self, node: Any) -> str | None:
        """Add what FROM names; its alias."""
        from sqlglot import exp

        if node is None:
            return None
        if isinstance(node, exp.Schema):
            node = node.this
        alias = node.args.get("alias")
        called = folded(alias.this, self.engine) if alias is not None and alias.this is not None else None
        made = Source(called)
        if isinstance(node, exp.Subquery):
            inner = node.this
            made = Source(called, rows=selection_of(inner, self.engine, self.named))
        elif isinstance(node, exp.Table) and (name := table_name(node, self.engine)) is not None:
            rows = self.named.get(name.name) if name.schema is None else None
            made = Source(called or name.name, None if rows is not None else name, rows)
        self.sources.append(made)
        for join in node.args.get("joins") or []:
            self.join(join)
        return made.alias

    def join(self, join: Any) -> None:
        """Add a joined source, with the equalities of its ON and USING."""
        before = [s.alias for s in self.sources]
        alias = self.source(join.this)
        rightward, leftward = SIDES.get(str(join.args.get("side") or "").upper(), (True, True))
        for part in conjuncts(join.args.get("on")):
            self.condition(part, rightward=rightward, leftward=leftward, joined=alias)
        for column in join.args.get("using") or []:
            name = folded(column, self.engine)
            for left in before[-1:]:
                self.link((left, name), (alias, name), rightward=rightward, leftward=leftward)

    def link(
        self, left: tuple[str | None, str], right: tuple[str | None, str], *, rightward: bool, leftward: bool
    ) -> None:
        """Note that two columns are equal: few rows on one side mean few on the other."""
        if rightward:
            self.equal.append((left, right))
        if leftward:
            self.equal.append((right, left))

    def condition(self, node: Any, *, rightward: bool = True, leftward: bool = True, joined: str | None = None) -> None:
        """Add one member of a conjunction, as far as it bounds a column."""
        from sqlglot import exp

        while isinstance(node, exp.Paren):
            node = node.this
        if isinstance(node, exp.EQ) and isinstance(node.this, exp.Column) and isinstance(node.expression, exp.Column):
            left, right = self.column(node.this), self.column(node.expression)
            if joined is not None and left[0] == joined:
                left, right = right, left
            self.link(left, right, rightward=rightward, leftward=leftward)
            return
        if not (rightward and leftward) and joined is not None:
            return  # what an outer join asks for bounds no side
        if isinstance(node, exp.Or):
            self.alternatives(node)
            return
        if isinstance(node, (exp.EQ, exp.In)) and isinstance(node.this, exp.Column):
            inner = subquery(node)
            if inner is not None:
                alias, column = self.column(node.this)
                self.members.append((alias, column, selection_of(inner, self.engine, self.named)))
                return
        self.conditions += self.bounds(node)

    def bounds(self, node: Any) -> list[tuple[str | None, Condition]]:
        """The comparisons of a column with what does not depend on the row."""
        from sqlglot import exp

        operators = {exp.EQ: "=", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">="}
        mirrored = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
        if type(node) in operators:
            left, right, operator = unwrapped(node.this), unwrapped(node.expression), operators[type(node)]
            if not isinstance(left, exp.Column):
                left, right, operator = right, left, mirrored[operator]
            if isinstance(left, exp.Column) and steady(right):
                alias, column = self.column(left)
                return [(alias, Condition(column, "in" if isinstance(right, exp.Any) else operator, said(right)))]
            return []
        if isinstance(node, exp.Between) and isinstance(unwrapped(node.this), exp.Column):
            if steady(node.args.get("low")) and steady(node.args.get("high")):
                alias, column = self.column(unwrapped(node.this))
                return [(alias, Condition(column, ">=")), (alias, Condition(column, "<="))]
            return []
        if isinstance(node, exp.In) and isinstance(unwrapped(node.this), exp.Column) and not node.args.get("query"):
            alias, column = self.column(unwrapped(node.this))
            return [(alias, Condition(column, "in"))]
        read = read_expression(str(node.sql()), self.engine)
        return [(None, c) for c in read.conditions if c.operator in ("=", "in")]

    def alternatives(self, node: Any) -> None:
        """`a = 1 OR a = 2` is `a IN (1, 2)`."""
        from sqlglot import exp

        found: list[tuple[str | None, Condition]] = []
        waiting = [node]
        while waiting:
            one = unwrapped(waiting.pop())
            if isinstance(one, exp.Or):
                waiting += [one.this, one.expression]
                continue
            sharp = [b for part in conjuncts(one) for b in self.bounds(part) if b[1].operator in ("=", "in")]
            if not sharp:
                return
            found.append(sharp[0])
        first = found[0]
        if all((alias, c.column) == (first[0], first[1].column) for alias, c in found):
            self.conditions.append((first[0], replace(first[1], operator="in", value=None)))

    def column(self, node: Any) -> tuple[str | None, str]:
        """The alias before a column, if one is written, and its name."""
        qualifier = node.args.get("table")
        return (folded(qualifier, self.engine) if qualifier is not None else None), folded(node.this, self.engine)


def unwrapped(node: Any) -> Any:
    """A node without the parentheses and casts around it."""
    from sqlglot import exp

    while isinstance(node, (exp.Paren, exp.Cast)):
        node = node.this
    return node


def steady(node: Any) -> bool:
    """Whether a value is the same for every row: literals, parameters, functions of them."""
    from sqlglot import exp

    return node is not None and not any(isinstance(n, (exp.Column, exp.Select, exp.Star)) for n in node.walk())


def said(node: Any) -> str | None:
    """The value of a literal."""
    from sqlglot import exp

    if isinstance(node, exp.Boolean):
        return "true" if node.this else "false"
    return str(node.this) if isinstance(node, exp.Literal) else None


def subquery(node: Any) -> Any:
    """The query that a column is compared with: `IN (SELECT …)`, `= (SELECT …)`, `= ANY (ARRAY(SELECT …))`."""
    from sqlglot import exp

    inner = node.args.get("query") if isinstance(node, exp.In) else node.expression
    if inner is None:
        return None
    while isinstance(inner, (exp.Subquery, exp.Paren, exp.Any, exp.Array)):
        inner = inner.this if inner.this is not None else (inner.expressions or [None])[0]
    return inner if isinstance(inner, (exp.Select, exp.SetOperation)) else None
