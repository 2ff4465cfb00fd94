"""Two catalogs side by side: every difference by name. Identities, column order and equal spellings do not count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from immutables import Map

from migguard.catalog.lookup import TEMPORARY
from migguard.catalog.meant_names import constraint_meant
from migguard.catalog.schema import Catalog, Column, ConstraintState, EnumType, Index, Key, SequenceState, Table, View
from migguard.catalog.types import format_type
from migguard.changes import DataType, Expression
from migguard.records import dataclass

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: `kind` such as table, column, type, nullability, default; `detail` says it in words.

    `doubtful` where it rests on a name that nobody knows: what seems lost may be what is left behind. `table` is the
    table in which it is, as `name` would show it; empty for what is in none.
    """

    kind: str
    name: str
    detail: str
    doubtful: bool = False
    table: str = ""


def shown(key: Key, catalog: Catalog) -> str:
    """A relation's name for a sentence."""
    return key[1] if key[0] == catalog.default_schema else f"{key[0]}.{key[1]}"


def differences(before: Catalog, after: Catalog) -> tuple[Difference, ...]:
    """What the second catalog has more, less or otherwise than the first. What is temporary goes with its session."""
    found: list[Difference] = []
    before, after = lasting(before), lasting(after)
    if before.tables is not after.tables:
        found += table_differences(before, after)
    if before.types is not after.types:
        found += type_differences(before, after)
    if before.sequences is not after.sequences:
        found += sequence_differences(before, after)
    if before.views is not after.views:
        found += view_differences(before, after)
    if before.functions is not after.functions:
        for key in sorted(set(before.functions) ^ set(after.functions)):
            found.append(existence("function", key[1], key in after.functions))
    for kind, old, new in (
        ("extension", before.extensions, after.extensions),
        ("schema", before.schemas, after.schemas),
    ):
        met = after.assumed_schemas if kind == "schema" else frozenset()  # was there, and was first met in between
        found += [existence(kind, name, name in new) for name in sorted((old ^ new) - (new & met))]
    found += [existence(k, n, (k, n) in after.others) for k, n in sorted(before.others ^ after.others)]
    return tuple(found)


def lasting(catalog: Catalog) -> Catalog:
    """The catalog without what is temporary."""
    if TEMPORARY not in catalog.schemas:
        return catalog
    return replace(
        catalog,
        tables=settled(catalog.tables),
        types=settled(catalog.types),
        sequences=settled(catalog.sequences),
        views=settled(catalog.views),
        functions=settled(catalog.functions),
        schemas=catalog.schemas - {TEMPORARY},
    )


def settled(held: Map[Key, Part]) -> Map[Key, Part]:
    """What is not in the schema of temporary things. The same map where nothing is."""
    for key in [key for key in held if key[0] == TEMPORARY]:
        held = held.delete(key)
    return held


def existence(kind: str, name: str, left: bool) -> Difference:
    """Something that is left behind, or lost."""
    return Difference(kind, name, f"the {kind} {name} is {'left behind' if left else 'lost'}")


def table_differences(before: Catalog, after: Catalog) -> Iterator[Difference]:
    """Tables, and what is in them."""
    touched = {key for key, table in before.tables.items() if table is not after.tables.get(key)}
    for key in sorted(touched | {key for key in after.tables if key not in before.tables}):
        old, new = before.tables.get(key), after.tables.get(key)
        if old is new or (new is not None and key in after.assumed) or (old is not None and key in before.assumed):
            continue
        if old is None and new is not None and new.oid < 0:
            continue  # it was there, and was first met here
        if old is None or new is None:
            yield existence("table", shown(key, before), old is None)
        else:
            within = shown(old.key, before)
            yield from (replace(d, table=within) for d in inside(old, new, before, after))


def inside(old: Table, new: Table, before: Catalog, after: Catalog) -> Iterator[Difference]:
    """What is in a table."""
    name = shown(old.key, before)
    if old.columns is not new.columns:
        columns = {c.name: c for c in new.columns}
        theirs = {c.name for c in old.columns}
        for column in old.columns:
            if column.name not in columns:
                yield existence("column", f"{name}.{column.name}", False)
            else:
                yield from column_differences(name, column, columns[column.name], before, after)
        for column in new.columns:
            if column.name not in theirs:
                yield existence("column", f"{name}.{column.name}", True)
    if old.constraints is not new.constraints:
        validated = {c.name for c in new.constraints if c.valid}  # nothing takes that back, and it is no loss
        was = {c.name: constraint_facts(c, c.valid or c.name in validated) for c in old.constraints}
        now = {c.name: constraint_facts(c, c.valid) for c in new.constraints}
        yield from named(name, "constraint", was, now, meant(old, new) if after.unknown_names else None)
    if old.indexes is not new.indexes:
        was, now = ({i.name: index_facts(i) for i in side.indexes if not i.constraint} for side in (old, new))
        yield from named(name, "index", was, now, {} if after.unknown_names else None)
    had, has = ({t.name: (t.function, t.events) for t in side.triggers} for side in (old, new))
    yield from named(name, "trigger", had, has)
    yield from named(name, "policy", {n: (k,) for k, n in old.policies}, {n: (k,) for k, n in new.policies})
    for what, a, b in (
        ("comment", old.comment, new.comment),
        ("persistence", old.persistence, new.persistence),
        ("partitioning", old.partition_by, new.partition_by),
        ("parent", old.partition_of, new.partition_of),
        ("row level security", old.row_security, new.row_security),
    ):
        if (a or None) != (b or None):
            yield Difference(what, name, f"the {what} of {name} differs")


