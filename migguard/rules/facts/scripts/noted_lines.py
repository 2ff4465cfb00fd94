"""What a replay noted of a script, by the line that did it."""

from collections.abc import Container, Iterable

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
