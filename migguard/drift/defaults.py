"""Whether two server defaults are the same, without a server to ask."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from migguard.catalog.defaults import stored
from migguard.catalog.edit import Refused
from migguard.catalog.literals import Refusal, written
from migguard.catalog.schema import Catalog, Column
from migguard.changes import DataType
from migguard.effects.postgresql_functions import volatile_call
from migguard.sql.canonical import canonical
from migguard.sql.expressions import read_expression

ONE_SPELLING = frozenset(
    ["boolean", "uuid", "date", "timestamp without time zone", "timestamp with time zone", "jsonb", "bytea",
     "smallint", "integer", "bigint", "text", "character varying"]
)  # fmt: skip
"""Types of which the server shows each value, and an array of them, in one way only."""
NUMBERS = frozenset({"smallint", "integer", "bigint", "numeric", "real", "double precision"})


def same_default(ours: str, models: str, column: Column, catalog: Catalog) -> bool | None:
    """Whether the server would evaluate both as equal; None where that cannot be told.

    `ours` is the stored default's text, `models` the model's SQL. What a volatile function gives cannot be told: two
    calls on a server differ, whatever they are written like.
    """
    engine = catalog.server.engine
    first, second = read_expression(ours, engine), read_expression(models, engine)
    if not first.readable or not second.readable:
        return None
    try:
        left, right = stored(first, column.type, catalog), stored(second, column.type, catalog)
    except Refused:
        return None  # the column's type does not take it
    if left is None or right is None:
        return left is right
    if volatile_call(left, catalog) or volatile_call(right, catalog):
        return None
    if left.text == right.text:
        return True
    if left.constant is not None and right.constant is not None:
        return equal_constants(left.constant, right.constant, column.type, catalog)
    mine, theirs = canonical(left.text, engine), canonical(right.text, engine)
    return True if mine is not None and mine == theirs else None


def equal_constants(left: str, right: str, data_type: DataType | None, catalog: Catalog) -> bool | None:
    """Whether two literals of a type are one value; None for a type whose values are not compared here."""
    if left == right:
        return True
    if data_type is not None and data_type.name == "character" and not data_type.dimensions:
        return left.rstrip(" ") == right.rstrip(" ")  # the server pads both
    if data_type is not None and data_type.name in ONE_SPELLING:
        try:
            mine, theirs = written(left, data_type, catalog), written(right, data_type, catalog)
        except Refusal:
            return None
        if mine is not None and theirs is not None:
            return mine == theirs
    if data_type is not None and data_type.name in NUMBERS and not data_type.dimensions:
        try:
            return Decimal(left) == Decimal(right)
        except InvalidOperation:
            return None
    return (
        False if data_type is not None and data_type.name in ("text", "character varying", "boolean", "uuid") else None
    )