def named(
    table: str,
    kind: str,
    old: Mapping[str, object],
    new: Mapping[str, object],
    known: Mapping[str, str] | None = None,
) -> Iterator[Difference]:
    """Things of a table that have names: gone, left, otherwise, or the same under another name.

    Where names are not known, `known` says which name in the second stands for one in the first, as far as they tell;
    another name is then no difference.
    """
    pairs = {a: b for a, b in (known or {}).items() if a in old and b in new}
    left = [n for n in sorted(new) if n not in old and n not in pairs.values()]
    for name in sorted(n for n in old if n not in new and n not in pairs):
        twin = next((n for n in left if new[n] == old[name]), None)
        if twin is not None:
            left.remove(twin)
            pairs[name] = twin
    for name, twin in sorted(pairs.items()):
        if old[name] != new[twin]:
            yield Difference(kind, name, f"the {kind} {twin} of {table} may differ", doubtful=True)
        elif known is None:
            yield Difference(kind, name, f"the {kind} {name} of {table} has another name now: {twin}")
    lost, kept = old.keys() - new.keys() - pairs.keys(), new.keys() - old.keys() - set(pairs.values())
    doubtful = known is not None and bool(lost) and bool(kept)
    for name in sorted((old.keys() | new.keys()) - pairs.keys() - set(pairs.values())):
        if name in lost or name in kept:
            what = f"{'may be' if doubtful else 'is'} {'left behind' if name in kept else 'lost'}"
            yield Difference(kind, name, f"the {kind} {name} of {table} {what}", doubtful)
        elif old[name] != new[name]:
            yield Difference(kind, name, f"the {kind} {name} of {table} differs")


def meant(old: Table, new: Table) -> dict[str, str]:
    """Which constraint of the second table is one of the first under the name that a convention made of it."""
    theirs, found = {c.name for c in new.constraints}, {}
    gone = replace(old, constraints=tuple(c for c in old.constraints if c.name not in theirs))
    ours = {c.name for c in old.constraints}
    for constraint in new.constraints:
        if constraint.name not in ours:
            one = constraint_meant(gone, constraint.name, constraint.kind, strict=True)
            if one is not None and one.name not in found:
                found[one.name] = constraint.name
    return found


def column_differences(table: str, old: Column, new: Column, before: Catalog, after: Catalog) -> Iterator[Difference]:
    """What differs in a column."""
    if old is new:
        return
    name = f"{table}.{old.name}"
    unknown = before.assumed_types | after.assumed_types
    if old.type is not None and new.type is not None and not {old.type.name, new.type.name} & unknown:
        a, b = format_type(old.type, before), format_type(new.type, after)
        if a != b and reordered(old.type, new.type):
            yield Difference("type", name, f"the values of the type of {name} are in another order than they were")
        elif a != b:
            yield Difference("type", name, f"the type of {name} is {b} and was {a}")
    if old.nullable != new.nullable:
        yield Difference("nullability", name, f"{name} is {'nullable' if new.nullable else 'NOT NULL'} and was not")
    if spelling(old.default) != spelling(new.default):
        was, now = old.default.text if old.default else "none", new.default.text if new.default else "none"
        yield Difference("default", name, f"the default of {name} is {now} and was {was}")
    if spelling(old.generated) != spelling(new.generated) or old.stored != new.stored:
        yield Difference("generated", name, f"the generation of {name} differs")
    if old.identity != new.identity or old.auto_increment != new.auto_increment:
        yield Difference("identity", name, f"the identity of {name} differs")
    if (old.comment or None) != (new.comment or None):
        yield Difference("comment", name, f"the comment of {name} is {'lost' if not new.comment else 'another'}")
    if (old.collation or None) != (new.collation or None):
        yield Difference("collation", name, f"the collation of {name} differs")


