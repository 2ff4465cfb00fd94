"""Whether an UPDATE of this deployment put each row's own primary key into a column, so that no two rows share it."""

from migguard.catalog.schema import Column, Index, Table
from migguard.changes import Delete, Engine, Expression, Truncate, Update
from migguard.rules.facts.rows.every_row import every_row
from migguard.rules.facts.rows.mended_rows import still, sure, writes_to
from migguard.rules.facts.scripts.filling_loops import filled_in_a_loop
from migguard.rules.frame import StepContext
from migguard.sql.joined_texts import Within, within
from migguard.trace import Step

TEXTS = frozenset({"text", "character varying", "citext"})
NUMBERS = frozenset({"smallint", "integer", "bigint"})
FIXED = frozenset({"uuid"})
"""Types whose text is always as long."""


def keyed(index: Index, table: Table, ctx: StepContext) -> bool:
    """Whether one column of a unique index holds the primary key in every row, to be read out of it again.

    Where a row has NULL instead, the index must take NULLs for different ones.
    """
    if ctx.before.server.engine is not Engine.POSTGRESQL or index.nulls_not_distinct or index.primary:
        return False
    names = [e.column for e in index.elements if e.column is not None and e.collation is None]
    return any(holds_key(name, table, ctx) is Within.APART for name in names)


def run_together(index: Index, table: Table, ctx: StepContext) -> str:
    """A sentence to add where the deployment put the key beside what it cannot be told from; empty for all else."""
    key = key_of(table)
    for name in index.columns if ctx.before.server.engine is Engine.POSTGRESQL else ():
        if key is not None and name is not None and holds_key(name, table, ctx) is Within.RUN_TOGETHER:
            return (
                f" {key.name} in {name} tells no rows apart as it stands there: 'a1' || 1 is 'a' || 11. Put it last, "
                "after a character that is no digit and no sign."
            )
    return ""


def key_of(table: Table) -> Column | None:
    """The one column of the primary key."""
    primary = table.primary_key
    return table.column(primary.columns[0]) if primary is not None and len(primary.columns) == 1 else None


def holds_key(name: str, table: Table, ctx: StepContext) -> Within:
    """How the key stands in what a column holds in every row, after all that was written."""
    key, column = key_of(table), table.column(name)
    if key is None or key.type is None or key.type.dimensions or key.type.name not in NUMBERS | FIXED:
        return Within.NOT_THERE
    if column is None or column.type is None or column.type.dimensions or column.collation is not None:
        return Within.NOT_THERE
    if column.type.name not in TEXTS or filled_in_a_loop(name, ctx):
        return Within.NOT_THERE
    found = Within.NOT_THERE
    for step, done in writes_to(table, ctx):
        match done:
            case Update():
                value = dict(done.assignments).get(name)
                if value is not None or key.name in dict(done.assignments):
                    found = put(value, done, step, key, column, table, ctx)
            case Delete() | Truncate():
                pass
            case _:
                found = Within.NOT_THERE
    return found


def put(
    value: Expression | None, done: Update, step: Step, key: Column, column: Column, table: Table, ctx: StepContext
) -> Within:
    """How the key stands in what an UPDATE writes, where it certainly writes it into all rows."""
    same = still((key.name, column.name), step, table, ctx.before)
    if value is None or key.name in dict(done.assignments) or not same:
        return Within.NOT_THERE
    if not sure(step, done) or not every_row(done.where, table):
        return Within.NOT_THERE
    fixed = key.type is not None and key.type.name in FIXED
    return within(value.text, key.name, step.before.server.engine, fixed=fixed)
