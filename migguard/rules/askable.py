"""What can be asked of a database that the deployment has not reached yet: probes run there."""

from collections.abc import Iterable

from migguard.catalog.copying import replace
from migguard.catalog.schema import ConstraintKind, ConstraintState, Table
from migguard.rules.deployment_end import released
from migguard.rules.frame import StepContext
from migguard.rules.probes import orphans, violations


def askable(table: Table, columns: Iterable[str], ctx: StepContext) -> Table | None:
    """The table as it is called before the deployment; None where one of the columns is not there, or called otherwise.

    A table that the history never made is what it is.
    """
    was = released(table, ctx)
    if was is None:
        return None if table.complete else table
    for name in columns:
        now, then = table.column(name), was.column(name)
        if now is not None and (then is None or then.oid != now.oid) and (was.complete or then is not None):
            return None
    return replace(table, key=was.key)


def violating(constraint: ConstraintState, table: Table, ctx: StepContext) -> str | None:
    """The query for the rows that violate a check or foreign key; None where it cannot be asked yet."""
    there = askable(table, constraint.columns, ctx)
    if there is None:
        return None
    if constraint.kind is not ConstraintKind.FOREIGN:
        text = constraint.expression.text if constraint.expression is not None else None
        return violations(there.key, text, ctx.before) if text is not None else None
    parent = ctx.before.tables.get(constraint.references) if constraint.references is not None else None
    other = askable(parent, constraint.references_columns, ctx) if parent is not None else None
    return orphans(there, replace(constraint, references=other.key), ctx.before) if other is not None else None
