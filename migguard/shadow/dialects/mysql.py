"""MySQL's and MariaDB's dialects on the shadow driver: reflection reads SHOW CREATE TABLE made from the catalog."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.mysql.base import MySQLDialect

from migguard.catalog.lookup import relation_key
from migguard.catalog.schema import Catalog, Table
from migguard.changes import Engine, Name
from migguard.shadow.answers.show import create_table
from migguard.shadow.dialects.base import ShadowMixin, async_dialect, known_options
from migguard.shadow.dialects.table_names import TableNames, there, told

ACCEPTED = ("json_serializer", "json_deserializer", "isolation_level", "is_mariadb")


class MySQL(ShadowMixin, MySQLDialect):  # type: ignore[misc]  # the mixin stands in for parts of the dialect
    """MySQL, as a schema."""

    shadow_engine = Engine.MYSQL
    supports_statement_cache = True
    is_mariadb = False

    def __init__(self, **given: Any) -> None:
        given.pop("is_mariadb", None)
        super().__init__(**known_options(given, ACCEPTED))
        self.paramstyle, self.positional = "named", False

    def create_connect_args(self, url: Any) -> tuple[list[Any], dict[str, Any]]:
        """The driver is given the database, and the dialect its version."""
        found = super().create_connect_args(url)
        self.take_version()
        return found

    def initialize(self, connection: Any) -> None:
        """What SQLAlchemy would ask of the server."""
        self.take_version()
        self._connection_charset = "utf8mb4"
        del connection

    def take_version(self) -> None:
        """The features of the configured version."""
        version = self.database.server.version
        version = (*version, 0, 0)[:3] if len(version) < 3 else version
        self.server_version_info = version
        self.is_mariadb = self.database.server.engine is Engine.MARIADB
        self.default_schema_name = self.catalog.default_schema
        self.default_isolation_level = "REPEATABLE READ"
        self._ansi_quotes = False
        self._backslash_escapes = True
        self._casing = 0
        self._connection_charset = "utf8mb4"
        self.supports_sequences = self.is_mariadb and version >= (10, 3)
        self.supports_for_update_of = not self.is_mariadb and version >= (8,)
        self._needs_correct_for_88718_96365 = False
        self.delete_returning = self.insert_returning = False

    def _get_server_version_info(self, connection: Any) -> tuple[int, ...]:
        del connection
        return self.database.server.version

    def _get_default_schema_name(self, connection: Any) -> str:
        del connection
        return self.catalog.default_schema

    @property
    def catalog(self) -> Catalog:
        """The schema now."""
        return self.database.seen

    def _warn_for_known_db_issues(self) -> None:
        """No server is asked, so there is nothing to warn of."""

    def _detect_charset(self, connection: Any) -> str:
        del connection
        return "utf8mb4"

    def _compat_fetchall(self, rp: Any, charset: str | None = None) -> Any:
        del charset
        return rp.fetchall()

    def get_schema_names(self, connection: Any, **_: Any) -> list[str]:
        """The databases."""
        return sorted(self.catalog.schemas)

    def get_table_names(self, connection: Any, schema: str | None = None, **_: Any) -> list[str]:
        """The tables of a database."""
        where = schema or self.catalog.default_schema
        return TableNames(sorted(k[1] for k in self.catalog.tables if k[0] == where), self.database, schema)

    def get_view_names(self, connection: Any, schema: str | None = None, **_: Any) -> list[str]:
        """The views of a database."""
        where = schema or self.catalog.default_schema
        return sorted(k[1] for k in self.catalog.views if k[0] == where)

    def has_table(self, connection: Any, table_name: str, schema: str | None = None, **_: Any) -> bool:
        """Whether there is a table or view of that name."""
        found = relation_key(self.catalog, Name(table_name, schema)) is not None
        return there(found, table_name, schema, self.database)

    def has_sequence(self, connection: Any, sequence_name: str, schema: str | None = None, **_: Any) -> bool:
        """Whether there is a sequence of that name (MariaDB)."""
        return (schema or self.catalog.default_schema, sequence_name) in self.catalog.sequences

    def get_sequence_names(self, connection: Any, schema: str | None = None, **_: Any) -> list[str]:
        """The sequences of a database (MariaDB)."""
        return sorted(k[1] for k in self.catalog.sequences)

    def _show_create_table(self, connection: Any, table: Any, charset: Any = None, full_name: str | None = None) -> str:
        del connection, charset
        if full_name is None:
            assert table is not None
            name, schema = table.name, table.schema
        else:
            parts = [p.strip("`").replace("``", "`") for p in full_name.split(".")]
            name, schema = parts[-1], parts[0] if len(parts) > 1 else None
        key = relation_key(self.catalog, Name(name, schema))
        found = self.catalog.tables.get(key) if key is not None else None
        if not isinstance(found, Table):
            raise sa.exc.NoSuchTableError(name)
        told(found, self.database)
        return create_table(found, self.database)

    def get_view_definition(self, connection: Any, view_name: str, schema: str | None = None, **_: Any) -> str:
        """The query of a view. Raises NoSuchTableError."""
        key = relation_key(self.catalog, Name(view_name, schema))
        view = self.catalog.views.get(key) if key is not None else None
        if view is None:
            raise sa.exc.NoSuchTableError(view_name)
        return view.query.text


class MariaDB(MySQL):
    """MariaDB, as a schema."""

    shadow_engine = Engine.MARIADB
    supports_statement_cache = True
    is_mariadb = True
    name = "mariadb"


MySQLAsync = async_dialect(MySQL, "MySQLAsync")
MariaDBAsync = async_dialect(MariaDB, "MariaDBAsync")
