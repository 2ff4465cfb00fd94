"""Dataclasses that cost a tenth to define.

The standard decorator compiles six methods for each class, about half a millisecond; with two hundred classes that was
the largest part of starting up. Here equality, hash and repr are shared functions over the fields, and `__init__` is
compiled when the first instance is made. Fields, `replace`, `match` and type checkers see dataclasses as ever.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(*, frozen: bool = False, slots: bool = False, eq: bool = True) -> Callable[[type], type]:
        """A class decorator like `dataclasses.dataclass`, for classes without `InitVar` and keyword-only fields."""

        def make(cls: type) -> type:
            derived = any(dataclasses.is_dataclass(base) for base in cls.__bases__)
            made = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots, frozen=frozen and derived)(cls)
            made.__dataclass_params__ = PARAMETERS(True, True, eq, False, False, frozen)
            every = dataclasses.fields(made)
            if every and all(f.init for f in every):
                made.__reduce__ = reduction(tuple(f.name for f in every))
            compared = tuple(f.name for f in every if f.compare)
            methods: dict[str, Any] = {"__init__": first_init, "__repr__": shown}
            if eq:
                methods |= equality(compared, hashed=frozen)
            if frozen:
                methods |= {"__setattr__": refuse_set, "__delattr__": refuse_delete}
                if slots:
                    methods |= {"__getstate__": state, "__setstate__": set_state}
            for name, method in methods.items():
                if cls.__dict__.get(name) is None:
                    setattr(made, name, method)
            return made

        return make


PARAMETERS = type(dataclasses.dataclass(init=False, repr=False, eq=False)(type("Sample", (), {})).__dataclass_params__)  # type: ignore[attr-defined]  # it has no public name


def equality(names: tuple[str, ...], *, hashed: bool) -> dict[str, Any]:
    """Methods that compare, and hash, instances of one class by these fields."""
    values: Callable[[Any], Any] = attrgetter(*names) if names else lambda _: ()
    single = len(names) == 1

    def same(self: Any, other: Any) -> Any:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return self is other or values(self) == values(other)

    def number(self: Any) -> int:
        return hash((values(self),)) if single else hash(values(self))

    return {"__eq__": same, "__hash__": number if hashed else None}


def reduction(names: tuple[str, ...]) -> Callable[[Any], tuple[type, tuple[Any, ...]]]:
    """A `__reduce__` that calls the class with its fields: a third of the time of setting them one by one."""
    values: Callable[[Any], Any] = attrgetter(*names)
    if len(names) == 1:
        return lambda self: (self.__class__, (values(self),))
    return lambda self: (self.__class__, values(self))


def first_init(self: Any, *arguments: Any, **given: Any) -> None:
    """Compile the class's own `__init__`, put it in this one's place, and call it."""
    cls = next(c for c in type(self).__mro__ if c.__dict__.get("__init__") is first_init)
    made = init_of(cls)
    setattr(cls, "__init__", made)  # noqa: B010 - mypy knows no class whose __init__ may be replaced
    made(self, *arguments, **given)


def init_of(cls: type) -> Callable[..., None]:
    """The `__init__` of a class by its fields."""
    scope: dict[str, Any] = {"_fresh": dataclasses.MISSING, "_set": object.__setattr__}
    parameters, body = ["self"], []
    frozen = cls.__dataclass_params__.frozen  # type: ignore[attr-defined]
    for field in dataclasses.fields(cls):
        name = field.name
        value = name
        if field.default_factory is not dataclasses.MISSING:
            scope[f"_make_{name}"] = field.default_factory
            value = f"_make_{name}() if {name} is _fresh else {name}" if field.init else f"_make_{name}()"
        if field.init:
            if field.default is not dataclasses.MISSING:
                scope[f"_default_{name}"] = field.default
                parameters.append(f"{name}=_default_{name}")
            else:
                parameters.append(f"{name}=_fresh" if value is not name else name)
        elif field.default is not dataclasses.MISSING:
            scope[f"_default_{name}"] = field.default
            value = f"_default_{name}"
        member = cls.__dict__.get(name)
        if not frozen:
            body.append(f"self.{name} = {value}")
        elif hasattr(member, "__set__"):
            scope[f"_set_{name}"] = member.__set__  # type: ignore[union-attr]
            body.append(f"_set_{name}(self, {value})")
        else:
            body.append(f"_set(self, {name!r}, {value})")
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    source = f"def __init__({', '.join(parameters)}):\n  " + "\n  ".join(body or ["pass"])
    exec(compile(source, f"<{cls.__qualname__}>", "exec"), scope)
    made = scope["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made  # type: ignore[no-any-return]


def shown(self: Any) -> str:
    """The instance as it would be written."""
    values = (f"{f.name}={getattr(self, f.name)!r}" for f in dataclasses.fields(self) if f.repr)
    return f"{type(self).__qualname__}({', '.join(values)})"


def refuse_set(self: Any, name: str, value: Any) -> None:
    """A frozen instance keeps its fields."""
    del self, value
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def refuse_delete(self: Any, name: str) -> None:
    """A frozen instance keeps its fields."""
    del self
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def state(self: Any) -> list[Any]:
    """The fields' values, for copies and pickles."""
    return [getattr(self, f.name) for f in dataclasses.fields(self)]


def set_state(self: Any, values: list[Any]) -> None:
    """Take the fields' values from a copy."""
    for field, value in zip(dataclasses.fields(self), values, strict=True):
        object.__setattr__(self, field.name, value)
