"""A progress line for long replays: on standard error, on a terminal, gone when the work is done."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Advance = Callable[[int, int, str], None]
"""Called with how many revisions are done, how many there are (0 for other work), and the one at hand."""

FIRST_SHOWN = 0.5
"""Seconds after which a replay is long enough to show how far it is."""


@contextmanager
def line(*, enabled: bool) -> Iterator[Advance]:
    """Yield what the replay calls for each revision."""
    started = last = time.monotonic()
    drawn = False
    stream = sys.stderr  # scripts' output is caught while they run, ours is not

    def advance(done: int, total: int, revision: str) -> None:
        nonlocal last, drawn
        now = time.monotonic()
        if enabled and now - started > FIRST_SHOWN and now - last > 0.1:
            stream.write(f"\r\x1b[2Kreplaying {done}/{total} {revision}" if total else f"\r\x1b[2K{revision}")
            stream.flush()
            last, drawn = now, True

    try:
        yield advance
    finally:
        if drawn:
            stream.write("\r\x1b[2K")
            stream.flush()
