"""Two catalogs held against each other: everything that a server keeps of a schema, by name."""

from __future__ import annotations

from collections.abc import Iterator

from migguard.catalog.schema import CompositeType, DomainType, EnumType, Key, SequenceState, Table, UserType, View
from migguard.catalog.types import format_type
from migguard.changes import Persistence
from migguard.drift.columns import column_details, sequence_options
from migguard.drift.details import Detail, Pair, constraint_text, shown, text
from migguard.drift.keys import constraint_details, index_details
from migguard.findings import Severity

EXTRA = frozenset({"pg_temp"})


def table_details(key: Key, pair: Pair) -> Iterator[Detail]:
    """What differs in a table that both sides have."""
    first, second = pair.first.tables[key], pair.second.tables[key]
    if first is second:
        return
    yield from column_details(first, second, pair)
    yield from constraint_details(first, second, pair)
    yield from index_details(first, second, pair)
    name = shown(key, pair.second)
    for kind, what, mine, theirs, severity in (
        ("modify_table_comment", "comment", first.comment or "", second.comment or "", Severity.NOTICE),
        ("modify_persistence", "persistence", persistence(first), persistence(second), Severity.ERROR),
        ("modify_partitioning", "partitioning", partitioning(first), partitioning(second), Severity.ERROR),
        ("modify_inheritance", "parents", parents(first), parents(second), Severity.ERROR),
        ("modify_table_options", "storage", storage(first), storage(second), Severity.NOTICE),
    ):
        if mine != theirs:
            yield Detail(kind, f"the {what} of {name}", mine, theirs, key, severity=severity)


def persistence(table: Table) -> str:
    """Whether it survives a crash."""
    return "UNLOGGED" if table.persistence is Persistence.UNLOGGED else "LOGGED"


def partitioning(table: Table) -> str:
    """How it is cut into partitions."""
    by = table.partition_by
    return f"{by}" if by is not None else ""


def parents(table: Table) -> str:
    """What it inherits from, or is a partition of."""
    above = (*table.inherits, *([table.partition_of] if table.partition_of is not None else []))
    return ", ".join(".".join(k) for k in above)


def storage(table: Table) -> str:
    """Storage options."""
    return ", ".join(f"{k}={v}" for k, v in sorted(table.options.items()))


def guard_details(key: Key, pair: Pair) -> Iterator[Detail]:
    """Triggers, policies and row level security of a table that both sides have."""
    first, second = pair.first.tables[key], pair.second.tables[key]
    name = shown(key, pair.second)
    mine = {t.name: (t.function, t.events, t.timing) for t in first.triggers}
    theirs = {t.name: (t.function, t.events, t.timing) for t in second.triggers}
    for one in sorted(mine.keys() | theirs.keys()):
        if mine.get(one) != theirs.get(one):
            yield present(f"the trigger {one} of {name}", "trigger", one in mine, one in theirs, key, one)
    for kind, one in sorted(set(first.policies) ^ set(second.policies)):
        both = (kind, one)
        yield present(f"the {kind} {one} of {name}", kind, both in first.policies, both in second.policies, key, one)
    if first.row_security != second.row_security:
        mine_is, theirs_is = ("on" if t.row_security else "off" for t in (first, second))
        yield Detail("modify_row_security", f"row level security of {name}", mine_is, theirs_is, key)


def present(what: str, kind: str, first: bool, second: bool, key: Key, name: str | None, inside: bool = True) -> Detail:
    """Something that is there on one side only, or on both and otherwise."""
    verb = "modify" if first and second else "remove" if first else "add"
    mine, theirs = ("another definition", "one") if first and second else ("one" * first, "one" * second)
    return Detail(f"{verb}_{kind}", what, mine, theirs, key, name, inside=inside)


# --- what stands in no table --------------------------------------------------------------------------------------


def type_details(keys: set[Key], pair: Pair) -> Iterator[Detail]:
    """User types of both sides or of one."""
    for key in sorted(keys):
        first, second = pair.first.types.get(key), pair.second.types.get(key)
        mine = type_text(first, pair) if first is not None else ""
        theirs = type_text(second, pair) if second is not None else ""
        there = second or first
        kind = "enum" if isinstance(there, EnumType) else "domain" if isinstance(there, DomainType) else "type"
        name = shown(key, pair.second)
        if isinstance(first, DomainType) and isinstance(second, DomainType) and same_domain(first, second, pair):
            continue
        if mine != theirs:
            verb = "modify" if first is not None and second is not None else "remove" if first is not None else "add"
            what = f"the values of the enum {name}" if kind == "enum" else f"the {kind} {name}"
            yield Detail(f"{verb}_{kind}", what, mine, theirs, key, key[1], inside=False)


