"""What tells a rename that is written as a removal and an addition from two changes that have nothing in common."""

from collections.abc import Iterator
from itertools import takewhile

from migguard.catalog.schema import Catalog, Column, ConstraintKind, Key, Table
from migguard.changes import AddColumn, ColumnDefinition, CreateTable, DropColumn, Insert, Query, RenameColumn, Update
from migguard.rules.facts.rows.restrictions import table_named
from migguard.rules.facts.scripts.filling_loops import writes_in_loop
from migguard.rules.frame import Context
from migguard.trace import Deployment, Step

ALIKE = 0.6
"""The share of letters in common from which two names are alike."""


def successor(
    drop: Step, column: Column, steps: list[Step], deployment: Deployment, table: Table
) -> tuple[Step | None, Column | None]:
    """The one column that a dropped one may have become; where there are several, the name or the order tells.

    Both stand in one revision, or in two that follow each other.
    """
    gone, made, near = [], [], close_to(drop, deployment)
    again = renewed(table, steps)
    for step in steps:
        match step.change:
            case DropColumn(column=name) | AddColumn(column=ColumnDefinition(name=name)):
                at = table_named(step.before, step.change.table)
            case _:
                continue
        if at is None or at.oid != table.oid or id(step) not in near:
            continue
        one = (at if isinstance(step.change, DropColumn) else after(step, at)).column(name)
        if one is None or one.name in again or not twins(column, one):
            continue
        if isinstance(step.change, DropColumn):
            gone += [(step, one)] if deployment.existing(one.oid) else []
        elif in_key(table, column.name, deployment.released) != in_key(table, one.name, deployment.upgrades[-1].after):
            continue  # a key is no new name for what was none, nor the other way round
        elif otherwise_filled(column, one) or not same_reference(table, column.name, one.name, deployment):
            continue
        elif not copied(steps, drop, table, one.name):
            made.append((step, one))
    revisions = {id(s): revision_of(deployment, s) for s, _ in (*gone, *made)}
    own = revisions.get(id(drop))
    here = [m for m in made if revisions[id(m[0])] == own]
    if here:
        gone, made = [g for g in gone if revisions[id(g[0])] == own], here
    if len(made) == len(gone) and (here or len(made) == 1):
        return made[next((i for i, (s, _) in enumerate(gone) if s is drop), 0)]
    alike = [m for m in made if likeness(m[1].name, column.name) > ALIKE]
    return max(alike, key=lambda m: likeness(m[1].name, column.name)) if alike else (None, None)


def successor_table(
    drop: Step, table: Table, steps: list[Step], deployment: Deployment, ctx: Context
) -> tuple[Step, Table] | None:
    """The table of the same columns and key that a dropped one may have become, and the step that creates it.

    Both stand in one revision, or in two that follow each other: over years many tables come and go that are alike.
    """
    shape, own = {(c.name, c.type) for c in table.columns}, place_of(deployment, drop)
    for step in steps:
        if not isinstance(step.change, CreateTable) or step.refusal is not None:
            continue
        twin = new_table(step)
        if twin is None or twin.key == table.key or {(c.name, c.type) for c in twin.columns} != shape:
            continue
        if key_of(twin) != key_of(table) or abs(place_of(deployment, step) - own) > 1:
            continue
        if not copied(steps, drop, table, None, into=twin.key) and not filled(deployment, ctx, (), twin.key[1]):
            return step, twin
    return None


def twins(old: Column, new: Column) -> bool:
    """Whether a column could be another under a new name."""
    return old.type == new.type and new.generated is None and old.generated is None


def otherwise_filled(old: Column, new: Column) -> bool:
    """Whether a default, and not the old values, is meant to fill the new column: it tells the two apart."""
    if old.assumed or new.default is None or new.default.is_null:
        return False
    if old.default is None:
        return old.nullable and not new.nullable
    values = (old.default.constant, new.default.constant)
    return None not in values and values[0] != values[1]


def same_reference(table: Table, old: str, new: str, deployment: Deployment) -> bool:
    """Whether a dropped column referred to the table that an added one refers to, or neither to any.

    What nobody knows of a table that the history never made contradicts nothing.
    """
    was, now = (targets(table, n, c) for n, c in ((old, deployment.released), (new, deployment.upgrades[-1].after)))
    return was == now or (not was and not table.complete)


