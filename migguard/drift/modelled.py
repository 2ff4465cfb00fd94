"""The schema that the models would make: `create_all()` on a second database that is only a schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from immutables import Map
from sqlalchemy.dialects.postgresql.base import PGDialect

from migguard.catalog.copying import replace
from migguard.catalog.schema import Catalog, Key, SequenceState, Server
from migguard.catalog.start import empty
from migguard.changes import CreateSequence, Engine
from migguard.shadow.database import Database
from migguard.shadow.dialects import registry
from migguard.sql.read import read
from migguard.trace import Statement


@dataclass(slots=True)
class Ran:
    """Listens to what the models run."""

    statements: list[Statement] = field(default_factory=list)

    def origin(self) -> None:
        """No script runs."""

    def record(self, statement: Statement) -> None:
        """Keep a statement."""
        self.statements.append(statement)

    def guessed(self, _sql: str, _origin: Any) -> None:
        """Nothing hangs on it."""

    def ended(self, *, committed: bool) -> None:
        """Nothing hangs on it."""

    def refusals(self) -> Iterator[str]:
        """What the server would refuse, or could not be read."""
        for statement in self.statements:
            yield from (s.refusal.message for s in statement.steps if s.refusal is not None)
            if not statement.understood:
                yield f"not understood: {' '.join(statement.sql.split())[:80]}"


@dataclass(frozen=True, slots=True)
class Written:
    """What the models run to make their schema: `types` are the named ones that they define."""

    statements: tuple[str, ...]
    types: frozenset[Key]
    schemas: frozenset[str]


@dataclass(frozen=True, slots=True)
class Modelled:
    """What the models make.

    `types` and `sequences` are those that they define themselves; `refused` says what of them no server would take.
    """

    catalog: Catalog
    types: frozenset[Key]
    sequences: frozenset[Key] = frozenset()
    refused: tuple[str, ...] = ()


def written(models: Iterable[sa.MetaData], server: Server) -> Written:
    """What the models run on a server of that version.

    It is asked for before the revisions run: some of them attach what they use to the models' own tables.
    """
    models = list(models)
    bare = empty(server)
    postgresql = server.engine is Engine.POSTGRESQL
    own = {k: t for m in models for k, t in named_types(m, bare.default_schema)} if postgresql else {}
    schemas = {t.schema for m in models for t in m.tables.values()} | {k[0] for k in own}
    schemas |= {s.schema for m in models for s in m._sequences.values()}
    named = frozenset(str(s) for s in schemas if s)
    ran = Ran()
    database = Database(server, replace(bare, schemas=bare.schemas | named), recorder=ran)
    with (
        registry.install(lambda _url, _engine: database, server.engine, forced=True),
        sa.create_engine(f"{server.engine.value}://").begin() as connection,
    ):
        for one in own.values():
            one.create(connection, checkfirst=True)
        for metadata in models:
            metadata.create_all(connection)
    return Written(tuple(s.sql for s in ran.statements), frozenset(own), named)


def modelled(made: Written, beside: Catalog) -> Modelled:
    """The schema that the statements make, beside what models cannot declare and their tables may need.

    That is taken from the other side: extensions, functions, and the types and sequences that are no models'.
    """
    own = frozenset(sequences(made, beside))
    start = replace(
        empty(beside.server),
        default_schema=beside.default_schema,
        search_path=beside.search_path,
        schemas=beside.schemas | made.schemas,
        extensions=beside.extensions,
        functions=beside.functions,
        types=without(beside, made.types),
        sequences=others(beside, own),
        assumed_types=beside.assumed_types,
    )
    ran = Ran()
    database = Database(beside.server, start, recorder=ran)
    for statement in made.statements:
        database.execute(statement)
    return Modelled(database.catalog, made.types, own, tuple(dict.fromkeys(ran.refusals())))


def others(beside: Catalog, own: frozenset[Key]) -> Map[Key, SequenceState]:
    """The sequences of the other side that stand by themselves and that the models do not make."""
    kept = beside.sequences
    for key, one in beside.sequences.items():
        if one.owner is not None or key in own:
            kept = kept.delete(key)
    return kept


def sequences(made: Written, beside: Catalog) -> Iterator[Key]:
    """The sequences that the models make by name."""
    for statement in made.statements:
        for change in read(statement, beside.server.engine):
            if isinstance(change, CreateSequence):
                yield change.sequence.schema or beside.default_schema, change.sequence.name


def without(beside: Catalog, own: Iterable[Key]) -> Any:
    """The types of the other side that the models do not define."""
    types = beside.types
    for key in own:
        if key in types:
            types = types.delete(key)
    return types


def named_types(metadata: sa.MetaData, default: str) -> Iterator[tuple[Key, Any]]:
    """The enums and domains that columns of the models have and that the server keeps by name."""
    from sqlalchemy.dialects.postgresql import DOMAIN, ENUM

    for table in metadata.tables.values():
        for column in table.columns:
            kind = column.type
            while isinstance(kind, sa.ARRAY):
                kind = kind.item_type
            made: Any = of_postgresql(kind)
            if isinstance(made, (ENUM, DOMAIN)) and made.name:
                yield (str(made.schema or default), str(made.name)), made


def of_postgresql(kind: Any) -> Any:
    """A type as PostgreSQL's dialect has it."""
    dialect = PGDialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's is
    if isinstance(kind, sa.types.TypeDecorator):
        kind = kind.load_dialect_impl(dialect)
    made = kind.dialect_impl(dialect)
    return made.impl if isinstance(made, sa.types.TypeDecorator) else made
