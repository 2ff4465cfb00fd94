"""What came of the sides of branches, in words."""

from __future__ import annotations

import ast
from dataclasses import replace

from migguard.shadow.sides.branches import Kind
from migguard.trace import Note, NoteKind

READ = "was read and not run, for want of its values"


def span(statements: list[ast.stmt]) -> str:
    """The lines of statements, in words."""
    lines = sorted({s.lineno for s in statements})
    if not lines:
        return ""
    last = max(s.end_lineno or s.lineno for s in statements)
    return f"line {lines[0]}" if lines[0] == last else f"lines {lines[0]} to {last}"


def what_came(count: int, left: list[ast.stmt], lines: str, kind: Kind = "branch", *, read: bool = False) -> str:
    """What was read of the other side, or of a loop, in words; `lines` are those that are left, and `read` or not."""
    why = READ if read else "could not be read"
    if left and not count:
        return f"what {who_does(kind)} in {lines} {why}"
    what = "what it does" if kind == "loop" else "the other side"
    rest = f"; {lines} {why}" if left else ""
    many = f"{count} operation{'s' if count != 1 else ''}"
    return f"{what} was read from the source ({many}){rest}"


def who_does(kind: Kind) -> str:
    """Who does what was not run."""
    return "it does" if kind == "loop" else "the other side does"


def of_files(left: list[tuple[str, ast.stmt]]) -> str:
    """The lines of statements of several files, in words."""
    files = dict.fromkeys(file for file, _ in left)
    return " and ".join(f"{span([s for of, s in left if of == file])} of {file}" for file in files)


def told_once(notes: list[Note]) -> list[Note]:
    """Notes that say the same of several lines made into one, at the first of them."""
    same: dict[tuple[NoteKind, str, str, bool], list[Note]] = {}
    for note in notes:
        same.setdefault((note.kind, note.subject, note.detail, note.unread), []).append(note)
    found = []
    for first, *others in same.values():
        lines = sorted({n.origin.line for n in others if n.origin is not None})
        also = f" So it is where {listed(lines)} it." if lines else ""
        found.append(replace(first, detail=f"{first.detail}{also}"))
    return found


def listed(lines: list[int]) -> str:
    """Lines that call something, in words."""
    if len(lines) == 1:
        return f"line {lines[0]} calls"
    if lines == list(range(lines[0], lines[-1] + 1)):
        return f"lines {lines[0]} to {lines[-1]} call"
    return f"lines {', '.join(map(str, lines[:-1]))} and {lines[-1]} call"
