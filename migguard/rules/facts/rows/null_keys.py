"""Foreign keys over a new column that is NULL in every row: what PostgreSQL reads to find that out.

The check asks for the rows whose column IS NOT NULL (src/backend/utils/adt/ri_triggers.c, RI_Initial_Check). An index
on the column answers that at once, and is used where the table has been vacuumed: an index-only scan costs nothing
there (measured on PostgreSQL 15 and 18 with pg_stat_xact_user_tables). Without one, or where the planner thinks
otherwise, every row is read.
"""

from migguard.catalog.schema import Column, Index, Key, Table
from migguard.changes import AddColumn, AddConstraint, ForeignKey
from migguard.effects.model import Effect
from migguard.rules.facts.rows.first_values import kinds_of_rows
from migguard.rules.facts.schema.index_cover import only_nulls_left_out
from migguard.rules.frame import POSTGRESQL, StepContext


def looked_up(change: AddColumn, other: Key | None, table: Table, effect: Effect) -> bool:
    """Whether the values of a new column are looked up: not where all of them are NULL."""
    if other is None or other == table.key:
        return change.column.default is not None
    return other in effect.scans


def null_by_index(change: AddConstraint | AddColumn, key: ForeignKey, table: Table, ctx: StepContext) -> str | None:
    """The column of the key that is NULL in every row, as an index on it can tell; None where there is none."""
    if isinstance(change, AddColumn) or ctx.before.server.engine not in POSTGRESQL:
        return None
    if key.match == "full" and len(key.columns) > 1:
        return None
    for column in (c for name in key.columns if (c := table.column(name)) is not None):
        if any(shows_nulls(i, column.name) for i in table.indexes) and null_in_all(column, table, ctx):
            return column.name
    return None


def shows_nulls(index: Index, column: str) -> bool:
    """Whether an index tells at once which rows have a value in the column."""
    whole = index.where is None or only_nulls_left_out(index.where, (column,))
    return index.valid and index.method == "btree" and index.kind is None and index.columns[:1] == (column,) and whole


def null_in_all(column: Column, table: Table, ctx: StepContext) -> bool:
    """Whether a column of this deployment is NULL in every row that was there."""
    kinds = kinds_of_rows([column], table, ctx)
    return kinds is not None and all(kind.values[column.oid].is_null for kind in kinds)
