"""Put the shadow dialects in place of the real ones, through SQLAlchemy's public registry, and take them out again."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy.engine
from sqlalchemy.dialects import registry
from sqlalchemy.engine import url
from sqlalchemy.engine.url import URL
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext import asyncio

from migguard.changes import Engine
from migguard.shadow.database import Database

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


def lenient(engine: Engine) -> Callable[[Any], URL]:
    """`make_url` that takes a URL that is not set, or cannot be read, for one of the configured engine.

    No connection is made, so nothing hangs on it; a continuous-integration machine rarely has the variable.
    """
    strict = url.make_url

    def made(name_or_url: Any) -> URL:
        try:
            return strict(name_or_url)
        except ArgumentError:
            return strict(f"{engine.value}://")

    return made


def asynchronous(make: Callable[..., Any]) -> Callable[..., Any]:
    """`create_async_engine` that does not mind a URL without an asynchronous driver."""

    def made(name_or_url: Any, **given: Any) -> Any:
        meant = url.make_url(name_or_url)
        backend, _, driver = meant.drivername.partition("+")
        if driver not in ASYNC and not (backend == "postgresql" and driver == "psycopg"):
            fitting = next((d for d in DRIVERS.get(backend, ()) if d in ASYNC), None)
            meant = meant.set(drivername=f"{backend}+{fitting}") if fitting else meant
        return make(meant, **given)

    return made


@contextmanager
def install(resolve: Resolve, fallback: Engine = Engine.POSTGRESQL) -> Iterator[None]:
    """While the block runs, every engine that is created is a shadow; `resolve` says which database is its.

    `fallback` is the engine of a URL that cannot be read.
    """
    before = dict(registry.impls)
    strict, plain = url.make_url, asyncio.engine.create_async_engine
    url.make_url = sqlalchemy.engine.make_url = lenient(fallback)  # type: ignore[assignment]  # one keyword less
    asyncio.engine.create_async_engine = asyncio.create_async_engine = asynchronous(plain)
    _resolve.append(resolve)
    for name, drivers in DRIVERS.items():
        module = f"migguard.shadow.dialects.{MODULES[name]}"
        for driver in drivers:
            suffix = "Async" if driver in ASYNC else ""
            registry.register(f"{name}.{driver}" if driver else name, module, f"{CLASSES[name]}{suffix}")
    try:
        yield
    finally:
        url.make_url = sqlalchemy.engine.make_url = strict
        asyncio.engine.create_async_engine = asyncio.create_async_engine = plain
        _resolve.pop()
        registry.impls.clear()
        registry.impls.update(before)


def load(engine: Engine) -> type:
    """The shadow dialect of an engine."""
    name = engine.value
    return getattr(importlib.import_module(f"migguard.shadow.dialects.{MODULES[name]}"), CLASSES[name])  # type: ignore[no-any-return]
