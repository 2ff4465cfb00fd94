"""What else of a deployment names an index that a step makes: it goes with the index, or fails without it."""

from collections.abc import Iterator

from migguard.catalog.lookup import table_of_index
from migguard.catalog.schema import Index, Table
from migguard.changes import DropConstraint, DropIndex, Engine, RenameConstraint, RenameIndex
from migguard.rules.facts.locks.held_until import place
from migguard.rules.facts.rows.restrictions import table_named
from migguard.rules.facts.schema.deployment_end import final
from migguard.rules.facts.schema.introduced import Indexing, original, table_after
from migguard.rules.facts.scripts.where_named import naming, stands_in
from migguard.rules.frame import StepContext, table_at
from migguard.rules.wording import listed
from migguard.trace import Step


def as_made(change: Indexing, index: Index, table: Table, ctx: StepContext) -> tuple[Index, Table]:
    """The index and its table under the names that the step gives them; of a batch copy those at the end."""
    there = table_after(change, ctx)
    if there is None or there.key != original(there.key):
        return index, table
    made = next((i for i in there.indexes if i.oid == index.oid != 0), None)
    return (made, there) if made is not None else (index, table)


def along_with(index: Index, ctx: StepContext) -> str:
    """A clause that says what is to be left out together with the index; empty where nothing else names it."""
    found = dict.fromkeys((*later(index, ctx), *after_the_deployment(index, ctx), *on_the_way_back(index, ctx)))
    return f", together with what names it later: {listed(found)}" if found else ""


def later(index: Index, ctx: StepContext) -> Iterator[str]:
    """The steps of the deployment after this one that name the index, by their places."""
    past = False
    for step in ctx.deployment.steps():
        if past and (name := names(step, index)):
            what = "rename" if isinstance(step.change, RenameIndex | RenameConstraint) else "drop"
            line = line_in(step, name, ctx.known.transactions.revision(step.statement), "upgrade", ctx)
            yield f"the {what} in {line}" if line else f"the {what} in {place(step, ctx)}"
        past = past or step is ctx.step


def on_the_way_back(index: Index, ctx: StepContext) -> Iterator[str]:
    """The steps of the downgrades that name the index, by their places."""
    for revision, trace in ctx.deployment.downgrades.items():
        for step in trace.steps():
            if name := names(step, index):
                own = ctx.trace is not None and ctx.trace.revision == revision
                line = line_in(step, name, revision, "downgrade", ctx)
                yield line or f"downgrade(){'' if own else f' of revision {revision}'}"


def line_in(step: Step, name: str, revision: str, function: str, ctx: StepContext) -> str:
    """The line that has the name for a step, in words; empty where no line of the script caused the step."""
    origin, script = step.statement.origin, ctx.known.scripts.get(revision)
    if origin is None:
        return ""
    line, alone = naming(name, origin, script, function) if script is not None else (origin.line, True)
    own = ctx.trace is not None and ctx.trace.revision == revision
    of = f" {'of' if script is None or stands_in(line, function, script) else 'for'} downgrade()"
    of = of if function == "downgrade" else ""
    return f"{'' if alone else 'its part in '}line {line}{of}{'' if own else f' of revision {revision}'}"


def after_the_deployment(index: Index, ctx: StepContext) -> Iterator[str]:
    """The lines of the first revision after the deployment that drops or renames the index, by the name it then has."""
    end = final(ctx)
    table, made = next(
        ((t, i) for t in end.tables.values() for i in t.indexes if i.oid == index.oid != 0), (None, None)
    )
    mentions = ctx.history.taken_later() if ctx.history is not None and table is not None else ()
    per_table = ctx.after.server.engine not in (Engine.POSTGRESQL, Engine.SQLITE)
    for mention in mentions:
        if made is not None and table is not None and mention.name == made.name:
            if per_table and mention.table != table.key[1]:
                continue
            lines = f"line{'s' * (len(mention.lines) > 1)} {listed(map(str, mention.lines))}"
            yield f"{lines} of revision {mention.revision}" if mention.lines else f"revision {mention.revision}"
            return


def names(step: Step, index: Index) -> str:
    """The name by which a step renames or drops the index, or the constraint that it belongs to; empty where not."""
    change = step.change
    match change:
        case RenameIndex() | DropIndex():
            key = table_of_index(step.before, change.index, change.table if isinstance(change, DropIndex) else None)
            table, name = table_at(key, step.before), change.index.name
        case RenameConstraint() | DropConstraint():
            table, name = table_named(step.before, change.table), change.name or ""
        case _:
            return ""
    there = table.index(name) if table is not None else None
    return name if there is not None and there.oid == index.oid != 0 else ""
