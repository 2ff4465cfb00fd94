"""SQLite's own dialect, on the shadow that is SQLite."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from migguard.changes import Engine
from migguard.shadow.dialects.base import ShadowMixin, async_dialect, known_options

ACCEPTED = ("native_datetime", "json_serializer", "json_deserializer", "isolation_level")


class SQLite(ShadowMixin, SQLiteDialect_pysqlite):  # type: ignore[misc]  # the mixin stands in for parts of the dialect
    """SQLite, in memory."""

    shadow_engine = Engine.SQLITE
    supports_statement_cache = True
    default_paramstyle = "named"

    def __init__(self, **given: Any) -> None:
        super().__init__(**known_options(given, ACCEPTED))
        self.paramstyle, self.positional = "named", False

    def initialize(self, connection: Any) -> None:
        """What SQLAlchemy would ask of the server."""
        del connection
        self.server_version_info = self.database.server.version
        self.default_schema_name = "main"
        self.default_isolation_level = "SERIALIZABLE"
        self.insert_returning = self.update_returning = self.delete_returning = False

    def _get_server_version_info(self, connection: Any) -> tuple[int, ...]:
        del connection
        return self.database.server.version

    def set_isolation_level(self, dbapi_connection: Any, level: str) -> None:
        """AUTOCOMMIT matters, the others do not."""
        ShadowMixin.set_isolation_level(self, dbapi_connection, level)


SQLiteAsync = async_dialect(SQLite, "SQLiteAsync")
