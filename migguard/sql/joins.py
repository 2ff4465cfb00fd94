"""Which rows of a relation a join needs to look at, by an equality that it demands."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import field
from typing import Any, NamedTuple

from migguard.changes import Engine
from migguard.records import dataclass
from migguard.sql.queries import folded

Values = tuple[Any, ...]


class Demand(NamedTuple):
    """That a column of the joined relation, by its place, equals an expression over what is there already."""

    place: int
    other: Any


@dataclass(slots=True)
class Members:
    """The rows of one relation, found by the value of a column."""

    rows: list[Values]
    _by: dict[int, dict[Any, list[Values]] | None] = field(default_factory=dict)

    def having(self, place: int, value: Any) -> list[Values]:
        """The rows that may have a value there: all of them where values of several types may be equal."""
        if place not in self._by:
            self._by[place] = grouped(self.rows, place)
        found = self._by[place]
        if value is None:
            return []
        if found is None or (found and type(value) is not type(next(iter(found)))):
            return self.rows
        return found.get(value, [])


def grouped(rows: list[Values], place: int) -> dict[Any, list[Values]] | None:
    """Rows by the value of a column, without those that have none; None where its values are not all of one type."""
    kinds = {type(values[place]) for values in rows} - {type(None)}
    if len(kinds) > 1 or not kinds <= {str, int}:
        return None
    found: dict[Any, list[Values]] = {}
    for values in rows:
        if values[place] is not None:
            found.setdefault(values[place], []).append(values)
    return found


def demands(
    conditions: Iterator[Any], alias: str, columns: list[str], there: Set[str], engine: Engine
) -> Iterator[Demand]:
    """What conditions demand of the columns of a relation, by what can be told before it is joined.

    `there` are the aliases that are.
    """
    from sqlglot import exp

    for condition in conditions:
        if not isinstance(condition, exp.EQ) or condition.args.get("negate"):
            continue
        for one, other in ((condition.this, condition.expression), (condition.expression, condition.this)):
            if qualifier(one, engine) != alias or folded(one.this, engine) not in columns:
                continue
            if isinstance(other, exp.Literal) or qualifier(other, engine) in there:
                yield Demand(columns.index(folded(one.this, engine)), other)


def conjuncts(condition: Any) -> Iterator[Any]:
    """The conditions that must all hold for one to hold; none for None."""
    from sqlglot import exp

    if isinstance(condition, exp.Paren):
        yield from conjuncts(condition.this)
    elif isinstance(condition, exp.And) and not condition.args.get("negate"):
        yield from conjuncts(condition.this)
        yield from conjuncts(condition.expression)
    elif condition is not None:
        yield condition


def qualifier(node: Any, engine: Engine) -> str | None:
    """The alias that a column is named by; None for another expression, and for one without."""
    from sqlglot import exp

    table = node.args.get("table") if isinstance(node, exp.Column) else None
    return folded(table, engine) if table is not None else None
