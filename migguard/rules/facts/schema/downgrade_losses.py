"""Which tables and columns an upgrade drops, and whether the downgrade brings them back empty."""

from collections.abc import Iterator

from migguard.catalog.lookup import relation_key
from migguard.catalog.schema import Catalog, Key, Table
from migguard.changes import AddColumn, CreateTable, Insert, Merge, Unknown, Update
from migguard.rules.facts.rows.empty_tables import empty
from migguard.rules.facts.scripts.filling_loops import writes_in_loop
from migguard.rules.frame import MYSQL_FAMILY, Lookup
from migguard.source import Script
from migguard.trace import RevisionTrace, Step

Part = tuple[Key, str | None]
"""A table, or a column of it."""


def destroyed(trace: RevisionTrace, new: int) -> Iterator[Part]:
    """The tables and columns that an upgrade drops and that were there before the deployment."""
    left = trace.after.tables
    if left is trace.before.tables:
        return
    changed = [(k, t) for k, t in trace.before.tables.items() if t is not left.get(k)]
    after = {t.oid: t for t in left.values() if t.oid} if changed else {}
    for key, table in sorted(changed, key=lambda pair: pair[0]):
        if table.oid >= new:
            continue
        end = after.get(table.oid) if table.oid else trace.after.tables.get(key)
        if end is None:
            yield key, None
            continue
        kept = {c.oid for c in end.columns}
        for column in table.columns:
            there = column.oid in kept if column.oid else end.column(column.name) is not None
            if not there and column.oid < new and column.generated is None:
                yield key, column.name


def worthless(part: Part, trace: RevisionTrace, lookup: Lookup) -> bool:
    """Whether the deployment takes all rows out of the table before the table or column is dropped."""
    key, column = part
    table = trace.before.tables[key]
    there = table.column(column) if column is not None else None

    def stands(step: Step) -> bool:
        now = next((t for t in step.after.tables.values() if t.oid == table.oid), None)
        return now is not None and (there is None or any(c.oid == there.oid for c in now.columns))

    gone = next((step for step in lookup.deployment.steps() if not stands(step)), None)
    return table.oid != 0 and gone is not None and empty(table, gone, lookup)


def refilled(part: Part, trace: RevisionTrace, lookup: Lookup) -> tuple[str, Step | None] | None:
    """The revision of the deployment whose downgrade fills it again after this one, and the step; None is a loop.

    It runs after this one's: the way back is gone in the reverse order of the upgrades, and ends where a downgrade
    raises on purpose. A step that is not understood, and has the name, may be it.
    """
    table = trace.before.tables[part[0]]
    there = table.column(part[1]) if part[1] is not None else None
    deployment = lookup.deployment
    order = [one.revision for one in deployment.upgrades]
    if not table.oid or (there is not None and not there.oid) or trace.revision not in order:
        return None
    for revision in reversed(order[: order.index(trace.revision)]):
        down = deployment.downgrades.get(revision)
        if down is None or down.explicit_irreversible:
            return None
        script, named = lookup.scripts.get(revision), (part[1],) if part[1] is not None else ()
        if script is not None and writes_in_loop(script, down, named, part[0][1]):
            return revision, None
        for step in down.steps():
            now = next((t for t in step.before.tables.values() if t.oid == table.oid), None)
            column = next((c for c in now.columns if there is not None and c.oid == there.oid), None) if now else None
            if now is None or (there is not None and column is None):
                continue
            name = column.name if column is not None else None
            perhaps = isinstance(step.change, Unknown) and (name or now.key[1]) in step.statement.sql
            if perhaps or fills(step, (now.key, name), step.before):
                return revision, step
    return None


def emptied(part: Part, trace: RevisionTrace, down: RevisionTrace, script: Script) -> bool:
    """Whether the downgrade makes the table or column anew and writes nothing into it, in no loop over rows either."""
    key, column = part
    table = down.after.tables.get(key)
    made = table.column(column) if table is not None and column is not None else table
    if table is None or made is None or made.oid < trace.after.next_oid:
        return False
    if any(fills(step, part, down.after) for step in down.steps()):
        return False
    return not writes_in_loop(script, down, (column,) if column is not None else (), key[1])


def fills(step: Step, part: Part, end: Catalog) -> bool:
    """Whether a step of the downgrade writes into the table or column that it made."""
    key, column = part
    change = step.change
    if isinstance(change, CreateTable):
        return column is None and change.query is not None and change.with_data and creates(step, part)
    if not isinstance(change, Insert | Update | Merge):
        return False
    at, table = relation_key(step.before, change.table), end.tables.get(key)
    same = at == key or (at is not None and table is not None and oid(step.before.tables.get(at)) == table.oid)
    called = name_at(step, part, end)
    if isinstance(change, Update):
        written = column is None or any(c == called for c, _ in change.assignments)
        return same and written and not alike(step, (key, called))
    named = change.columns if isinstance(change, Insert) else ()
    return same and (column is None or not named or called in named)


def name_at(step: Step, part: Part, end: Catalog) -> str | None:
    """What the column that the downgrade leaves is called at a step: one that was made may be renamed after it."""
    key, column = part
    left = end.tables.get(key)
    made = left.column(column) if left is not None and column is not None else None
    there = next((t for t in step.before.tables.values() if left is not None and t.oid == left.oid != 0), None)
    if made is None or there is None or not made.oid:
        return column
    return next((c.name for c in there.columns if c.oid == made.oid), column)


def alike(step: Step, part: Part) -> bool:
    """Whether a step puts one constant into the column that came back, in every row or wherever it has no value."""
    change, column = step.change, part[1]
    if not isinstance(change, Update) or column is None:
        return False
    where = change.where
    every = where is None or where.always_true
    missing = (
        where is not None
        and where.conjunctive
        and [(c.column, c.operator) for c in where.conditions] == [(column, "is null")]
    )
    given = [e for c, e in change.assignments if c == column]
    return (every or missing) and bool(given) and all(e.is_null or e.constant is not None for e in given)


def comes_back(part: Part, down: RevisionTrace) -> str:
    """What is in the rows of what the downgrade brought back, in words."""
    key, column = part
    table = down.after.tables.get(key)
    made = table.column(column) if table is not None and column is not None else None
    called = [(step, name_at(step, part, down.after)) for step in down.steps()]
    given = [(step, name) for step, name in called if alike(step, (key, name))]
    if any(not e.is_null for s, n in given if isinstance(s.change, Update) for c, e in s.change.assignments if c == n):
        return "with one value in every row"
    first = next((s.change.column for s in down.steps() if isinstance(s.change, AddColumn) and creates(s, part)), None)
    default = first.default if first is not None else made.default if made is not None else None
    filled = made is not None and (made.identity or made.generated or made.serial)
    implied = down.before.server.engine in MYSQL_FAMILY  # an implicit value of the type
    if first is not None and made is not None and not (made.nullable or default is not None or filled or implied):
        return "only where there are no rows, since it is NOT NULL and has no default"
    return "with its default in every row" if default is not None else "empty"


def oid(table: Table | None) -> int | None:
    """The identity of a table."""
    return table.oid if table is not None else None


def creates(step: Step, part: Part) -> bool:
    """Whether a step of the downgrade makes the table or column."""
    key, column = part
    if isinstance(step.change, AddColumn):
        return column == step.change.column.name and relation_key(step.before, step.change.table) == key
    return (
        isinstance(step.change, CreateTable) and column is None and relation_key(step.after, step.change.table) == key
    )
