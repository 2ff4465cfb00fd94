"""What else a revision does to the table whose index it drops, and what to do instead."""

from dataclasses import replace

from migguard.catalog.lookup import table_key, table_of_index
from migguard.catalog.schema import Table
from migguard.changes import CreateIndex, DropColumn, DropIndex, DropTable, Name
from migguard.rules.facts.advice.recipes import execute, named
from migguard.rules.facts.locks.held_until import place
from migguard.rules.frame import StepContext, table_at
from migguard.rules.wording import held_already, identifier, python, schema_argument, sql_name
from migguard.trace import Certainty, Step


def made_again(name: str, table: Table, ctx: StepContext) -> str | None:
    """The name under which the revision makes the same index of the table, before or after."""
    old = table.index(name)
    for step in ctx.trace.steps() if ctx.trace is not None and old is not None else ():
        if not isinstance(step.change, CreateIndex) or step.change.name is None or step.refusal or old is None:
            continue
        there = table_at(table_key(step.after, step.change.table), step.after)
        made = there.index(step.change.name.name) if there is not None and there.oid == table.oid else None
        if made is not None and made.name != name and replace(made, name=name, named=old.named) == old:
            return made.name
    return None


def was_called(new: str, table: Table, ctx: StepContext) -> str | None:
    """The name of the released index that the revision drops, and of which it makes no more than another name."""
    for step in ctx.trace.steps() if ctx.trace is not None else ():
        if not isinstance(step.change, DropIndex) or not is_sure(step) or not of(table, step, step.change):
            continue
        there = table_at(table_of_index(step.before, step.change.index, step.change.table), step.before)
        old = step.change.index.name
        if there is not None and made_again(old, there, ctx) == new and not built_here(old, there, ctx):
            return old
    return None


def dropped_again(name: str, table: Table, ctx: StepContext) -> str:
    """Words on a later step that drops the index which is built; empty for one that stays or keeps values unique."""
    there = ctx.after.tables.get(table.key)
    built = there.index(name) if there is not None else None
    later, found = False, None
    for step in ctx.deployment.steps() if built is not None and built.oid and not built.unique else ():
        change = step.change
        if later and isinstance(change, DropIndex) and is_sure(step) and change.index.name == name:
            at = table_at(table_of_index(step.before, change.index, change.table), step.before)
            index = at.index(name) if at is not None else None
            found = step if built is not None and index is not None and index.oid == built.oid else found
        later = later or step is ctx.step
    if found is None:
        return ""
    return (
        f"The deployment drops it again in {place(found, ctx)}: if nothing between needs it, leave out both, and what "
        "the downgrades do with it. Where it has to be there:"
    )


def renaming(old: str, new: str | None, table: Table, ctx: StepContext) -> str:
    """The advice to change no more than the name; the new one is None where it is not known for sure."""
    if new is None:
        return f"Only its name changes: rename {old} in the place of its drop, which builds nothing and stops nobody."
    return f"Only its name changes: rename it, which builds nothing and stops nobody:\n{renamed(old, new, table, ctx)}"


def renamed(old: str, new: str, table: Table, ctx: StepContext) -> str:
    """The call that gives an index of the table another name."""
    schema = named(table.key, ctx.before).schema
    return execute(f"ALTER INDEX {sql_name(Name(old, schema))} RENAME TO {identifier(new)}")


def goes(table: Table, ctx: StepContext) -> bool:
    """Whether the revision drops the table as well."""
    steps = ctx.trace.steps() if ctx.trace is not None else ()
    dropped = (
        table_at(table_key(s.before, s.change.table), s.before) for s in steps if isinstance(s.change, DropTable)
    )
    return table.oid != 0 and any(t is not None and t.oid == table.oid for t in dropped)


def goes_along(name: str, table: Table, ctx: StepContext) -> bool:
    """Whether the revision drops a column of the index, which takes the same lock on the table in any case."""
    index = table.index(name)
    columns = {e.column for e in index.elements if e.column is not None} if index is not None else set()
    return any(
        isinstance(s.change, DropColumn)
        and s.change.column in columns
        and is_sure(s)
        and (there := table_at(table_key(s.before, s.change.table), s.before)) is not None
        and there.oid == table.oid != 0
        for s in (ctx.trace.steps() if ctx.trace is not None else ())
    )


def locked_here(table: Table, ctx: StepContext) -> bool:
    """Whether the revision has locked the table as much already in the transaction: a concurrent drop gains nothing.

    On a connection of a program's that is in autocommit the revision has queued for the same lock as well.
    """
    lock = ctx.effect.lock_on(table.key)
    held = held_already(ctx, lock) if lock is not None else None
    if held is None or ctx.trace is None:
        return False
    return ctx.known.transactions.revision(held.step.statement) == ctx.trace.revision


def under_its_lock(table: Table, ctx: StepContext) -> list[DropIndex]:
    """The drops of other indexes of the table that the revision goes on with under the same lock."""
    lock = ctx.effect.lock_on(table.key)
    if lock is None:
        return []
    own = {id(s) for s in (ctx.trace.steps() if ctx.trace is not None else ())}
    return [
        s.change
        for s in ctx.known.transactions.after(ctx.step)
        if isinstance(s.change, DropIndex) and id(s) in own and is_sure(s) and of(table, s, s.change)
        if (held := ctx.known.transactions.strongest(s.statement).get(lock.oid)) is not None and held.step is ctx.step
        if not goes_along(s.change.index.name, table, ctx) and made_again(s.change.index.name, table, ctx) is None
    ]


def of(table: Table, step: Step, change: DropIndex) -> bool:
    """Whether an index that a step drops is the table's."""
    key = table_of_index(step.before, change.index, change.table)
    there = step.before.tables.get(key) if key is not None else None
    return there is not None and there.oid == table.oid != 0


def built_here(name: str, table: Table, ctx: StepContext) -> bool:
    """Whether the revision itself made the index that it drops: there is none to drop before it."""
    index = table.index(name)
    return index is not None and ctx.trace is not None and index.oid >= ctx.trace.before.next_oid


def taken_up(name: str, table: Table, ctx: StepContext) -> Step | None:
    """The step after this one of the revision that makes another index of the table under the name."""
    past = False
    for step in ctx.trace.steps() if ctx.trace is not None else ():
        change = step.change
        if past and isinstance(change, CreateIndex) and change.name is not None and change.name.name == name:
            there = table_at(table_key(step.before, change.table), step.before)
            if is_sure(step) and there is not None and there.oid == table.oid != 0:
                return step
        past = past or step is ctx.step
    return None


def added_here(change: CreateIndex, table: Table, ctx: StepContext) -> list[str]:
    """The columns of an index that the revision adds: there is nothing to index before it."""
    new = ctx.trace.before.next_oid if ctx.trace is not None else 0
    columns = ((e.column, table.column(e.column)) for e in change.elements if e.column is not None)
    return [name for name, column in columns if column is not None and column.oid >= new > 0]


def is_sure(step: Step) -> bool:
    """Whether a step runs in any case, and the server does it."""
    return step.refusal is None and step.statement.certainty is not Certainty.OTHER_BRANCH


def concurrent(change: DropIndex, table: Table | None) -> str:
    """The call that drops it concurrently."""
    more = ", if_exists=True" if change.if_exists else ""
    where = f", table_name={python(table.key[1])}" if table is not None else ""
    return (
        f"op.drop_index({python(change.index.name)}{where}{schema_argument(change.index)}{more}, "
        "postgresql_concurrently=True)"
    )
