"""Modules that are not installed: what takes their place in an import."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import sqlalchemy.types
from sqlalchemy.sql import sqltypes, type_api

from migguard.shadow.kept_aside import plain_type
from migguard.shadow.known_types import known_type
from migguard.shadow.rendered_types import TEXTS

DIALECT: dict[str, str] = {}
"""Under `name` that of the engine for which revisions are replayed, which the dialect of a stand-in has, too."""
CONVENTIONS: dict[str, Any] = {}
"""The naming conventions that env.py, or what it imports, has put on MetaData that is stood in for, by its path."""
STAND_INS = "migguard.shadow.standins"
"""Imported when the first stand-in is made: it brings SQLAlchemy's ORM along, a tenth of a second."""


def is_stand_in(value: Any) -> bool:
    """Whether a value stands in for something of a module that is not installed."""
    kind = getattr(sys.modules.get(STAND_INS), "StandIn", None)  # not there yet while its own imports run
    return kind is not None and isinstance(value, kind)


WHY = "__migguard_why__"
"""Where a stand-in for a module that is there keeps why it stands in for it."""


def missing_in(module: ModuleType) -> list[str]:
    """The libraries that are not installed and of which a module holds something."""
    names = set()
    for value in list(vars(module).values()):
        if isinstance(value, StandInModule):
            names.add(value.__name__.partition(".")[0])
        elif is_stand_in(value):
            names.add(value._path.partition("(")[0].partition("[")[0].partition(".")[0])
    return sorted(n for n in names if isinstance(m := sys.modules.get(n), StandInModule) and not named_file(m))


def named_file(module: ModuleType) -> str | None:
    """The file of a module that is stood in for although it is there."""
    spec = vars(module).get("__spec__")
    return vars(module).get("__file__") or getattr(spec, "origin", None)


Listener = Callable[[str, Any, Sequence[Any]], None]


class NamesOnly(sqlalchemy.MetaData):
    """In the place of MetaData of a module that is not installed: its naming convention, and no tables."""


def with_known_names(metadata: Any) -> Any:
    """MetaData as it is given; what stands in for one that got a naming convention is one without models."""
    if isinstance(metadata, (list, tuple)):
        return [with_known_names(one) for one in metadata]
    named = CONVENTIONS.get(metadata._path) if is_stand_in(metadata) else None
    plain = isinstance(named, dict) and named and not any(map(is_stand_in, named.values()))
    return NamesOnly(naming_convention=named) if plain else metadata


def is_stand_in_class(value: type) -> bool:
    """Whether a class inherits from what stands in for one that is not installed."""
    made = sys.modules.get(STAND_INS)
    return made is not None and issubclass(value, made.PlainBase)


_touched: list[Listener] = []


_beside: list[Listener] = []


@contextmanager
def listening(to: Listener, *, beside: bool = False) -> Iterator[None]:
    """While the block runs, `to` hears of each use of a stand-in: its path, who uses it, what it is called with.

    It hears in place of who did before or, `beside`, as well as whoever does.
    """
    hearing = _beside if beside else _touched
    hearing.append(to)
    try:
        yield
    finally:
        hearing.pop()


def touch(path: str, arguments: Sequence[Any] = ()) -> None:
    """A stand-in is used, by the caller of the method that says so."""
    if _touched:
        _touched[-1](path, sys._getframe(2), arguments)
    for listener in _beside:
        listener(path, sys._getframe(2), arguments)


class StandInModule(ModuleType):
    """A module that is not installed."""

    __all__: tuple[str, ...] = ()
    __version__ = "0.0.0"

    def __init__(self, name: str, doc: str | None = None) -> None:
        super().__init__(name, doc)
        self.__path__: list[str] = []

    def __or__(self, _: Any) -> Any:
        """A name of the module that is itself taken for a module, such as a class in an annotation."""
        return self

    __ror__ = __or__

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        from migguard.shadow.known_objects import known_attribute
        from migguard.shadow.standins import ERRORS, StandIn, StandInError

        own = known_attribute(self.__name__, name)
        if own is not None:
            setattr(self, name, own)
            return own
        if name.endswith(ERRORS):
            made: Any = type(name, (StandInError,), {"__module__": self.__name__})
        else:
            made = StandIn(f"{self.__name__}.{name}")
        setattr(self, name, made)
        return made


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Put last on sys.meta_path: what nobody else finds is stood in for."""

    def __init__(self, note: Callable[[str], None]) -> None:
        self._note = note
        self.made: set[str] = set()

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """A spec for any module, but for those that are only asked whether they are there."""
        del path, target
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names or top in (
            "migguard",
            "sqlalchemy",
            "alembic",
            "sitecustomize",
            "usercustomize",
        ):
            return None
        if asked_only(sys._getframe(1)):
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """The stand-in."""
        self.made.add(spec.name)
        self._note(spec.name)
        return StandInModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run."""


