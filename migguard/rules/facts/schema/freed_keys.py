"""Keys that can only go since a foreign key that rested on them went first."""

from migguard.catalog.lookup import relation_key
from migguard.catalog.schema import Catalog, ConstraintKind
from migguard.changes import DropConstraint
from migguard.rules.facts.locks.held_until import place
from migguard.rules.facts.rows.emptied_for_columns import run_after
from migguard.rules.frame import StepContext, table_at
from migguard.trace import Step


def together(change: DropConstraint, ctx: StepContext) -> str:
    """What a dropped constraint is kept together with, in words."""
    freed = freed_by(change, ctx)
    before = f"{place(freed, ctx)}, which cannot run before it, and " if freed is not None else ""
    return f", with {before}what takes its place if anything does,"


def freed_by(change: DropConstraint, ctx: StepContext) -> Step | None:
    """The later step that takes away what a dropped foreign key refers to: no server does that while it is there."""
    table = table_at(relation_key(ctx.before, change.table), ctx.before)
    key = table.constraint(change.name) if table is not None and change.name is not None else None
    if key is None or key.kind is not ConstraintKind.FOREIGN or key.references is None:
        return None
    referred = table_at(key.references, ctx.before)
    if referred is None or not referred.oid:
        return None
    over = set(key.references_columns) or set(referred.primary_key.columns if referred.primary_key else ())
    return next(
        (
            later
            for later in run_after(ctx.step, ctx.known)
            if keys_over(over, referred.oid, later.before) - keys_over(over, referred.oid, later.after)
        ),
        None,
    )


def keys_over(columns: set[str], oid: int, catalog: Catalog) -> set[str]:
    """The unique indexes of a table over just these columns, by name."""
    table = next((t for t in catalog.tables.values() if t.oid == oid), None)
    indexes = table.indexes if table is not None else ()
    return {i.name for i in indexes if i.unique and set(i.columns) == columns}
