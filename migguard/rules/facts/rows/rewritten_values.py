"""Whether a deployment gives a column's values another meaning: each is computed anew from the one that stood there."""

from collections.abc import Iterator

from migguard.catalog.schema import Column, Table
from migguard.changes import AlterColumnType, Expression, Update
from migguard.rules.facts.rows.restrictions import table_named
from migguard.rules.facts.rows.reversible_updates import keeps
from migguard.rules.frame import StepContext
from migguard.trace import Step


def rewritten(column: Column, table: Table, ctx: StepContext) -> Step | None:
    """The first step that computes the column from itself, such as `SET flag = NOT flag`, under whatever name."""
    for step in ctx.deployment.steps():
        there = (
            table_named(step.before, step.change.table) if isinstance(step.change, Update | AlterColumnType) else None
        )
        if there is None or there.oid != table.oid or step.refusal is not None:
            continue
        now = next((c for c in there.columns if c.oid == column.oid != 0), None)
        if now is not None and any(
            reads(value, now.name) and not keeps(value, now.name) for value in values(step, now)
        ):
            return step
    return None


def values(step: Step, column: Column) -> Iterator[Expression]:
    """What a step puts into a column."""
    change = step.change
    if isinstance(change, Update):
        yield from (value for name, value in change.assignments if name == column.name)
        return
    using = change.using if isinstance(change, AlterColumnType) and change.column == column.name else None
    if using is not None and using.cast_of != column.name:
        yield using


def reads(value: Expression, name: str) -> bool:
    """Whether an expression is computed from a column."""
    return any(one.kind == "column" and one.name == name for one in value.references)
