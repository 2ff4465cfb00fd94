"""The catalog before the first revision."""

from __future__ import annotations

from migguard.catalog.schema import Catalog, Server
from migguard.changes import Engine

DEFAULT_SCHEMAS = {
    Engine.POSTGRESQL: "public",
    Engine.SQLITE: "main",
    Engine.MSSQL: "dbo",
}


def empty(server: Server, database: str | None = None) -> Catalog:
    """A database without a table. `database` names the schema where both are one (MySQL), or the user (Oracle)."""
    schema = DEFAULT_SCHEMAS.get(server.engine) or database or "main"
    return Catalog(server=server, default_schema=schema, schemas=frozenset({schema}), search_path=(schema,))