def type_text(one: UserType, pair: Pair) -> str:
    """A user type as its definition."""
    match one:
        case EnumType():
            return f"({', '.join(one.labels)})"
        case DomainType():
            checks = " ".join(sorted(constraint_text(c, None, pair.first) for c in one.checks))
            made = format_type(one.base, pair.first)
            made += f" DEFAULT {text(one.default)}" if one.default is not None else ""
            return f"{made}{' NOT NULL' if one.not_null else ''} {checks}".strip()
        case CompositeType():
            return f"{one.kind} ({', '.join(f'{n} {format_type(t, pair.first)}' for n, t in one.attributes)})"


def same_domain(first: DomainType, second: DomainType, pair: Pair) -> bool:
    """Whether two domains let in the same."""
    if format_type(first.base, pair.first) != format_type(second.base, pair.second):
        return False
    if first.not_null != second.not_null or first.collation != second.collation:
        return False
    mine, theirs = [[c.expression for c in d.checks if c.expression is not None] for d in (first, second)]
    key = first.key
    return (
        pair.equal(key, first.default, second.default)
        and len(mine) == len(theirs)
        and all(any(pair.equal(key, a, b) for b in theirs) for a in mine)
    )


def sequence_details(keys: set[Key], pair: Pair) -> Iterator[Detail]:
    """Sequences that no column owns."""

    def free(found: SequenceState | None) -> SequenceState | None:
        return found if found is not None and found.owner is None else None

    for key in sorted(keys):
        first, second = free(pair.first.sequences.get(key)), free(pair.second.sequences.get(key))
        name = shown(key, pair.second)
        if (first is None) != (second is None):
            yield present(f"the sequence {name}", "sequence", first is not None, second is not None, key, key[1], False)
        elif first is not None and second is not None:
            mine = f"{first.data_type} {sequence_options(first)}".strip()
            theirs = f"{second.data_type} {sequence_options(second)}".strip()
            if mine != theirs:
                yield Detail("modify_sequence", f"the sequence {name}", mine, theirs, key, key[1], inside=False)


def view_details(keys: set[Key], pair: Pair) -> Iterator[Detail]:
    """Views, with their queries."""
    for key in sorted(keys):
        first, second = pair.first.views.get(key), pair.second.views.get(key)
        there = second or first
        kind = "materialized_view" if there is not None and there.materialized else "view"
        what = f"the {kind.replace('_', ' ')} {shown(key, pair.second)}"
        if first is None or second is None:
            yield present(what, kind, first is not None, second is not None, key, key[1], False)
        elif first.materialized != second.materialized or not same_query(first, second, pair):
            yield Detail(f"modify_{kind}", what, first.query.text, second.query.text, key, key[1], inside=False)


def same_query(first: View, second: View, pair: Pair) -> bool:
    """Whether two views ask the same."""
    mine, theirs = (" ".join(v.query.text.split()).rstrip("; ") for v in (first, second))
    if mine.lower() == theirs.lower():
        return True
    return pair.equal_texts(first.key, mine, theirs)


def function_details(keys: set[Key], pair: Pair) -> Iterator[Detail]:
    """Functions, with their bodies."""
    for key in sorted(keys):
        first, second = (
            {(f.kind, " ".join(f.body.split())) for f in side.functions.get(key, ())}
            for side in (pair.first, pair.second)
        )
        if first != second:
            what = f"the function {shown(key, pair.second)}"
            yield present(what, "function", bool(first), bool(second), key, key[1], False)


def schema_details(pair: Pair) -> Iterator[Detail]:
    """Schemas and extensions."""
    for kind, first, second in (
        ("schema", pair.first.schemas, pair.second.schemas),
        ("extension", pair.first.extensions, pair.second.extensions),
    ):
        for name in sorted((first ^ second) - EXTRA):
            yield present(f"the {kind} {name}", kind, name in first, name in second, (name, name), name, False)
