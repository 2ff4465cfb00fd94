"""A project's own helpers for migrations, replaced by the Alembic operations that they come down to.

Where a helper cannot be imported, or does its work out of a replay's sight (in a process of its own, on a connection of
its own), the setting `wrappers` says which operation it is.
"""

from __future__ import annotations

import contextlib
import difflib
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FunctionType, ModuleType
from typing import Any

from alembic import op
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy.engine import Connection

from migguard.errors import UsageError
from migguard.settings import Wrapper

NOT_ARGUMENTS = (Connection, MigrationContext, Operations, ModuleType)
"""Helpers take Alembic's `op`, a connection, a session or a context first; operations know theirs."""

_current: dict[str, Callable[..., Any]] = {}


def operation(path: str, wrapper: Wrapper) -> Callable[..., Any]:
    """What is called in place of a helper. Raises UsageError for an operation that Alembic does not have."""
    known = [n for n in dir(Operations) if not n.startswith("_")]
    if wrapper.operation not in known:
        near = difflib.get_close_matches(wrapper.operation, known, 1)
        raise UsageError(
            f"wrappers: {path} is said to be op.{wrapper.operation}, which Alembic does not have",
            hint=f"did you mean {near[0]}?" if near else "name one of the operations of alembic.op",
        )

    def called(*arguments: Any, **given: Any) -> Any:
        from sqlalchemy.orm import Session

        known_to_operations = (*NOT_ARGUMENTS, Session)
        positional = [a for a in arguments if not isinstance(a, known_to_operations)]
        named = {wrapper.rename.get(k, k): v for k, v in given.items() if not isinstance(v, known_to_operations)}
        block = op.get_context().autocommit_block() if wrapper.autocommit else contextlib.nullcontext()
        with block:
            return getattr(op, wrapper.operation)(*positional, **{**named, **wrapper.arguments})

    return called


@contextmanager
def replaced(wrappers: Mapping[str, Wrapper]) -> Iterator[None]:
    """While the block runs, the helpers of the setting are the operations that it names."""
    _current.update({path: operation(path, wrapper) for path, wrapper in wrappers.items()})
    try:
        yield
    finally:
        _current.clear()


def wrapped(path: str) -> Callable[..., Any] | None:
    """The operation that a stood-in helper of that dotted path is."""
    return _current.get(path)


def replace_in(module: ModuleType) -> None:
    """Replace the helpers that a loaded revision, or a module it imported, has by name."""
    if not _current:
        return
    for name, value in list(vars(module).items()):
        if isinstance(value, FunctionType):
            found = _current.get(f"{value.__module__}.{value.__qualname__}")
            if found is not None:
                setattr(module, name, found)
    for path, found in _current.items():
        parent, _, name = path.rpartition(".")
        owner = sys.modules.get(parent)
        if owner is not None and isinstance(getattr(owner, name, None), FunctionType):
            setattr(owner, name, found)
