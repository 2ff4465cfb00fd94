"""PostgreSQL: whether the bounds of partitions are what their table takes, and leave room for each other.

Source: check_new_partition_bound() in src/backend/partitioning/partbounds.c. Only constants whose order is certain are
compared: whole numbers, and dates and times as ISO 8601 spells them.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable

from migguard.catalog.edit import Refused
from migguard.catalog.lookup import type_at
from migguard.catalog.postgresql_assignment import beneath
from migguard.catalog.schema import Catalog, EnumType, Key, RefusalKind, Table
from migguard.changes import PartitionBound

Point = tuple[str | None, ...]


def refuse_bound(catalog: Catalog, parent: Table, child: Key, bound: PartitionBound | None) -> None:
    """Raise Refused for a bound that is not of the table's kind, is empty, or overlaps another partition's."""
    by = parent.partition_by
    if by is None or bound is None:
        return
    strategy = by.strategy.lower()
    if bound.default:
        if strategy == "hash":
            raise Refused(RefusalKind.INVALID, f"{parent.key[1]} is partitioned by hash, and has no default", child[1])
    elif strategy != kind_of(bound):
        message = f"{parent.key[1]} is partitioned by {strategy}, and this bound is one of {kind_of(bound)} partitions"
        raise Refused(RefusalKind.INVALID, message, child[1])
    elif strategy == "range" and not len(bound.lower) == len(bound.upper) == len(by.columns):
        message = f"the bounds of {child[1]} must have one value for each column of the partition key"
        raise Refused(RefusalKind.INVALID, message, child[1])
    elif strategy == "range" and empty(catalog, parent, bound):
        raise Refused(RefusalKind.INVALID, f"the range of {child[1]} is empty", child[1])
    for other_key in catalog.children.get(parent.key, ()):
        other = catalog.tables.get(other_key)
        if other is None or other_key == child or other.partition_of != parent.key or other.bound is None:
            continue
        if overlap(catalog, parent, bound, other.bound):
            there = "is the default partition already" if bound.default else f"overlaps the bounds of {child[1]}"
            raise Refused(RefusalKind.INVALID, f"the partition {other_key[1]} {there}", child[1])


def kind_of(bound: PartitionBound) -> str:
    """The strategy that a bound is for."""
    if bound.modulus is not None:
        return "hash"
    return "list" if bound.values else "range"


def overlap(catalog: Catalog, parent: Table, one: PartitionBound, other: PartitionBound) -> bool:
    """Whether two partitions certainly claim the same rows."""
    if one.default or other.default:
        return one.default and other.default
    if one.modulus is not None and other.modulus is not None:
        smaller = min(one.modulus, other.modulus)
        return smaller > 0 and (one.remainder or 0) % smaller == (other.remainder or 0) % smaller
    assert parent.partition_by is not None
    readers = [reader(catalog, parent, name) for name in parent.partition_by.columns]
    if one.values or other.values:
        return len(readers) == 1 and same_member(one.values, other.values, readers[0])
    starts, ends = before(one.lower, other.upper, readers), before(other.lower, one.upper, readers)
    return starts is True and ends is True


def empty(catalog: Catalog, parent: Table, bound: PartitionBound) -> bool:
    """Whether a range certainly holds nothing."""
    assert parent.partition_by is not None
    return before(bound.lower, bound.upper, [reader(catalog, parent, n) for n in parent.partition_by.columns]) is False


Read = Callable[[str], "int | datetime.datetime | str | None"]


def reader(catalog: Catalog, parent: Table, name: str | None) -> Read | None:
    """What turns a constant into a value that can be compared; None where the type's order is not certain."""
    column = parent.column(name) if name is not None else None
    if column is None or column.type is None or column.assumed or column.type.dimensions:
        return None
    kind = beneath(column.type, catalog)
    if kind.name in ("smallint", "integer", "bigint"):
        return number
    if kind.name == "date":
        return day
    if kind.name == "timestamp without time zone" and not kind.arguments:
        return moment
    zoned = "timezone" in catalog.variables or "timezone" in catalog.local_variables
    if kind.name == "timestamp with time zone" and not kind.arguments and not zoned:
        return moment
    if kind.name in ("text", "character varying") or isinstance(type_at(catalog, kind), EnumType):
        return str
    return None


def number(text: str) -> int | None:
    """A whole number."""
    return int(text) if text.lstrip("-").isdigit() and text.isascii() else None


def moment(text: str) -> datetime.datetime | None:
    """A date or time in ISO 8601; None with a time zone, and for any other spelling."""
    if len(text) < 10 or text[4] != "-" or text[7] != "-":
        return None
    try:
        read = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    return read if read.tzinfo is None else None


def day(text: str) -> datetime.datetime | None:
    """A date; a time of day behind it is cut off, as the type does."""
    read = moment(text)
    return read and datetime.datetime(read.year, read.month, read.day)


def same_member(one: Point, other: Point, read: Read | None) -> bool:
    """Whether two lists have a member in common; None is NULL."""
    if None in one and None in other:
        return True
    if read is None:
        return False
    values = {read(v) for v in one if v is not None} - {None}
    return any(read(v) in values for v in other if v is not None)


def before(low: Point, high: Point, readers: list[Read | None]) -> bool | None:
    """Whether a lower bound is below an upper one; None where that is not certain.

    Of MINVALUE and MAXVALUE only one can stand in the only column of a bound. In longer bounds both are None here.
    """
    if len(readers) == 1 and (low == (None,) or high == (None,)):
        return True
    for left, right, read in zip(low, high, readers, strict=False):
        if left is None or right is None or read is None or read is str:
            return None
        one, other = read(left), read(right)
        if one is None or other is None:
            return None
        if one != other:
            return one < other  # type: ignore[operator]  # both are of the column's type
    return False
