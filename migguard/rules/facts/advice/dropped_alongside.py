"""What the call that adds a foreign key drops as well: an advice to write that call otherwise must not lose it."""

import ast
from collections.abc import Sequence

from migguard.catalog.schema import ConstraintKind, ConstraintState
from migguard.rules.facts.advice.left_unused import drop
from migguard.rules.facts.advice.named_in_place import holder
from migguard.rules.facts.locks.replaced_under_lock import dropped
from migguard.rules.frame import StepContext

STAYS = "# the drop that the same call does stays, or the old key goes on to refuse what the new one allows:"


def dropped_alongside(columns: Sequence[str], oid: int, ctx: StepContext) -> list[str]:
    """The drop of a table's foreign keys over the columns, which the call of this step does before it, with why.

    In a block of its own a drop stands by itself.
    """
    origin = ctx.step.statement.origin
    script = ctx.known.scripts.get(ctx.trace.revision) if ctx.trace is not None else None
    if ctx.trace is None or origin is None or script is None or not isinstance(holder(script, ctx), ast.Call):
        return []
    calls: list[str] = []
    for step in ctx.trace.steps():
        if step is ctx.step:
            break
        _, table, old = dropped(step) if step.statement.origin == origin and step.refusal is None else (None,) * 3
        if table is None or table.oid != oid or not isinstance(old, ConstraintState):
            continue
        if old.kind is ConstraintKind.FOREIGN and old.columns == tuple(columns):
            calls.append(drop(table.key, old, ctx))
    return [STAYS, *calls] if calls else []
