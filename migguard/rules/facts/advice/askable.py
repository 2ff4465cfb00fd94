"""What can be asked of a database that the deployment has not reached yet: probes run there."""

from collections.abc import Iterable

from migguard.catalog.copying import replace
from migguard.catalog.schema import ConstraintKind, ConstraintState, EnumType, Index, Key, Table
from migguard.placeholders import is_placeholder
from migguard.rules.facts.advice.probes import orphans, violations
from migguard.rules.facts.rows.mended_rows import by_default
from migguard.rules.facts.schema.deployment_end import released
from migguard.rules.frame import StepContext


def names_before(table: Table, columns: Iterable[str], ctx: StepContext) -> tuple[Key, list[str]] | None:
    """What the table and these columns of it are called before the deployment; None where one is not there.

    A table that the history never made is what it is, unless a module that is not installed would have named it.
    """
    was = released(table, ctx) or (table if not table.complete else None)
    if was is None or any(map(is_placeholder, was.key)):
        return None
    found: list[str] = []
    for name in columns:
        now = table.column(name)
        oid = now.oid if now is not None else 0
        then = next((c for c in was.columns if (c.oid == oid if oid else c.name == name)), None)
        if then is None and was.complete:
            return None
        found.append(then.name if then is not None else name)
    return was.key, found


def askable(table: Table, columns: Iterable[str], ctx: StepContext) -> Table | None:
    """The table as it is called before the deployment; None where a column is not there, or is called otherwise."""
    names = list(columns)
    found = names_before(table, names, ctx)
    return replace(table, key=found[0]) if found is not None and found[1] == names else None


def violating(constraint: ConstraintState, table: Table, ctx: StepContext) -> str | None:
    """The query for the rows that violate a check or foreign key; None where it cannot be asked yet."""
    there = askable(table, constraint.columns, ctx)
    if there is None:
        return None
    if constraint.kind is not ConstraintKind.FOREIGN:
        condition = constraint.expression
        if condition is None or is_placeholder(condition.text) or set(condition.strings) & new_labels(ctx):
            return None
        return violations(there.key, condition.text, ctx.before)
    parent = ctx.before.tables.get(constraint.references) if constraint.references is not None else None
    other = askable(parent, constraint.references_columns, ctx) if parent is not None else None
    return orphans(there, replace(constraint, references=other.key), ctx.before) if other is not None else None


def named(index: Index) -> list[str]:
    """The columns that an index names, in its keys and in its condition."""
    texts = [e.expression for e in index.elements if e.expression is not None]
    texts += [index.where] if index.where is not None else []
    return [*filter(None, index.columns), *(r.name for text in texts for r in text.references if r.kind == "column")]


def telling(index: Index, table: Table, ctx: StepContext) -> Index:
    """The index without the new columns that have one value in all rows: these tell none apart, and come later.

    Nor with a WHERE that asks for just these values, and so for all rows.
    """
    alike, where = {c.column: c for c in by_default(table, ctx)}, index.where
    if where is not None and where.conjunctive and all(c == alike.get(c.column) for c in where.conditions):
        where = None
    return replace(index, elements=tuple(e for e in index.elements if e.column not in alike), where=where)


def new_labels(ctx: StepContext) -> set[str]:
    """The values of enum types that are not there before the deployment: a query that names one fails."""
    was = {type.oid: set(type.labels) for type in ctx.deployment.released.types.values() if isinstance(type, EnumType)}
    now = [type for type in ctx.before.types.values() if isinstance(type, EnumType)]
    return {label for type in now for label in type.labels if label not in was.get(type.oid, set())}
