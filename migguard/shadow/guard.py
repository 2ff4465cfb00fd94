"""What a migration has no business doing while it is replayed, refused."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path
from typing import Any

from migguard.records import dataclass
from migguard.shadow.literal_parts import named_in
from migguard.shadow.origin import origin_of
from migguard.shadow.real_drivers import refused
from migguard.trace import Note, NoteKind


class Refused(PermissionError):
    """A replay opens no connection, starts no process and changes no file. `what` says what was tried."""

    def __init__(self, what: str) -> None:
        super().__init__(f"a replay refuses {what}")
        self.what = what


class Exiting(BaseException):
    """The script tried to end the process."""


@dataclass(slots=True)
class Watch:
    """What is watched while project code runs. `path` is the revision's file, None while env.py runs.

    `read` are the files that were opened, `listed` the folders that were listed, by whomever; `asked` the names of the
    variables that were read, `*` for all of them.
    """

    scratch: str
    path: Path | None = None
    at_import: bool = False
    note: Callable[[Note], None] | None = None
    refused: list[str] = field(default_factory=list)
    read: set[str] = field(default_factory=set)
    listed: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)


_watch: Watch | None = None
_installed = False

SOCKETS = {
    "socket.connect",
    "socket.bind",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "socket.sendto",
    "socket.sendmsg",
}
PROCESSES = {
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.spawn",
    "pty.spawn",
    "os.startfile",
}
FILES = {"os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.chmod", "os.chown", "os.link", "os.symlink",
         "os.truncate", "shutil.rmtree",
         "shutil.move", "shutil.copyfile", "os.utime"}  # fmt: skip
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
LISTING = {"os.listdir", "os.scandir"}
WATCHED = frozenset({"open", "sqlite3.connect"}) | LISTING | SOCKETS | PROCESSES | FILES
IMPORTING = "<frozen importlib._bootstrap_external>"
SINKS = ("/dev/null", "/dev/tty", os.devnull)


def hook(event: str, arguments: tuple[Any, ...]) -> None:
    """Look at what the interpreter is about to do."""
    watch = _watch
    if watch is None or event not in WATCHED:
        return
    if event == "open":
        path, mode, flags = (*arguments, None, 0)[:3]
        writing = (isinstance(mode, str) and any(c in mode for c in "wax+")) or (
            isinstance(flags, int) and bool(flags & WRITING)
        )
        if writing and not isinstance(path, int):
            changing(watch, path, "opening {} for writing")
        elif isinstance(path, (str, bytes)):
            watch.read.add(os.fsdecode(path))
    elif event in LISTING:
        if sys._getframe(1).f_code.co_filename != IMPORTING:
            watch.listed.add(shown(arguments[0] if arguments and arguments[0] is not None else "."))
    elif event in SOCKETS:
        address = (
            arguments[1]
            if len(arguments) > 1 and event in ("socket.connect", "socket.bind", "socket.sendto")
            else arguments[0]
        )
        refuse(watch, NoteKind.SOCKET, f"a connection to {shown(address)}", shown(address))
    elif event in PROCESSES:
        command = shown(arguments[0]) if arguments else ""
        named = steady(watch, command) or os.path.basename(command.partition(" ")[0])
        refuse(watch, NoteKind.PROCESS, f"starting {named or 'a process'}", named)
    elif event in FILES and arguments:
        changing(watch, arguments[0], "changing {}")
    elif event == "sqlite3.connect" and arguments and not memory(arguments[0]):
        changing(watch, arguments[0], "opening the database {}")


def memory(name: Any) -> bool:
    """Whether a SQLite database is in memory."""
    return ":memory:" in str(name) or "mode=memory" in str(name) or str(name) == ""


def shown(value: Any) -> str:
    """A path, address or command for a message."""
    if isinstance(value, bytes):
        return os.fsdecode(value)
    if isinstance(value, (list, tuple)):
        return " ".join(str(v) for v in value[:3])
    return str(value)


def steady(watch: Watch, text: str) -> str:
    """What of a path or command is the same in every run of a revision: what its script writes down."""
    return named_in(watch.path, text) if watch.path is not None else text


def changing(watch: Watch, path: Any, what: str) -> None:
    """Note a change of a file, and refuse it; in the scratch folder, which stands for the current one, it goes on.

    `what` says what is done to `{}`.
    """
    try:
        text = os.path.abspath(os.fsdecode(path))
    except (TypeError, ValueError):
        text = ""
    if text in SINKS:
        return
    named = steady(watch, shown(path))
    what = what.replace("{}", named or "a file")
    if text == watch.scratch or text.startswith(watch.scratch + os.sep):
        noted(watch, NoteKind.WRITE, what, named)
    else:
        refuse(watch, NoteKind.WRITE, what, named)


def noted(watch: Watch, kind: NoteKind, what: str, subject: str) -> None:
    """Note it where the revision's own file is behind it."""
    origin = origin_of(watch.path) if watch.path is not None else None
    if watch.note is not None and (origin is not None or watch.at_import):
        watch.note(Note(kind, origin, subject, f"The script is {what}", watch.at_import))


