"""A limit on how long a script may run."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from os import _exit
from types import FrameType
from typing import Any

GRACE = 10
"""Seconds for which a script may swallow the interruptions."""
AGAIN = 0.2
"""Seconds after which a script that swallowed the interruption is interrupted again."""

_ends: list[float] = []
"""When each limit that holds is up, the innermost last; each thread but the main one has tracing of its own."""
_standing: list[int] = [0]
"""How many of them stand still, the last for now: all but those that began since."""


class TimeUp(BaseException):
    """The script's time is up."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise TimeUp in the block when the time is up, and again for as long as it is swallowed.

    By an alarm on the main thread; elsewhere, and where there are no alarms, by tracing. A limit inside another one
    counts for itself: meanwhile the outer one stands still.
    """
    with paused():
        _ends.append(time.monotonic() + seconds)
        try:
            with watched():
                yield
        finally:
            _ends.pop()


@contextmanager
def paused() -> Iterator[None]:
    """While the block runs, the time of the limits around it stands still, whatever limits begin and end in it."""
    if _standing[-1] == len(_ends):
        yield
        return
    began, still = time.monotonic(), _standing[-1]
    _standing.append(len(_ends))
    try:
        with unwatched():
            yield
    finally:
        _standing.pop()
        passed = time.monotonic() - began
        _ends[still:] = [end + passed for end in _ends[still:]]
        wind()


def by_alarm() -> bool:
    """Whether there are alarms here."""
    return threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer")


@contextmanager
def watched() -> Iterator[None]:
    """While the block runs, the innermost limit is looked after."""
    if by_alarm():
        before: Any = signal.signal(signal.SIGALRM, ring)
        wind()
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        return
    kept = sys.gettrace()
    sys.settrace(look)
    try:
        yield
    finally:
        sys.settrace(kept)


@contextmanager
def unwatched() -> Iterator[None]:
    """While the block runs, no limit is looked after."""
    if by_alarm():
        signal.setitimer(signal.ITIMER_REAL, 0)
        yield
        return
    kept = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(kept)


def wind() -> None:
    """Set the alarm for the innermost limit, if there is one that does not stand still."""
    if not by_alarm() or _standing[-1] == len(_ends):
        return
    signal.setitimer(signal.ITIMER_REAL, max(_ends[-1] - time.monotonic(), 0.001), AGAIN)


def ring(_number: int, _frame: FrameType | None) -> None:
    """The alarm; the end of the process, where a script holds on to it whatever is raised."""
    if time.monotonic() > _ends[-1] + GRACE:
        said = f"migguard: a script went on for {GRACE} s after its time was up; nothing was checked\n"
        (sys.__stderr__ or sys.stderr).write(said)
        _exit(3)
    raise TimeUp


def look(_frame: FrameType, _event: str, _argument: Any) -> Any:
    """The trace function."""
    if time.monotonic() > _ends[-1]:
        raise TimeUp
    return look
