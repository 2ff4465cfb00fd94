"""What the released revisions came to, kept from one run to the next, so that they need not be replayed.

An entry stands under a name made of everything that is known before the replay begins: our own code, the installed
distributions, the settings, the configuration, and the bytes of every revision that it covers, in their order. What a
replay turns out to rest on (files that were opened, variables that were read, modules and where they came from) is
kept in it, and has to be the same. docs/adr/0001 tells why it is so.
"""

from __future__ import annotations

import datetime
import importlib
import importlib.machinery
import io
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from migguard.cache import evidence
from migguard.cache.folder import Folder, default_folder
from migguard.cache.repeatable import Verdict
from migguard.cache.values import packed, unpacked
from migguard.catalog.schema import Catalog
from migguard.project.config import AlembicProject
from migguard.project.header import Header
from migguard.records import dataclass
from migguard.settings import Settings
from migguard.shadow import guard
from migguard.shadow.database import State
from migguard.trace import Note, Summary

if TYPE_CHECKING:
    from migguard.shadow.ending import Ending
    from migguard.shadow.session import Replay

Entry = TypeVar("Entry")

LOOKED_AT = 4
"""How many of the entries that fit by name are looked into, the longest first."""

WORTH = 0.2
"""Seconds that a replay of the released revisions must take for an entry to be worth its place."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What has to be the same as it was. `before` are the project's modules as the replay began."""

    files: tuple[tuple[str, str], ...]
    folders: tuple[tuple[str, str], ...]
    variables: tuple[str, ...]
    given: str
    set: str
    before: tuple[tuple[str, str], ...]
    absent: tuple[str, ...]
    day: str | None


@dataclass(frozen=True, slots=True)
class Released:
    """Where a replay stood behind the released revisions, and what was seen of them."""

    start: Catalog
    state: State
    rows: tuple[str, ...]
    last_row: int
    dirty: bool
    summaries: tuple[tuple[str, Summary], ...]
    broken: tuple[Note, ...]
    printed: str
    modules: tuple[tuple[str, str], ...]
    heard: tuple[object, ...]


class Memory:
    """The entries of one run. It is made before any code of the project runs.

    With `judgements` also what the rules said is taken from an earlier run, so that the statements are not known.
    """

    def __init__(
        self,
        project: AlembicProject,
        settings: Settings,
        here: Path,
        folder: Folder | None = None,
        worth: float | None = None,
        *,
        judgements: bool = False,
    ) -> None:
        self._folder = folder or Folder(default_folder())
        self._worth = WORTH if worth is None else worth
        self.judgements = judgements
        self._given = dict(os.environ)
        self._began = time.time_ns()
        self._replays = 0
        self._waiting: list[tuple[str, bytes, bytes]] = []
        self._code = evidence.installed()
        self._base = evidence.digest(
            self._code, msgspec.json.encode(settings), *located(project), *baselines(project, settings, here)
        )
        self._headers_name = f"headers-{evidence.digest(self._code, *map(str, project.version_locations))}"
        self._headers: dict[str, Header] = {}
        self._known = 0

    def of(self, replay: Replay, arguments: Mapping[str, Any], per_migration: bool, printed: io.StringIO) -> Stretch:
        """What is remembered for one replay, which is about to begin."""
        self._replays += 1
        first = evidence.digest(self._base, str(self._replays), repr(replay.database.server), str(per_migration))
        usable = self._folder.usable and not replay.skip and not arguments_matter(arguments)
        first = evidence.digest(first, str(replay.listener is not None))
        first = evidence.digest(first, *(f"{k}={v!r}" for k, v in sorted(arguments.items())))
        return Stretch(self, replay, first, printed, usable=usable)

    def headers(self) -> dict[str, Header]:
        """The headers of revision files by the hashes of their bytes; what is added is kept by `close`."""
        content = self._folder.read(self._headers_name)
        found = unpacked(content) if content is not None else None
        if isinstance(found, dict):
            self._headers = found
        self._known = len(self._headers)
        return self._headers

    def close(self) -> None:
        """Keep the headers that are new."""
        if len(self._headers) > self._known:
            content = packed(self._headers)
            if content is not None:
                self._folder.write(self._headers_name, content)

    def names(self) -> frozenset[str]:
        """The entries that there are."""
        return self._folder.names()

    def read(self, name: str) -> tuple[Conditions, bytes] | None:
        """An entry: its conditions, and its content as bytes."""
        content = self._folder.read(name)
        found = unpacked(content) if content is not None else None
        match found:
            case (Conditions() as conditions, bytes(content)):
                return conditions, content
            case _:
                return None

    def keep(self, name: str, content: bytes) -> None:
        """Write an entry."""
        self._folder.write(name, content)

    @property
    def worth(self) -> float:
        """Seconds from which on an entry is kept."""
        return self._worth

    @property
    def given(self) -> Mapping[str, str]:
        """The environment before the project's code ran."""
        return self._given

    @property
    def began(self) -> int:
        """When the run began, in nanoseconds: a file that changed since then is not what was read."""
        return self._began


