"""Since when a transaction keeps other sessions from writing to a table."""

from migguard.catalog.schema import Table
from migguard.rules.frame import StepContext
from migguard.trace import Step


def kept_out_since(table: Table, since: Step, ctx: StepContext) -> bool:
    """Whether nobody else has written to the table from an earlier step on: the lock of that step, or of one before
    it, is held when this one runs."""
    upto: list[Step] = []
    for step in ctx.deployment.steps():
        upto.append(step)
        if step is since:
            break
    first = kept_out_by(table, ctx)
    return first is not None and any(s is first for s in upto)


def kept_out_by(table: Table, ctx: StepContext) -> Step | None:
    """The earlier step whose lock, held when this one runs, was the first that lets nobody else write to the table."""
    held = ctx.known.transactions.held(ctx.step.statement)
    return next((h.step for h in held if h.lock.oid == table.oid and h.blocking), None)
