"""Processes of our own that go on with a part of the work from where this one stands."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from os import _exit
from typing import Any, BinaryIO

from migguard.errors import AnalysisError
from migguard.records import dataclass
from migguard.shadow import guard

MOST = 4
"""Processes for one run: each has pages of its own before long, and other jobs run on the machine too."""


def processors() -> int:
    """How many processes are worth their while: one where they cannot be forked as they are."""
    if sys.platform != "linux":
        return 1
    return min(len(os.sched_getaffinity(0)), MOST)


def single_threaded() -> bool:
    """Whether no other thread could hold a lock that a forked process would wait for, whoever started it."""
    if threading.active_count() > 1:
        return False
    with guard.trusted():
        try:
            return len(os.listdir("/proc/self/task")) == 1
        except OSError:
            return False


@dataclass(frozen=True, slots=True)
class Channel:
    """What a forked process talks to its parent by."""

    reads: BinaryIO
    writes: BinaryIO

    def say(self, value: object) -> None:
        """Send a value."""
        pickle.dump((True, value), self.writes, pickle.HIGHEST_PROTOCOL)
        self.writes.flush()

    def complain(self, why: str) -> None:
        """Say what went wrong, instead of a value."""
        pickle.dump((False, why), self.writes, pickle.HIGHEST_PROTOCOL)
        self.writes.flush()

    def hear(self) -> Any:
        """The parent's next value. Raises EOFError when the parent is gone."""
        return pickle.load(self.reads)[1]


@dataclass(slots=True, eq=False)
class Process:
    """A forked process, as its parent sees it. Nothing that it fails to say is taken for an answer."""

    pid: int
    channel: Channel

    def ask(self, value: object) -> None:
        """Send it what it waits for. Raises AnalysisError where it is gone."""
        try:
            self.channel.say(value)
        except OSError as error:
            raise lost(error) from error

    def answer(self) -> Any:
        """Its next value. Raises AnalysisError where it has none: it failed, or was ended."""
        try:
            well, value = pickle.load(self.channel.reads)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            raise lost(error) from error
        if not well:
            raise AnalysisError(f"a process of migguard's own failed: {value}", hint="this is a defect of migguard")
        return value

    def end(self) -> None:
        """End it, wherever it is."""
        for stream in (self.channel.reads, self.channel.writes):
            with suppress(OSError):  # what it has not read any more
                stream.close()
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


def lost(error: Exception) -> AnalysisError:
    """The error for a process that said nothing."""
    return AnalysisError(
        f"a process of migguard's own ended before its work was done ({type(error).__name__})",
        hint="it may have been ended from outside, as for want of memory",
    )


def forked(work: Callable[[Channel], None], others: list[Process]) -> Process:
    """A process that does the work, and ends. `others` are those that its parent talks to, which are not its own.

    Whatever the work raises is said to the parent. Nothing of what the parent would do at its end is done.
    """
    to_child, to_parent = os.pipe(), os.pipe()
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            with suppress(OSError, ValueError):  # closed, as in a service
                stream.flush()
    with guard.trusted():
        pid = os.fork()
        if pid:
            os.close(to_child[0])
            os.close(to_parent[1])
            return Process(pid, Channel(os.fdopen(to_parent[0], "rb"), os.fdopen(to_child[1], "wb")))
    status = 1
    try:
        os.close(to_child[1])
        os.close(to_parent[0])
        for other in others:
            os.close(other.channel.reads.fileno())
            os.close(other.channel.writes.fileno())
        channel = Channel(os.fdopen(to_child[0], "rb"), os.fdopen(to_parent[1], "wb"))
        try:
            work(channel)
            status = 0
        except EOFError:
            pass  # the parent is gone: there is nobody to tell
        except BaseException as error:  # noqa: BLE001 - there is no caller to raise to; the parent raises it
            where = traceback.extract_tb(error.__traceback__)[-1]
            channel.complain(f"{type(error).__name__}: {error} ({os.path.basename(where.filename)}:{where.lineno})")
    finally:
        _exit(status)
