"""Tables that are emptied so that a NOT NULL column without a default can be added: what running code puts in between
makes that fail."""

from migguard.catalog.lookup import domain_of
from migguard.catalog.schema import Catalog, Column, Table
from migguard.changes import AddColumn
from migguard.rules.facts.locks.kept_out import kept_out_since
from migguard.rules.facts.rows.nulls import is_of, taken_out
from migguard.rules.facts.rows.restrictions import table_named
from migguard.rules.frame import POSTGRESQL, StepContext
from migguard.trace import Certainty, Step


def required(change: AddColumn, table: Table, before: Catalog, after: Catalog) -> Column | None:
    """The column that a step adds, where a row that is there has no value for it."""
    column = change.column
    now = after.tables.get(table.key)
    made = now.column(column.name) if now is not None else None
    domain = domain_of(before, column.type) if column.type is not None else None
    if made is None or table.column(column.name) is not None:
        return None
    if made.nullable and not (domain is not None and domain.not_null):
        return None
    filled = column.default is not None and not column.default.is_null
    if filled or made.identity or made.serial or made.generated is not None:
        return None
    return None if domain is not None and domain.default is not None else made


def needs_no_rows(step: Step, table: Table) -> bool:
    """Whether a step adds such a column to the table."""
    change = step.change
    if not isinstance(change, AddColumn) or step.refusal is not None or not is_of(change.table, table, step):
        return False
    there = table_named(step.before, change.table)
    return there is not None and required(change, there, step.before, step.after) is not None


def column_after(table: Table, ctx: StepContext) -> tuple[Step, AddColumn] | None:
    """The first such column that the deployment adds after this step."""
    here = False
    for step in ctx.deployment.steps():
        if here and step.statement.certainty is Certainty.RAN and needs_no_rows(step, table):
            assert isinstance(step.change, AddColumn)
            return step, step.change
        here = here or step is ctx.step
    return None


def open_since(table: Table, ctx: StepContext) -> Step | None:
    """The step that emptied the table, where other sessions can put rows in until this one has its lock.

    None where the transaction has kept them out since then, and after an earlier column that fails in this one's place.
    """
    if ctx.before.server.engine not in POSTGRESQL:
        return None
    since: Step | None = None
    for step in ctx.deployment.steps():
        if step is ctx.step:
            break
        if taken_out(step, table):
            since = step
        elif since is not None and needs_no_rows(step, table):
            return None
    return None if since is None or kept_out_since(table, since, ctx) else since
