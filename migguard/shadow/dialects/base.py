"""What all shadow dialects share: the driver, transactions, and no questions to a server at connect."""

from __future__ import annotations

from typing import Any

from sqlalchemy import pool
from sqlalchemy.engine.url import URL
from sqlalchemy.util import await_only

from migguard.changes import Engine
from migguard.shadow import driver
from migguard.shadow.connections import first_command, session_settings
from migguard.shadow.database import Database
from migguard.shadow.dialects.appearance import Appearing, driver_of
from migguard.shadow.dialects.registry import database_for
from migguard.shadow.guard import connected_by_script
from migguard.shadow.stated_types import stated, stated_table

LEVELS = ("AUTOCOMMIT", "SERIALIZABLE", "READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ", "SNAPSHOT")


class ShadowMixin(Appearing):
    """Put before one of SQLAlchemy's dialect classes: it then talks to a shadow database."""

    supports_statement_cache = True
    use_insertmanyvalues = False
    driver = "shadow"
    default_paramstyle = "named"
    shadow_engine: Engine
    max_identifier_length: int
    _database: Database | None = None
    _url: URL | None = None

    @classmethod
    def import_dbapi(cls) -> Any:
        """The shadow driver."""
        return driver

    dbapi_module = import_dbapi

    @classmethod
    def get_pool_class(cls, url: URL) -> type[pool.Pool]:
        """No connection is worth keeping."""
        del url
        return pool.NullPool

    @property
    def database(self) -> Database:
        """The database that this dialect's engine is connected to."""
        if self._database is None:
            self._database = database_for(self._url, self.shadow_engine)
        return self._database

    def create_connect_args(self, url: URL) -> tuple[list[Any], dict[str, Any]]:
        """The driver is given the database, and the dialect the name of the one that would take its place."""
        self._url = url
        self.driver = driver_of(url.drivername)
        return [], {"database": self.database}

    def validate_identifier(self, ident: str) -> None:
        """A name that is too long, which SQLAlchemy refuses to render, is refused where the statement is run."""
        if len(ident) > self.max_identifier_length:
            self.database.too_long = ident

    def connect(self, *_: Any, **given: Any) -> Any:
        """A connection to the shadow database; of what the engine was told to pass, the session's settings count."""
        query = self._url.query if self._url is not None else {}
        beside = self.database.connected(session_settings(query, given))
        connected_by_script()
        made = driver.connect(database=self.database, beside=beside)
        if (command := first_command(query, given)) is not None and self.shadow_engine in (
            Engine.MYSQL,
            Engine.MARIADB,
        ):
            made.execute(command)
        return made

    @classmethod
    def engine_created(cls, engine: Any) -> None:
        """Connect to the shadow also where the engine was given a `creator` of its own."""
        if getattr(engine.pool._creator, "__module__", None) != "sqlalchemy.engine.create":
            dialect = engine.dialect
            dialect.create_connect_args(engine.url)
            engine.pool._creator = lambda *_: dialect.connect()

    def on_connect(self) -> None:
        """Nothing to set up."""

    def on_connect_url(self, url: URL) -> None:
        """Nothing to set up."""
        del url

    def initialize(self, connection: Any) -> None:
        """What the real dialect would ask the server is known."""
        del connection

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        """Execute; the shadow is told what an operation of Alembic's says of a column, and of an index."""
        self.database.stated = stated(context, self, self.shadow_engine)  # type: ignore[arg-type]  # mixed into one
        self.database.stated_table = stated_table(context)
        super().do_execute(cursor, statement, parameters, context)  # type: ignore[misc]  # of the dialect beside it

    def do_ping(self, dbapi_connection: Any) -> bool:
        """It is always there."""
        del dbapi_connection
        return True

    def is_disconnect(self, e: Any, connection: Any, cursor: Any) -> bool:
        """It never goes away."""
        del e, connection, cursor
        return False

    def get_isolation_level(self, dbapi_connection: Any) -> str:
        """The isolation level."""
        return "AUTOCOMMIT" if getattr(dbapi_connection, "autocommit", False) else "READ COMMITTED"

    def get_default_isolation_level(self, dbapi_conn: Any) -> str:
        """The isolation level of new connections."""
        del dbapi_conn
        return "READ COMMITTED"

    def get_isolation_level_values(self, dbapi_conn: Any) -> Any:
        """The levels that may be asked for."""
        del dbapi_conn
        return LEVELS

    def set_isolation_level(self, dbapi_connection: Any, level: str) -> None:
        """AUTOCOMMIT matters, the others do not."""
        dbapi_connection.autocommit = level.upper().replace("_", " ") == "AUTOCOMMIT"

    def reset_isolation_level(self, dbapi_conn: Any) -> None:
        """Back to transactions."""
        dbapi_conn.autocommit = False

    def do_begin_twophase(self, connection: Any, xid: Any) -> None:
        """Two-phase commit is a commit here."""

    def do_prepare_twophase(self, connection: Any, xid: Any) -> None:
        """Two-phase commit is a commit here."""

    def do_rollback_twophase(self, connection: Any, xid: Any, *_: Any, **__: Any) -> None:
        """Undo."""
        self.do_rollback(connection.connection)  # type: ignore[attr-defined]  # of the dialect this is mixed into

    def do_commit_twophase(self, connection: Any, xid: Any, *_: Any, **__: Any) -> None:
        """Commit."""
        self.do_commit(connection.connection)  # type: ignore[attr-defined]  # of the dialect this is mixed into


ANY_OPTION = (
    "executemany_mode", "executemany_batch_page_size", "executemany_values_page_size", "use_native_hstore",
    "use_native_uuid", "client_encoding", "use_setinputsizes", "fast_executemany", "use_scope_identity",
    "deprecate_large_types", "thick_mode", "json_serializer", "json_deserializer", "native_inet_types", "autocommit",
    "prepared_statement_cache_size", "prepared_statement_name_func",
)  # fmt: skip
"""Options of real drivers' dialects that `create_engine` may be given."""


def known_options(given: dict[str, Any], accepted: tuple[str, ...]) -> dict[str, Any]:
    """The options that the plain dialect takes; those of real drivers are dropped."""
    return {k: v for k, v in given.items() if k in accepted or k not in ANY_OPTION}


async def nothing() -> None:
    """What an async driver would await."""


class AsyncMixin:
    """SQLAlchemy wants an async dialect to await something while it executes."""

    is_async = True

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        """Execute."""
        await_only(nothing())
        super().do_execute(cursor, statement, parameters, context)  # type: ignore[misc]  # of the dialect beside it

    def do_executemany(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        """Execute many times."""
        await_only(nothing())
        super().do_executemany(cursor, statement, parameters, context)  # type: ignore[misc]

    def do_execute_no_params(self, cursor: Any, statement: str, context: Any = None) -> None:
        """Execute without parameters."""
        await_only(nothing())
        super().do_execute_no_params(cursor, statement, context)  # type: ignore[misc]


def async_dialect(cls: type, name: str) -> type:
    """The same dialect for create_async_engine: the connection is adapted, the driver stays synchronous."""
    return type(
        name,
        (AsyncMixin, cls),
        {"supports_statement_cache": True, "get_pool_class": classmethod(lambda _, _url: pool.StaticPool)},
    )
