"""What in a deployment demands a value of every row in a column that it adds."""

from migguard.catalog.lookup import table_key
from migguard.catalog.schema import Table
from migguard.changes import AddColumn, AddConstraint, NotNull, PrimaryKey, SetNullable
from migguard.rules.facts.rows.restrictions import table_named
from migguard.rules.frame import StepContext
from migguard.trace import Step


def needed_by(column: str, ctx: StepContext) -> str | None:
    """The line or revision that demands a value of every row next: by NOT NULL, or as a part of a primary key.

    A column that is made NOT NULL is so already, and one of a branch that was not taken is not there later: of these
    what a statement says counts.
    """
    key = table_key(ctx.after, ctx.step.change.table) if isinstance(ctx.step.change, AddColumn) else None
    there = ctx.after.tables.get(key) if key is not None else None
    made = there.column(column) if there is not None else None
    if there is None or made is None:
        return None
    past = False
    for trace in (*ctx.deployment.upgrades, *ctx.deployment.beyond):
        for step in trace.steps():
            table = next((t for t in step.after.tables.values() if t.oid == there.oid != 0), None) if past else None
            now = next((c for c in table.columns if c.oid == made.oid), None) if table is not None else None
            told = past and says_so(step, column, there)
            if told or (made.nullable and now is not None and not now.nullable):
                line = f"line {step.statement.origin.line}" if step.statement.origin is not None else "the rest of it"
                return line if ctx.trace is not None and trace.revision == ctx.trace.revision else trace.revision
            past = past or step is ctx.step
    return None


def says_so(step: Step, column: str, there: Table) -> bool:
    """Whether a statement makes a column of that name NOT NULL, or a part of the table's primary key."""
    change = step.change
    if not isinstance(change, AddConstraint | SetNullable):
        return False
    table = table_named(step.before, change.table)
    if table is None or (table.key != there.key and table.oid != there.oid):
        return False
    if isinstance(change, SetNullable):
        return not change.nullable and change.column == column
    if isinstance(change.constraint, PrimaryKey):
        return column in change.constraint.columns
    return isinstance(change.constraint, NotNull) and change.constraint.column == column
