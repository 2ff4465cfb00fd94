"""The sides of branches that could not be read, and so may do what nothing that was read does."""

from typing import NamedTuple

from migguard.rules.facts.scripts.script_places import line_of
from migguard.rules.frame import StepContext
from migguard.source import Origin
from migguard.trace import NoteKind


class Unread(NamedTuple):
    """The branch, and how it is called."""

    origin: Origin
    line: str


def unread_before(words: tuple[str, ...], ctx: StepContext) -> Unread | None:
    """The first branch before the step, in a script with all the words, of whose other side some was not seen (MG008).

    One of the step's own revision comes before those of earlier ones.
    """
    last = ctx.step.statement.origin
    found: Unread | None = None
    for trace in ctx.deployment.upgrades:
        script = ctx.known.scripts.get(trace.revision)
        here = ctx.trace is not None and trace.revision == ctx.trace.revision
        notes = trace.notes if script is not None and all(word in script.text for word in words) else ()
        for place in (n.origin for n in notes if n.kind is NoteKind.BRANCH and n.unread):
            if place is None:
                continue
            if here and (last is None or last.path != place.path or place.line <= last.line):
                return Unread(place, line_of(place, trace.revision, trace.revision))
            if not here and found is None:
                found = Unread(place, line_of(place, trace.revision, ""))
        if here:
            break
    return found