class Stretch:
    """The revisions of one replay that come before the first new one."""

    def __init__(self, memory: Memory, replay: Replay, first: str, printed: io.StringIO, *, usable: bool) -> None:
        self._memory = memory
        self._replay = replay
        self._first = first
        self._printed = printed
        self._usable = usable
        self._kept = False
        self._start = replay.database.catalog
        self._from = len(printed.getvalue()) if usable else 0
        self._passed = 0
        self._conditions: Conditions | None = None
        self._time = time.monotonic()
        self._set = real_environment()
        self._loaded = frozenset(sys.modules)
        self._before = own_modules(replay.watch.scratch) if usable else ()

    def chain(self, order: Sequence[str]) -> Iterator[str]:
        """The name of the entry behind each revision: each holds all that comes before it."""
        link = self._first
        for name in order:
            revision = self._replay.graph.revisions[name]
            link = evidence.digest(link, revision.id, revision.digest, str(revision.path))
            yield link

    def recall(self, order: Sequence[str]) -> int:
        """Put the replay behind as many of these revisions as are remembered; how many that are."""
        if not self._usable or not order:
            return 0
        with guard.trusted():
            there = self._memory.names()
        known = [(n, name) for n, link in enumerate(self.chain(order), 1) if (name := f"released-{link}") in there]
        for count, name in reversed(known[-LOOKED_AT:]):
            with guard.trusted():
                found = self.read(name, Released)
            if found is not None and self.fits(found[1]):
                self.take(*found)
                self._passed = count
                self._kept = count == len(order)
                return count
        return 0

    def ending(self, order: Sequence[str]) -> Ending | None:
        """The end of the replay, where it may be remembered."""
        if not self._usable or not order or not self._memory.judgements:
            return None
        from migguard.shadow.ending import Ending

        return Ending(self, self._replay, order)

    def read(self, name: str, kind: type[Entry]) -> tuple[Conditions, Entry] | None:
        """An entry that still holds."""
        entry = self._memory.read(name)
        if entry is None or not self.holds(entry[0]):
            return None
        content = unpacked(entry[1])
        return (entry[0], content) if isinstance(content, kind) else None

    def write(self, name: str, conditions: Conditions, value: object) -> None:
        """Write an entry, where all of it can be read back."""
        content = packed(value)
        entry = packed((conditions, content)) if content is not None else None
        if entry is not None:
            self._memory.keep(name, entry)

    def fits(self, released: Released) -> bool:
        """Whether it is a state of this replay; what was imported on the way there is imported."""
        return released.start == self._start and imported(released.modules)

    def holds(self, conditions: Conditions) -> bool:
        """Whether everything is as it was."""
        return (
            conditions.before == self._before
            and conditions.given == evidence.of_variables(conditions.variables, self._memory.given)
            and conditions.set == evidence.of_variables(conditions.variables, self._set)
            and conditions.day in (None, today())
            and all(evidence.of_file(path) == content for path, content in conditions.files)
            and all(evidence.of_folder(path) == names for path, names in conditions.folders)
            and all(not findable(name) for name in conditions.absent)
        )

    def take(self, conditions: Conditions, released: Released) -> None:
        """Bring back the database and what was seen."""
        database = self._replay.database
        database.restore(released.state)
        database.resume(released.rows, released.last_row, dirty=released.dirty)
        self._replay.remember(released.summaries, released.broken)
        if self._replay.listener is not None:
            self._replay.listener.take(released.heard)
        self._printed.write(released.printed)
        self._conditions = conditions

    def keep(self, order: Sequence[str]) -> None:
        """Keep where the replay stands now, behind these revisions."""
        replay, database = self._replay, self._replay.database
        if self._kept or not self._usable or not order or replay.interrupted or database.unsettled:
            return
        self._kept = True
        if not self.worthwhile:
            return
        with guard.trusted():
            conditions = self.conditions(order)
            if conditions is not None:
                *_, link = self.chain(order)
                self.write(f"released-{link}", conditions, self.reached())

    @property
    def worthwhile(self) -> bool:
        """Whether it took long enough to be worth an entry."""
        return time.monotonic() - self._time >= self._memory.worth

    def reached(self) -> Released:
        """Where the replay stands now."""
        replay, database = self._replay, self._replay.database
        return Released(
            self._start,
            database.fork(),
            *database.counted,
            tuple(replay.summaries.items()),
            tuple(replay.broken),
            self._printed.getvalue()[self._from :],
            tuple((n, file_of(n)) for n in sys.modules if n not in self._loaded and matters(n)),
            replay.listener.kept() if replay.listener is not None else (),
        )

    def conditions(self, order: Sequence[str]) -> Conditions | None:
        """What the replay rested on; None where that cannot be told, or where something has changed meanwhile."""
        watch = self._replay.watch
        scratch = (watch.scratch + os.sep,)
        scripts = {str(self._replay.graph.revisions[name].path) for name in order}
        verdicts = [Verdict(self._replay.graph.revisions[n].path.read_bytes()) for n in order[self._passed :]]
        files = evidence.own_files({*watch.read, *evidence.loaded_files()} - scripts, scratch)
        used = {m for v in verdicts for m in v.imports}
        helpers = [Verdict(Path(f).read_bytes()) for f in files if used & names_of(f)]
        if not all(v.repeatable for v in verdicts) or any(h.looks for h in helpers):
            return None
        if any(os.path.exists(f) and os.stat(f).st_mtime_ns > self._memory.began for f in (*files, *scripts)):
            return None
        tops = {m.partition(".")[0] for m in used}
        absent = {t for t in tops if t not in sys.modules and not findable(t)}
        folders = {*evidence.own_files(watch.listed, scratch)}
        asked, day = set(watch.asked), today() if any(v.clock for v in (*verdicts, *helpers)) else None
        if self._conditions is not None:  # what the part that was passed over rested on
            files = sorted({*files, *(f for f, _ in self._conditions.files)})
            folders |= {f for f, _ in self._conditions.folders}
            asked |= {*self._conditions.variables}
            absent |= {*self._conditions.absent}
            day = day or self._conditions.day
        return Conditions(
            files=tuple((f, evidence.of_file(f)) for f in files),
            folders=tuple((f, evidence.of_folder(f)) for f in sorted(folders)),
            variables=tuple(sorted(asked)),
            given=evidence.of_variables(asked, self._memory.given),
            set=evidence.of_variables(asked, self._set),
            before=self._before,
            absent=tuple(sorted(absent)),
            day=day,
        )


