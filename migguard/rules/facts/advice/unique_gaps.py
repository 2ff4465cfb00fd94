"""A unique index that is dropped, and what keeps its rows unique after it: which of the two has to come first."""

from collections.abc import Sequence

from migguard.catalog.lookup import table_key
from migguard.catalog.schema import ConstraintKind, ConstraintState, Index, Table
from migguard.changes import DropIndex
from migguard.rules.facts.advice.plain_index_drops import is_sure
from migguard.rules.facts.locks.held_until import place
from migguard.rules.facts.locks.replaced_under_lock import built, replaces
from migguard.rules.facts.rows.emptied_for_columns import run_after
from migguard.rules.facts.schema.needless_drops import needs_it_away
from migguard.rules.facts.schema.unknown_names import made_up, over
from migguard.rules.frame import StepContext, table_at
from migguard.trace import Step

KEYS = (ConstraintKind.PRIMARY, ConstraintKind.UNIQUE)


def once_built(changes: Sequence[DropIndex], table: Table | None, ctx: StepContext) -> str:
    """Words, to be put behind an advice to drop indexes, on what has to be there before; empty where nothing has."""
    for change in changes:
        there = table if table is not None else table_at(stated(change, ctx), ctx.before)
        old = there.index(change.index.name) if there is not None else None
        new = successor(old, there, ctx) if there is not None else None
        if new is None or there is None:
            continue
        what = f"{shown(new, ctx)} ({place(new, ctx)})"
        needing = next((s for s in between(new, ctx) if is_sure(s) and needs_it_away(s, None, there)), None)
        _, made = built(new)
        apart = ", under another name," if old is None or (made is not None and made.name == old.name) else ""
        order = f"once {what} is built{apart} and not before: nothing keeps the values unique in between"
        if needing is not None:
            order += f" (unless {place(needing, ctx)} needs it gone)"
        return f", {order}" if old is not None else f"; if it is unique and the new one takes its place, {order}"
    return ""


def stated(change: DropIndex, ctx: StepContext) -> tuple[str, str] | None:
    """The key of the table that the script says an index is of."""
    return table_key(ctx.before, change.stated) if change.stated is not None else None


def successor(old: Index | None, table: Table, ctx: StepContext) -> Step | None:
    """The later step that makes the table a unique index or key over columns of one that is dropped.

    Of an index that nobody knows it may be any.
    """
    for step in run_after(ctx.step, ctx.known):
        after, new = built(step)
        there = after is not None and after.oid == table.oid
        if there and new is not None and unique(new) and (old is None or (old.unique and replaces(new, old))):
            return step
    return None


def unique(new: Index | ConstraintState) -> bool:
    """Whether it keeps values unique."""
    return new.unique if isinstance(new, Index) else new.kind in KEYS


def between(last: Step, ctx: StepContext) -> list[Step]:
    """The steps after this one and before another."""
    steps = list(ctx.deployment.steps())
    places = [i for i, s in enumerate(steps) if s is ctx.step or s is last]
    return steps[places[0] + 1 : places[-1]]


def shown(step: Step, ctx: StepContext) -> str:
    """What a step builds, by its name, or by its columns where the name is not known."""
    _, new = built(step)
    if isinstance(new, Index):
        return over(new.elements) if made_up(new.name, ctx) else new.name
    return new.name if new is not None else "it"
