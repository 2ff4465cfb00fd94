"""The revision graph as rules see it: plain values, filled by the pipeline from `project`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path
from typing import Generic, TypeVar

from migguard.records import dataclass
from migguard.source import Origin

T = TypeVar("T")


class Late(Generic[T]):
    """Values, as names, that are looked for when they are first asked for; `evidence` is what they rest on."""

    def __init__(self, look: Callable[[], tuple[T, ...]] = tuple, evidence: str = "") -> None:
        self.evidence = evidence
        self._look = look
        self._found: tuple[T, ...] | None = None

    def __call__(self) -> tuple[T, ...]:
        """The values."""
        if self._found is None:
            self._found = self._look()
        return self._found


@dataclass(frozen=True, slots=True)
class HistoryRevision:
    """One revision. The origins are those of the assignments, where the file has them.

    `labels` are its own branch labels, `branches` also those that it inherits.
    """

    revision: str
    parents: tuple[str, ...]
    depends_on: tuple[str, ...]
    labels: tuple[str, ...]
    origin: Origin
    parents_origin: Origin
    depends_origin: Origin
    message: str = ""
    location: Path | None = None
    new: bool = False
    branches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Broken:
    """A file in a version location that could not be loaded, and why."""

    origin: Origin
    reason: str
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """A parent or dependency that no file defines."""

    child: str
    missing: str
    attribute: str
    origin: Origin
    nearest: str | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """What happened to a revision that the base branch has: edited, reparented, renamed, deleted.

    `before` is the id that a renamed one had there.
    """

    revision: str
    kind: str
    origin: Origin
    before: str = ""


@dataclass(frozen=True, slots=True)
class ServerName:
    """A name that a server gave to a constraint and some revision drops or renames: an upgrade, or a downgrade only."""

    name: str
    ahead: bool


@dataclass(frozen=True, slots=True)
class Mention:
    """A name of an index or a constraint that a revision drops or renames, and the lines of its script that have it.

    `table` is what the call names beside it, empty where that is not told.
    """

    name: str
    table: str
    revision: str
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class History:
    """The whole graph, what is wrong with it, and what the base branch knows.

    `heads` are grouped by what they compete for: a branch label, or `` for unlabelled ones. `base_heads` are the heads
    on the tip of the base branch, None where there is no base. `duplicates` maps an id to the files defining it;
    `code` are the application's files that changed; `server_names` the names of constraints that no revision gave and
    some revision drops or renames; `taken_later` what revisions after the checked ones drop or rename; `sqlite` shows,
    if it is not empty, that the history is written for SQLite too, `mysql` so for MySQL, `offline` so that it is run
    without a connection.
    """

    revisions: Mapping[str, HistoryRevision]
    heads: Mapping[str, tuple[str, ...]]
    bases: tuple[str, ...]
    duplicates: Mapping[str, tuple[Origin, ...]] = field(default_factory=dict)
    missing: tuple[Missing, ...] = ()
    cycles: tuple[tuple[str, ...], ...] = ()
    broken: tuple[Broken, ...] = ()
    base_heads: tuple[str, ...] | None = None
    base_revisions: frozenset[str] = frozenset()
    changed: tuple[Changed, ...] = ()
    untracked: tuple[Path, ...] = ()
    ignored: tuple[Path, ...] = ()
    code: tuple[Path, ...] = ()
    server_names: Late[ServerName] = field(default_factory=Late)
    taken_later: Late[Mention] = field(default_factory=Late)
    sqlite: Late[str] = field(default_factory=Late)
    mysql: Late[str] = field(default_factory=Late)
    offline: Late[str] = field(default_factory=Late)
