"""Stand-ins for modules that are not installed: they survive what scripts do with them."""

from __future__ import annotations

import re
import sys
from abc import ABCMeta
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import FunctionType
from typing import Any

from sqlalchemy import inspection
from sqlalchemy.exc import CompileError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm.decl_api import DeclarativeMeta
from sqlalchemy.sql import roles
from sqlalchemy.sql.elements import BindParameter, ColumnElement
from sqlalchemy.sql.selectable import TableClause
from sqlalchemy.types import NULLTYPE, UserDefinedType

from migguard.placeholders import placeholder
from migguard.shadow.kept_aside import plain_type
from migguard.shadow.known_objects import known_object
from migguard.shadow.known_types import known_type
from migguard.shadow.missing_modules import CONVENTIONS, DIALECT, touch
from migguard.shadow.rendered_types import NAMES, TEXTS
from migguard.shadow.wrappers import wrapped
from migguard.shadow.written_models import table_name
from migguard.shadow.written_use import asked_for, decorates, is_capitalized, looks_like_type
from migguard.sql.postgresql_words import RESERVED

ERRORS = ("Error", "Exception", "Warning")

FIELD = re.compile(r"%%|%[-+ #0]*\d*(?:\.\d+)?[a-zA-Z]")
"""A place in a text that `%` fills, or a sign that is written twice."""

CONFIGURED = {"getint": 0, "getfloat": 0.0, "getboolean": False}
"""What configparser's typed questions are answered where nothing is configured."""


class StandInError(Exception):
    """What is raised in place of an exception of a module that is not installed."""

    def __init__(self, *arguments: Any, **given: Any) -> None:
        super().__init__(*arguments, *given.values())


class StandInType(UserDefinedType[Any]):
    """A column type of a module that is not installed; it renders under its own name."""

    cache_ok = True
    impl: Any = None

    def __init__(self, name: str = "unknown") -> None:
        self.stand_in = name

    def get_col_spec(self, **_: Any) -> str:
        """The name in SQL, in quotes where it is a word that names nothing without them."""
        name = re.sub(r"\W", "_", self.stand_in)
        NAMES.add(name.lower())
        return f'"{name}"' if name.upper() in RESERVED else name

    def process_bind_param(self, value: Any, _: Any) -> Any:
        """What scripts call by themselves; the value stays."""
        return value

    process_result_value = process_bind_param

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name in ("comparator_factory", "dispatch"):
            raise AttributeError(name)
        return StandIn(f"{self.__dict__.get('stand_in', 'type')}.{name}")


class StandInElement(ColumnElement[Any], roles.DMLTableRole, roles.FromClauseRole):
    """A stand-in inside SQL, column or table. No reader understands what it renders, so it never passes for known."""

    inherit_cache = False
    __visit_name__ = "stand_in"
    named_with_column = is_selectable = _is_subquery = _is_from_container = False
    schema: str | None = None
    implicit_returning = False
    _hide_froms: tuple[Any, ...] = ()
    primary_key: Any = ()

    def __init__(self, path: str) -> None:
        self.path = path
        self.type = NULLTYPE

    @property
    def _from_objects(self) -> list[Any]:
        return [] if self.is_value else [self]

    @property
    def is_value(self) -> bool:
        """Whether it is named like a constant or an attribute, and not like a class, a call or a comparison."""
        name = self.path.rpartition(".")[2]
        return name.isidentifier() and (name == name.upper() or name == name.lower())

    @property
    def name(self) -> str:
        """As it renders."""
        return placeholder(self.path.rpartition(".")[2])

    fullname = name

    @property
    def columns(self) -> Any:
        """What INSERT and UPDATE with values need of their table: there are none."""
        raise CompileError(f"{self.path} is not installed here, so the columns of its table are not known")

    c = _autoincrement_column = columns

    def is_derived_from(self, _: Any) -> bool:
        """Of nothing else."""
        return False

    def _anonymous_fromclause(self, **_: Any) -> Any:
        return self

    def _refresh_for_new_column(self, _: Any) -> None:
        pass

    @property
    def entity_namespace(self) -> Any:
        """Where filter_by() looks for columns."""
        return StandIn(self.path)


