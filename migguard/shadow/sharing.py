"""The downgrades, each of which begins at a schema that is known, and what follows from them, in several processes.

Upgrades run one after the other. Downgrades wait, with their modules, until all have: then each process replays those
of a stretch of the revisions, and later answers what it is asked about that stretch. Only plain values travel.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import field
from functools import partial
from itertools import pairwise
from types import ModuleType
from typing import TYPE_CHECKING, Any

from migguard.project.graph import Revision
from migguard.records import dataclass
from migguard.shadow import guard, loader
from migguard.shadow.database import State
from migguard.shadow.given_back import untold
from migguard.shadow.processes import Channel, Process, forked, processors, single_threaded
from migguard.trace import Deployment, Environment, Outcome, RevisionTrace

if TYPE_CHECKING:
    from migguard.shadow.session import Replay

LEAST = 75
"""Checked revisions for one process: fewer take less time than to start it and to hear from it."""
Piece = tuple[int, str]
"""Where in all that was printed a text belongs, and the text."""
OWN = 0.9
"""The part of the others' share that the parent takes: it has to finish the rest of the run too."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A downgrade that has not run yet: what it needs to run as if it came behind its upgrade.

    `printed` is where the text of all that was printed stood.
    """

    revision: Revision
    module: ModuleType
    arguments: dict[str, Any]
    state: State
    counted: tuple[tuple[str, ...], int, bool]
    memo: dict[Any, Any]
    printed: int
    upgrade: RevisionTrace


@dataclass(frozen=True, slots=True)
class Ran:
    """What a process says when its downgrades have run: what they printed, whether a time limit ended one, and what
    they rested on, as the guard's watch notes it."""

    pieces: list[Piece]
    interrupted: bool
    read: set[str]
    listed: set[str]
    asked: set[str]


@dataclass(slots=True, eq=False)
class Stretch:
    """Revisions of a replay that a process of its own looks after."""

    replay: Replay
    revisions: frozenset[str]
    process: Process

    def ran(self) -> list[Piece]:
        """Wait until its downgrades have run; what they printed. What else is told of them becomes the replay's."""
        told: Ran = self.process.answer()
        watch = self.replay.watch
        watch.read |= told.read
        watch.listed |= told.listed
        watch.asked |= told.asked
        self.replay.interrupted |= told.interrupted
        return told.pieces

    def ask(self, environment: Environment, printed: list[str], about: object) -> None:
        """Ask for what it has found."""
        self.process.ask((environment, printed, about))

    def answer(self) -> Any:
        """What it has found."""
        return self.process.answer()


@dataclass(slots=True, eq=False)
class Sharing:
    """Shares the work of a run, where there is enough of it.

    `found` is what a process is asked for in the end: called with the deployment, the revisions that it looks after,
    and what else it is told. By leaving the block all processes end.
    """

    found: Callable[[Deployment, frozenset[str], Any], object]
    processes: int = field(default_factory=processors)
    here: str = field(default_factory=os.getcwd)
    stretches: list[list[Stretch]] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)

    def __enter__(self) -> Sharing:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def every(self) -> Iterable[Stretch]:
        """All stretches of all replays."""
        return (stretch for of_replay in self.stretches for stretch in of_replay)

    def of(self, number: int) -> list[Stretch]:
        """The stretches of one replay."""
        return self.stretches[number] if number < len(self.stretches) else []

    def later(self, replay: Replay, printed: io.StringIO) -> Later | None:
        """Who keeps a replay's downgrades for later; nobody, where they are not worth it, or their database is real."""
        self.stretches.append([])
        enough = self.processes > 1 and len(replay.new) >= 2 * LEAST and replay.downgrades
        return Later(self, self.stretches[-1], printed, self.here) if enough and replay.database.forks else None

    def print(self, printed: io.StringIO) -> None:
        """Wait until all downgrades have run, and put what they printed where it would stand."""
        for stretch in self.every():
            self.pieces += stretch.ran()
        put(printed, self.pieces)

    def clear(self) -> None:
        """Begin anew: end what there is."""
        for stretch in self.every():
            stretch.process.end()
        self.stretches.clear()
        self.pieces.clear()


