"""Alembic operations that a module registers which is not installed: they are stood in for, and told as not seen."""

from __future__ import annotations

from collections.abc import Iterator, Set
from contextlib import contextmanager
from typing import Any

from alembic import op


@contextmanager
def stood_in(stubs: Set[str]) -> Iterator[None]:
    """While the block runs, `op.` has every operation, if some module of the project is stood in for.

    Where all modules are there, an operation that Alembic does not know is a mistake of the script, and raises.
    """
    if not stubs:
        yield
        return
    names = vars(op)
    names["__getattr__"] = missing
    try:
        yield
    finally:
        names.pop("__getattr__", None)


def missing(name: str) -> Any:
    """The stand-in for an operation. Raises AttributeError for names that no operation has."""
    if name.startswith("_"):
        raise AttributeError(f"module 'alembic.op' has no attribute {name!r}")
    from migguard.shadow.standins import StandIn

    return StandIn(f"alembic.op.{name}")