@compiles(StandInElement)
def _rendered(element: StandInElement, compiler: Any, *, within_columns_clause: bool = False, **given: Any) -> str:
    """As a parameter where it is compared with, or put into, what is known; else under its own name.

    A query that gives it back, or that asks nothing but it, is not to be answered.
    """
    if element.is_value and not within_columns_clause and not given.get("literal_binds"):
        around = compiler.stack[-1] if getattr(compiler, "stack", None) else {}
        froms = around.get("asfrom_froms") or around.get("correlate_froms") or ()
        if any(isinstance(f, TableClause) for f in (*froms, getattr(around.get("selectable"), "table", None))):
            return str(compiler.process(BindParameter(None, StandIn(element.path), type_=NULLTYPE, unique=True)))
    return element.name


class Meta(DeclarativeMeta, ABCMeta):
    """Attributes of stand-in classes are stand-ins too. It goes along with SQLAlchemy's and abc's metaclasses."""

    def __init__(cls, name: str, bases: tuple[type, ...], namespace: Any, **given: Any) -> None:
        if any("_sa_registry" in vars(b) or "registry" in vars(b) for b in cls.__mro__):
            super().__init__(name, bases, namespace, **given)
        else:
            type.__init__(cls, name, bases, namespace)

    def __setattr__(cls, name: str, value: Any) -> None:
        if "__mapper__" in cls.__dict__:
            super().__setattr__(name, value)
        else:
            type.__setattr__(cls, name, value)

    def __getattr__(cls, name: str) -> Any:
        path = f"{cls.__module__}.{cls.__qualname__}"
        if name == "__tablename__":
            return table_name(path) or placeholder(cls.__name__)
        if name == "__table__":
            return StandIn(f"{path}.__table__")
        if name.startswith(("_sa_", "_abc_", "__clause")) or (name.startswith("__") and name.endswith("__")):
            raise AttributeError(name)
        touch(path)
        return StandIn(f"{path}.{name}")

    def __clause_element__(cls) -> Any:
        if "__mapper__" in cls.__dict__:
            return cls.__dict__["__mapper__"].__clause_element__()
        return StandInElement(cls.__name__)

    def __iter__(cls) -> Iterator[Any]:
        path = f"{cls.__module__}.{cls.__qualname__}"
        touch(path)
        return iter([StandIn(f"{path}[]") for _ in range(asked_for(sys._getframe(1)))])

    def __len__(cls) -> int:
        return 0

    def __getitem__(cls, _: Any) -> Any:
        return cls

    def __or__(cls, _: Any) -> Any:
        return cls

    def __ror__(cls, _: Any) -> Any:
        return cls

    def __contains__(cls, _: Any) -> bool:
        return False

    def __bool__(cls) -> bool:
        return True


