"""Whether a WHERE spares any row."""

from migguard.catalog.schema import Table
from migguard.changes import Expression


def every_row(where: Expression | None, table: Table) -> bool:
    """Whether a WHERE spares no row: none, one that is always true, or NOT NULL where all is."""
    if where is None or where.always_true:
        return True
    if not where.conjunctive or not where.conditions:
        return False
    certain = {c.name for c in table.columns if not c.nullable and c.not_null_valid}
    return all(c.operator == "is not null" and c.column in certain for c in where.conditions)
