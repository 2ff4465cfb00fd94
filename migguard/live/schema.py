"""A live PostgreSQL database's schema as a catalog: its definitions, applied as migrations are."""

from __future__ import annotations

from collections.abc import Iterable

from immutables import Map

from migguard.catalog.apply import apply, with_path
from migguard.catalog.copying import replace
from migguard.catalog.schema import Catalog, Key, Server
from migguard.catalog.start import empty
from migguard.changes import Engine, Unknown
from migguard.live.definitions import INDEXES, Ask, statements
from migguard.records import dataclass
from migguard.sql.read import read_one

SERVER = """
SELECT pg_catalog.current_setting('server_version_num')::int, pg_catalog.current_schemas(false),
       pg_catalog.current_setting('TimeZone')
"""
VERSIONS = """
SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = 1
WHERE c.relkind = 'r' AND a.attname = 'version_num' AND c.relnatts = 1 AND left(n.nspname, 3) <> 'pg_'
"""


@dataclass(frozen=True, slots=True)
class LiveSchema:
    """What a database holds.

    `versions` are the rows of each table that looks like Alembic's own; `unread` are definitions that were not
    understood, with why: what they are about is not known.
    """

    catalog: Catalog
    versions: dict[Key, tuple[str, ...]]
    unread: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """The server's, as a setting."""
        return ".".join(map(str, self.catalog.server.version))


def read_schema(ask: Ask, timezone: str | None = None) -> LiveSchema:
    """Read the schema of the database that answers."""
    [(number, path, zone)] = ask(SERVER)
    del zone
    version = (number // 10_000,) if number >= 100_000 else (number // 10_000, number // 100 % 100)
    server = Server(Engine.POSTGRESQL, version, timezone=timezone)
    path = tuple(path) or ("public",)
    start = replace(empty(server), default_schema=path[0], search_path=path, schemas=frozenset({path[0]}))
    catalog, unread = applied(start, list(statements(ask)))
    for _, _, valid, _, _, _, name, schema, table in ask(INDEXES):
        if not valid:
            catalog = invalid(catalog, (schema, table), name)
    versions = {}
    for schema, table in ask(VERSIONS):
        quoted = ".".join('"' + part.replace('"', '""') + '"' for part in (schema, table))
        versions[schema, table] = tuple(row[0] for row in ask(f"SELECT version_num FROM {quoted}"))
    bare = replace(catalog, variables=Map(), local_variables=Map(), dropped=frozenset())
    return LiveSchema(with_path(replace(bare, search_path=path)), versions, tuple(unread))


def applied(catalog: Catalog, texts: Iterable[str]) -> tuple[Catalog, list[str]]:
    """Apply definitions; those that rest on later ones are tried again, until none is accepted any more."""
    waiting, unread = list(texts), []
    while waiting:
        refused: list[tuple[str, str]] = []
        for text in waiting:
            before = catalog
            for change in read_one(text, Engine.POSTGRESQL):
                if isinstance(change, Unknown):
                    unread.append(f"{' '.join(text.split())[:120]}: {change.why}")
                    catalog = before
                    break
                made = apply(catalog, change)
                if made.refusal is not None:
                    refused.append((text, made.refusal.message))
                    catalog = before
                    break
                catalog = made.catalog
        if len(refused) == len(waiting):
            return catalog, [*unread, *(f"{' '.join(text.split())[:120]}: {why}" for text, why in refused)]
        waiting = [text for text, _ in refused]
    return catalog, unread


def invalid(catalog: Catalog, key: Key, name: str) -> Catalog:
    """The index is there and is not used."""
    table = catalog.tables.get(key)
    if table is None:
        return catalog
    made = tuple(replace(i, valid=False) if i.name == name else i for i in table.indexes)
    return replace(catalog, tables=catalog.tables.set(key, replace(table, indexes=made)))
