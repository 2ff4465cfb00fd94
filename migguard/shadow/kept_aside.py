"""The application's modules as they were imported, while stand-ins take their place: for the types that they make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FunctionType, ModuleType
from typing import Any

from sqlalchemy.types import TypeEngine

ASIDE: dict[str, ModuleType] = {}
"""By their names."""


@contextmanager
def kept_aside(modules: Mapping[str, ModuleType]) -> Iterator[None]:
    """While the block runs, these modules are not to be imported, and still there."""
    before = dict(ASIDE)
    ASIDE.update(modules)
    try:
        yield
    finally:
        ASIDE.clear()
        ASIDE.update(before)


def plain_type(path: str, arguments: tuple[Any, ...], given: dict[str, Any]) -> TypeEngine[Any] | None:
    """The type that a function at a dotted path makes, where that is one of SQLAlchemy's own; None where it is not.

    A type of the application's own may be why its modules are stood in for.
    """
    module, _, name = path.rpartition(".")
    function = vars(ASIDE[module]).get(name) if module in ASIDE else None
    if not isinstance(function, FunctionType):
        return None
    try:
        made = function(*arguments, **given)
    except Exception:  # noqa: BLE001 - the application's, which may raise anything
        return None
    return made if isinstance(made, TypeEngine) and type(made).__module__.startswith("sqlalchemy.") else None
