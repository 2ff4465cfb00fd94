"""Where a constraint that is validated was added: in the same transaction, its addition's lock is still held."""

from migguard.catalog.lookup import table_key
from migguard.changes import AddConstraint, NotNull, ValidateConstraint
from migguard.effects.model import Blocks
from migguard.rules.frame import StepContext
from migguard.trace import Step


def added_in_transaction(change: ValidateConstraint, ctx: StepContext) -> Step | None:
    """The step of this transaction that added the constraint and still holds a blocking lock on its table."""
    key = table_key(ctx.before, change.table)
    table = ctx.before.tables.get(key) if key is not None else None
    if table is None:
        return None
    constraint = table.constraint(change.name)
    for step in ctx.earlier():
        made = step.change
        if not isinstance(made, AddConstraint) or step.refusal is not None:
            continue
        there = table_key(step.before, made.table)
        before = step.before.tables.get(there) if there is not None else None
        after = step.after.tables.get(there) if there is not None else None
        if before is None or after is None or before.oid != table.oid:
            continue
        if constraint is not None:
            is_it = any(c.oid == constraint.oid for c in after.constraints) and not any(
                c.oid == constraint.oid for c in before.constraints
            )
        else:
            is_it = isinstance(made.constraint, NotNull) and made.constraint.name == change.name
        if is_it and blocks(step, table.oid, ctx):
            return step
    return None


def blocks(step: Step, oid: int, ctx: StepContext) -> bool:
    """Whether a step took a blocking lock on a table."""
    return any(lock.oid == oid and lock.blocks is not Blocks.NOTHING for lock in ctx.known.effect(step).locks)
