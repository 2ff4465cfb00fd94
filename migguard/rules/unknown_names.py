"""Whether a refusal rests on a name that a naming convention may have chosen, where the MetaData is not known."""

from migguard.catalog.schema import RefusalKind
from migguard.changes import AddConstraint, CreateIndex, DropConstraint, DropIndex, RenameConstraint
from migguard.rules.frame import Context
from migguard.trace import Step

NAMED = AddConstraint | CreateIndex | DropConstraint | DropIndex | RenameConstraint
KINDS = (RefusalKind.UNKNOWN_CONSTRAINT, RefusalKind.UNKNOWN_INDEX, RefusalKind.DUPLICATE)


def unknown_name(step: Step, ctx: Context) -> bool:
    """Whether a refusal rests on the names of constraints and indexes, and the replay cannot know those."""
    if step.refusal is None or step.refusal.kind not in KINDS or not isinstance(step.change, NAMED):
        return False
    return ctx.lookup is not None and ctx.lookup.deployment.environment.unknown_names
