"""The sides of branches that could not be read, and so may do what nothing that was read does."""

from migguard.rules.frame import StepContext
from migguard.source import Origin
from migguard.trace import NoteKind


def unread_before(word: str, ctx: StepContext) -> Origin | None:
    """The first branch before the step, in a script with the word, of whose other side some was not seen (MG008)."""
    last = ctx.step.statement.origin
    for trace in ctx.deployment.upgrades:
        script = ctx.known.scripts.get(trace.revision)
        here = ctx.trace is not None and trace.revision == ctx.trace.revision
        notes = trace.notes if script is not None and word in script.text else ()
        for place in (n.origin for n in notes if n.kind is NoteKind.BRANCH and n.unread):
            if place is not None and (not here or last is None or last.path != place.path or place.line <= last.line):
                return place
        if here:
            break
    return None
