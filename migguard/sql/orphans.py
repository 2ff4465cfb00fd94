"""Whether a condition is true of every row that refers to no row of another table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from migguard.changes import Engine
from migguard.sql.queries import folded
from migguard.sql.selections import conjuncts
from migguard.sql.tokens import Unread
from migguard.sql.trees import parse

OUTER = "migguard_rows"


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference between two tables: `pairs` of its columns and those it refers to, the tables' names, the columns of
    the table referred to, and of both the columns that are never NULL."""

    pairs: tuple[tuple[str, str], ...]
    child: str
    parent: str
    parent_columns: frozenset[str]
    child_certain: frozenset[str]
    parent_certain: frozenset[str]


@lru_cache(maxsize=512)
def takes_orphans(where: str, reference: Reference, engine: Engine) -> bool:
    """Whether a WHERE over the referring table spares no row whose reference is no NULL and leads nowhere.

    NOT EXISTS, NOT IN and LEFT JOIN … IS NULL over the other table are understood; False for all else.
    """
    try:
        tree = parse(f"SELECT 1 FROM {OUTER} WHERE {where}", engine)
    except Unread:
        return False
    found = tree.args.get("where")
    return found is not None and Reader(reference, engine).covers(found.this)


class Reader:
    """Reads the parts of one condition."""

    def __init__(self, reference: Reference, engine: Engine) -> None:
        self.reference, self.engine = reference, engine
        self.mine = frozenset(c for c, _ in reference.pairs)

    def covers(self, node: Any) -> bool:
        """Whether the part is true of all rows that are meant."""
        from sqlglot import exp

        node = bare(node)
        if isinstance(node, exp.Or):
            return self.covers(node.this) or self.covers(node.expression)
        if isinstance(node, exp.And):
            return self.covers(node.this) and self.covers(node.expression)
        if self.filled(node) in self.mine:
            return True
        if isinstance(node, exp.Not):
            inner = bare(node.this)
            if isinstance(inner, exp.Exists):
                return self.matching(inner.this)
            return isinstance(inner, exp.In) and self.listing(inner)
        return isinstance(node, exp.In) and self.unmatched(node)

    def name(self, node: Any) -> str | None:
        """The name of a column; None for anything else."""
        from sqlglot import exp

        node = bare(node)
        return folded(node.this, self.engine) if isinstance(node, exp.Column) else None

    def plain(self, query: Any) -> Any:
        """The SELECT of a subquery that gives the rows it finds; None for one that groups, limits or combines."""
        from sqlglot import exp

        while isinstance(query, (exp.Subquery, exp.Paren)):
            query = query.this
        if not isinstance(query, exp.Select) or any(
            query.args.get(part) for part in ("group", "having", "limit", "offset", "fetch", "with", "with_")
        ):
            return None
        return None if any(one.find(exp.AggFunc, exp.Window) for one in query.expressions) else query

    def source(self, query: Any) -> Any:
        """What a SELECT reads first, if it is a table; None without a SELECT."""
        from sqlglot import exp

        if query is None:
            return None
        first = query.args.get("from") or query.args.get("from_")
        return first.this if first is not None and isinstance(first.this, exp.Table) else None

    def is_table(self, node: Any, name: str) -> bool:
        """Whether a source is the table of that name."""
        from sqlglot import exp

        return isinstance(node, exp.Table) and folded(node.this, self.engine) == name

    def alias(self, node: Any) -> str:
        """What a source is called in its query."""
        given = node.args.get("alias")
        return folded(given.this if given is not None else node.this, self.engine)

    def paired(self, conditions: list[Any], inner: Any) -> bool:
        """Whether conditions ask for equality of all the reference's columns, those of `inner` with those outside."""
        from sqlglot import exp

        called, found = self.alias(inner), set[tuple[str, str]]()
        for one in conditions:
            one = bare(one)
            if not isinstance(one, exp.EQ):
                continue
            sides = [bare(one.this), bare(one.expression)]
            if not all(isinstance(s, exp.Column) for s in sides):
                continue
            here = [self.inside(s, called) for s in sides]
            if here == [True, False]:
                sides.reverse()
            elif here != [False, True]:
                continue
            mine, theirs = (self.name(s) for s in sides)
            found.add((mine or "", theirs or ""))
        return found.issuperset(self.reference.pairs)

    def inside(self, column: Any, called: str) -> bool:
        """Whether a column is of the table referred to, in a query where that is called so."""
        owner = column.args.get("table")
        if owner is not None:
            return bool(folded(owner, self.engine) == called)
        return self.name(column) in self.reference.parent_columns

    def matching(self, query: Any) -> bool:
        """Whether EXISTS (query) is only true where the reference leads somewhere."""
        select = self.plain(query)
        source = self.source(select)
        if source is None or not self.is_table(source, self.reference.parent) or select.args.get("joins"):
            return False
        where = select.args.get("where")
        return where is not None and self.paired(list(conjuncts(where.this)), source)

    def listing(self, node: Any) -> bool:
        """Whether `x NOT IN (SELECT …)` lists keys of the table referred to, no NULL among them."""
        from sqlglot import exp

        select = self.plain(node.args.get("query"))
        source = self.source(select)
        if source is None or not self.is_table(source, self.reference.parent) or select.args.get("joins"):
            return False
        left = bare(node.this)
        mine = [self.name(c) for c in (left.expressions if isinstance(left, exp.Tuple) else [left])]
        theirs = [self.name(c) for c in select.expressions]
        if len(mine) != len(theirs) or set(zip(mine, theirs, strict=True)) != set(self.reference.pairs):
            return False
        where = select.args.get("where")
        filled = {self.filled(part) for part in (conjuncts(where.this) if where is not None else ())}
        return all(name in self.reference.parent_certain or name in filled for name in theirs)

    def filled(self, node: Any) -> str | None:
        """The column of an IS NOT NULL."""
        found, empty = asked_for_null(node)
        return self.name(found) if found is not None and not empty else None

    def unmatched(self, node: Any) -> bool:
        """Whether `x IN (SELECT …)` lists the rows that an outer join with the table referred to finds nothing for."""
        select = self.plain(node.args.get("query"))
        source = self.source(select)
        if source is None or not self.is_table(source, self.reference.child):
            return False
        joins = select.args.get("joins") or []
        if len(joins) != 1:
            return False
        join, mine, chosen = joins[0], self.name(node.this), [self.name(c) for c in select.expressions]
        if (join.side or "").upper() != "LEFT" or not self.is_table(join.this, self.reference.parent):
            return False
        if chosen != [mine] or mine not in (self.mine | self.reference.child_certain):
            return False
        on, where = join.args.get("on"), select.args.get("where")
        if on is None or where is None or not self.paired(list(conjuncts(on)), join.this):
            return False
        for part in conjuncts(where.this):
            column, empty = asked_for_null(part)
            if self.filled(part) in self.mine:
                continue
            if not empty or self.name(column) is None or not self.inside(bare(column), self.alias(join.this)):
                return False
        return True


def asked_for_null(node: Any) -> tuple[Any, bool]:
    """What IS NULL or IS NOT NULL asks about, and whether it is the former; None for anything else."""
    from sqlglot import exp

    node, empty = bare(node), True
    if isinstance(node, exp.Not):
        node, empty = bare(node.this), False
    if not isinstance(node, exp.Is) or not isinstance(node.expression, exp.Null):
        return None, False
    return node.this, empty is not bool(node.args.get("negate"))


def bare(node: Any) -> Any:
    """A node without the parentheses around it."""
    from sqlglot import exp

    while isinstance(node, exp.Paren):
        node = node.this
    return node
