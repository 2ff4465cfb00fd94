"""SQL Server's and Oracle's dialects on the shadow driver: SQL is recorded, reflection comes from the catalog."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.mssql.base import MSDialect
from sqlalchemy.dialects.oracle.base import OracleDialect
from sqlalchemy.engine.default import DefaultDialect

from migguard.catalog.lookup import relation_key, sequence_key
from migguard.catalog.schema import Catalog, ConstraintKind, Table
from migguard.changes import Engine, ForeignKeyAction, Name
from migguard.shadow.dialects.base import ShadowMixin, async_dialect, known_options
from migguard.shadow.dialects.table_names import told


class CatalogReflection(ShadowMixin):
    """Reflection of one table at a time, from the catalog."""

    ischema_names: dict[str, Any]

    @property
    def catalog(self) -> Catalog:
        """The schema now."""
        return self.database.seen

    def kept(self, text: str) -> str:
        """A name as the engine keeps it."""
        return text

    def shown(self, text: str) -> str:
        """A name as SQLAlchemy's users write it."""
        return text

    def initialize(self, connection: Any) -> None:
        """What SQLAlchemy would ask of the server."""
        del connection
        self.server_version_info = self.database.server.version
        self.default_schema_name = self.catalog.default_schema

    def _table(self, name: str, schema: str | None) -> Table:
        key = relation_key(self.catalog, Name(self.kept(name), schema))
        table = self.catalog.tables.get(key) if key is not None else None
        if table is None:
            raise sa.exc.NoSuchTableError(name)
        told(table, self.database)
        return table

    def _tables(self, schema: str | None) -> Iterator[Table]:
        where = schema or self.catalog.default_schema
        for key in sorted(self.catalog.tables):
            if key[0] == where:
                yield self.catalog.tables[key]

    def get_schema_names(self, connection: Any, **_: Any) -> list[str]:
        """The schemas."""
        return sorted(self.catalog.schemas)

    def get_table_names(self, connection: Any, schema: str | None = None, **_: Any) -> list[str]:
        """The tables of a schema."""
        return [self.shown(t.key[1]) for t in self._tables(schema)]

    def get_view_names(self, connection: Any, schema: str | None = None, **_: Any) -> list[str]:
        """The views of a schema."""
        return [self.shown(k[1]) for k in sorted(self.catalog.views)]

    def get_temp_table_names(self, connection: Any, **_: Any) -> list[str]:
        """Temporary tables are not kept."""
        return []

    def has_table(self, connection: Any, table_name: str, schema: str | None = None, **_: Any) -> bool:
        """Whether there is a table or view of that name."""
        return relation_key(self.catalog, Name(self.kept(table_name), schema)) is not None

    def has_sequence(self, connection: Any, sequence_name: str, schema: str | None = None, **_: Any) -> bool:
        """Whether there is a sequence of that name."""
        return sequence_key(self.catalog, Name(self.kept(sequence_name), schema)) is not None

    def has_index(self, connection: Any, table_name: str, index_name: str, schema: str | None = None, **_: Any) -> bool:
        """Whether a table has an index of that name."""
        return any(i["name"] == index_name for i in self.get_indexes(connection, table_name, schema))

    def get_columns(
        self, connection: Any, table_name: str, schema: str | None = None, **_: Any
    ) -> list[dict[str, Any]]:
        """The columns of a table; a type that is not known has none."""
        found = []
        for column in self._table(table_name, schema).columns:
            kind = (
                self.ischema_names.get(column.type.name) or self.ischema_names.get(column.type.name.upper())
                if column.type
                else None
            )
            made = sa.types.NULLTYPE
            if kind is not None and column.type is not None:
                numbers = [int(a) for a in column.type.arguments if a.isdigit()]
                try:
                    made = kind(*numbers)
                except TypeError:
                    made = kind()
            found.append({
                "name": self.shown(column.name), "type": made, "nullable": column.nullable,
                "default": column.default.text if column.default is not None else None,
                "autoincrement": column.identity is not None, "comment": column.comment,
            })  # fmt: skip
        return found

    def get_pk_constraint(
        self, connection: Any, table_name: str, schema: str | None = None, **_: Any
    ) -> dict[str, Any]:
        """The primary key of a table."""
        key = self._table(table_name, schema).primary_key
        return {
            "constrained_columns": [self.shown(c) for c in key.columns] if key else [],
            "name": self.shown(key.name) if key else None,
        }

    def get_foreign_keys(
        self, connection: Any, table_name: str, schema: str | None = None, **_: Any
    ) -> list[dict[str, Any]]:
        """The foreign keys of a table."""
        found = []
        for key in self._table(table_name, schema).constraints:
            if key.kind is ConstraintKind.FOREIGN and key.references is not None:
                options = {"ondelete": key.on_delete.value} if key.on_delete is not ForeignKeyAction.NO_ACTION else {}
                found.append({
                    "name": self.shown(key.name), "constrained_columns": [self.shown(c) for c in key.columns],
                    "referred_schema": schema, "referred_table": self.shown(key.references[1]),
                    "referred_columns": [self.shown(c) for c in key.references_columns], "options": options,
                })  # fmt: skip
        return found

    def get_indexes(
        self, connection: Any, table_name: str, schema: str | None = None, **_: Any
    ) -> list[dict[str, Any]]:
        """The indexes of a table."""
        return [
            {
                "name": self.shown(i.name),
                "column_names": [self.shown(c or "") for c in i.columns],
                "unique": i.unique,
                "dialect_options": {},
            }
            for i in self._table(table_name, schema).indexes
            if not i.primary
        ]

    def get_unique_constraints(
        self, connection: Any, table_name: str, schema: str | None = None, **_: Any
    ) -> list[dict[str, Any]]:
        """The UNIQUE constraints of a table."""
        keys = self._table(table_name, schema).constraints
        return [
            {"name": self.shown(k.name), "column_names": [self.shown(c) for c in k.columns]}
            for k in keys
            if k.kind is ConstraintKind.UNIQUE
        ]

    def get_check_constraints(
        self, connection: Any, table_name: str, schema: str | None = None, **_: Any
    ) -> list[dict[str, Any]]:
        """The CHECK constraints of a table."""
        keys = self._table(table_name, schema).constraints
        return [
            {"name": self.shown(k.name), "sqltext": k.expression.text if k.expression else ""}
            for k in keys
            if k.kind is ConstraintKind.CHECK
        ]

    def get_table_comment(
        self, connection: Any, table_name: str, schema: str | None = None, **_: Any
    ) -> dict[str, Any]:
        """The comment of a table."""
        return {"text": self._table(table_name, schema).comment}

    for _name in (
        "columns",
        "pk_constraint",
        "foreign_keys",
        "indexes",
        "unique_constraints",
        "check_constraints",
        "table_comment",
    ):
        locals()[f"get_multi_{_name}"] = getattr(DefaultDialect, f"get_multi_{_name}")
    del _name


class MSSQL(CatalogReflection, MSDialect):  # type: ignore[misc]  # the mixin stands in for parts of the dialect
    """SQL Server, as a schema."""

    name = "mssql"
    shadow_engine = Engine.MSSQL
    supports_statement_cache = True

    def __init__(self, **given: Any) -> None:
        accepted = ("schema_name", "isolation_level", "json_serializer", "json_deserializer")
        super().__init__(**known_options(given, accepted))  # type: ignore[no-untyped-call]  # SQLAlchemy's is
        self.paramstyle, self.positional = "named", False
        self.deprecate_large_types = True


class Oracle(CatalogReflection, OracleDialect):  # type: ignore[misc]  # the mixin stands in for parts of the dialect
    """Oracle, as a schema."""

    name = "oracle"
    shadow_engine = Engine.ORACLE
    supports_statement_cache = True

    def __init__(self, **given: Any) -> None:
        super().__init__(**known_options(given, ("optimize_limits", "isolation_level", "enable_offset_fetch")))
        self.paramstyle, self.positional = "named", False


MSSQLAsync = async_dialect(MSSQL, "MSSQLAsync")
OracleAsync = async_dialect(Oracle, "OracleAsync")
