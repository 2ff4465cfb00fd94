"""What makes an index in a model: a mark on a column of its own, or of a class that other models share."""

from migguard.catalog.schema import Index, Table
from migguard.rules.frame import Context


def in_model(index: Index, table: Table, ctx: Context) -> str:
    """What is to be left out there; hedged where the column is, or may be, one that several models have."""
    made = "a UniqueConstraint" if index.constraint is not None else "an Index"
    if len(index.columns) != 1 or (column := index.columns[0]) is None:
        return f"what makes it in the model: {made} of its own"
    mark = "unique=True" if index.constraint is not None else "index=True"
    mark = f"{mark} and unique=True" if index.unique and index.constraint is None else mark
    mark = f"what makes it in the model: {mark} of the column or {made} of its own"
    tables = ctx.running.tables if ctx.running is not None else ()
    own = ctx.running.table(*table.key, ctx.catalog.default_schema) if ctx.running and ctx.catalog else None
    mine = own.column(column) if own is not None else None
    if own is None or mine is None or mine.line in (None, own.line):  # of the table, where the column's is not found
        return f"{mark} (of this model alone, where a base class gives it to others too)"
    others = [c for t in tables if t is not own and (c := t.column(column)) is not None]
    shared = any((c.path, c.line) == (mine.path, mine.line) for c in others)
    return f"{mark} (of this model alone: other models share the column)" if shared else mark
