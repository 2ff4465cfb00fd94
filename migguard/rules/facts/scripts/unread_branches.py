"""The sides of branches that could not be read, and so may do what nothing that was read does."""

import ast
from typing import NamedTuple

from migguard.rules.facts.scripts.filling_loops import Reading, reached
from migguard.rules.facts.scripts.script_places import line_of
from migguard.rules.frame import StepContext
from migguard.source import Origin, Script
from migguard.trace import NoteKind, RevisionTrace


class Unread(NamedTuple):
    """The branch, and how it is called."""

    origin: Origin
    line: str


def unread_before(words: tuple[str, ...], ctx: StepContext, *, inside: bool = False) -> Unread | None:
    """The first branch before the step, in a script with all the words, of whose other side some was not seen (MG008).

    One of the step's own revision comes before those of earlier ones. With `inside` it is an `if` with the words in it,
    or in functions of the script that it calls.
    """
    last = ctx.step.statement.origin
    found: Unread | None = None
    for trace in ctx.deployment.upgrades:
        script = ctx.known.scripts.get(trace.revision)
        here = ctx.trace is not None and trace.revision == ctx.trace.revision
        notes = trace.notes if script is not None and all(word in script.text for word in words) else ()
        for place in (n.origin for n in notes if n.kind is NoteKind.BRANCH and n.unread):
            if place is None or (inside and script is not None and not says(script, trace, place.line, words)):
                continue
            if here and (last is None or last.path != place.path or place.line <= last.line):
                return Unread(place, line_of(place, trace.revision, trace.revision))
            if not here and found is None:
                found = Unread(place, line_of(place, trace.revision, ""))
        if here:
            break
    return found


def says(script: Script, trace: RevisionTrace, line: int, words: tuple[str, ...]) -> bool:
    """Whether an `if` that begins in the line has all the words in it."""
    if script.tree is None:
        return False
    seen = Reading(script.tree, trace.direction.value)
    for node in script.nodes:
        if isinstance(node, ast.If) and node.lineno == line:
            sides = [part for side in (*node.body, *node.orelse) for part in reached(side, seen.functions)]
            if seen.has([node.test, *sides], words, None):
                return True
    return False