INSTALLED_ASKING = (
    "sqlalchemy",
    "alembic",
    "rich",
    "typer",
    "click",
    "msgspec",
    "sqlglot",
    "importlib/metadata",
    "pkgutil",
)


def asked_only(frame: Any) -> bool:
    """Whether a library probes for an optional module, which it does without."""
    hops = 0
    while frame is not None and hops < 12:
        name = frame.f_code.co_filename
        if "importlib" not in name:
            return any(
                f"/site-packages/{p}" in name or (f"/{p}/" in name and "site-packages" in name)
                for p in INSTALLED_ASKING
            ) or (
                "site-packages" in name
                or "dist-packages" in name
                or ("/lib/python" in name and "site-packages" not in name)
            )
        frame = frame.f_back
        hops += 1
    return False


def is_type(value: Any) -> bool:
    """Whether an argument is a column's type."""
    made = isinstance(value, type) and issubclass(value, type_api.TypeEngine)
    return made or isinstance(value, type_api.TypeEngine) or is_stand_in(value)


@contextmanager
def standing_in(note: Callable[[str], None], *, enabled: bool) -> Iterator[Finder]:
    """While the block runs, modules that are not installed are stood in for; afterwards none of them is left."""
    finder = Finder(note)
    TEXTS.clear()
    CONVENTIONS.clear()
    DIALECT.clear()
    if enabled:
        sys.meta_path.append(finder)
    to_instance = type_api.to_instance

    def as_type(given: Any, *arguments: Any, **named: Any) -> Any:
        if is_stand_in(given):
            from migguard.shadow.standins import StandInType

            made_by = plain_type(*given._called) if given._called is not None else None
            return made_by or known_type(given._path) or StandInType(given._name)
        made = given if isinstance(given, type) else type(given)
        if is_stand_in_class(made) and not issubclass(made, type_api.TypeEngine):
            from migguard.shadow.standins import StandInType

            return StandInType(made.__name__)
        found = to_instance(given, *arguments, **named)
        if is_stand_in(length := getattr(found, "length", None)):
            from migguard.shadow.standins import Holds

            found.length = Holds(length)  # one that is false would be no length at all
        return found

    column = sqlalchemy.Column.__init__

    def typed(self: Any, *arguments: Any, **given: Any) -> None:
        """A stand-in is text as well, but the first of a column's arguments is its type unless another one is."""
        if arguments and is_stand_in(arguments[0]) and "type_" not in given and not any(map(is_type, arguments[1:])):
            arguments = (None, *arguments)
        if is_stand_in(given.get("server_default")):
            given["server_default"] = str(given["server_default"])
        column(self, *arguments, **given)

    enum_init = sqltypes.Enum._enum_init

    def labelled(self: Any, enums: Any, given: Any) -> None:
        """An enum of a class that is missing has labels that nobody knows, and one that says so."""
        enum_init(self, tuple(str(one) if is_stand_in(one) else one for one in enums), given)

    import_module = importlib.import_module

    def imported(name: str, package: str | None = None) -> Any:
        """A module whose name nobody knows, or that was put together from stand-ins and came to nothing."""
        if is_stand_in(name) or is_stand_in(package) or (not name and finder.made):
            from migguard.shadow.standins import StandIn

            path = getattr(name if is_stand_in(name) else package, "_path", None) or "a module whose name is not known"
            touch(path)
            return StandIn(path)
        return import_module(name, package)

    replaced: Any = as_type  # the overloads are SQLAlchemy's
    sqltypes.Enum._enum_init = labelled  # type: ignore[method-assign,assignment]  # put back below
    if enabled:
        importlib.import_module = imported
    sqlalchemy.Column.__init__ = typed  # type: ignore[method-assign,assignment]  # put back below
    type_api.to_instance = sqltypes.to_instance = sqlalchemy.types.to_instance = replaced
    try:
        yield finder
    finally:
        importlib.import_module = import_module
        sqlalchemy.Column.__init__ = column  # type: ignore[method-assign]
        sqltypes.Enum._enum_init = enum_init  # type: ignore[method-assign]
        type_api.to_instance = sqltypes.to_instance = sqlalchemy.types.to_instance = to_instance
        if enabled:
            sys.meta_path.remove(finder)
        for name in finder.made:
            sys.modules.pop(name, None)
