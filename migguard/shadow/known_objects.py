"""What well-known libraries hand out besides column types: sessions, SQLAlchemy's own names, lazy objects."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import FunctionType
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

OWN = frozenset({"Session", "create_engine", "engine", "types", "sql", "orm", "inspect"})
"""Names of SQLAlchemy's that the library has in a form of its own, or that other code looks for below them."""


class ScriptSession(orm.Session):
    """A session that a library would have opened for itself: here, on the connection of the migrations."""

    def get_bind(self, *_: Any, **__: Any) -> Any:
        """Alembic's connection, where no other was given."""
        from alembic import op

        return self.bind if self.bind is not None else op.get_bind()

    def exec(self, statement: Any, *arguments: Any, **given: Any) -> Any:
        """SQLModel's execute()."""
        found = self.execute(statement, *arguments, **given)
        single = isinstance(statement, sa.Select) and len(statement.column_descriptions) == 1
        return found.scalars() if single else found


EXTENSIONS = frozenset(
    {"flask_sqlalchemy.SQLAlchemy", "flask_appbuilder.SQLA", "flask_appbuilder.utils.legacy.get_sqla_class()"}
)
"""What makes Flask-SQLAlchemy's extension, and its subclasses."""
LAZY = frozenset({("lazy_object_proxy", "Proxy"), ("werkzeug", "LocalProxy"), ("django", "SimpleLazyObject")})


class Lazy:
    """An object that is made when it is first used."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def __call__(self, *arguments: Any, **given: Any) -> Any:
        """Make it, and call it."""
        return self._make()(*arguments, **given)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._make(), name)


class Named:
    """Names a model's table after its class, as Flask-SQLAlchemy does for classes with a primary key of their own."""

    def __init_subclass__(cls, **given: Any) -> None:
        named = any("__tablename__" in vars(b) or "__table__" in vars(b) for b in cls.__mro__ if b is not Named)
        keyed = any(isinstance(v, sa.Column) and v.primary_key for v in vars(cls).values())
        if keyed and not named and "__abstract__" not in vars(cls):
            cls.__tablename__ = re.sub(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))", r"_\1", cls.__name__).lower()  # type: ignore[attr-defined]  # SQLAlchemy asks for it
        super().__init_subclass__(**given)


class Models:
    """A `flask_sqlalchemy.SQLAlchemy()`: its Model, its MetaData, its session, and SQLAlchemy's names.

    `missing` makes what stands in for all else.
    """

    def __init__(self, missing: Callable[[str], Any], metadata: Any = None) -> None:
        self.metadata = metadata if isinstance(metadata, sa.MetaData) else sa.MetaData()
        self.Model = orm.declarative_base(metadata=self.metadata, cls=Named, name="Model")
        self.session = orm.scoped_session(orm.sessionmaker(class_=ScriptSession))
        self._missing = missing

    def Table(self, name: str, *items: Any, **given: Any) -> sa.Table:  # noqa: N802 - Flask-SQLAlchemy names it so
        """A table of the project's MetaData, unless another is given."""
        if items and isinstance(items[0], sa.MetaData):
            return sa.Table(name, *items, **given)
        return sa.Table(name, self.metadata, *items, **given)

    def Session(self, bind: Any = None, **_: Any) -> orm.Session:  # noqa: N802 - a class's name
        """A new session."""
        return ScriptSession(bind=bind if isinstance(bind, CONNECTED) else None)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        found = sqlalchemys(name)
        return self._missing(name) if found is None else found


CONNECTED = (sa.engine.Connection, sa.engine.Engine)


def sqlalchemys(name: str) -> Any:
    """SQLAlchemy's own object of a name, as libraries pass it on; None where there is none."""
    if name.startswith("_") or name in OWN:
        return None
    found = getattr(sa, name, None)
    return getattr(orm, name, None) if found is None else found


def known_attribute(path: str, name: str) -> Any:
    """An attribute of a module that is not installed, where it is SQLAlchemy's own; None where it is not."""
    return getattr(sa, name, None) if path == "sqlmodel" and name not in OWN and not name.startswith("_") else None


def known_object(path: str, arguments: tuple[Any, ...], given: dict[str, Any], missing: Callable[[str], Any]) -> Any:
    """What the call `path(*arguments, **given)` gives, where that is known; None where it is not.

    `missing` makes a stand-in for an attribute of it.
    """
    if path in EXTENSIONS:
        return Models(missing, given.get("metadata"))
    package, name = path.partition(".")[0], path.rpartition(".")[2]
    if (package, name) in LAZY and len(arguments) == 1 and isinstance(arguments[0], FunctionType):
        return Lazy(arguments[0])
    bind = given.get("bind", arguments[0] if arguments else None)
    if name == "Session" and isinstance(bind, CONNECTED):
        return ScriptSession(bind=bind)
    if name == "sessionmaker" and isinstance(bind, CONNECTED):
        return orm.sessionmaker(bind=bind, class_=ScriptSession)
    return None
