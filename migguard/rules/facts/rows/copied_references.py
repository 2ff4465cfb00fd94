"""Whether a new column holds nothing but references that were copied from where a foreign key vouches for them."""

from migguard.catalog.schema import ConstraintKind, ConstraintState, Table
from migguard.changes import Change, Expression, Insert, Merge, Name, Update
from migguard.rules.facts.rows.mended_rows import Writing
from migguard.rules.facts.rows.nulls import is_of
from migguard.rules.facts.rows.restrictions import is_new, left_null, table_named
from migguard.rules.facts.rows.untaken_sides import untaken_before
from migguard.rules.facts.schema.deployment_end import before_this, released
from migguard.rules.facts.scripts.filling_loops import filled_in_a_loop
from migguard.rules.frame import StepContext
from migguard.sql.picked_columns import picked_column
from migguard.trace import Step


def only_copies(key: ConstraintState, table: Table, ctx: StepContext) -> bool:
    """Whether each value in the column of a foreign key comes from the key that it refers to, or from a column with a
    valid foreign key of its own to that; and nothing was taken out of there since the first was copied."""
    parent = ctx.before.tables.get(key.references) if key.references is not None else None
    column = table.column(key.columns[0]) if len(key.columns) == 1 else None
    if parent is None or column is None or not is_new(column, ctx) or not left_null(column, ctx):
        return False
    was = released(table, ctx) or table
    if any(filled_in_a_loop(column.name, ctx, name) for name in {table.key[1], was.key[1]}):
        return False
    copied = False
    for step in before_this(ctx):
        if step.refusal is not None:
            continue
        if puts_others(step, column.name, key, table) or (copied and takes_away(step, key, parent)):
            return False
        copied = copied or any(not v.is_null for v in written(step, column.name, table))
    return copied and not any(
        puts_others(step, column.name, key, table) or takes_away(step, key, parent) for step in untaken_before(ctx)
    )


def takes_away(step: Step, key: ConstraintState, parent: Table) -> bool:
    """Whether a step may take from the other table what is referred to."""
    done = step.change
    if not isinstance(done, Writing) or isinstance(done, Insert) or not is_of(done.table, parent, step):
        return False
    return not isinstance(done, Update) or not {c for c, _ in done.assignments}.isdisjoint(key.references_columns)


def puts_others(step: Step, column: str, key: ConstraintState, table: Table) -> bool:
    """Whether a step may put something into the column that is not known to be there in the other table."""
    done = step.change
    if isinstance(done, Insert | Merge) and is_of(done.table, table, step):
        return True
    return any(not (v.is_null or vouched(v, done, key, step)) for v in written(step, column, table))


def written(step: Step, column: str, table: Table) -> list[Expression]:
    """What an UPDATE puts into the column."""
    done = step.change
    if not isinstance(done, Update) or not is_of(done.table, table, step):
        return []
    return [value for name, value in done.assignments if name == column]


def vouched(value: Expression, change: Change, key: ConstraintState, step: Step) -> bool:
    """Whether a value is a column of a table that refers to what the key refers to, or is that."""
    found = origin(value, change, step)
    other = table_named(step.before, found[0]) if found is not None else None
    if found is None or other is None or other.column(found[1]) is None:
        return False
    if (other.key, (found[1],)) == (key.references, key.references_columns):
        return True
    return any(
        c.kind is ConstraintKind.FOREIGN
        and c.valid
        and c.enforced
        and c.columns == (found[1],)
        and (c.references, c.references_columns) == (key.references, key.references_columns)
        for c in other.constraints
    )


def origin(value: Expression, change: Change, step: Step) -> tuple[Name, str] | None:
    """The table and the column that a value is read from; None where it is anything else, or from several."""
    if value.cast_of is None:
        return picked_column(value.text, step.before.server.engine)
    named = [r for r in value.references if r.kind == "column"]
    if len(named) != 1 or not isinstance(change, Update) or change.rows_of is None:
        return None
    sources, qualifier = change.rows_of.sources, named[0].qualifier
    if qualifier is None:
        sources = sources if len(sources) == 1 else ()
    else:
        sources = tuple(s for s in sources if s.relation is not None and qualifier in (s.alias, s.relation.name))
    first = sources[0].relation if sources else None
    return (first, value.cast_of) if first is not None else None
