"""What is dropped and whose name the deployment gives to another: it cannot stay under that name until it goes."""

from migguard.catalog.copying import replace
from migguard.catalog.schema import Column, ConstraintState, Table
from migguard.changes import AddColumn, CreateTable, Engine, ModifyColumn, RenameColumn, RenameTable
from migguard.rules.facts.advice.left_unused import demands, drop, left_out, to_dropped
from migguard.rules.facts.advice.names_needed_later import dropping, in_the_way, left_as, without
from migguard.rules.facts.advice.recipes import named
from migguard.rules.facts.locks.held_until import place
from migguard.rules.facts.rows.empty_tables import empty
from migguard.rules.facts.rows.restrictions import table_named
from migguard.rules.facts.schema.deployment_end import survivor
from migguard.rules.frame import MYSQL_FAMILY, StepContext
from migguard.rules.wording import python, schema_argument


def taken_by(table: Table, name: str, ctx: StepContext) -> str | None:
    """What gives the name to another column after the step, in words with its place; None where nothing does."""
    past = False
    for trace in ctx.deployment.upgrades:
        for step in trace.steps():
            done = step.change
            if past and isinstance(done, RenameColumn | AddColumn | ModifyColumn) and step.refusal is None:
                there = table_named(step.before, done.table)
                new = done.new if isinstance(done, RenameColumn) else ""
                new = done.column.name if isinstance(done, AddColumn) else new
                if isinstance(done, ModifyColumn) and done.definition.name != done.column:
                    new = done.definition.name
                if there is not None and there.oid == table.oid and new == name:
                    return place(step, ctx)
            past = past or step is ctx.step
    return None


def table_taken_by(table: Table, ctx: StepContext) -> str | None:
    """What gives the name of a table that goes to another one, in words with its place; None where nothing does."""
    past = False
    for trace in ctx.deployment.upgrades:
        for step in trace.steps():
            if past and isinstance(step.change, RenameTable | CreateTable) and step.refusal is None:
                there = step.after.tables.get(table.key)
                if table.key not in step.before.tables and there is not None and there.oid != table.oid:
                    return place(step, ctx)
            past = past or step is ctx.step
    return None


def out_of_the_way(table: Table, column: Column | None, name: str, taker: str, ctx: StepContext) -> str:
    """The advice: the old column under another name, which a later deployment drops; not where no value is in it."""
    if empty(table, ctx.step, ctx.known):
        return (
            f"It has no value to keep, and another column gets the name {name} at {taker}: give that one a name of its "
            "own, or stop the code that names it while this deployment runs."
        )
    end = survivor(table, ctx)
    used = {c.name for t in (table, end) if t is not None for c in t.columns}
    new = next(n for i in range(len(used) + 1) if (n := f"{name}_old{i or ''}") not in used)
    there = named(table.key, ctx.before)
    more = "existing_type=..., " if ctx.before.server.engine in MYSQL_FAMILY else ""
    where = schema_argument(there)
    lines = [drop(table.key, key, ctx) for key in to_dropped(table, ctx) if name in key.columns and not key.inherited]
    keys = in_the_way(table, name, ctx)
    keys += [key for key in primary_over(table, column, ctx) if key not in keys]
    lines += [call for call in dropping(table, keys, column, ctx) if call not in lines]
    table, column = without(table, keys), left_as(column, keys)
    lines.append(f"op.alter_column({python(there.name)}, {python(name)}, {more}new_column_name={python(new)}{where})")
    if column is not None and demands(column, ctx):
        lines.append(left_out(table, replace(column, name=new), ctx))
    return "\n".join(
        (
            f"Another column gets the name {name} at {taker}, so this one cannot be kept under it: rename it out of "
            "the way instead of dropping it, and drop it in a later deployment, when nobody misses its values:",
            *lines,
        )
    )


def primary_over(table: Table, column: Column | None, ctx: StepContext) -> list[ConstraintState]:
    """PostgreSQL's primary key over a column that INSERTs have to name: while it stands, the column cannot be NULL.

    It goes with the column that is dropped, and so where that is kept under another name.
    """
    primary = table.primary_key
    if primary is None or primary.inherited or ctx.before.server.engine is not Engine.POSTGRESQL:
        return []
    if column is None or column.name not in primary.columns or not demands(column, ctx):
        return []
    return [primary]
