"""In what other circumstances a revision is run once more, where it did not get to its end."""

from __future__ import annotations

import dis
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy.engine import Connection, Engine

from migguard.project.config import AlembicProject
from migguard.project.graph import Revision
from migguard.shadow.imports import uses_application, why
from migguard.shadow.missing_modules import is_stand_in
from migguard.shadow.own_modules import OwnFinder
from migguard.shadow.required import wants_old_sqlalchemy
from migguard.source import Origin
from migguard.trace import OLD_SQLALCHEMY, Note, NoteKind

AS_OLD = f"It was replayed as {OLD_SQLALCHEMY} runs it: the SQLAlchemy that is installed here refuses what it calls."
UNKNOWN = "rests on what is not installed here, and was stood in for."
QUERYING = frozenset({"execute", "executemany", "exec", "exec_driver_sql", "scalar", "scalars"})
"""Methods that are handed a statement, whatever it is that has them."""
WORKING = (Connection, Engine, Operations, MigrationContext)
"""What a helper needs to do something to the database."""


def session(kind: type) -> bool:
    """Whether a class is SQLAlchemy's Session, which is not imported to ask that."""
    return any(c.__name__ == "Session" and c.__module__.startswith("sqlalchemy.orm") for c in kind.__mro__)


Circumstance = tuple[AbstractContextManager[None], str]
"""A block to run it in, and what is stood in for by that; empty for the application, whose imports say so."""


class Circumstances:
    """Knows a project's: whether its application is there, and whether it has left SQLAlchemy 1.4."""

    def __init__(self, project: AlembicProject, own: OwnFinder | None) -> None:
        self._own = own
        self._folder = project.config_path.parent
        self._old: bool | None = None
        self._asked = False

    def old(self, stubs: Set[str]) -> bool:
        """Whether scripts may be meant for SQLAlchemy 1.4.

        Where the project's files do not say, they may, unless all of the application is installed: then so is the
        SQLAlchemy that it uses.
        """
        if not self._asked:
            self._old, self._asked = wants_old_sqlalchemy(self._folder), True
        return self._old if self._old is not None else bool(stubs)

    def others(self, revision: Revision, stubs: Set[str]) -> Iterator[Circumstance]:
        """The circumstances to try, in order."""
        own = self._own
        if own is None or not own.enabled:
            return
        replaced = uses_application(revision.path, own)
        if self.old(stubs):
            from migguard.shadow.legacy import legacy

            yield legacy(), OLD_SQLALCHEMY
        if replaced:
            yield own.replaced(), ""
        if replaced and self.old(stubs):  # last: of no script that runs without it is it said that it needs it
            from migguard.shadow.legacy import legacy

            yield both(legacy(), own.replaced()), OLD_SQLALCHEMY


def as_old(path: Path, refused: Iterable[Note]) -> Note:
    """The note that a script was run so, at the line where it first failed before, by the notes of then.

    Only if SQLAlchemy refused that: what fails further below may do so for what failed above.
    """
    failed = (n for n in refused if n.kind is not NoteKind.BRANCH)
    first = next((n for n in failed if n.cause is not None or n.kind is NoteKind.NOT_LOADED), None)
    known = first is not None and first.refused and first.origin is not None and first.origin.path == path
    place = first.origin if first is not None and known else Origin(path, 1)
    return Note(NoteKind.STUBBED, place, OLD_SQLALCHEMY, AS_OLD, at_import=True)


@contextmanager
def both(*blocks: AbstractContextManager[None]) -> Iterator[None]:
    """Several blocks as one."""
    with ExitStack() as stack:
        for block in blocks:
            stack.enter_context(block)
        yield


TELLING = frozenset(
    {"critical", "debug", "echo", "error", "exception", "info", "log", "print", "secho", "success", "trace", "warn"}
    | {"warning"}
)
"""What loggers and consoles are asked to do."""


def for_its_effect(frame: Any) -> bool:
    """Whether the call that the frame is at is a statement of its own: what it returns is thrown away."""
    following = (i for i in dis.get_instructions(frame.f_code) if i.offset > frame.f_lasti and i.opname != "CACHE")
    return next((i.opname for i in following), "") == "POP_TOP"


class Heard:
    """Hears what a revision's own file takes from modules that are stood in for, however it came by it.

    It is noted once. `lines` are those that used a stand-in; `unseen` the calls that were handed a connection or
    Alembic's operations, or whose value nobody takes: they are made for their work, which is not seen.
    """

    def __init__(self, path: Path, stubs: Set[str], notes: list[Note]) -> None:
        self.lines: dict[int, str] = {}
        self.unseen: dict[int, str] = {}
        self._path = path
        self._file = str(path)
        self._stubs = stubs
        self._notes = notes
        self._known = {n.subject for n in notes if n.kind is NoteKind.STUBBED}
        self._known |= {k.partition(".")[0] for k in self._known}

    def scan(self, module: ModuleType) -> None:
        """The names that the loaded file has."""
        for value in list(vars(module).values()):
            if is_stand_in(value):
                self.note(value._path, 1)

    def __call__(self, path: str, frame: Any, arguments: Sequence[Any]) -> None:
        """A stand-in was used by a line of code."""
        if frame.f_code.co_filename != self._file:
            return
        self.note(path, frame.f_lineno)
        self.lines.setdefault(frame.f_lineno, self.subject(path))
        asks = path.rpartition(".")[2] in QUERYING and bool(arguments)
        works = any(
            isinstance(a, WORKING) or session(type(a)) or getattr(a, "__name__", "") == "alembic.op" for a in arguments
        )
        if asks or works or (path.rpartition(".")[2] not in TELLING and for_its_effect(frame)):
            self.unseen.setdefault(frame.f_lineno, path)

    def what_was_not_seen(self) -> str:
        """The calls whose work is not seen, in words."""
        calls = ", ".join(f"{path}() in line {line}" for line, path in sorted(self.unseen.items())[:3])
        return f"What {calls} does to the database was not seen, because it is not installed here."

    def note(self, path: str, line: int) -> None:
        """Say so, unless an import has said it."""
        subject = self.subject(path)
        if subject not in self._known and subject.partition(".")[0] not in self._known:
            self._known.add(subject)
            said = why(subject) or ("" if self._module(subject) else f"{subject} {UNKNOWN}")
            self._notes.append(Note(NoteKind.STUBBED, Origin(self._path, line), subject, said))

    def _module(self, subject: str) -> bool:
        """Whether it is a module, and no class of one that is there."""
        return subject in self._stubs or subject.partition(".")[0] in self._stubs

    def subject(self, path: str) -> str:
        """The module that is missing; where that is not known, what is."""
        parts = path.partition("(")[0].partition("[")[0].split(".")
        for end in range(len(parts), 0, -1):
            if ".".join(parts[:end]) in self._stubs:
                return ".".join(parts[:end])
        return ".".join(parts)