class StandIn(str):
    """An object of a module that is not installed. As text it is a placeholder, also inside of what is made of it."""

    _path: str
    _name: str
    _called: tuple[str, tuple[Any, ...], dict[str, Any]] | None = None  # what it is the result of, with the arguments
    _sqla_type = True  # a Column takes it for its type
    __sa_type_engine__ = NULLTYPE  # a parameter takes it for its value

    def __new__(cls, path: object = "stand-in", *_: Any, **__: Any) -> StandIn:
        """A stand-in of that dotted path."""
        text = getattr(path, "_path", str.__str__(path) if isinstance(path, str) else "stand-in")
        name = last_name(text)
        made = super().__new__(cls, placeholder(name))
        object.__setattr__(made, "_path", text)
        object.__setattr__(made, "_name", name)
        TEXTS.add(name)
        return made

    def __init__(self, *_: Any, **__: Any) -> None:
        super().__init__()

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        """What a class inherits from that names a stand-in as its base."""
        name = self._name
        if name.endswith(ERRORS):
            return (StandInError,) if StandInError not in bases else ()
        others = [b for b in bases if isinstance(b, type)]
        first = next(b for b in bases if isinstance(b, StandIn))
        if first is not self or any(issubclass(b, PlainBase) for b in others):
            return ()
        if not all(issubclass(Meta, type(b)) for b in others):
            return (PlainBase,)
        several = any(b is not self and isinstance(b, StandIn) for b in bases)
        return (StandInBase,) if several or others else (bases_for(name),)

    def __getattr__(self, name: str) -> Any:
        if name == "__tablename__":
            return table_name(self._path) or placeholder(self._name)
        if name in ("name", "fullname") and self._path.endswith(".__table__"):
            path = self._path.removesuffix(".__table__")
            return table_name(path) or placeholder(path.rpartition(".")[2])
        if name in ("__name__", "__qualname__"):
            return self._name
        if name == "__module__":
            return self._path.rpartition(".")[0]
        if name.startswith("_sa_") or (name.startswith("__") and name.endswith("__") and name != "__table__"):
            raise AttributeError(name)
        if name == "name" and self._path.endswith((".dialect", ".engine", ".bind")) and DIALECT:
            return DIALECT["name"]
        touch(self._path)
        if name in ("value", "name") and not self._is_class():
            return str(self)
        return StandIn(f"{self._path}.{name}")

    def _is_class(self) -> bool:
        """Whether it is named like a class of a module, whose `name` is a column, and not like a member of one."""
        *_, holder, name = ("", *self._path.split("."))
        return is_capitalized(name) and not is_capitalized(holder)

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        if name == "naming_convention":
            CONVENTIONS[self._path] = value  # whatever asks for that path is given another stand-in

    def __call__(self, *arguments: Any, **given: Any) -> Any:
        """What it decorates, as it is; what is known of it; else another stand-in."""
        found = known_object(self._path, arguments, given, lambda name: StandIn(f"{self._path}().{name}"))
        if found is not None:
            return found
        if (
            len(arguments) == 1
            and not given
            and isinstance(arguments[0], (FunctionType, type))
            and decorates(arguments[0])
        ):
            return made_by_fields(arguments[0])
        if self._name in CONFIGURED:
            return given.get("fallback", CONFIGURED[self._name])
        operation = wrapped(self._path)
        if operation is not None:
            return operation(*arguments, **given)
        typed = looks_like_type(self._name)
        known = known_type(self._path, arguments, given) or (typed and plain_type(self._path, arguments, given)) or None
        if known is not None:
            return known
        touch(self._path, (*arguments, *given.values()))
        if typed:
            return StandInType(self._name)
        made = StandIn(f"{self._path}()")
        made._called = (self._path, arguments, given)
        return made

    def __clause_element__(self) -> StandInElement:
        return StandInElement(self._path)

    def self_group(self, *_: Any, **__: Any) -> Any:
        """What a list of rows to insert asks of an expression; of anything else it is the object's own method."""
        return self.__clause_element__()

    def __iter__(self) -> Iterator[Any]:
        """One element in the place of those that nobody knows, or as many as are asked for.

        None at all would leave out what the code does with each of them, and that would not be seen.
        """
        touch(self._path)
        return iter([StandIn(f"{self._path}[]") for _ in range(asked_for(sys._getframe(1)))])

    def __len__(self) -> int:
        touch(self._path)
        return 0

    def __getitem__(self, key: Any) -> Any:
        named = type(key) is str and key.isidentifier()
        return StandIn(f"{self._path}.{key}" if named else f"{self._path}[]")

    def __setitem__(self, key: Any, value: Any) -> None:
        """Forgotten."""

    def __delitem__(self, key: Any) -> None:
        """Forgotten."""

    def __contains__(self, _: Any) -> bool:
        touch(self._path)
        return False

    def __instancecheck__(self, _: Any) -> bool:
        return False

    def __subclasscheck__(self, _: Any) -> bool:
        return False

    def __bool__(self) -> bool:
        touch(self._path)
        return False

    def __int__(self) -> int:
        return 0

    __index__ = __int__

    def __float__(self) -> float:
        return 0.0

    def __str__(self) -> str:
        TEXTS.add(f"%{self._name}%")
        return "".join((str.__str__(self),))

    def __repr__(self) -> str:
        return repr(str(self))

    def __format__(self, spec: str) -> str:
        return format(str(self), spec) if spec[-1:] in ("", "s", "<", ">", "^") else str(self)

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> Any:
        same = isinstance(other, str) and str.__eq__(self, other) is True
        return True if same else self._compared("=", other)

    def __ne__(self, other: object) -> Any:
        return (
            False if isinstance(other, str) and str.__eq__(self, other) is True else Holds(f"{self._path} != {other}")
        )

    def __lt__(self, other: Any) -> Any:
        return self._compared("<", other)

    def __gt__(self, other: Any) -> Any:
        return self._compared(">", other)

    def __le__(self, other: Any) -> Any:
        return self._compared("<=", other)

    def __ge__(self, other: Any) -> Any:
        return self._compared(">=", other)

    def _compared(self, sign: str, other: object) -> Any:
        """What a comparison gives: false for a script, and no constant in SQL."""
        return StandIn(f"{self._path} {sign} {other}")

    def __enter__(self) -> StandIn:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    async def __aenter__(self) -> StandIn:
        return self

    async def __aexit__(self, *_: object) -> bool:
        return False

    def __await__(self) -> Any:
        return iter(())

    def __aiter__(self) -> StandIn:
        return self

    async def __anext__(self) -> Any:
        raise StopAsyncIteration

    def __fspath__(self) -> str:
        return str(self)

    def __add__(self, other: Any) -> Any:
        if isinstance(other, list | tuple):
            return type(other)([StandIn(f"{self._path}[]"), *other])
        return str(self) + str(other) if isinstance(other, str) else self

    def __radd__(self, other: Any) -> Any:
        if isinstance(other, list | tuple):
            return type(other)([*other, StandIn(f"{self._path}[]")])
        return str(other) + str(self) if isinstance(other, str) else self

    def __rmod__(self, other: Any) -> Any:
        """`text % self`: a number is no more known than a text is."""
        if not isinstance(other, str) or isinstance(other, StandIn):
            return self
        filled = FIELD.sub(lambda found: "%%" if found[0] == "%%" else "%s", other)
        try:
            return filled % str(self)
        except (TypeError, ValueError):  # several places, or places with names
            return self

    def _same(self, *_: Any) -> StandIn:
        return self

    __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __floordiv__ = _same
    __mod__ = __pow__ = __and__ = __rand__ = __or__ = __ror__ = __xor__ = __lshift__ = __rshift__ = _same
    __neg__ = __pos__ = __invert__ = __abs__ = _same


