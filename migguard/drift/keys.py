"""What differs between the constraints and indexes of two tables of one name."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator

from migguard.catalog.schema import ConstraintKind, ConstraintState, Index, Key, Table
from migguard.changes import IndexElement
from migguard.drift.details import Detail, Pair, constraint_text, element_text, listed, shown, text
from migguard.findings import Severity

WORDS = {
    ConstraintKind.PRIMARY: ("primary_key", "primary key"),
    ConstraintKind.UNIQUE: ("unique", "unique constraint"),
    ConstraintKind.CHECK: ("check", "CHECK"),
    ConstraintKind.FOREIGN: ("foreign_key", "foreign key"),
    ConstraintKind.EXCLUSION: ("exclusion", "exclusion constraint"),
}


def constraint_details(first: Table, second: Table, pair: Pair) -> Iterator[Detail]:
    """Constraints: those of one name are held together, then those that say the same under another name."""
    for kind in ConstraintKind:
        mine = {c.name: c for c in first.constraints if c.kind is kind}
        theirs = {c.name: c for c in second.constraints if c.kind is kind}
        for name in [n for n in mine if n in theirs]:
            yield from changed(first, second, mine.pop(name), theirs.pop(name), pair)
        for one in list(mine.values()):
            other = next((o for o in theirs.values() if alike(first, second, one, o, pair)), None)
            if other is None and kind is ConstraintKind.PRIMARY:
                other = next(iter(theirs.values()), None)
            if other is not None:
                del mine[one.name], theirs[other.name]
                yield from changed(first, second, one, other, pair)
        what, word = WORDS[kind]
        table = shown(second.key, pair.second)
        for one in mine.values():
            yield Detail(
                f"remove_{what}", f"the {word} {one.name} of {table}", definition(first, one, pair.first), "",
                second.key, one.name,
            )  # fmt: skip
        for one in theirs.values():
            yield Detail(
                f"add_{what}", f"the {word} {one.name} of {table}", "", definition(second, one, pair.second),
                second.key, one.name,
            )  # fmt: skip


def definition(table: Table, constraint: ConstraintState, catalog: object) -> str:
    """A constraint as its definition."""
    return constraint_text(constraint, table.index(constraint.index or ""), catalog)  # type: ignore[arg-type]


def alike(first: Table, second: Table, one: ConstraintState, other: ConstraintState, pair: Pair) -> bool:
    """Whether two constraints of one kind are about the same."""
    if one.kind is ConstraintKind.CHECK:
        return pair.equal(second.key, one.expression, other.expression)
    if one.kind is ConstraintKind.EXCLUSION:
        return definition(first, one, pair.first) == definition(second, other, pair.second)
    mine, theirs = (one.columns, one.references, one.references_columns), (
        other.columns, other.references, other.references_columns,
    )  # fmt: skip
    if one.kind is ConstraintKind.UNIQUE:
        return set(one.columns) == set(other.columns)
    return mine == theirs


def changed(first: Table, second: Table, one: ConstraintState, other: ConstraintState, pair: Pair) -> Iterator[Detail]:
    """What differs between two constraints that belong together."""
    what, word = WORDS[other.kind]
    table = shown(second.key, pair.second)
    also = one.name if one.name != other.name else None

    def made(kind: str, severity: Severity = Severity.ERROR) -> Detail:
        return Detail(
            kind, f"the {word} {other.name} of {table}", definition(first, one, pair.first),
            definition(second, other, pair.second), second.key, other.name, also, severity,
        )  # fmt: skip

    mine, theirs = facts(first, one), facts(second, other)
    conditions = pair.equal(second.key, one.expression, other.expression)
    backing, beside = first.index(one.index or ""), second.index(other.index or "")
    if backing is not None and beside is not None:
        conditions = conditions and pair.equal(second.key, backing.where, beside.where)
        if other.kind is ConstraintKind.EXCLUSION:
            conditions = conditions and same_elements(second.key, backing, beside, pair, every)
    if mine != theirs or not conditions:
        yield made(f"modify_{what}")
    elif one.valid != other.valid:
        yield made(f"modify_{what}_validity", Severity.WARNING)
    if also is not None and one.named and other.named:
        yield Detail(
            f"rename_{what}", f"the name of the {word} {other.name} of {table}", one.name, other.name, second.key,
            other.name, also, Severity.NOTICE,
        )  # fmt: skip
    if (one.comment or "") != (other.comment or ""):
        yield Detail(
            "modify_constraint_comment", f"the comment of the {word} {other.name} of {table}", one.comment or "",
            other.comment or "", second.key, other.name, also, Severity.NOTICE,
        )  # fmt: skip


def facts(table: Table, one: ConstraintState) -> tuple[Hashable, ...]:
    """What makes a constraint what it is, but for its expressions and whether old rows were looked at."""
    index = table.index(one.index or "")
    match = (one.match or "SIMPLE").upper()
    return (
        one.columns if one.kind not in (ConstraintKind.CHECK, ConstraintKind.EXCLUSION) else (),
        one.references, one.references_columns, one.on_delete, one.on_update, match, one.set_columns, one.enforced,
        one.deferrable, one.initially_deferred, one.no_inherit,
        (index.include, index.nulls_not_distinct, index.method) if index is not None else None,
    )  # fmt: skip


# --- indexes ------------------------------------------------------------------------------------------------------


def index_details(first: Table, second: Table, pair: Pair) -> Iterator[Detail]:
    """Indexes that back no constraint, by name."""
    mine = {i.name: i for i in first.indexes if i.constraint is None}
    theirs = {i.name: i for i in second.indexes if i.constraint is None}
    table = shown(second.key, pair.second)
    for name, one in mine.items():
        other = theirs.pop(name, None)
        if other is None:
            yield Detail("remove_index", f"the index {name} of {table}", index_text(one), "", second.key, name)
        else:
            yield from index_differences(table, second.key, one, other, pair)
    for name, other in theirs.items():
        yield Detail("add_index", f"the index {name} of {table}", "", index_text(other), second.key, name)


def index_text(index: Index) -> str:
    """An index as its definition."""
    made = f"{'UNIQUE ' if index.unique else ''}{index.method} ({', '.join(map(element_text, index.elements))})"
    return made + (f" WHERE {text(index.where)}" if index.where is not None else "")


def index_differences(table: str, key: Key, one: Index, other: Index, pair: Pair) -> Iterator[Detail]:
    """What differs between two indexes of one name."""
    worse = Severity.ERROR if one.unique or other.unique else Severity.WARNING

    def made(kind: str, what: str, mine: str, theirs: str, severity: Severity = worse) -> Detail:
        return Detail(
            kind, f"the {what} of the index {other.name} of {table}", mine, theirs, key, other.name, None, severity
        )

    if one.unique != other.unique:
        yield made("modify_index_unique", "uniqueness", unique(one), unique(other))
    if not same_elements(key, one, other, pair, lambda _: ()):
        yield made("modify_index_columns", "columns", keys(one, element_text), keys(other, element_text))
    elif [direction(e) for e in one.elements] != [direction(e) for e in other.elements]:
        yield made("modify_index_order", "order", keys(one, ordered), keys(other, ordered), Severity.WARNING)
    if [e.opclass for e in one.elements] != [e.opclass for e in other.elements]:
        yield made("modify_index_opclass", "operator class", keys(one, element_text), keys(other, element_text))
    if [e.collation for e in one.elements] != [e.collation for e in other.elements]:
        yield made("modify_index_collation", "collation", keys(one, collated), keys(other, collated))
    if one.method != other.method:
        yield made("modify_index_method", "method", one.method, other.method)
    if not pair.equal(key, one.where, other.where):
        yield made("modify_index_predicate", "predicate", text(one.where), text(other.where))
    if one.include != other.include:
        yield made("modify_index_include", "INCLUDE", listed(one.include), listed(other.include), Severity.WARNING)
    if one.nulls_not_distinct != other.nulls_not_distinct:
        yield made("modify_index_nulls", "treatment of NULLs", nulls(one), nulls(other))
    if dict(one.options) != dict(other.options):
        yield made("modify_index_options", "storage", options(one), options(other), Severity.NOTICE)
    if one.valid != other.valid:
        yield made("modify_index_validity", "state", state(one), state(other))


def every(element: IndexElement) -> tuple[Hashable, ...]:
    """All that an element of an exclusion constraint says besides its column."""
    return element.operator, element.opclass, element.collation


def same_elements(
    key: Key, one: Index, other: Index, pair: Pair, more: Callable[[IndexElement], tuple[Hashable, ...]]
) -> bool:
    """Whether two indexes have the same keys."""
    return len(one.elements) == len(other.elements) and all(
        a.column == b.column and pair.equal(key, a.expression, b.expression) and more(a) == more(b)
        for a, b in zip(one.elements, other.elements, strict=True)
    )


def direction(element: IndexElement) -> tuple[bool, bool]:
    """Which way a key is sorted, and where NULLs go."""
    return element.descending, element.descending if element.nulls_first is None else element.nulls_first


def keys(index: Index, spelled: Callable[[IndexElement], str]) -> str:
    """The keys of an index."""
    return f"({', '.join(map(spelled, index.elements))})"


def ordered(element: IndexElement) -> str:
    """A key with its direction."""
    descending, first = direction(element)
    made = f"{element_text(element)}{' DESC' if descending else ''}"
    return made if first == descending else f"{made} NULLS {'FIRST' if first else 'LAST'}"


def collated(element: IndexElement) -> str:
    """A key with its collation."""
    return f"{element_text(element)}{f' COLLATE {element.collation}' if element.collation else ''}"


def unique(index: Index) -> str:
    """Whether it is unique."""
    return "unique" if index.unique else "not unique"


def nulls(index: Index) -> str:
    """Whether NULLs are values."""
    return "NULLS NOT DISTINCT" if index.nulls_not_distinct else "NULLS DISTINCT"


def state(index: Index) -> str:
    """Whether it may be used."""
    return "valid" if index.valid else "INVALID"


def options(index: Index) -> str:
    """Storage options."""
    return ", ".join(f"{k}={v}" for k, v in sorted(index.options))
