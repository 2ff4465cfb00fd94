"""NULLs that running code writes after a deployment has filled a column, and before the column is NOT NULL."""

from migguard.catalog.schema import Column, Table
from migguard.changes import Update
from migguard.rules.facts.locks.kept_out import kept_out_since
from migguard.rules.facts.rows.nulls import is_of
from migguard.rules.facts.rows.restrictions import is_new
from migguard.rules.facts.schema.deployment_end import before_this
from migguard.rules.frame import POSTGRESQL, StepContext
from migguard.trace import Step


def open_since(column: Column, table: Table, ctx: StepContext) -> Step | None:
    """The statement that filled the column, where other sessions can write NULL until this step has its lock.

    None where nothing of the deployment filled it, or where the transaction has kept them out since then. Code that
    does not know a new column leaves it to its default.
    """
    if ctx.before.server.engine not in POSTGRESQL or not column.oid or not column.nullable:
        return None
    if column.generated is not None or column.identity is not None or (is_new(column, ctx) and column.default):
        return None
    fills = [step for step in before_this(ctx) if gives_value(step, column, table)]
    if not fills or any(kept_out_since(table, step, ctx) for step in fills):
        return None
    return fills[-1]


def gives_value(step: Step, column: Column, table: Table) -> bool:
    """Whether an UPDATE writes something else than NULL into the column, under the name that it has then."""
    done = step.change
    if not isinstance(done, Update) or step.refusal is not None or not is_of(done.table, table, step):
        return False
    there = next((t for t in step.before.tables.values() if t.oid == table.oid), table)
    name = next((c.name for c in there.columns if c.oid == column.oid), column.name)
    return any(c == name and not value.is_null for c, value in done.assignments)