class Holds(StandIn):
    """A comparison with a stand-in that holds, for a script; in SQL it is no constant."""

    def __bool__(self) -> bool:
        touch(self._path)
        return True


def last_name(path: str) -> str:
    """The last name of a dotted path, without what says that it is called or taken apart."""
    name = path.rsplit(".", 1)[-1]
    while name.endswith(("()", "[]")):
        name = name[:-2]
    return name if re.match(r"\w", name) else "unknown"


@inspection._inspects(StandIn)
def _inspected(given: StandIn) -> StandIn:
    return StandIn(f"{given._path}.inspected")


def _texts_own(name: str) -> Callable[..., Any]:
    method = getattr(str, name)

    def call(self: StandIn, *arguments: Any, **given: Any) -> Any:
        """As text does it; what text cannot do is the missing object's method of the same name."""
        try:
            return method(str(self), *arguments, **given)
        except TypeError:
            return StandIn(f"{self._path}.{name}()")

    return call


for _name in dir(str):
    if not _name.startswith("_"):
        setattr(StandIn, _name, _texts_own(_name))


def made_by_fields(decorated: Any) -> Any:
    """What a missing decorator gives back; a class without an `__init__` takes its fields, as a data class would."""
    if isinstance(decorated, type) and decorated.__init__ is object.__init__:  # type: ignore[misc]  # it is asked for

        def take(self: Any, *values: Any, **given: Any) -> None:
            names = [n for c in reversed(type(self).__mro__) for n in vars(c).get("__annotations__", ())]
            for name, value in {**dict(zip(names, values, strict=False)), **given}.items():
                with suppress(AttributeError):  # a property, or a slot that there is not
                    setattr(self, name, value)

        with suppress(TypeError):  # a class that cannot be changed
            decorated.__init__ = take  # type: ignore[misc]  # on purpose
    return decorated


class PlainBase:
    """What a class inherits from in place of one that is not installed, beside classes of another metaclass."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __init_subclass__(cls, **_: Any) -> None:
        super().__init_subclass__()
        for name, value in list(vars(cls).items()):
            if type(value).__name__ == "FieldInfo":  # pydantic is installed, what builds its models from them is not
                default_or_missing(cls, name, value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith(("_sa_", "__")):
            raise AttributeError(name)
        return StandIn(f"{type(self).__name__}.{name}")


def default_or_missing(cls: type, name: str, field: Any) -> None:
    """Put a field's default in its place, as an instance would have it; a required one is missing."""
    try:
        required, default = field.is_required(), field.get_default(call_default_factory=True)
    except (AttributeError, TypeError, ValueError):
        required, default = True, None
    if required:
        delattr(cls, name)
    else:
        setattr(cls, name, default)


class StandInBase(PlainBase, metaclass=Meta):
    """What a class inherits from in place of a class that is not installed."""


class StandInTypeBase(StandInType, metaclass=Meta):
    """What a column type inherits from in place of one that is not installed."""

    def __init__(self, *_: Any, **__: Any) -> None:
        super().__init__(type(self).__name__)


def bases_for(name: str) -> type:
    """The base class to stand in for one of that name."""
    return StandInTypeBase if looks_like_type(name) else StandInBase