def reordered(old: DataType, new: DataType) -> bool:
    """Whether two enums of a column's own differ in the order of their values alone."""
    return (
        old.name == new.name == "enum"
        and old.attributes == new.attributes
        and sorted(old.arguments) == sorted(new.arguments)
    )


def spelling(expression: Expression | None) -> object:
    """What an expression means, as far as that can be told: a constant by its value, else its words."""
    if expression is None or expression.is_null:
        return None
    if expression.constant is not None:
        value = expression.constant
        try:
            return float(value)
        except ValueError:
            return value.lower() if value.lower() in ("true", "false") else value
    text = " ".join(expression.text.split()).lower()
    while text.startswith("(") and text.endswith(")") and text.count("(") == 1:
        text = text[1:-1].strip()
    return "now()" if text in ("current_timestamp", "current_timestamp()") else text


def constraint_facts(constraint: ConstraintState, valid: bool) -> object:
    """What makes a constraint what it is."""
    return (
        constraint.kind, frozenset(constraint.columns) if constraint.expression is not None else constraint.columns,
        spelling(constraint.expression), constraint.references, constraint.references_columns, constraint.on_delete,
        constraint.on_update, valid, constraint.enforced, constraint.deferrable, constraint.initially_deferred,
    )  # fmt: skip


def index_facts(index: Index) -> object:
    """What makes an index what it is."""
    keys = tuple(
        (e.column, spelling(e.expression), e.descending, e.opclass, e.collation, e.prefix) for e in index.elements
    )
    return keys, index.unique, index.method, index.include, spelling(index.where), index.nulls_not_distinct, index.kind


def type_differences(before: Catalog, after: Catalog) -> Iterator[Difference]:
    """User types."""
    for key in sorted(set(before.types) | set(after.types)):
        old, new = before.types.get(key), after.types.get(key)
        if old is new:
            continue
        if old is None or new is None:
            there = old or new
            kind = "enum type" if isinstance(there, EnumType) else "type"
            yield existence(kind, shown(key, before), old is None)
        elif isinstance(old, EnumType) and isinstance(new, EnumType) and old.labels != new.labels:
            if sorted(old.labels) == sorted(new.labels):  # which orders they are may differ from run to run
                order = f"the values of the enum type {key[1]} are in another order than they were"
                yield Difference("enum type", key[1], order)
                continue
            labels, earlier = ", ".join(new.labels), ", ".join(old.labels)
            yield Difference(
                "enum type", key[1], f"the values of the enum type {key[1]} are ({labels}) and were ({earlier})"
            )
        elif old != new and not isinstance(old, EnumType):
            yield Difference("type", key[1], f"the type {key[1]} differs")


def sequence_differences(before: Catalog, after: Catalog) -> Iterator[Difference]:
    """Sequences that stand by themselves or are a column's that is there in both: others come and go with theirs."""

    def own(catalog: Catalog, key: Key) -> SequenceState | None:
        found = catalog.sequences.get(key)
        return found if found is not None and found.owner is None else None

    for key in sorted(set(before.sequences) | set(after.sequences)):
        old, new = own(before, key), own(after, key)
        if (old is None) != (new is None) and before.sequences.get(key) != after.sequences.get(key):
            yield existence("sequence", shown(key, before), old is None)
        elif old != new and old is not None:
            yield Difference("sequence", key[1], f"the sequence {key[1]} differs")
    for one, other, left in ((before, after, False), (after, before, True)):
        has = {s.owner for s in other.sequences.values()}
        for key, sequence in sorted(one.sequences.items()):
            if sequence.owner in has or key in other.sequences or sequence.internal:
                continue
            if sequence.owner is not None and all(column_at(sequence.owner, c) for c in (one, other)):
                table = shown(sequence.owner[0], before)
                whose = f"{table}.{sequence.owner[1]}"
                said = f"the sequence {shown(key, before)} of {whose} is {'left behind' if left else 'lost'}"
                yield Difference("sequence", whose, said, table=table)


def column_at(owner: tuple[Key, str], catalog: Catalog) -> Column | None:
    """The column that owns a sequence."""
    table = catalog.tables.get(owner[0])
    return table.column(owner[1]) if table is not None else None


def view_differences(before: Catalog, after: Catalog) -> Iterator[Difference]:
    """Views."""

    def words(view: View) -> str:
        return " ".join(view.query.text.split()).lower()

    for key in sorted(set(before.views) | set(after.views)):
        old, new = before.views.get(key), after.views.get(key)
        if old is None or new is None:
            yield existence("view", shown(key, before), old is None)
        elif old is not new and words(old) != words(new):
            yield Difference("view", key[1], f"the view {key[1]} is defined otherwise")
