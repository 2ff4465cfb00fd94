"""What else of a deployment names an index that a step makes: it goes with the index, or fails without it."""

from collections.abc import Iterator

from migguard.catalog.lookup import table_of_index
from migguard.catalog.schema import Index, Table
from migguard.changes import DropConstraint, DropIndex, RenameConstraint, RenameIndex
from migguard.rules.facts.locks.held_until import place
from migguard.rules.facts.rows.restrictions import table_named
from migguard.rules.facts.schema.introduced import Indexing, original, table_after
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
    found = dict.fromkeys((*later(index, ctx), *on_the_way_back(index, ctx)))
    return f", together with what names it later: {listed(found)}" if found else ""


def later(index: Index, ctx: StepContext) -> Iterator[str]:
    """The steps of the deployment after this one that name the index, by their places."""
    past = False
    for step in ctx.deployment.steps():
        if past and names(step, index):
            what = "rename" if isinstance(step.change, RenameIndex | RenameConstraint) else "drop"
            yield f"the {what} in {place(step, ctx)}"
        past = past or step is ctx.step


def on_the_way_back(index: Index, ctx: StepContext) -> Iterator[str]:
    """The steps of the downgrades that name the index, by their places."""
    for revision, trace in ctx.deployment.downgrades.items():
        own = ctx.trace is not None and ctx.trace.revision == revision
        for step in trace.steps():
            if names(step, index):
                origin = step.statement.origin
                line = f"line {origin.line} of " if origin is not None else ""
                yield f"{line}downgrade(){'' if own else f' of revision {revision}'}"


def names(step: Step, index: Index) -> bool:
    """Whether a step renames or drops the index, or the constraint that it belongs to."""
    change = step.change
    match change:
        case RenameIndex() | DropIndex():
            key = table_of_index(step.before, change.index, change.table if isinstance(change, DropIndex) else None)
            table, name = table_at(key, step.before), change.index.name
        case RenameConstraint() | DropConstraint():
            table, name = table_named(step.before, change.table), change.name or ""
        case _:
            return False
    there = table.index(name) if table is not None else None
    return there is not None and there.oid == index.oid != 0
