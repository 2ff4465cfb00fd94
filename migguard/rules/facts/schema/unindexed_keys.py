"""Foreign keys that no index serves, and the step that takes the last one that did."""

from collections.abc import Iterator

from migguard.catalog.lookup import table_key, table_of_index
from migguard.catalog.schema import ConstraintKind, ConstraintState, Table
from migguard.changes import DropColumn, DropConstraint, DropIndex
from migguard.rules.facts.schema.deployment_end import final, released
from migguard.rules.facts.schema.index_cover import serves
from migguard.rules.facts.schema.introduced import at_end, same_one
from migguard.rules.frame import StepContext, table_at
from migguard.trace import Step

Taking = DropIndex | DropConstraint | DropColumn
"""Changes that can take an index away."""


def robbed(ctx: StepContext) -> Iterator[tuple[Table, ConstraintState]]:
    """The released foreign keys whose last index the step takes, each with its table at the end.

    One that only the deployment itself made for a while leaves a key as bare as it was. Where a later step makes an
    index again, and one after that takes it, it is that one which leaves the key bare.
    """
    before, after = around(ctx.step)
    end = at_end(after, ctx) if after is not None else None
    if before is None or after is None or end is None:
        return
    was = released(end, ctx)
    for key in after.constraints:
        kept = same_one(key, end.constraints, after, end)
        if kept is None or not ctx.deployment.existing(kept.oid) or not lacks(end, kept, ctx):
            continue
        once = same_one(kept, was.constraints, end, was) if was is not None else None
        if was is not None and once is not None and lacks(was, once, ctx):
            continue
        if lacks(after, key, ctx) and not lacks(before, key, ctx) and not robbed_later(kept, end, ctx):
            yield end, kept


def robbed_later(key: ConstraintState, end: Table, ctx: StepContext) -> bool:
    """Whether a later step of the deployment takes the last index of a foreign key."""
    later = False
    for step in ctx.deployment.steps():
        before, after = around(step) if later else (None, None)
        if before is not None and after is not None and after.oid == end.oid:
            one = same_one(key, after.constraints, end, after)
            if one is not None and lacks(after, one, ctx) and not lacks(before, one, ctx):
                return True
        later = later or step is ctx.step
    return False


def around(step: Step) -> tuple[Table | None, Table | None]:
    """The table that a step takes something from, before and after it; neither where it takes nothing."""
    change = step.change
    if step.refusal is not None or not isinstance(change, Taking):
        return None, None
    if isinstance(change, DropIndex):
        where = table_of_index(step.before, change.index, change.table)
    else:
        where = table_key(step.before, change.table)
    return table_at(where, step.before), table_at(where, step.after)


def lacks(table: Table, key: ConstraintState, ctx: StepContext) -> bool:
    """Whether a constraint is a foreign key that is enforced, the table's own, and without an index.

    Of a table that no revision made the indexes are not known, but of a column that this deployment adds.
    """
    columns = [c for n in key.columns if (c := table.column(n)) is not None]
    known = table.complete or any(not ctx.deployment.existing(c.oid) for c in columns)
    if key.kind is not ConstraintKind.FOREIGN or not key.enforced or key.inherited or not known:
        return False
    return not any(serves(index, part) for part in enough(table, key, ctx) for index in table.indexes)


def enough(table: Table, key: ConstraintState, ctx: StepContext) -> Iterator[tuple[str, ...]]:
    """The columns of a foreign key, and those of them that alone find the rows which refer to one row.

    Where they refer to a unique key, the rows with the same values in them refer to that one row, unless a NULL in
    another column of the foreign key lets them refer to none.
    """
    yield key.columns
    target = table if key.references == table.key else final(ctx).tables.get(key.references or table.key)
    pairs = dict(zip(key.references_columns, key.columns, strict=False))
    nullable = {c.name for c in table.columns if c.nullable}
    for index in target.indexes if target is not None else ():
        part = tuple(pairs[c] for c in index.columns if c is not None and c in pairs)
        whole = index.unique and index.valid and index.where is None and len(part) == len(index.columns)
        if whole and not nullable & (set(key.columns) - set(part)):
            yield part