def put(printed: io.StringIO, pieces: Iterable[Piece]) -> None:
    """Put pieces into a text, each at a place in the text as it is."""
    found = sorted((p for p in pieces if p[1]), key=lambda p: p[0])
    if not found:
        return
    text, parts, at = printed.getvalue(), [], 0
    for place, piece in found:
        parts += [text[at:place], piece]
        at = place
    printed.seek(0)
    printed.truncate()
    printed.write("".join([*parts, text[at:]]))


@dataclass(slots=True, eq=False)
class Later:
    """The downgrades of one replay that wait. `here` is the folder in which the run began."""

    sharing: Sharing
    stretches: list[Stretch]
    printed: io.StringIO
    here: str
    waiting: list[Waiting] = field(default_factory=list)

    def takes(
        self, replay: Replay, revision: Revision, module: ModuleType, arguments: dict[str, Any], upgrade: RevisionTrace
    ) -> bool:
        """Keep a downgrade for later: where the upgrade left nothing behind that is not kept with it, and all processes
        know what is to be told of it."""
        database = replay.database
        if upgrade.outcome is not Outcome.FULL or database.unsettled or untold(upgrade):
            return False
        self.waiting.append(
            Waiting(
                revision,
                module,
                arguments,
                database.fork(),
                database.counted,
                dict(replay.memo),
                self.printed.tell(),
                upgrade,
            )
        )
        return True

    def share(self, replay: Replay, revisions: list[str]) -> dict[str, RevisionTrace]:
        """Start the other processes, and run what is left for this one; its downgrades."""
        count = min(self.sharing.processes, len(revisions) // LEAST)
        begin = 0
        if count > 1 and single_threaded():
            size = len(revisions) / (count - 1 + OWN)
            begin = round(size * OWN)
            bounds = [begin + round(size * number) for number in range(count - 1)] + [len(revisions)]
            others = [s.process for s in self.sharing.every()]
            for first, last in pairwise(bounds):
                part = frozenset(revisions[first:last])
                process = forked(partial(self.work, replay, part), others)
                others.append(process)
                self.stretches.append(Stretch(replay, part, process))
        own = frozenset(revisions[:begin] if self.stretches else revisions)
        try:
            found, pieces = self.run(replay, own)
        finally:
            for one in self.waiting:
                loader.unload(one.module)
            self.waiting.clear()
        self.sharing.pieces += pieces
        return found

    def run(self, replay: Replay, revisions: frozenset[str]) -> tuple[dict[str, RevisionTrace], list[Piece]]:
        """Replay the downgrades of some revisions; they, and what they printed."""
        database, kept = replay.database, dict(replay.memo)
        state, counted = database.fork(), database.counted
        released, database.released = database.released, False  # only what is checked waits
        found: dict[str, RevisionTrace] = {}
        pieces: list[Piece] = []
        for one in self.waiting:
            if one.revision.id not in revisions:
                continue
            resume(replay, one.state, one.counted, one.memo)
            before = self.printed.tell()
            found[one.revision.id] = replay.back(one.revision, one.module, one.arguments, one.upgrade)
            pieces.append((one.printed, self.printed.getvalue()[before:]))
            self.printed.seek(before)
            self.printed.truncate()
        resume(replay, state, counted, kept)
        database.released = released
        return found, [piece for piece in pieces if piece[1]]

    def work(self, replay: Replay, revisions: frozenset[str], channel: Channel) -> None:
        """What another process does: replay its downgrades, and say what it finds when it is told how the run ended."""
        found, pieces = self.run(replay, revisions)
        signal.signal(signal.SIGALRM, signal.SIG_IGN)  # the limit on env.py, which has nothing more to do here
        signal.setitimer(signal.ITIMER_REAL, 0)
        if sys.__stdout__ is not None:
            with suppress(OSError, ValueError):
                sys.__stdout__.flush()
        watch = replay.watch
        channel.say(Ran(pieces, replay.interrupted, watch.read, watch.listed, watch.asked))
        environment, printed, about = channel.hear()
        with guard.trusted():
            os.chdir(self.here)
            replay.take_downgrades(found)
            channel.say(self.sharing.found(replay.finish(environment, printed), revisions, about))


def resume(replay: Replay, state: State, counted: tuple[tuple[str, ...], int, bool], memo: dict[Any, Any]) -> None:
    """Have the replay stand where it stood."""
    rows, last, dirty = counted
    replay.database.restore(state)
    replay.database.resume(rows, last, dirty=dirty)
    replay.recall(memo)
