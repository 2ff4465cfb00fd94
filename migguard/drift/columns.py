"""What differs between two columns of one name."""

from __future__ import annotations

from collections.abc import Iterator

from migguard.catalog.schema import Catalog, Column, Key, SequenceState, Table
from migguard.drift.defaults import same_default
from migguard.drift.details import Detail, Pair, shown, text, type_of
from migguard.findings import Severity

SERIAL = "a sequence of its own"
OPTIONS = ("start", "increment", "minimum", "maximum", "cache", "cycle")


def column_details(first: Table, second: Table, pair: Pair) -> Iterator[Detail]:
    """Columns of one side only, and what differs in those of both."""
    name = shown(second.key, pair.second)
    theirs = {c.name: c for c in second.columns}
    for column in first.columns:
        other = theirs.pop(column.name, None)
        if other is None:
            yield Detail(
                "remove_column", f"the column {column.name} of {name}", type_of(column, pair.first), "",
                second.key, column.name,
            )  # fmt: skip
        else:
            yield from column_differences(name, second.key, column, other, pair)
    for column in theirs.values():
        yield Detail(
            "add_column", f"the column {column.name} of {name}", "", type_of(column, pair.second),
            second.key, column.name,
        )  # fmt: skip


def column_differences(table: str, key: Key, first: Column, second: Column, pair: Pair) -> Iterator[Detail]:
    """What differs in a column."""
    name = f"{table}.{second.name}"

    def made(kind: str, what: str, mine: str, theirs: str, severity: Severity = Severity.ERROR) -> Detail:
        return Detail(kind, f"the {what} of {name}", mine, theirs, key, second.name, severity=severity)

    mine, theirs = type_of(first, pair.first), type_of(second, pair.second)
    if mine and theirs and mine != theirs:
        yield made("modify_type", "type", mine, theirs)
    if first.nullable != second.nullable:
        yield made("modify_nullable", "nullability", nullability(first), nullability(second))
    other_way = first.identity is None and second.identity is not None and counting(first, key, pair.first)
    other_way = other_way or (
        first.identity is not None and second.identity is None and counting(second, key, pair.second)
    )
    if not other_way and not same_value(first, second, key, pair):
        severity = Severity.ERROR if second.default is not None else Severity.WARNING
        yield made("modify_default", "default", value(first), value(second), severity)
    if (
        (first.generated is None) != (second.generated is None)
        or first.stored != second.stored
        or not pair.equal(key, first.generated, second.generated)
    ):
        yield made("modify_computed", "generation", generation(first), generation(second))
    mine, theirs = identity(first, pair.first), identity(second, pair.second)
    if other_way:
        yield made("modify_identity", "way of counting", mine or SERIAL, theirs or SERIAL, Severity.WARNING)
    elif mine != theirs:
        yield made("modify_identity", "identity", mine, theirs)
    if (first.collation or "") != (second.collation or ""):
        yield made("modify_collation", "collation", first.collation or "", second.collation or "")
    if (first.comment or "") != (second.comment or ""):
        yield made("modify_comment", "comment", first.comment or "", second.comment or "", Severity.NOTICE)


def nullability(column: Column) -> str:
    """NULL or NOT NULL."""
    return "NULL" if column.nullable else "NOT NULL"


def same_value(first: Column, second: Column, key: Key, pair: Pair) -> bool:
    """Whether the server would fill both alike; a sequence that a column owns is as good as another."""
    one, other = first.default, second.default
    if one is None or other is None:
        return one is other
    if counting(first, key, pair.first) and counting(second, key, pair.second):
        return True
    if one.text == other.text:
        return True
    decided = same_default(one.text, other.text, second, pair.second)
    return decided if decided is not None else pair.equal_texts(key, one.text, other.text)


def counting(column: Column, key: Key, catalog: Catalog) -> bool:
    """Whether a column counts by a sequence that it owns."""
    counts = column.default is not None and "nextval" in column.default.functions
    return counts and any(s.owner == (key, column.name) for s in catalog.sequences.values())


def value(column: Column) -> str:
    """A default, in words where the server counts."""
    return SERIAL if column.serial else text(column.default)


def generation(column: Column) -> str:
    """How a column is computed."""
    if column.generated is None:
        return ""
    return f"AS ({column.generated.text}) {'STORED' if column.stored else 'VIRTUAL'}"


def identity(column: Column, catalog: Catalog) -> str:
    """An identity, with those options of its sequence that are not the usual ones."""
    if column.identity is None:
        return ""
    found = catalog.sequences.get(column.sequence) if column.sequence is not None else None
    options = sequence_options(found)
    return f"{column.identity}{f' ({options})' if options else ''}"


def sequence_options(sequence: SequenceState | None) -> str:
    """The options of a sequence that are not the usual ones."""
    if sequence is None:
        return ""
    usual = SequenceState(sequence.key, maximum=MAXIMUM.get(sequence.data_type, MAXIMUM["bigint"]))
    return ", ".join(f"{o} {getattr(sequence, o)}" for o in OPTIONS if getattr(sequence, o) != getattr(usual, o))


MAXIMUM = {"smallint": 32767, "integer": 2147483647, "bigint": 9223372036854775807}
