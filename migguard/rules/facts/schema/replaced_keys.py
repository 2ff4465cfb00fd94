"""The primary key or UNIQUE constraint that a new one takes the place of, dropped by the same deployment."""

from collections.abc import Sequence

from migguard.catalog.copying import replace
from migguard.catalog.lookup import relation_key
from migguard.catalog.schema import ConstraintKind, ConstraintState, Table
from migguard.changes import AddColumn, AddConstraint, DropConstraint, PrimaryKey, SetNullable, Unique
from migguard.rules.facts.schema.deployment_end import before_this, released
from migguard.rules.facts.schema.needless_drops import as_it_was, dropping, left_in_place
from migguard.rules.frame import StepContext, display, table_at
from migguard.rules.wording import identifier


def dropped_key(table: Table, kind: ConstraintKind, ctx: StepContext) -> ConstraintState | None:
    """The released key of a kind that the table has no more when the new one is added; the last one of several.

    One that went with a column of its own is none: it cannot stay until the new one is there.
    """
    old = released(table, ctx)
    before, columns = {c.oid for c in table.constraints}, {c.oid for c in table.columns}
    gone = [c for c in old.constraints if c.kind is kind and c.oid not in before] if old is not None else []
    own = {c.name: c.oid for c in old.columns} if old is not None else {}
    gone = [c for c in gone if all(own.get(name) in columns for name in c.columns)]
    return gone[-1] if gone else None


def dropped_unseen(table: Table, name: str, ctx: StepContext) -> bool:
    """Whether the deployment has dropped a constraint of that name, of a table whose constraints are not known."""
    if table.complete:
        return False
    for step in before_this(ctx):
        change = step.change
        if isinstance(change, DropConstraint) and change.name == name and step.refusal is None:
            there = table_at(relation_key(step.before, change.table), step.before)
            if there is not None and there.oid == table.oid:
                return True
    return False


def resting_on(key: ConstraintState, table: Table, ctx: StepContext) -> list[str]:
    """The released foreign keys that the server refuses to drop a released key for, each with its table."""
    catalog = ctx.deployment.released
    old = released(table, ctx)
    index = old.index(key.index or key.name) if old is not None else None
    if old is None or index is None:
        return []
    return [
        f"{identifier(c.name)} of {display(there.key, catalog)}"
        for _, there in sorted(catalog.tables.items())
        for c in there.constraints
        if c.kind is ConstraintKind.FOREIGN and c.references == old.key and c.rests_on == index.oid
    ]


def only_renamed(
    table: Table, new: PrimaryKey | Unique, columns: Sequence[str], ctx: StepContext
) -> ConstraintState | None:
    """The released key that the deployment has dropped, and that is the new one but for its name."""
    old, before = released(table, ctx), {c.oid for c in table.constraints}
    kind = ConstraintKind.PRIMARY if isinstance(new, PrimaryKey) else ConstraintKind.UNIQUE
    here = [column.oid for n in columns if (column := table.column(n)) is not None]
    if old is None or new.name is None or new.using_index is not None or len(here) < len(columns):
        return None
    for constraint in old.constraints:
        index = old.index(constraint.index or constraint.name)
        if constraint.kind is not kind or constraint.oid in before or index is None or constraint.name == new.name:
            continue
        there = [column.oid for n in constraint.columns if (column := old.column(n)) is not None]
        distinct = isinstance(new, Unique) and new.nulls_not_distinct
        asked = (new.include, distinct, new.deferrable, new.initially_deferred)
        had = (index.include, index.nulls_not_distinct, constraint.deferrable, constraint.initially_deferred)
        if there == here and asked == had:
            return constraint
    return None


def kept_key(change: AddConstraint | AddColumn, table: Table, ctx: StepContext) -> str | None:
    """The advice to leave a key in place that is dropped and added again as it was; None where that may be needed."""
    old = as_it_was(change, table, ctx) if isinstance(change, AddConstraint) else None
    drop, now = dropping(old, ctx) if old is not None else None, ctx.after.tables.get(table.key)
    if old is None or drop is None or now is None or not isinstance(change, AddConstraint):
        return None
    then = next((t for t in drop.before.tables.values() if t.oid == table.oid), table)
    was, new = then.index(old.index or old.name), now.index(old.index or old.name)
    if was is None or new is None or replace(was, named=new.named, comment=new.comment) != new:
        return None
    past = False
    for step in before_this(ctx):
        done = step.change
        other = isinstance(done, AddConstraint) and isinstance(done.constraint, PrimaryKey)
        if past and old.kind is ConstraintKind.PRIMARY and (other or isinstance(done, SetNullable)):
            return None
        past = past or step is drop
    return left_in_place(change, table, ctx)
