"""What one direction of one revision sent to the database, and which answers it was given that nobody knows."""

from __future__ import annotations

import sys
from dataclasses import field
from pathlib import Path

from migguard.changes import Name
from migguard.records import dataclass
from migguard.shadow.caught import expected
from migguard.shadow.circumstances import Heard
from migguard.shadow.origin import frame_of, lines_of, origin_of, position
from migguard.shadow.sides.branches import Absent
from migguard.shadow.sides.elsewhere import Call, between
from migguard.shadow.sides.guessed import Asked
from migguard.source import Origin
from migguard.trace import Note, NoteKind, Statement


@dataclass(frozen=True, slots=True)
class Guess:
    """A question whose answer is not known: about rows, or about a `table` that the history never makes.

    That is whether it is there, or, with `parts`, what columns, keys and indexes it has.

    `calls` are the functions of other files that asked for the script, the innermost first. `name` is the denied
    table's, and `doubted` says that the history works on others that it never made.
    """

    origin: Origin | None
    table: str = ""
    calls: tuple[Call, ...] = ()
    parts: bool = False
    name: Name | None = None
    doubted: bool = True

    @property
    def absent(self) -> Absent | None:
        """The table; None where it was about rows."""
        return Absent(self.table, self.parts) if self.table else None


@dataclass(slots=True)
class Recording:
    """Listens to the database while one direction of one revision runs.

    `ran` are the script's lines that ran statements or gave a session rows, the callers' among them, and `stacks` those
    of each statement; `ran_elsewhere` are lines of other files. `placed` is where what runs now stands for the script,
    if it is of others.
    """

    path: Path
    checked: bool
    statements: list[Statement] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    guesses: list[Guess] = field(default_factory=list)
    ran: set[int] = field(default_factory=set)
    stacks: list[tuple[int, ...]] = field(default_factory=list)
    ran_elsewhere: set[tuple[str, int]] = field(default_factory=set)
    heard: Heard | None = None
    placed: Origin | None = None
    count: int = 0
    understood: int = 0

    def origin(self) -> Origin | None:
        """The place in the revision's file that is running."""
        if self.placed is not None:
            return self.placed
        return origin_of(self.path) if self.checked else None

    def record(self, statement: Statement) -> None:
        """Count a statement; keep it where the revision is checked."""
        self.count += 1
        self.understood += statement.understood
        if self.checked:
            statement.index = len(self.statements)
            self.statements.append(statement)
            self.stacks.append(tuple(lines_of(str(self.path))))
            self.ran.update(self.stacks[-1])
            self.ran_elsewhere.update((c.file, c.line) for c in between(sys._getframe(1), str(self.path)))

    def pending(self) -> None:
        """A session was given what it will write: the line that gave it has run, whenever that is flushed."""
        if self.checked:
            self.ran.update(lines_of(str(self.path)))
            self.ran_elsewhere.update((c.file, c.line) for c in between(sys._getframe(1), str(self.path)))

    def guessed(self, sql: str, origin: Origin | None) -> None:
        """A question about rows was answered as an empty database would."""
        del sql
        self.guess(origin)

    def absent(self, name: Name, doubted: bool) -> None:
        """It was denied that there is a table, of which nobody knows."""
        self.guess(self.origin(), str(name), name=name, doubted=doubted)

    def partly(self, table: str) -> None:
        """It was asked what a table has that the history never made."""
        self.guess(self.origin(), table, parts=True)

    def ready(self) -> bool:
        """Whether the script would catch an error now."""
        return expected(self.path)

    def guess(
        self,
        origin: Origin | None,
        table: str = "",
        *,
        parts: bool = False,
        name: Name | None = None,
        doubted: bool = True,
    ) -> None:
        """Keep it where the revision is checked, and who asked."""
        calls = between(sys._getframe(2), str(self.path)) if self.checked else []
        self.guesses.append(Guess(origin, table, tuple(calls), parts, name, doubted))

    @property
    def environment(self) -> dict[int, str]:
        """The lines of the script that read the environment, and which variable."""
        read = [n for n in self.notes if n.kind is NoteKind.ENVIRONMENT and n.origin is not None]
        return {n.origin.line: n.subject for n in read if n.origin is not None}

    def asked(self) -> Asked:
        """The lines of the script that asked."""
        placed = [(g.origin.line, g) for g in self.guesses if g.origin is not None]
        return Asked({n for n, _ in placed}, elsewhere={n for n, g in placed if g.calls or g.table})

    def ended(self, *, committed: bool) -> None:
        """A transaction was ended: by the script itself, if a line of it calls commit() or rollback()."""
        frame = frame_of(str(self.path)) if self.checked else None
        if frame is None:
            return
        origin = position(self.path, frame.f_code, frame.f_lasti, frame.f_lineno)
        text = self.path.read_text(encoding="utf-8", errors="replace").splitlines()
        called = "\n".join(text[origin.line - 1 : origin.end_line or origin.line])
        word = "commit" if committed else "rollback"
        if f".{word}(" in called:
            self.notes.append(Note(NoteKind.EXPLICIT_COMMIT, origin, word, f"The script calls {word}()"))
