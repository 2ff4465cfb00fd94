"""Whether a CHECK passes rows whose columns are all as the server makes them: NULL, or a constant default."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from migguard.catalog.schema import Column
from migguard.changes import Engine, Expression, Name
from migguard.sql.evaluate import Relation, evaluate
from migguard.sql.query_values import CannotEvaluate

NUMBERS = frozenset({"smallint", "integer", "bigint", "numeric", "real", "double precision"})
TEXTS = frozenset({"text", "character varying"})
TRUTHS = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}


def passes_as_made(check: Expression, columns: Sequence[Column], engine: Engine) -> bool | None:
    """Whether a row of those columns alone, left as they are made, is not refused; None where that cannot be told."""
    row: dict[str, Any] = {}
    for column in columns:
        if column.generated is not None or column.identity is not None:
            return None
        if column.default is None:
            row[column.name] = None
            continue
        value = constant(column)
        if value is None:
            return None
        row[column.name] = value
    made = Relation(tuple(row), [row])
    try:
        found = evaluate(f"SELECT {check.text} FROM made", None, engine, lambda name: one(name, made), function)
    except CannotEvaluate:
        return None
    [[answer]] = found.rows
    return answer is not False if answer is None or isinstance(answer, bool) else None


def one(name: Name, made: Relation) -> Relation | None:
    """The only relation that there is."""
    return made if name == Name("made") else None


def constant(column: Column) -> Any:
    """A constant default as a value of the column's type; None where it is not known for one."""
    text = column.default.constant if column.default is not None else None
    if text is None or column.type is None or column.type.dimensions:
        return None
    if column.type.name in TEXTS:
        return text
    if column.type.name == "boolean":
        return TRUTHS.get(text.lower())
    if column.type.name in NUMBERS:
        try:
            return int(text)
        except ValueError:
            return None
    return None


def function(name: str, arguments: list[Any]) -> Any:
    """The functions about NULL that checks use."""
    if name in ("num_nonnulls", "num_nulls"):
        return sum((value is None) is (name == "num_nulls") for value in arguments)
    raise CannotEvaluate(name)