def targets(table: Table, column: str, catalog: Catalog) -> set[tuple[int, Key | None]]:
    """The tables that a column refers to at that moment, whatever they are called then."""
    there = next((t for t in catalog.tables.values() if t.oid == table.oid != 0), table)
    keys = {c.references for c in there.constraints if c.kind is ConstraintKind.FOREIGN and column in c.columns}
    found = {key: catalog.tables.get(key) for key in keys if key is not None}
    return {(t.oid, None) if t is not None and t.oid else (0, key) for key, t in found.items()}


def close_to(drop: Step, deployment: Deployment) -> set[int]:
    """The steps of a step's revision and of those beside it, by identity."""
    own = place_of(deployment, drop)
    return {id(step) for trace in deployment.upgrades[max(own - 1, 0) : own + 2] for step in trace.steps()}


def renewed(table: Table, steps: list[Step]) -> set[str]:
    """The names of columns that are added to a table and that it also loses: these are made anew, and not renamed."""
    added, lost = set[str](), set[str]()
    for step in steps:
        match step.change:
            case DropColumn(column=name) | AddColumn(column=ColumnDefinition(name=name)):
                at = table_named(step.before, step.change.table)
                if at is not None and at.oid == table.oid and step.refusal is None:
                    (lost if isinstance(step.change, DropColumn) else added).add(name)
            case RenameColumn(new=name):
                at = table_named(step.before, step.change.table)
                if at is not None and at.oid == table.oid and step.refusal is None:
                    added.add(name)
            case _:
                pass
    return added & lost


def in_key(table: Table, column: str, catalog: Catalog) -> bool:
    """Whether a column is in the table's primary key at that moment."""
    there = next((t for t in catalog.tables.values() if t.oid == table.oid != 0), table)
    return there.primary_key is not None and column in there.primary_key.columns


def likeness(one: str, other: str) -> float:
    """The share of letters that two names have in common: little where one is a short word in the other."""
    from difflib import SequenceMatcher

    return SequenceMatcher(None, one.lower(), other.lower()).ratio()


def copied(steps: list[Step], drop: Step, table: Table, column: str | None, into: Key | None = None) -> bool:
    """Whether data is written to the new column (or table) before the old one is dropped."""
    for step in steps:
        if step is drop:
            return False
        match step.change:
            case Update() if column is not None:
                at = table_named(step.before, step.change.table)
                taken = {c for c, value in step.change.assignments if value.constant is None and not value.is_null}
                if at is not None and at.oid == table.oid and column in taken:
                    return True
            case Insert() | CreateTable() if into is not None and step.change.query is not None:
                if step.change.table.name == into[1] and reads(step.change.query, table, step):
                    return True
            case _:
                pass
    return False


def until(drop: Step, steps: list[Step]) -> Iterator[Step]:
    """The steps before one."""
    return takewhile(lambda step: step is not drop, steps)


def filled(deployment: Deployment, ctx: Context, names: tuple[str, ...], table: str) -> bool:
    """Whether the deployment fills a column, or a table, row by row in a loop."""
    scripts = ctx.lookup.scripts if ctx.lookup is not None else {}
    return any(
        writes_in_loop(scripts[trace.revision], trace, names, table)
        for trace in deployment.upgrades
        if trace.revision in scripts
    )


def reads(query: Query, table: Table, step: Step) -> bool:
    """Whether a query reads a table."""
    return any((t := table_named(step.before, n)) is not None and t.oid == table.oid for n in query.relations)


def after(step: Step, table: Table) -> Table:
    """The same table after the step."""
    return step.after.tables.get(table.key, table)


def new_table(step: Step) -> Table | None:
    """The table that a step created."""
    assert isinstance(step.change, CreateTable)
    made = table_named(step.after, step.change.table)
    return made if made is not None and made.oid >= step.before.next_oid else None


def key_of(table: Table) -> tuple[str, ...]:
    """The columns of a table's primary key; none where it has none."""
    return table.primary_key.columns if table.primary_key is not None else ()


def place_of(deployment: Deployment, step: Step) -> int:
    """The place of a step's revision in the deployment; -1 for none."""
    return next((n for n, t in enumerate(deployment.upgrades) if any(s is step for s in t.steps())), -1)


def revision_of(deployment: Deployment, step: Step) -> str | None:
    """The revision that a step belongs to."""
    return next((t.revision for t in deployment.upgrades if any(s is step for s in t.steps())), None)
