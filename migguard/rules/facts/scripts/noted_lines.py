"""What a replay noted of a script, by the line that did it."""

import ast
from collections.abc import Container, Iterable

from migguard.source import Origin, Script
from migguard.trace import Note, NoteKind

EACH = frozenset({NoteKind.CONNECTION, NoteKind.ENVIRONMENT})
"""Kinds of which each thing is told by itself: a variable is a setting of its own."""


def by_place(notes: Iterable[Note], kinds: Container[NoteKind]) -> list[list[Note]]:
    """The notes about what is outside, those together that are of one line which does the same to several things."""
    found: dict[tuple[object, ...], list[Note]] = {}
    for note in notes:
        line = note.origin.line if note.origin is not None else 0
        subject = note.subject if note.kind in EACH or note.origin is None else ""
        place = (note.kind, subject, line if note.kind is NoteKind.CONNECTION else note.origin, note.at_import)
        if note.kind in kinds:
            found.setdefault(place, []).append(note)
    return list(found.values())


def inspects_engine(script: Script, origin: Origin | None) -> bool:
    """Whether the call at a place inspects an engine that is kept under no name: `inspect(op.get_bind().engine)`."""
    if origin is None or origin.path != script.path:
        return False
    for node in script.nodes:
        match node:
            case ast.Call(
                func=ast.Attribute(attr="inspect") | ast.Name(id="inspect"), args=[ast.Attribute(attr="engine")]
            ) if node.lineno <= origin.line <= (node.end_lineno or node.lineno):
                return True
            case _:
                continue
    return False
