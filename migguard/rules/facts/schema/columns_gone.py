"""Columns that a deployment drops beside a constraint of which nobody knows what it is over."""

from migguard.catalog.meant_names import within
from migguard.changes import DropColumn
from migguard.rules.facts.rows.dropped_restrictions import Restriction
from migguard.rules.facts.rows.nulls import is_of
from migguard.rules.frame import StepContext
from migguard.rules.wording import listed


def over_what_goes(gone: Restriction, ctx: StepContext) -> str:
    """In parentheses that an unknown constraint goes with its column, where it may; empty where none is dropped.

    Where its name has one of the columns in it, that is the one to name.
    """
    if gone.state is not None:
        return ""
    lost = dict.fromkeys(
        step.change.column
        for step in ctx.deployment.steps()
        if isinstance(step.change, DropColumn) and step.refusal is None and is_of(step.change.table, gone.table, step)
    )
    named = [c for c in lost if within(c, gone.name)] or list(lost)
    verb = "goes" if len(named) == 1 else "go"
    return f" (unless it is over {listed(named)}, which {verb} too)" if named else ""
