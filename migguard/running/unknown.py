"""Whether models that were loaded without some of the modules they import are known all the same."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from migguard.drift.models import Places, library
from migguard.shadow.missing_modules import is_stand_in_class

DECIDING = frozenset({"__bool__", "__contains__", "__iter__", "__len__", "__eq__", "__getitem__"})
"""Methods by which what is not there decides what code does."""


class Uses:
    """Hears how stand-ins are used while env.py runs: `decided` by what path and where, `given` a model to change."""

    def __init__(self, env_py: Path) -> None:
        self._env_py = str(env_py)
        self.decided: list[tuple[str, str, int]] = []
        self.given: list[str] = []

    def __call__(self, path: str, frame: Any, arguments: Sequence[Any]) -> None:
        """A stand-in is used; called by its method, through `touch`."""
        method = sys._getframe(2).f_code.co_name
        file = frame.f_code.co_filename if frame is not None else ""
        theirs = file != self._env_py and not library(file) and not file.startswith("<")
        if method in DECIDING and theirs and not frame.f_code.co_flags & inspect.CO_OPTIMIZED:
            self.decided.append((path, file, frame.f_lineno))
        if any(is_model(a) for a in arguments):
            self.given.append(path)


def is_model(value: Any) -> bool:
    """Whether a value is a table, a metadata object or a class that is mapped or others are mapped from."""
    import sqlalchemy as sa

    if isinstance(value, (sa.Table, sa.MetaData)):
        return True
    return (
        isinstance(value, type)
        and ("metadata" in vars(value) or "__mapper__" in vars(value))
        and hasattr(value, "registry")
    )


def unknown(
    stubs: Iterable[str], raised: Mapping[str, str], places: Places, uses: Uses, checkout: Path
) -> Iterator[str]:
    """Why the models are not known, in words; nothing where what is not installed has no part in them.

    `raised` is what modules of the project raised when they were imported. A type that is missing leaves the column
    known, and its type unknown.
    """
    names = sorted(set(stubs))
    if not names:
        return
    others = [n for n in names if n not in raised and not own(n.partition(".")[0], checkout)]
    for name in names:
        if name in raised:
            text = raised[name].replace(f"{checkout}/", "")
            yield f"{name} could not be imported: {text}{f' ({listed(others)} not installed here)' if others else ''}"
        elif "." in name and own(name.partition(".")[0], checkout):
            yield f"there is no module {name} at that commit"
    for mappers in places.mappers.values():
        for mapper in mappers:
            base = next((c for c in mapper.class_.__mro__ if is_stand_in_class(c)), None)
            if base is not None:
                yield f"{listed(names)} not installed here, and {mapper.class_.__name__} inherits from it"
                return
    if uses.given:
        yield f"{uses.given[0]} is not installed here, and it is given the models"
    if uses.decided:
        path, file, line = uses.decided[0]
        yield f"{path} is not installed here, and {shown(file, checkout)}:{line} goes by it"


def own(name: str, checkout: Path) -> bool:
    """Whether a package is one of the checkout's."""
    places = [*getattr(sys.modules.get(name), "__path__", ())]
    return any(Path(p).resolve().is_relative_to(checkout) for p in places)


def listed(names: Iterable[str]) -> str:
    """The distributions' modules, in words."""
    tops = sorted({n.partition(".")[0] for n in names})
    return f"{', '.join(tops)} {'is' if len(tops) == 1 else 'are'}"


def shown(file: str, checkout: Path) -> str:
    """A file by its path in the repository."""
    path = Path(file)
    return path.relative_to(checkout).as_posix() if path.is_relative_to(checkout) else path.name


def reflected() -> Iterator[str]:
    """Classes whose columns a database would have to tell."""
    automap = sys.modules.get("sqlalchemy.ext.automap")
    declarative = sys.modules.get("sqlalchemy.ext.declarative.extensions")
    for module, name in ((automap, "AutomapBase"), (declarative, "DeferredReflection")):
        base = getattr(module, name, None)
        if base is not None and any(c.__module__ != base.__module__ for c in subclasses(base)):
            yield f"models are read from a database when the application starts ({name})"


def subclasses(one: type[Any]) -> Iterator[type[Any]]:
    """A class's heirs, theirs included."""
    for child in one.__subclasses__():
        yield child
        yield from subclasses(child)
