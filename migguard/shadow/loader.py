"""Load a revision's file: compiled and run here, so that nothing is written beside it."""

from __future__ import annotations

import importlib.machinery
import io
import marshal
import sys
import tokenize
from collections.abc import Callable
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from migguard.records import dataclass


@dataclass(frozen=True, slots=True)
class LoadFailure:
    """A file that cannot be loaded: where and why."""

    line: int
    column: int
    reason: str


def decoded(source: bytes) -> str:
    """The text of a file, by its own word on its encoding. Raises UnicodeDecodeError or SyntaxError."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    return io.TextIOWrapper(io.BytesIO(source), encoding, newline=None).read()


def module_name(path: Path) -> str:
    """A name that no other module has."""
    return f"migguard_revision_{abs(hash(str(path))):x}"


def load(
    path: Path,
    package: str | None = None,
    compiled: bytes | None = None,
    goes_on: Callable[[ModuleType, Exception], bool] | None = None,
) -> ModuleType:
    """The module of a file, or of its marshalled code. Raises whatever the file raises, unless `goes_on` after it."""
    if compiled is not None:
        code: CodeType = marshal.loads(compiled)
    else:
        code = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    name = f"{package}.{path.stem}" if package else module_name(path)
    module = ModuleType(name)
    module.__file__ = str(path)
    module.__package__ = package or ""
    module.__spec__ = importlib.machinery.ModuleSpec(name, None, origin=str(path))
    before = sys.modules.get(name)
    sys.modules[name] = module
    try:
        exec(code, module.__dict__)
    except BaseException as error:
        if isinstance(error, Exception) and goes_on is not None and goes_on(module, error):
            return module
        if before is not None:
            sys.modules[name] = before
        else:
            sys.modules.pop(name, None)
        raise
    return module


def unload(module: ModuleType) -> None:
    """Forget a revision's module."""
    if sys.modules.get(module.__name__) is module:
        del sys.modules[module.__name__]


def failure(path: Path, error: BaseException) -> LoadFailure:
    """Where in the file an error came from, and what it says."""
    if isinstance(error, SyntaxError) and error.filename in (str(path), None):
        return LoadFailure(error.lineno or 1, error.offset or 1, f"syntax error: {error.msg}")
    line = 1
    trace: Any = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    said = " ".join(str(error).split())[:200]
    return LoadFailure(line, 1, f"{type(error).__name__}{f': {said}' if said else ''}")
