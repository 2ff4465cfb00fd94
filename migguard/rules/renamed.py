"""What a renaming step renames."""

from migguard.catalog.lookup import table_key, table_of_index
from migguard.catalog.schema import ConstraintState, Index, Table
from migguard.changes import RenameConstraint, RenameIndex
from migguard.rules.frame import StepContext


def renamed_part(
    change: RenameConstraint | RenameIndex, ctx: StepContext
) -> tuple[Table, ConstraintState | Index] | None:
    """The constraint or index under its new name, with its table; an index that backs a constraint is that
    constraint."""
    if ctx.step.refusal is not None:
        return None
    if isinstance(change, RenameConstraint):
        key = table_key(ctx.after, change.table)
    else:
        key = table_of_index(ctx.before, change.index, change.table)
    table = ctx.after.tables.get(key) if key is not None else None
    if table is None:
        return None
    part = table.constraint(change.new) or table.index(change.new)
    return (table, part) if part is not None else None
