"""What an index is good for: whether it does all that another does, and whether it serves a foreign key."""

from collections.abc import Iterable
from dataclasses import replace

from migguard.catalog.schema import Index
from migguard.changes import Expression, IndexElement


def covers(other: Index, index: Index) -> bool:
    """Whether an index finds, and forbids, all that the second does."""
    if (other.method, other.kind, condition(other)) != (index.method, index.kind, condition(index)):
        return False
    if not other.valid or len(other.elements) < len(index.elements) or index.primary:
        return False
    if index.unique and not (other.unique and len(other.elements) == len(index.elements)):
        return False
    if index.unique and other.nulls_not_distinct != index.nulls_not_distinct and not other.primary:
        return False
    if (index.method != "btree" or index.kind is not None) and len(other.elements) != len(index.elements):
        return False
    if index.constraint is not None and any(e.operator for e in index.elements):
        return False
    there = {e.column for e in other.elements} | set(other.include)
    return set(index.include) <= there and begins(other.elements, index.elements)


def condition(index: Index) -> str | None:
    """The condition of a partial index, without its spacing."""
    return " ".join(index.where.text.split()) if index.where is not None else None


def begins(longer: tuple[IndexElement, ...], shorter: tuple[IndexElement, ...]) -> bool:
    """Whether the shorter key is the beginning of the longer, read in either direction."""
    pairs = list(zip(longer, shorter, strict=False))
    if any(what(a) != what(b) or (a.prefix is not None and a.prefix != b.prefix) for a, b in pairs):
        return False
    turned = {direction(a) == direction(b) for a, b in pairs}
    backwards = all(direction(a) == (not b.descending, not direction(b)[1]) for a, b in pairs)
    return turned <= {True} or backwards


def what(element: IndexElement) -> tuple[str | None, ...]:
    """What an element indexes: a column or an expression, by which rules."""
    text = " ".join(element.expression.text.split()) if element.expression is not None else None
    return element.column, text, element.opclass, element.collation


def direction(element: IndexElement) -> tuple[bool, bool]:
    """Whether it descends, and whether NULLs come first."""
    first = element.nulls_first if element.nulls_first is not None else element.descending
    return element.descending, first


def serves(index: Index, columns: tuple[str, ...]) -> bool:
    """Whether an index finds the rows that have given values in these columns, all or those that a row alone has."""
    wanted = {c.lower() for c in columns}
    whole = {(c or "").lower() for c in index.columns}
    if index.unique and index.valid and index.where is None and whole < wanted and index.method == "btree":
        return True
    first = {(c or "").lower() for c in index.columns[: len(columns)]}
    if not index.valid or index.kind is not None or first != wanted:
        return False
    if index.where is not None and not only_nulls_left_out(index.where, columns):
        return False
    return index.method == "btree" or (index.method == "hash" and len(index.elements) == 1)


def narrowed(indexes: Iterable[Index], columns: tuple[str, ...]) -> tuple[str, ...]:
    """The columns by one of which an index finds rows among which those with given values in all columns are."""
    firsts: set[str] = set()
    for index in indexes:
        left_out = index.where is not None and not only_nulls_left_out(index.where, columns)
        if index.valid and index.kind is None and index.method in ("btree", "hash") and not left_out:
            firsts |= {(c or "").lower() for c in index.columns[:1]}
    return tuple(c for c in columns if c.lower() in firsts)


def partly(indexes: Iterable[Index], columns: tuple[str, ...]) -> bool:
    """Whether a partial index that leaves out more than NULLs would serve a foreign key but for that."""
    partial = (i for i in indexes if i.where is not None and not only_nulls_left_out(i.where, columns))
    return any(serves(replace(i, where=None, unique=False), columns) for i in partial)


def only_nulls_left_out(where: Expression, columns: tuple[str, ...]) -> bool:
    """Whether a partial index has every row in which the columns are not NULL."""
    return where.conjunctive and all(c.operator == "is not null" and c.column in columns for c in where.conditions)
