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
    """Whether the call at a place inspects an engine with which the script does nothing else: it has it under no name,
    as in `inspect(op.get_bind().engine)`, or under one that it only gives to such calls."""
    if origin is None or origin.path != script.path:
        return False
    given = [node.args[0] for node in script.nodes if isinstance(node, ast.Call) and node.args and inspects(node)]
    asked = {id(one) for one in given}
    other = {
        n.id for n in script.nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) and id(n) not in asked
    }
    kept = {
        target.id
        for node in script.nodes
        if isinstance(node, ast.Assign) and of_bind(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return any(
        (of_bind(one) or (isinstance(one, ast.Name) and one.id in kept - other))
        and one.lineno <= origin.line <= (one.end_lineno or one.lineno)
        for one in given
    )


def inspects(call: ast.Call) -> bool:
    """Whether a call is SQLAlchemy's `inspect()`."""
    return isinstance(call.func, ast.Attribute | ast.Name) and ast.unparse(call.func).rpartition(".")[2] == "inspect"


def of_bind(node: ast.expr) -> bool:
    """Whether an expression is the engine of a connection."""
    return isinstance(node, ast.Attribute) and node.attr == "engine"