def in_revision() -> bool:
    """Whether a revision's file is loaded or run, and not env.py."""
    return _watch is not None and _watch.path is not None


def connected_by_script() -> None:
    """Note a connection that is opened while a revision runs: Alembic's own was there before."""
    if _watch is not None and _watch.path is not None:
        noted(_watch, NoteKind.CONNECTION, "opening a database connection", "")


def refuse(watch: Watch, kind: NoteKind, what: str, subject: str) -> None:
    """Note it where the revision's own file is behind it, and refuse it."""
    watch.refused.append(what)
    noted(watch, kind, what, subject)
    raise Refused(what)


class Environ(MutableMapping[str, str]):
    """The environment, with reads by the revision's own file noted."""

    def __init__(self, real: os._Environ[str]) -> None:
        self._real = real

    def _seen(self, name: str) -> None:
        watch = _watch
        if watch is None:
            return
        watch.asked.add(name)
        if watch.path is None or watch.note is None:
            return
        frame = sys._getframe(2)
        hops = 0
        while frame is not None and hops < 4:
            if frame.f_code.co_filename == str(watch.path):
                watch.note(
                    Note(NoteKind.ENVIRONMENT, origin_of(watch.path), name, f"The script reads {name}", watch.at_import)
                )
                return
            file = frame.f_code.co_filename
            if file != __file__ and not any(p in file for p in ("os.py", "<frozen", "_collections_abc")):
                return
            frame = frame.f_back  # type: ignore[assignment]  # None ends the loop
            hops += 1

    def __getitem__(self, name: str) -> str:
        self._seen(name)
        return self._real[name]

    def get(self, name: str, default: Any = None) -> Any:
        """A variable, or the default."""
        self._seen(name)
        return self._real.get(name, default)

    def __contains__(self, name: object) -> bool:
        self._seen(str(name))
        return name in self._real

    def __setitem__(self, name: str, value: str) -> None:
        self._real[name] = value

    def __delitem__(self, name: str) -> None:
        del self._real[name]

    def _all_seen(self) -> None:
        if _watch is not None:
            _watch.asked.add("*")

    def __iter__(self) -> Iterator[str]:
        self._all_seen()
        return iter(self._real)

    def __len__(self) -> int:
        return len(self._real)

    def copy(self) -> dict[str, str]:
        """A plain copy."""
        self._all_seen()
        return dict(self._real)

    def __getattr__(self, name: str) -> Any:
        self._all_seen()
        return getattr(self._real, name)

    def __or__(self, other: Any) -> dict[str, str]:
        self._all_seen()
        return dict(self._real) | dict(other)


def exiting(*_: Any) -> None:
    """Stands in for os._exit and its like."""
    raise Exiting("the script tried to end the process")


@contextmanager
def guarded() -> Iterator[Watch]:
    """While the block runs, project code may not reach outside. Its working directory is a scratch folder."""
    global _watch, _installed
    if not _installed:
        sys.addaudithook(hook)
        _installed = True
    kept = {name: getattr(os, name) for name in ("_exit", "abort", "kill", "killpg") if hasattr(os, name)}
    raised = signal.raise_signal
    here, environ, variables = os.getcwd(), os.environ, dict(os.environ)
    writes = sys.dont_write_bytecode
    with tempfile.TemporaryDirectory(prefix="migguard-") as scratch:
        real = os.path.realpath(scratch)
        os.chdir(real)
        sys.dont_write_bytecode = True
        for name in kept:
            setattr(os, name, exiting)
        signal.raise_signal = exiting
        # the mapping itself is replaced, to see who reads it; what processes are given stays as it is
        os.environ = Environ(environ)  # type: ignore[assignment]  # as a mapping it is one  # noqa: B003
        watch = _watch = Watch(real)
        try:
            with refused(lambda path: connecting(watch, path)):
                yield watch
        finally:
            _watch = None
            os.environ = environ  # noqa: B003  # the object that was there before
            restore(environ, variables)
            for name, function in kept.items():
                setattr(os, name, function)
            signal.raise_signal = raised
            sys.dont_write_bytecode = writes
            os.chdir(here)


def connecting(watch: Watch, path: str) -> None:
    """A driver was told to connect; migguard's own work never does."""
    refuse(watch, NoteKind.SOCKET, f"a connection by {path}()", path)


def restore(environ: os._Environ[str], variables: dict[str, str]) -> None:
    """The environment as it was."""
    for name in set(environ) - set(variables):
        del environ[name]
    for name, value in variables.items():
        if environ.get(name) != value:
            environ[name] = value


@contextmanager
def trusted() -> Iterator[None]:
    """While the block runs, it is migguard itself that works."""
    global _watch
    kept, _watch = _watch, None
    try:
        yield
    finally:
        _watch = kept
