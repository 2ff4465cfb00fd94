"""Which statement of this deployment makes NULL of values that stood in a column, so that the column has gaps again."""

from migguard.catalog.schema import Table
from migguard.changes import Delete, Expression, Truncate, Update
from migguard.findings import Finding
from migguard.rules.facts.advice.askable import askable
from migguard.rules.facts.advice.batches import picked, rounds
from migguard.rules.facts.advice.probes import column as spelled
from migguard.rules.facts.advice.probes import matching, relation
from migguard.rules.facts.rows.mended_rows import columns_in, writes_to
from migguard.rules.facts.rows.nulls import checked, taken_out, takes_nulls
from migguard.rules.facts.scripts.filling_loops import filled_in_a_loop
from migguard.rules.frame import StepContext
from migguard.rules.wording import label
from migguard.sql.null_makers import makes_null
from migguard.trace import Step


def emptied_by(table: Table, name: str, ctx: StepContext) -> Step | None:
    """The last UPDATE that puts NULL into a column, with nothing after it that fills the gaps or takes the rows out.

    A column that refuses a NULL at that time has none: the UPDATE itself fails then.
    """
    column = table.column(name)
    if column is None or checked(table, name) or filled_in_a_loop(name, ctx):
        return None
    found = None
    for step, done in writes_to(table, ctx):
        at = next((t for t in step.before.tables.values() if t.oid == table.oid), table)
        was = next((c for c in at.columns if c.oid == column.oid), None)
        if was is None:
            continue
        match done:
            case Update():
                given = [value for written, value in done.assignments if written == was.name]
                if any(value.is_null or makes_null(value.text, step.before.server.engine) for value in given):
                    found = step if was.nullable and not only_gaps(done.where, was.name) else found
                elif given and reaches_gaps(done.where, was.name):
                    found = None
            case Delete():
                if taken_out(step, at) or takes_nulls(done, at, was.name, step):
                    found = None
            case Truncate() if taken_out(step, at):
                found = None
            case _:
                pass
    return found


def only_gaps(where: Expression | None, name: str) -> bool:
    """Whether a WHERE is true of such rows alone as hold NULL already."""
    return where is not None and any((c.column, c.operator) == (name, "is null") for c in where.conditions)


def reaches_gaps(where: Expression | None, name: str) -> bool:
    """Whether a WHERE can be true of a row that holds NULL: one that compares the column is not."""
    return where is None or not any(c.column == name and c.operator != "is null" for c in where.conditions)


def made_null(step: Step, table: Table, name: str, ctx: StepContext) -> Finding:
    """Values were there, and this deployment makes NULL of them."""
    shown, origin = label(table.key, ctx), step.statement.origin
    owner = ctx.known.transactions.revision(step.statement)
    here = ctx.trace is None or owner == ctx.trace.revision
    line = f" of revision {owner}" if not here else f" of line {origin.line}" if origin is not None else ""
    gaps = picked(table, f"{spelled(name, ctx.before)} IS NULL", ctx.before)
    return ctx.finding(
        f"Making {shown}.{name} NOT NULL fails if the UPDATE{line} has made NULL of a value.",
        verified=ctx.step.verified and step.verified,
        related=(origin,) if origin is not None else (),
        table=table.key,
        advice="Let that UPDATE write a value in place of NULL, or fill the gaps after it, in batches:\n"
        + rounds(f"UPDATE {relation(table.key, ctx.before)} SET {spelled(name, ctx.before)} = … WHERE {gaps}"),
        probe=probe(step, table, ctx),
    )


def probe(step: Step, table: Table, ctx: StepContext) -> str | None:
    """The rows that the UPDATE makes NULL of, by its own WHERE; None where it cannot be asked before the deployment."""
    where = step.change.where if isinstance(step.change, Update) else None
    if where is None or not where.readable or where.subquery or step.statement.parameters:
        return None
    there = askable(table, sorted(columns_in(where)), ctx)
    return matching(there.key, where.text, ctx.before) if there is not None else None
