"""What a column is called when the revision of a step has ended, and what else the same call does to it."""

from migguard.catalog.lookup import relation_key
from migguard.catalog.schema import Table
from migguard.changes import AlterColumnType, Name, RenameColumn, SetDefault
from migguard.rules.facts.advice.recipes import named
from migguard.rules.frame import StepContext, table_at
from migguard.trace import Step

ARGUMENTS = {AlterColumnType: "type", SetDefault: "default", RenameColumn: "name"}


def called_after(table: Table, column: str, ctx: StepContext) -> tuple[Name, str] | None:
    """The table and column by other names that the rest of the revision gives them; None where they keep theirs, or one
    of them is gone."""
    trace = ctx.trace
    end = next((t for t in trace.after.tables.values() if t.oid == table.oid != 0), None) if trace is not None else None
    if trace is None or end is None:
        return None
    later, name = False, column
    for step in trace.steps():
        change = step.change
        if later and isinstance(change, RenameColumn) and change.column == name and of(step, change.table, table):
            name = change.new
        later = later or step is ctx.step
    if (end.key, name) == (table.key, column) or (end.complete and end.column(name) is None):
        return None
    return named(end.key, trace.after), name


def done_along(table: Table, column: str, ctx: StepContext) -> list[str]:
    """What else the same call or statement changes of a column: its type, its default."""
    origin = ctx.step.statement.origin
    return [
        ARGUMENTS[type(step.change)]
        for step in (ctx.trace.steps() if ctx.trace is not None else ())
        if isinstance(step.change, AlterColumnType | SetDefault | RenameColumn) and step.statement.origin == origin
        if origin is not None and step.change.column == column and of(step, step.change.table, table)
    ]


def of(step: Step, name: Name, table: Table) -> bool:
    """Whether a step names that table."""
    there = table_at(relation_key(step.before, name), step.before)
    return there is not None and there.oid == table.oid and step.refusal is None
