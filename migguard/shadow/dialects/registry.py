"""Put the shadow dialects in place of the real ones, through SQLAlchemy's public registry, and take them out again."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import sqlalchemy.engine
from sqlalchemy.dialects import registry
from sqlalchemy.engine import url
from sqlalchemy.engine.url import URL
from sqlalchemy.exc import ArgumentError

from migguard.changes import Engine
from migguard.shadow.database import Database
from migguard.shadow.late import when_imported

DRIVERS: dict[str, tuple[str, ...]] = {
    "postgresql": (
        "",
        "psycopg",
        "psycopg2",
        "psycopg2cffi",
        "psycopg_async",
        "asyncpg",
        "pg8000",
        "pygresql",
        "py-postgresql",
    ),
    "postgres": ("",),
    "mysql": (
        "",
        "pymysql",
        "mysqldb",
        "mysqlconnector",
        "asyncmy",
        "aiomysql",
        "cymysql",
        "pyodbc",
        "mariadbconnector",
    ),
    "mariadb": (
        "",
        "pymysql",
        "mysqldb",
        "mysqlconnector",
        "asyncmy",
        "aiomysql",
        "cymysql",
        "pyodbc",
        "mariadbconnector",
    ),
    "sqlite": ("", "pysqlite", "aiosqlite", "pysqlcipher"),
    "mssql": ("", "pyodbc", "pymssql", "aioodbc"),
    "oracle": ("", "oracledb", "cx_oracle", "oracledb_async"),
}
ASYNC = {"asyncpg", "psycopg_async", "asyncmy", "aiomysql", "aiosqlite", "aioodbc", "oracledb_async"}
CLASSES = {
    "postgresql": "Postgresql", "postgres": "Postgresql", "mysql": "MySQL", "mariadb": "MariaDB", "sqlite": "SQLite",
    "mssql": "MSSQL", "oracle": "Oracle",
}  # fmt: skip
MODULES = {
    "postgresql": "postgresql", "postgres": "postgresql", "mysql": "mysql", "mariadb": "mysql", "sqlite": "sqlite",
    "mssql": "generic", "oracle": "generic",
}  # fmt: skip
ENGINES = {"postgres": Engine.POSTGRESQL}

Resolve = Callable[[URL | None, Engine], Database]
_resolve: list[Resolve] = []


def database_for(url: URL | None, engine: Engine) -> Database:
    """The shadow database of a URL. Raises LookupError where none is installed."""
    if not _resolve:
        raise LookupError("no shadow database is installed")
    return _resolve[-1](url, engine)


def lenient(engine: Engine, *, forced: bool) -> Callable[[Any], URL]:
    """`make_url` that takes a URL that is not set, or cannot be read, for one of the configured engine.

    No connection is made, so nothing hangs on it; a continuous-integration machine rarely has the variable. Where the
    engine is `forced`, all URLs are of it: env.py may fall back to a database for development.
    """
    strict = url.make_url
    kin = {Engine.MYSQL.value, Engine.MARIADB.value}

    def made(name_or_url: Any) -> URL:
        try:
            meant = strict(name_or_url)
        except ArgumentError:
            return strict(f"{engine.value}://")
        backend = ENGINES.get(meant.get_backend_name(), meant.get_backend_name())
        if not forced or backend == engine or {backend, engine.value} == kin:
            return meant
        return meant.set(drivername=engine.value)

    return made


def fitted(meant: URL) -> URL:
    """A URL with an asynchronous driver."""
    backend, _, driver = meant.drivername.partition("+")
    if driver in ASYNC:
        return meant
    if driver == "psycopg":
        return meant.set(drivername=f"{backend}+psycopg_async")
    fitting = next((d for d in DRIVERS.get(backend, ()) if d in ASYNC), None)
    return meant.set(drivername=f"{backend}+{fitting}") if fitting else meant


def asynchronous(make: Callable[..., Any]) -> Callable[..., Any]:
    """`create_async_engine` that does not mind a URL without an asynchronous driver."""
    return lambda name_or_url, **given: make(fitted(url.make_url(name_or_url)), **given)


def wrapping(init: Callable[..., None]) -> Callable[..., None]:
    """`AsyncEngine.__init__` that does not mind an engine whose URL has no asynchronous driver either."""

    def made(self: Any, sync_engine: Any, *arguments: Any, **given: Any) -> None:
        if not sync_engine.dialect.is_async and hasattr(sync_engine.dialect, "database"):
            sync_engine = sqlalchemy.create_engine(fitted(sync_engine.url), _is_async=True)
        init(self, sync_engine, *arguments, **given)

    return made


ENGINES_OF_ASYNCIO = "sqlalchemy.ext.asyncio.engine"


class Asyncio:
    """Puts `asynchronous` and `wrapping` in the place of SQLAlchemy's functions, and takes them out again."""

    def __init__(self) -> None:
        self._plain: Any = None
        self._init: Any = None

    def replace(self, module: ModuleType) -> None:
        """Replace the function in the module and in the package that hands it on, and the method."""
        made = module.__dict__["AsyncEngine"]
        self._init = made.__init__
        made.__init__ = wrapping(self._init)
        self._plain = module.__dict__["create_async_engine"]
        self.put(module, asynchronous(self._plain))

    def put(self, module: ModuleType, function: Callable[..., Any]) -> None:
        """Set it in both places; while the module is being imported there is only one."""
        module.__dict__["create_async_engine"] = function
        package = sys.modules.get(ENGINES_OF_ASYNCIO.rpartition(".")[0])
        if package is not None and "create_async_engine" in package.__dict__:
            package.__dict__["create_async_engine"] = function

    def undo(self) -> None:
        """As it was."""
        module = sys.modules.get(ENGINES_OF_ASYNCIO)
        if module is not None and self._plain is not None:
            self.put(module, self._plain)
            module.__dict__["AsyncEngine"].__init__ = self._init


@contextmanager
def install(resolve: Resolve, fallback: Engine = Engine.POSTGRESQL, *, forced: bool = False) -> Iterator[None]:
    """While the block runs, every engine that is created is a shadow; `resolve` says which database is its.

    `fallback` is the engine of a URL that cannot be read; where it is `forced`, of every other one too.
    """
    before = dict(registry.impls)
    strict = url.make_url
    made: Any = lenient(fallback, forced=forced)
    url.make_url = sqlalchemy.engine.make_url = sqlalchemy.make_url = made
    asyncio = Asyncio()
    _resolve.append(resolve)
    for name, drivers in DRIVERS.items():
        module = f"migguard.shadow.dialects.{MODULES[name]}"
        for driver in drivers:
            suffix = "Async" if driver in ASYNC else ""
            registry.register(f"{name}.{driver}" if driver else name, module, f"{CLASSES[name]}{suffix}")
    try:
        with when_imported(ENGINES_OF_ASYNCIO, asyncio.replace):
            yield
    finally:
        url.make_url = sqlalchemy.engine.make_url = sqlalchemy.make_url = strict
        asyncio.undo()
        _resolve.pop()
        registry.impls.clear()
        registry.impls.update(before)


def load(engine: Engine) -> type:
    """The shadow dialect of an engine."""
    name = engine.value
    return getattr(importlib.import_module(f"migguard.shadow.dialects.{MODULES[name]}"), CLASSES[name])  # type: ignore[no-any-return]
