"""A limit on how long a script may run."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

AGAIN = 0.2
"""Seconds after which a script that swallowed the interruption is interrupted again."""


class TimeUp(BaseException):
    """The script's time is up."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise TimeUp in the block when the time is up, and again for as long as it is swallowed.

    By an alarm on the main thread; elsewhere, and where there are no alarms, by tracing.
    """
    if threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer"):
        yield from by_alarm(seconds)
    else:
        yield from by_trace(seconds)


def by_alarm(seconds: float) -> Iterator[None]:
    """With SIGALRM."""

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise TimeUp

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def by_trace(seconds: float) -> Iterator[None]:
    """With a trace function."""
    end = time.monotonic() + seconds
    before = sys.gettrace()

    def trace(_frame: FrameType, _event: str, _argument: Any) -> Any:
        if time.monotonic() > end:
            raise TimeUp
        return trace

    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)
