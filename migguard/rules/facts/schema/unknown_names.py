"""Whether a refusal rests on a name that a naming convention may have chosen, where the MetaData is not known."""

from collections.abc import Iterable

from migguard.catalog.schema import Index, RefusalKind
from migguard.changes import AddConstraint, CreateIndex, DropConstraint, DropIndex, IndexElement, RenameConstraint
from migguard.rules.frame import Context, Lookup, StepContext
from migguard.rules.wording import listed
from migguard.trace import Step

NAMED = AddConstraint | CreateIndex | DropConstraint | DropIndex | RenameConstraint
KINDS = (RefusalKind.UNKNOWN_CONSTRAINT, RefusalKind.UNKNOWN_INDEX, RefusalKind.DUPLICATE)


def unknown_name(step: Step, ctx: Context) -> bool:
    """Whether a refusal rests on the names of constraints and indexes, and the replay cannot know those."""
    if step.refusal is None or step.refusal.kind not in KINDS or not isinstance(step.change, NAMED):
        return False
    return ctx.lookup is not None and ctx.lookup.deployment.environment.unknown_names


def called(index: Index, ctx: StepContext) -> str:
    """An index by its name, or by what it is over where the name is not known."""
    unknown = ctx.deployment.environment.unknown_names and not index.named
    return over(index.elements) if unknown or made_up(index.name, ctx) else index.name


def over(elements: Iterable[IndexElement]) -> str:
    """An index without a name."""
    keys = (e.column or (" ".join(e.expression.text.split()) if e.expression else "?") for e in elements)
    return f"the index over {listed(keys)}"


def made_up(name: str, ctx: StepContext) -> bool:
    """Whether an index has the name that SQLAlchemy gives by itself, where a convention that nobody knows may differ.

    A name that stands in the script is the index's own.
    """
    return made_up_by(ctx.step, name, ctx.known)


def made_up_by(step: Step, name: str, lookup: Lookup) -> bool:
    """The same of an index that a step makes."""
    if not lookup.deployment.environment.unknown_names or not name.startswith("ix_"):
        return False
    script = lookup.scripts.get(lookup.transactions.revision(step.statement))
    return script is not None and name not in script.text