def located(project: AlembicProject) -> list[str]:
    """Where a project lies, and what its configuration says."""
    folders = (project.script_location, *project.version_locations, *project.prepend_sys_path)
    texts = (project.config_path, *(project.config_path.parent / n for n in ("alembic.ini", "pyproject.toml")))
    files = (*texts, project.env_py)
    return [str(project.config_path), project.section, *map(str, folders), *(evidence.of_file(str(f)) for f in files)]


def baselines(project: AlembicProject, settings: Settings, here: Path) -> list[str]:
    """The dumps that the settings may mean."""
    if settings.baseline is None:
        return []
    return [evidence.of_file(str(f / settings.baseline)) for f in (here, project.config_path.parent)]


def arguments_matter(arguments: Mapping[str, Any]) -> bool:
    """Whether env.py hands the revisions anything that cannot be compared by how it is written."""
    return not all(isinstance(v, (str, int, float, bool, type(None))) for v in arguments.values())


def real_environment() -> dict[str, str]:
    """The variables as they are, without this counting as reading them."""
    with guard.trusted():
        return dict(os.environ.items())


def today() -> str:
    """The date: what scripts that look at the clock can reasonably hang on."""
    return datetime.date.today().isoformat()


def own_modules(scratch: str) -> tuple[tuple[str, str], ...]:
    """The modules of the project that are loaded, those that are stood in for among them, with their files."""
    files = {n: file_of(n) for n in list(sys.modules) if n != "__main__"}
    own = set(evidence.own_files(files.values(), (scratch + os.sep,)))
    return tuple(sorted((n, f) for n, f in files.items() if os.path.abspath(f) in own or stood_in(n)))


def file_of(name: str) -> str:
    """A loaded module's file; empty where it has none."""
    file = getattr(sys.modules.get(name), "__dict__", {}).get("__file__")
    return file if isinstance(file, str) else ""


def stood_in(name: str) -> bool:
    """Whether a loaded module is a stand-in."""
    from migguard.shadow.missing_modules import StandInModule

    return isinstance(sys.modules.get(name), StandInModule)


def matters(name: str) -> bool:
    """Whether loading a module can be seen: not the revisions' own modules, and not what this program itself uses."""
    top = name.partition(".")[0]
    return top not in sys.stdlib_module_names and top not in ("migguard", "sqlglot") and "migguard_revision" not in name


def imported(modules: Sequence[tuple[str, str]]) -> bool:
    """Import what the released revisions had imported; whether each came from where it came from then."""
    for name, file in modules:
        if name not in sys.modules:
            try:
                importlib.import_module(name)
            except Exception:  # noqa: BLE001 - whatever it is, the replay will meet it where it belongs
                return False
        if file_of(name) != file:
            return False
    return True


def findable(name: str) -> bool:
    """Whether a module could be imported."""
    try:
        return importlib.machinery.PathFinder.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def names_of(file: str) -> set[str]:
    """The names by which a file may have been imported."""
    path = Path(file).with_suffix("")
    parts = path.parts[:-1] if path.name == "__init__" else path.parts
    return {".".join(parts[-n:]) for n in range(1, min(len(parts), 8) + 1)}
