"""The schema as the deployment leaves it, for rules that ask whether something is gone for good."""

from collections.abc import Iterator

from migguard.catalog.lookup import relation_key
from migguard.catalog.schema import Catalog, Key, Table
from migguard.changes import AlterColumnType, DropTable, RenameSchema, RenameTable, SetSchema
from migguard.rules.frame import StepContext, table_at
from migguard.trace import Certainty, Step


def final(ctx: StepContext) -> Catalog:
    """The schema after the last checked revision."""
    upgrades = ctx.deployment.upgrades
    return upgrades[-1].after if upgrades else ctx.after


def survivor(table: Table, ctx: StepContext) -> Table | None:
    """The same table at the end, under whatever name; None where the deployment drops it."""
    found = final(ctx).tables.get(table.key)
    if found is None or found.oid != table.oid:
        found = next((t for t in final(ctx).tables.values() if t.oid == table.oid != 0), None)
    return None if found is not None and dropped_beyond(found.key, ctx) else found


def dropped_beyond(key: Key, ctx: StepContext) -> bool:
    """Whether a revision that runs after a branch's other side drops the table: the deployment of that ends before."""
    return any(
        isinstance(step.change, DropTable)
        and step.refusal is None
        and step.statement.certainty is Certainty.RAN
        and (step.change.table.schema or step.before.default_schema, step.change.table.name) == key
        for trace in ctx.deployment.beyond
        for step in trace.steps()
    )


def released(table: Table, ctx: StepContext) -> Table | None:
    """The same table before the deployment, under whatever name."""
    there = ctx.deployment.released.tables
    found = there.get(table.key)
    if found is not None and found.oid == table.oid:
        return found
    return next((t for t in there.values() if t.oid == table.oid != 0), None)


def out_of_reach(table: Table, ctx: StepContext) -> bool:
    """Whether the deployment renames the table and leaves nothing under its old name, also where it drops it then.

    Then no statement of the running code reaches it: MG601 says so, and what else is done to it breaks nothing more.
    """
    was, last, end = released(table, ctx), survivor(table, ctx), final(ctx)
    if was is None or was.key in end.tables or was.key in end.views:
        return False
    return last.key != was.key if last is not None else moved(was, ctx)


def moved(was: Table, ctx: StepContext) -> bool:
    """Whether a step gives the table another name or schema."""
    return any(
        t.oid == was.oid != 0 and t.key != was.key
        for step in ctx.deployment.steps()
        if isinstance(step.change, RenameTable | SetSchema | RenameSchema) and step.refusal is None
        for t in step.after.tables.values()
    )


def as_it_is(key: Key, ctx: StepContext) -> bool:
    """Whether the deployment ends with the table, and with all of its columns and their types, and alters none of them
    after the step.

    PostgreSQL alters no type of a column that a view uses, not even to what it is.
    """
    table = ctx.before.tables.get(key)
    end = survivor(table, ctx) if table is not None else None
    if table is None or end is None:
        return table is None  # a view
    last = {c.oid: c.type for c in end.columns}
    before = {id(step) for step in before_this(ctx)}
    for step in ctx.deployment.steps():
        if isinstance(step.change, AlterColumnType) and step.refusal is None and id(step) not in before:
            changed = table_at(relation_key(step.before, step.change.table), step.before)
            if changed is not None and changed.oid == table.oid:
                return False
    return all(c.oid in last and last[c.oid] == c.type for c in table.columns)


def before_this(ctx: StepContext) -> Iterator[Step]:
    """The steps of the deployment that ran before this one, first to last."""
    for step in ctx.deployment.steps():
        if step is ctx.step:
            return
        yield step
