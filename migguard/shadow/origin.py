"""Which call in a revision's file is running."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FrameType, TracebackType

from migguard.source import Origin


def frame_of(filename: str, start: FrameType | None = None) -> FrameType | None:
    """The innermost frame of the stack whose code is of that file, or of the stacks that this one was started from.

    SQLAlchemy runs what an asynchronous script awaits on a stack of its own, a greenlet.
    """
    for innermost in stacks(start or sys._getframe(1)):
        frame: FrameType | None = innermost
        while frame is not None:
            if frame.f_code.co_filename == filename:
                return frame
            frame = frame.f_back
    return None


def lines_of(filename: str) -> Iterator[int]:
    """The lines of a file that the stack is in, or the stacks that it was started from."""
    for innermost in stacks(sys._getframe(1)):
        frame: FrameType | None = innermost
        while frame is not None:
            if frame.f_code.co_filename == filename:
                yield frame.f_lineno
            frame = frame.f_back


def stacks(frame: FrameType) -> Iterator[FrameType]:
    """A frame, and where each greenlet above it waits."""
    yield frame
    module = sys.modules.get("greenlet")
    above = module.getcurrent().parent if module is not None else None
    while above is not None:
        if above.gr_frame is not None:
            yield above.gr_frame
        above = above.parent


def origin_of(path: Path, start: FrameType | None = None) -> Origin | None:
    """The span of the call that the file's innermost frame is in; None where no frame is of the file."""
    frame = frame_of(str(path), start or sys._getframe(1))
    return None if frame is None else position(path, frame.f_code, frame.f_lasti, frame.f_lineno)


def caller(accepts: Callable[[str], bool]) -> Origin | None:
    """The span of the call that the innermost frame is in whose file is accepted."""
    for innermost in stacks(sys._getframe(1)):
        frame: FrameType | None = innermost
        while frame is not None:
            code = frame.f_code
            if accepts(code.co_filename):
                return position(Path(code.co_filename), code, frame.f_lasti, frame.f_lineno)
            frame = frame.f_back
    return None


Span = tuple[int | None, int | None, int | None, int | None]
_positions: tuple[CodeType, list[Span]] | None = None  # of the function that was asked for last


def position(path: Path, code: CodeType, instruction: int, line: int | None) -> Origin:
    """The span of one instruction, columns counted from 1."""
    global _positions
    if _positions is None or _positions[0] is not code:
        _positions = code, list(code.co_positions())
    every = _positions[1]
    first, last, column, end = every[instruction // 2] if instruction // 2 < len(every) else (line, None, None, None)
    if first is None or column is None or end is None:
        return Origin(path, first or line or 1)
    return Origin(path, first, column + 1, last, end + 1)


def place_of(error: BaseException, path: Path) -> Origin | None:
    """The innermost place in a file that an exception passed through."""
    found: Origin | None = None
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            found = position(path, trace.tb_frame.f_code, trace.tb_lasti, trace.tb_lineno)
        trace = trace.tb_next
    return found
