"""What env.py takes from modules that are stood in for: where it could not be run, that may be why."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence, Set
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import CodeType, CoroutineType, FunctionType, MethodType
from typing import Any

from migguard.shadow import missing_modules
from migguard.shadow.imports import why
from migguard.shadow.missing_modules import StandInModule, named_file

MOST_NAMES = 5


class EnvUses:
    """Hears, while env.py runs, which calls of stand-ins it hands functions of its own: nobody calls them then."""

    def __init__(self, env_py: Path) -> None:
        self._file = str(env_py)
        self._handed: list[tuple[str, int, str]] = []

    def __call__(self, path: str, frame: Any, arguments: Sequence[Any]) -> None:
        """A stand-in was used by a line of code."""
        names = [c.co_name for a in arguments for c in codes_of(a) if c.co_filename == self._file]
        while names and frame is not None and frame.f_code.co_filename != self._file:
            frame = frame.f_back
        if names and frame is not None:
            self._handed.append((path, frame.f_lineno, names[-1]))

    def swallowed(self, stubs: Set[str]) -> str:
        """Which call took the functions that would have run the revisions, in words; empty where none did."""
        if not self._handed:
            return ""
        path, line, function = self._handed[-1]
        module = next((n for n in prefixes(path) if n in stubs), path.partition(".")[0])
        reason = why(module).removesuffix(".") or f"{module} is not installed here and was stood in for"
        return f"in line {line} {function}() is handed to {path.partition('(')[0]}(), which never calls it: {reason}"


def prefixes(path: str) -> Iterator[str]:
    """The dotted paths that a path begins with, the longest first."""
    parts = path.partition("(")[0].partition("[")[0].split(".")
    return (".".join(parts[:end]) for end in range(len(parts), 0, -1))


def codes_of(value: Any, depth: int = 3) -> Iterator[CodeType]:
    """The code of a function or a coroutine, and of those that a wrapper has hold of."""
    if not depth:
        return
    match value:
        case MethodType():
            yield from codes_of(value.__func__, depth)
        case FunctionType():
            yield value.__code__
            for cell in value.__closure__ or ():
                with suppress(ValueError):  # an empty cell
                    yield from codes_of(cell.cell_contents, depth - 1)
        case partial():
            for one in (value.func, *value.args):
                yield from codes_of(one, depth - 1)
        case CoroutineType():
            yield value.cr_code
            for one in value.cr_frame.f_locals.values() if value.cr_frame is not None else ():
                yield from codes_of(one, depth - 1)
        case _:
            return


def not_installed(stubs: Set[str]) -> tuple[str, ...]:
    """The distributions' modules that were stood in for because they are not there, in order."""
    tops = {name.partition(".")[0] for name in stubs}
    return tuple(sorted(t for t in tops if isinstance(m := sys.modules.get(t), StandInModule) and not named_file(m)))


def missing_behind(error: BaseException, stubs: Set[str]) -> tuple[str, ...]:
    """What is not installed and may be why env.py raised: what the code used that raised, else all that there is."""
    every = not_installed(stubs)
    used: set[str] = set()
    trace: Any = error.__traceback__
    while trace is not None:
        frame = trace.tb_frame
        for name in frame.f_code.co_names:
            used.update(missing_parts(frame.f_globals.get(name)))
        trace = trace.tb_next
    return tuple(n for n in every if n in used) or every


def missing_parts(value: Any) -> Iterator[str]:
    """What a value that code uses has from modules that are not installed: itself, or the class that it is of."""
    if missing_modules.is_stand_in(value):
        yield value._path.partition("(")[0].partition(".")[0]
        return
    kind = value if isinstance(value, type) else type(value)
    module = sys.modules.get(kind.__module__)
    if missing_modules.is_stand_in_class(kind) and module is not None:
        yield from missing_modules.missing_in(module)


def with_missing(reason: str, missing: Sequence[str]) -> str:
    """Why env.py could not be run, with what is not installed: an exception may come of that."""
    if not missing:
        return reason
    more = len(missing) - MOST_NAMES
    names = ", ".join(missing[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
    one = len(missing) == 1
    return (
        f"{reason.removesuffix('.')} ({names} {'is' if one else 'are'} not installed here and "
        f"{'was' if one else 'were'} stood in for, which may be why)"
    )
