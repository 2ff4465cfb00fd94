"""Whether a new column holds nothing but references that were copied from where a foreign key vouches for them."""

from migguard.catalog.schema import ConstraintKind, ConstraintState, Table
from migguard.changes import Delete, Expression, Insert, Update
from migguard.rules.facts.rows.mended_rows import writes_to
from migguard.rules.facts.rows.restrictions import is_new, left_null, table_named
from migguard.rules.frame import StepContext
from migguard.trace import Certainty, Step


def only_copies(key: ConstraintState, table: Table, ctx: StepContext) -> bool:
    """Whether each value in the column of a foreign key comes from the key that it refers to, or from a column with a
    valid foreign key of its own to that; and nothing was taken out of there meanwhile."""
    parent = ctx.before.tables.get(key.references) if key.references is not None else None
    column = table.column(key.columns[0]) if len(key.columns) == 1 else None
    if parent is None or column is None or not is_new(column, ctx) or not left_null(column, ctx):
        return False
    if any(not isinstance(done, Insert) for _, done in writes_to(parent, ctx)):
        return False
    copied = False
    for step, done in writes_to(table, ctx):
        if isinstance(done, Delete):
            continue
        value = dict(done.assignments).get(column.name) if isinstance(done, Update) else None
        if not isinstance(done, Update) or step.statement.certainty is not Certainty.RAN:
            return False
        if value is not None and not value.is_null:
            if not vouched(value, done, key, step):
                return False
            copied = True
    return copied


def vouched(value: Expression, change: Update, key: ConstraintState, step: Step) -> bool:
    """Whether a value is a column of another table that refers to what the key refers to, or is that."""
    named = [r for r in value.references if r.kind == "column"]
    if value.cast_of is None or len(named) != 1 or named[0].qualifier is None or change.rows_of is None:
        return False
    for source in change.rows_of.sources:
        if source.relation is None or named[0].qualifier not in (source.alias, source.relation.name):
            continue
        other = table_named(step.before, source.relation)
        if other is None:
            return False
        if other.key == key.references and (value.cast_of,) == key.references_columns:
            return True
        return any(
            c.kind is ConstraintKind.FOREIGN
            and c.valid
            and c.enforced
            and c.columns == (value.cast_of,)
            and (c.references, c.references_columns) == (key.references, key.references_columns)
            for c in other.constraints
        )
    return False
