"""Foreign keys over a new column that is NULL in every row: what PostgreSQL reads to find that out.

The check asks for the rows whose column IS NOT NULL (src/backend/utils/adt/ri_triggers.c, RI_Initial_Check), and every
row is read for it, also where an index on the column could answer: a new column has no statistics, and the planner
takes nearly all of its rows for filled (tried on PostgreSQL 15, on tables that were just vacuumed).
"""

from migguard.catalog.schema import Column, Key, Table
from migguard.changes import AddColumn
from migguard.effects.model import Effect
from migguard.rules.facts.rows.first_values import kinds_of_rows
from migguard.rules.frame import StepContext


def looked_up(change: AddColumn, other: Key | None, table: Table, effect: Effect) -> bool:
    """Whether the values of a new column are looked up: not where all of them are NULL."""
    if other is None or other == table.key:
        return change.column.default is not None
    return other in effect.scans


def null_in_all(column: Column, table: Table, ctx: StepContext) -> bool:
    """Whether a column of this deployment is NULL in every row that was there."""
    kinds = kinds_of_rows([column], table, ctx)
    return kinds is not None and all(kind.values[column.oid].is_null for kind in kinds)
