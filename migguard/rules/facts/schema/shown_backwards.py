"""What was there before a revision, as far as it shows that itself, by its drops and its way back.

Of a table that no revision made nothing else tells; of others the replay does, and may be wrong where the application's
code of today has made what is there.
"""

from collections.abc import Iterator

from migguard.catalog.lookup import table_key, table_of_index
from migguard.catalog.schema import ConstraintKind, ConstraintState, Index, Table
from migguard.changes import AddConstraint, Check, CreateIndex, DropConstraint, DropIndex
from migguard.rules.facts.advice.given_names import key_spelled
from migguard.rules.facts.rows.restrictions import as_strict, check_known
from migguard.rules.facts.schema.unknown_drops import named_after
from migguard.rules.frame import StepContext


def was_there(index: Index, table: Table, ctx: StepContext) -> bool:
    """Whether the revision drops what kept the keys apart, of a table that no revision made.

    The name of a unique constraint says so, or what the way back makes again.
    """
    if table.complete or ctx.trace is None:
        return False
    columns = [c for c in index.columns if c is not None]
    for step in ctx.trace.steps():
        change = step.change
        if not isinstance(change, DropConstraint) or change.name is None or step.refusal is not None:
            continue
        if table_key(step.before, change.table) == table.key and key_spelled(change.name, columns, table):
            return True
    engine = ctx.before.server.engine
    return any(as_strict(old, index, table, engine) for old in made_back(table, ctx)[1])


def made_back(table: Table, ctx: StepContext) -> tuple[list[ConstraintState], list[Index]]:
    """What the revision's own way back makes again of a table that no revision made, where the revision drops some."""
    back = ctx.deployment.downgrades.get(ctx.trace.revision) if ctx.trace is not None else None
    gone = set(dropped(table, ctx))
    constraints, indexes = list[ConstraintState](), list[Index]()
    if back is None or table.complete or not gone:
        return constraints, indexes
    for step in back.steps():
        if not isinstance(step.change, AddConstraint | CreateIndex) or step.refusal is not None:
            continue
        if table_key(step.before, step.change.table) != table.key:
            continue
        before, after = step.before.tables.get(table.key), step.after.tables[table.key]
        old = {c.oid for c in before.constraints} if before is not None else set()
        new = [c for c in after.constraints if c.oid not in old]
        constraints += [c for c in new if any(f"_{n}".endswith(f"_{c.name}") for n in gone)]
        older = {i.oid for i in before.indexes} if before is not None else set()
        indexes += [i for i in after.indexes if i.oid not in older]
    return constraints, indexes


def unless_undone(check: ConstraintState, table: Table, ctx: StepContext) -> str:
    """Words about the CHECK whose place a stricter one takes, where the way back makes it again no less strict."""
    back = ctx.deployment.downgrades.get(ctx.trace.revision) if ctx.trace is not None else None
    if check.kind is not ConstraintKind.CHECK or back is None or check.name not in dropped(table, ctx):
        return ""
    for step in back.steps():
        made = step.change.constraint if isinstance(step.change, AddConstraint) else None
        if not isinstance(made, Check) or step.refusal is not None or made.not_valid or not made.enforced:
            continue
        there = step.after.tables.get(table.key)
        again = there.constraint(check.name) if there is not None and made.name == check.name else None
        if again is not None and again.expression and check_known(check, table, [again.expression], (), ctx.before):
            return f", unless the {check.name} that is dropped before was as downgrade() makes it again"
    return ""


def dropped(table: Table, ctx: StepContext) -> Iterator[str]:
    """The names of the constraints and indexes of a table that the revision drops, before the step or after it."""
    for step in ctx.trace.steps() if ctx.trace is not None else ():
        change = step.change
        if isinstance(change, DropConstraint) and change.name is not None:
            if table_key(step.before, change.table) == table.key:
                yield change.name
        elif isinstance(change, DropIndex):
            key = table_of_index(step.before, change.index, change.table)
            if key == table.key or (key is None and named_after(change.index.name, table)):
                yield change.index.name
