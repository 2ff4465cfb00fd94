"""Whether a column of an existing table can hold a NULL when a step runs, as far as the history tells."""

from migguard.catalog.lookup import domain_of
from migguard.catalog.schema import Column, ConstraintKind, Table
from migguard.changes import Delete, Name, Truncate
from migguard.rules.facts.rows.every_row import every_row
from migguard.rules.facts.rows.restrictions import table_named
from migguard.rules.facts.schema.deployment_end import before_this, released
from migguard.rules.facts.schema.introduced import same
from migguard.rules.facts.scripts.filling_loops import filled_in_a_loop
from migguard.rules.frame import StepContext
from migguard.sql.alternatives import alternatives
from migguard.trace import Certainty, Step


def holds_no_null(table: Table, name: str, ctx: StepContext) -> bool:
    """Whether every row has a value: it always had, a valid CHECK proves it, or some revision filled the gaps."""
    column = table.column(name)
    if column is None:
        return False
    if (not column.nullable and column.not_null_valid) or column.filled or checked(table, name):
        return True
    domain = domain_of(ctx.before, column.type) if column.type is not None else None
    if domain is not None and (domain.not_null or domain.default is not None):
        return True
    return was_never_null(table, column, ctx) or rows_removed(table, name, ctx) or filled_in_a_loop(name, ctx)


def checked(table: Table, name: str) -> bool:
    """Whether a valid CHECK proves it."""
    return any(
        condition.column == name and condition.operator == "is not null"
        for constraint in table.constraints
        if constraint.kind is ConstraintKind.CHECK and constraint.valid and constraint.enforced
        for condition in (constraint.expression.conditions if constraint.expression is not None else ())
    )


def was_never_null(table: Table, column: Column, ctx: StepContext) -> bool:
    """Whether the column was NOT NULL, or checked, before this deployment."""
    old = released(table, ctx)
    was = same(column, old.columns) if old is not None else None
    if old is None or was is None or was.oid != column.oid:
        return False
    return (not was.nullable and was.not_null_valid) or checked(old, was.name)


def emptied(table: Table, ctx: StepContext) -> bool:
    """Whether this deployment takes all rows out of a table before this step: what is in it now it put there."""
    return any(taken_out(step, table) for step in before_this(ctx))


def is_of(name: Name, table: Table, step: Step) -> bool:
    """Whether a statement names the table."""
    there = table_named(step.before, name)
    return there is not None and (there.oid or there.key) == (table.oid or table.key)


def taken_out(step: Step, table: Table) -> bool:
    """Whether a step takes all rows out of a table."""
    done = step.change
    if not isinstance(done, Delete | Truncate) or step.refusal is not None or not is_of(done.table, table, step):
        return False
    return takes_all(done, table, step)


def takes_all(done: Delete | Truncate, table: Table, step: Step) -> bool:
    """Whether no row is left: not where ONLY, a join or a LIMIT picks rows, or where it is not known that it runs."""
    if step.statement.certainty is Certainty.OTHER_BRANCH:
        return False
    if isinstance(done, Truncate):
        return not done.only
    return every_row(done.where, table) and not done.limited and not done.others


def rows_removed(table: Table, name: str, ctx: StepContext) -> bool:
    """Whether this deployment deletes the rows without a value in a column, or all rows, before this step."""
    if emptied(table, ctx):
        return True
    return any(
        isinstance(step.change, Delete) and takes_nulls(step.change, table, name, step) for step in before_this(ctx)
    )


def takes_nulls(done: Delete, table: Table, name: str, step: Step) -> bool:
    """Whether a DELETE leaves no row without a value in a column."""
    if done.where is None or step.refusal is not None or not is_of(done.table, table, step):
        return False
    return any(
        part.conjunctive and [(c.column, c.operator) for c in part.conditions] == [(name, "is null")]
        for part in alternatives(done.where.text, step.before.server.engine)
    )
