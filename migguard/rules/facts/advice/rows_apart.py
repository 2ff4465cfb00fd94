"""What has to be seen to where rows are committed before something that comes later in the deployment."""

from collections.abc import Iterator

from migguard.catalog.lookup import relation_key, type_at
from migguard.catalog.schema import EnumType, Key, Table
from migguard.changes import (
    AddConstraint,
    AlterColumnType,
    Check,
    DataType,
    Delete,
    DropTable,
    ForeignKey,
    ForeignKeyAction,
    Insert,
    Merge,
    Truncate,
    Update,
)
from migguard.effects.postgresql_offers import partitioned_not_valid
from migguard.rules.facts.advice.filled_first import given_first
from migguard.rules.facts.locks.held_until import place
from migguard.rules.facts.locks.own_transactions import each_its_own
from migguard.rules.facts.locks.work import rows_of
from migguard.rules.facts.rows.emptied_for_columns import run_after, wanted_after
from migguard.rules.facts.rows.nulls import is_of
from migguard.rules.facts.rows.temporary_sources import made_lasting, read_by
from migguard.rules.frame import POSTGRESQL, StepContext, display, table_at
from migguard.trace import Step

Writing = Insert | Update | Delete | Merge

STAYING = frozenset((ForeignKeyAction.NO_ACTION, ForeignKeyAction.RESTRICT, ForeignKeyAction.CASCADE))
"""What a foreign key does where no row may stay that refers to one that is deleted."""


def rows_apart(key: Key, change: Writing, ctx: StepContext) -> str:
    """The advice to write the rows in a transaction of their own, and what has to be seen to then."""
    table = ctx.before.tables.get(key)
    if table is not None and isinstance(change, Update) and (said := in_the_cast(change, table, ctx)):
        return said
    if lasting := made_lasting(ctx.step):
        return given_first(ctx.step, ctx.trace, ctx.known) + lasting
    needs, code = each_its_own(ctx.deployment.environment)
    lead = given_first(ctx.step, ctx.trace, ctx.known)
    gap = "" if lead or table is None else let_in(change, table, ctx)
    more = "".join(f" {one}" for one in (gap, lost_between(change, ctx)) if one)
    return f"{lead}Write the rows in batches by key, in a revision of their own{needs}.{more}\n{code}".rstrip("\n")


def let_in(change: Writing, table: Table, ctx: StepContext) -> str:
    """A sentence on the rows that come after these are written, and make what is added later fail; or nothing."""
    later = demanding(change, table, ctx)
    if later is None:
        return ""
    where = place(later, ctx)
    if not_valid_first(later, table, ctx):
        return (
            f"Add the constraint of {where} NOT VALID before that, so that nothing breaks it in between"
            f"{refused(later)}, and VALIDATE it after."
        )
    return f"Let the application put no such rows in before: one that comes in between can make {where} fail."


def demanding(change: Writing, table: Table, ctx: StepContext) -> Step | None:
    """The later step that rows with other values than those that are left can make fail."""
    match change:
        case Delete():
            asked = change.where.references if change.where is not None else ()
            columns = {r.name for r in asked if r.kind == "column"}
        case Update():
            columns = {name for name, _ in change.assignments}
        case _:
            return None
    return wanted_after(columns, table, ctx.step, ctx.known)


def refused(later: Step) -> str:
    """Words on rows that break a CHECK which is NOT VALID: an UPDATE of any of their columns is refused."""
    change = later.change
    checks = isinstance(change, AddConstraint) and isinstance(change.constraint, Check)
    return " (a row that is not mended yet cannot be updated meanwhile)" if checks else ""


def not_valid_first(later: Step, table: Table, ctx: StepContext) -> bool:
    """Whether what a later step adds can be there for new rows before the old ones are looked at."""
    made = later.change
    if ctx.before.server.engine not in POSTGRESQL or not isinstance(made, AddConstraint):
        return False
    whole = table.partition_by is None or partitioned_not_valid(ctx.before.server)
    return isinstance(made.constraint, Check) or (isinstance(made.constraint, ForeignKey) and whole)


def in_the_cast(change: Update, table: Table, ctx: StepContext) -> str:
    """The advice where an UPDATE takes out of a column what the next conversion of its type has no label for: whatever
    is committed before that, running code can write the old value again."""
    for later in run_after(ctx.step, ctx.known):
        done = later.change
        if not isinstance(done, AlterColumnType) or not is_of(done.table, table, later):
            continue
        column = table.column(done.column)
        given = dict(change.assignments).get(done.column)
        if given is None or column is None or column.type is None or not labels_lost(column.type, done, ctx, later):
            continue
        return (
            f"Convert the values where the type is changed ({place(later, ctx)}), by a CASE in its USING, and leave "
            "this UPDATE out: after a commit in between running code can write such values again, and the type change "
            "fails at them."
        )
    return ""


def labels_lost(was: DataType, done: AlterColumnType, ctx: StepContext, later: Step) -> bool:
    """Whether a column of an enum can hold what the enum that it is changed to does not have."""
    old = type_at(ctx.before, was) if not was.dimensions else None
    new = type_at(later.before, done.type) if not done.type.dimensions else None
    return isinstance(old, EnumType) and isinstance(new, EnumType) and not {*old.labels} <= {*new.labels}


def lost_between(change: Writing, ctx: StepContext) -> str:
    """A sentence on rows that are copied from a table which loses them later: what comes in between is in neither.

    Nothing is kept where the table that they are copied to goes too, and rows that refer to those they are made of do
    not take their place: the DELETE takes them along, or fails at them.
    """
    if not isinstance(change, Insert | Update):
        return ""
    target = table_at(relation_key(ctx.before, change.table), ctx.before)
    if target is not None and any(
        isinstance(s.change, DropTable) and is_of(s.change.table, target, s) for s in run_after(ctx.step, ctx.known)
    ):
        return ""
    for key in sources(change, ctx):
        source = ctx.before.tables.get(key)
        if source is None or not ctx.deployment.existing(source.oid):
            continue
        for later in run_after(ctx.step, ctx.known):
            done = later.change
            if not isinstance(done, Delete | Truncate | DropTable) or not is_of(done.table, source, later):
                continue
            if isinstance(done, Delete) and (not rows_of(later, ctx.known) or refers(change, target, key)):
                continue
            name, where = display(key, ctx.before), place(later, ctx)
            if isinstance(done, Delete):
                return (
                    f"If the DELETE of {where} takes what is copied here, let it take nothing else: rows can come to "
                    f"{name} in between."
                )
            return (
                f"What running code writes to {name} between this and {where} is lost: stop that first, or copy it "
                "again under the lock that takes the rows away."
            )
    return ""


def refers(change: Insert | Update, target: Table | None, source: Key) -> bool:
    """Whether a statement gives rows a reference to a table without which they cannot stay."""
    written = set(change.columns if isinstance(change, Insert) else (name for name, _ in change.assignments))
    return target is not None and any(
        c.references == source and c.on_delete in STAYING and (not written or written.issuperset(c.columns))
        for c in target.constraints
    )


def sources(change: Insert | Update, ctx: StepContext) -> Iterator[Key]:
    """The tables that a statement reads beside the one that it writes."""
    target = relation_key(ctx.before, change.table)
    for name in read_by(change):
        key = relation_key(ctx.before, name)
        if key is not None and key != target:
            yield key
