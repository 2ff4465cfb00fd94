"""Foreign keys over rows for which the other table is known to have no row: not the one they name, or none at all."""

from collections.abc import Sequence

from migguard.catalog.schema import ConstraintState, Table
from migguard.changes import CreateTable, Expression
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.askable import names_before
from migguard.rules.facts.advice.probes import column, relation
from migguard.rules.facts.locks.held_until import place
from migguard.rules.facts.rows.empty_tables import without_rows
from migguard.rules.facts.rows.existing_rows import gets_rows, lacking, spelled
from migguard.rules.frame import StepContext
from migguard.rules.wording import label, listed
from migguard.trace import Step


def full_of_one(
    what: str, key: ConstraintState, held: Sequence[Expression], before: Table, ctx: StepContext
) -> Finding:
    """A foreign key over new columns that hold one constant in every row."""
    name, other = label(before.key, ctx), label(key.references or ("", ""), ctx)
    values, query = listed([spelled(v) for v in held]), lacking(key, held, before, ctx)
    seen = ", and may put that row there before the key" if gets_rows(key, ctx) else ""
    return ctx.finding(
        f"{what} fails if {name} has a row and {other} has none whose {listed(key.references_columns)} is {values}: "
        f"{listed(key.columns)} is {values} in every row of {name}, since this deployment fills it so{seen}.",
        severity=Severity.WARNING,
        table=before.key,
        advice=f"Add {listed(key.columns)} as NULL without a default, and fill it with what {other} has before the key "
        "is added.",
        probe=query,
    )


def emptied_parent(key: ConstraintState, before: Table, ctx: StepContext) -> Step | None:
    """The step that has left the table without a row to which a foreign key refers."""
    parent = ctx.before.tables.get(key.references) if key.references is not None else None
    return without_rows(parent, ctx.step, ctx.known) if parent is not None and parent.oid != before.oid else None


def refers_to_nothing(what: str, key: ConstraintState, since: Step, before: Table, ctx: StepContext) -> Finding:
    """A foreign key to a table that the deployment has made or emptied, and put nothing into: any value is in the way.

    A NULL in one of its columns lets a row through (MATCH SIMPLE,
    https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK).
    """
    name, other, columns = label(before.key, ctx), label(key.references or ("", ""), ctx), listed(key.columns)
    made = isinstance(since.change, CreateTable)
    nullable = [c.name for c in before.columns if c.name in key.columns and c.nullable]
    was = names_before(before, key.columns, ctx)
    some = " AND ".join(f"{column(c, ctx.before)} IS NOT NULL" for c in was[1]) if was is not None else ""
    return ctx.finding(
        f"{what} fails if {name} has a row whose {columns} {'is' if len(key.columns) == 1 else 'are'} not NULL: "
        f"{place(since, ctx)} has {'made' if made else 'emptied'} {other}, and this deployment puts no row into "
        "it before the key.",
        severity=Severity.WARNING,
        table=before.key,
        advice=f"Put into {other} what {columns} of {name} refers to before the key is added"
        + (f", or set {nullable[0]} to NULL." if nullable else "."),
        probe=f"SELECT 1 FROM {relation(was[0], ctx.before)} WHERE {some} LIMIT 1" if was is not None else None,
    )
