"""SQLAlchemy 1.4's ways of saying things, for revisions of projects that have not left it.

migguard runs on SQLAlchemy 2. A project that pins 1.4 has scripts that call it as it was: `connection.execute("…")`,
`select([…])`, `MetaData(bind=…)`. While `legacy()` lasts, these do what they did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy import orm
from sqlalchemy.engine import Connection, CursorResult, Engine, Row
from sqlalchemy.orm import decl_base, strategy_options
from sqlalchemy.orm.decl_api import DeclarativeMeta
from sqlalchemy.orm.interfaces import UserDefinedOption
from sqlalchemy.sql.elements import Case
from sqlalchemy.sql.selectable import Select

Patch = tuple[Any, str, Any]
MISSING = object()


def bind_of(metadata: Any) -> Any:
    """What a MetaData was bound to; else the migrations' connection."""
    return getattr(metadata, "_migguard_bind", None) or op.get_bind()


def parameters(several: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """The parameters of an execute() that took them one by one, as keywords or as several sets."""
    if named:
        return named
    if len(several) == 1:
        return several[0]
    return list(several) or None


def executing(execute: Callable[..., Any]) -> Callable[..., Any]:
    """`Connection.execute` and `Session.execute` that take text and queries."""

    def run(self: Any, statement: Any, *several: Any, execution_options: Any = None, **named: Any) -> Any:
        bound = {k: named.pop(k) for k in ("bind_arguments", "mapper", "bind") if k in named}
        given = parameters(several, named)
        if isinstance(statement, str) and isinstance(self, Connection):
            return self.exec_driver_sql(statement, given)
        if isinstance(statement, str):
            statement = sa.text(statement)
        elif isinstance(statement, orm.Query):
            statement = statement.statement
        if isinstance(given, (list, tuple)) and not given:
            given = None
        options = {"execution_options": execution_options} if execution_options else {}
        arguments = {"bind_arguments": bound["bind_arguments"]} if bound.get("bind_arguments") else {}
        return execute(self, statement, given, **options, **arguments)

    return run


def first_value(execute: Callable[..., Any]) -> Callable[..., Any]:
    """`scalar()` over such an execute()."""
    return lambda self, *arguments, **given: execute(self, *arguments, **given).scalar()


def of_engine(execute: Callable[..., Any]) -> Callable[..., Any]:
    """`Engine.execute`, on a connection of its own."""
    return lambda self, *arguments, **given: execute(self.connect(), *arguments, **given)


def selecting(init: Callable[..., None]) -> Callable[..., None]:
    """`select([…], whereclause)`."""

    def made(self: Any, *entities: Any, **given: Any) -> None:
        where = given.pop("whereclause", None)
        chosen = {k: given.pop(k) for k in ("from_obj", "order_by", "group_by", "limit", "distinct") if k in given}
        if entities and isinstance(entities[0], (list, tuple)):
            where = entities[1] if len(entities) > 1 else where
            entities = tuple(entities[0])
        init(self, *entities, **given)
        if where is not None:
            self._where_criteria += (sa.and_(where),)
        for name, value in chosen.items():
            method = {"from_obj": "select_from"}.get(name, name)
            several = value if isinstance(value, (list, tuple)) else () if value is True else (value,)
            self.__dict__.update(getattr(self, method)(*several).__dict__)

    return made


def choosing(init: Callable[..., None]) -> Callable[..., None]:
    """`case([(condition, value)], else_=…)`."""

    def made(self: Any, *whens: Any, **given: Any) -> None:
        whens = (*whens, *([given.pop("whens")] if "whens" in given else []))
        if len(whens) == 1 and isinstance(whens[0], (list, tuple)) and whens[0] and isinstance(whens[0][0], tuple):
            whens = tuple(whens[0])
        init(self, *whens, **given)

    return made


def described(init: Callable[..., None]) -> Callable[..., None]:
    """`MetaData(bind=…)` and `MetaData(connection)`."""

    def made(self: Any, *arguments: Any, bind: Any = None, reflect: bool = False, **given: Any) -> None:
        if arguments and isinstance(arguments[0], (Connection, Engine)):
            bind, arguments = arguments[0], arguments[1:]
        init(self, *arguments, **given)
        self.__dict__["_migguard_bind"] = bind
        if reflect:
            self.reflect(bind=bind_of(self))

    return made


def with_bind(method: Callable[..., Any], metadata: Callable[[Any], Any]) -> Callable[..., Any]:
    """A method whose `bind` may be left out."""

    def made(self: Any, bind: Any = None, *arguments: Any, **given: Any) -> Any:
        return method(self, bind or bind_of(metadata(self)), *arguments, **given)

    return made


def reflecting(new: Callable[..., Any]) -> Callable[..., Any]:
    """`Table(…, autoload=True)`."""

    def made(_: Any, *arguments: Any, **given: Any) -> Any:
        wanted = given.pop("autoload", False)
        if wanted and given.get("autoload_with") is None:
            given["autoload_with"] = bind_of(arguments[1]) if len(arguments) > 1 else op.get_bind()
        given.pop("useexisting", None)
        return new(*arguments, **given)

    return made


def narrowed(method: Callable[..., Any]) -> Callable[..., Any]:
    """`table.update(whereclause, values)` and `table.delete(whereclause)`."""

    def made(self: Any, whereclause: Any = None, values: Any = None, **given: Any) -> Any:
        statement = method(self)
        if whereclause is not None:
            statement = statement.where(whereclause)
        if values is None and given:
            values = given
        return statement if values is None else statement.values(values)

    return made


def inserted(method: Callable[..., Any]) -> Callable[..., Any]:
    """`table.insert(values)`."""
    return lambda self, values=None, **_: method(self) if values is None else method(self).values(values)


def item_of(get: Callable[..., Any]) -> Callable[..., Any]:
    """Rows that answer to names and columns."""
    return lambda self, key: get(self, key) if isinstance(key, (int, slice)) else self._mapping[key]


def unless_text(generate: Callable[..., Any]) -> Callable[..., Any]:
    """Loader options by name: what is loaded makes no difference here."""

    def made(*arguments: Any, **given: Any) -> Any:
        keys = arguments[1] if len(arguments) > 1 and isinstance(arguments[1], tuple) else arguments
        if any(isinstance(k, str) for k in keys):
            return arguments[0] if isinstance(arguments[0], strategy_options._AbstractLoad) else UserDefinedOption()
        return generate(*arguments, **given)

    return made


def loading(*attributes: Any, **given: Any) -> Any:
    """`load_only("a", "b")`."""
    if any(isinstance(a, str) for a in attributes):
        return UserDefinedOption()
    return strategy_options.load_only(*attributes, **given)


def unmapped(extract: Callable[..., Any]) -> Callable[..., Any]:
    """Annotations of declarative classes that mean nothing to SQLAlchemy."""
    return lambda *arguments, **given: extract(*arguments, **(given | {"expect_mapped": False}))


def exists(table: sa.Table, bind: Any = None) -> bool:
    """`table.exists()`."""
    return bool(sa.inspect(bind or bind_of(table.metadata)).has_table(table.name, schema=table.schema))


def within() -> Iterator[Patch]:
    """What is put in place inside SQLAlchemy, where this release has it."""
    for owner, name, wrap in (
        (decl_base, "_extract_mapped_subtype", unmapped),
        (sa.Table, "_new", lambda new: classmethod(reflecting(new))),
    ):
        found = getattr(owner, name, None)
        if found is not None:
            yield owner, name, wrap(found)


def patches() -> list[Patch]:
    """What is put in place."""
    execute, run = executing(Connection.execute), executing(orm.Session.execute)
    return [
        (Connection, "execute", execute),
        (Connection, "scalar", first_value(execute)),
        (Connection, "connect", lambda self, **_: nullcontext(self)),
        (Connection, "run_callable", lambda self, called, *a, **k: called(self, *a, **k)),
        (Engine, "execute", of_engine(execute)),
        (Engine, "scalar", first_value(of_engine(execute))),
        (Engine, "has_table", lambda self, name, schema=None: sa.inspect(self).has_table(name, schema=schema)),
        (Engine, "table_names", lambda self, schema=None, **_: sa.inspect(self).get_table_names(schema=schema)),
        (orm.Session, "execute", run),
        (orm.Session, "scalar", first_value(run)),
        (Select, "__init__", selecting(Select.__init__)),
        (Case, "__init__", choosing(Case.__init__)),
        (sa.MetaData, "__init__", described(sa.MetaData.__init__)),
        (sa.MetaData, "bind", property(bind_of, lambda self, bind: self.__dict__.update(_migguard_bind=bind))),
        (sa.MetaData, "reflect", with_bind(sa.MetaData.reflect, lambda self: self)),
        (sa.MetaData, "create_all", with_bind(sa.MetaData.create_all, lambda self: self)),
        (sa.MetaData, "drop_all", with_bind(sa.MetaData.drop_all, lambda self: self)),
        (sa.Table, "create", with_bind(sa.Table.create, lambda self: self.metadata)),
        (sa.Table, "drop", with_bind(sa.Table.drop, lambda self: self.metadata)),
        (sa.Table, "exists", exists),
        (sa.sql.TableClause, "update", narrowed(sa.sql.TableClause.update)),
        (sa.sql.TableClause, "delete", narrowed(sa.sql.TableClause.delete)),
        (sa.sql.TableClause, "insert", inserted(sa.sql.TableClause.insert)),
        (sa.sql.Executable, "execute", lambda self, *a, **k: execute(op.get_bind(), self, *a, **k)),
        (sa.sql.Executable, "scalar", lambda self, *a, **k: execute(op.get_bind(), self, *a, **k).scalar()),
        (Row, "__getitem__", item_of(Row.__getitem__)),
        (Row, "keys", lambda self: self._mapping.keys()),
        (Row, "values", lambda self: tuple(self)),
        (Row, "items", lambda self: self._mapping.items()),
        (Row, "has_key", lambda self, name: name in self._mapping),
        (orm, "load_only", loading),
        (orm, "eagerload", orm.joinedload),
        (orm, "relation", orm.relationship),
        (DeclarativeMeta, "__allow_unmapped__", True),
        (sa.engine, "LegacyCursorResult", CursorResult),
        (sa.engine, "LegacyRow", Row),
        (sa.engine, "ResultProxy", CursorResult),
        (sa.engine, "RowProxy", Row),
        (sa, "Binary", sa.LargeBinary),
    ]  # fmt: skip


@contextmanager
def legacy() -> Iterator[None]:
    """While the block runs, SQLAlchemy takes what 1.4 took."""
    kept: list[Patch] = []
    for owner, name, value in (*within(), *patches()):
        kept.append((owner, name, vars(owner).get(name, MISSING)))
        setattr(owner, name, value)
    try:
        yield
    finally:
        for owner, name, value in reversed(kept):
            if value is MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, value)
