"""The schema that the models would make: `create_all()` on a second database that is only a schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.base import PGDialect

from migguard.catalog.copying import replace
from migguard.catalog.schema import Catalog, Key
from migguard.catalog.start import empty
from migguard.shadow.database import Database
from migguard.shadow.dialects import registry
from migguard.trace import Statement


@dataclass(slots=True)
class Refusals:
    """Listens to what the models run, for what the server would refuse or what could not be read."""

    found: list[str] = field(default_factory=list)

    def origin(self) -> None:
        """No script runs."""

    def record(self, statement: Statement) -> None:
        """Note what a statement failed at."""
        for step in statement.steps:
            if step.refusal is not None:
                self.found.append(step.refusal.message)
        if not statement.understood:
            self.found.append(f"not understood: {' '.join(statement.sql.split())[:80]}")

    def guessed(self, _sql: str, _origin: Any) -> None:
        """Nothing hangs on it."""

    def ended(self, *, committed: bool) -> None:
        """Nothing hangs on it."""


@dataclass(frozen=True, slots=True)
class Modelled:
    """What the models make. `types` are those that they define; `refused` says what of them no server would take."""

    catalog: Catalog
    types: frozenset[Key]
    refused: tuple[str, ...] = ()


def modelled(models: Iterable[sa.MetaData], beside: Catalog) -> Modelled:
    """Make the models' schema on a server like that of `beside`.

    What models cannot declare and their tables may need is taken from there: extensions, functions, and the types that
    are no models'.
    """
    models = list(models)
    default = beside.default_schema
    own = {k: t for m in models for k, t in named_types(m, default)}
    schemas = {t.schema for m in models for t in m.tables.values()} | {k[0] for k in own}
    schemas |= {s.schema for m in models for s in m._sequences.values()}
    start = replace(
        empty(beside.server),
        schemas=beside.schemas | {str(s) for s in schemas if s},
        extensions=beside.extensions,
        functions=beside.functions,
        types=without(beside, own),
        assumed_types=beside.assumed_types,
    )
    refusals = Refusals()
    database = Database(beside.server, start, recorder=refusals)
    with (
        registry.install(lambda _url, _engine: database, beside.server.engine, forced=True),
        sa.create_engine(f"{beside.server.engine.value}://").begin() as connection,
    ):
        for one in own.values():
            one.create(connection, checkfirst=True)
        for metadata in models:
            metadata.create_all(connection)
    return Modelled(database.catalog, frozenset(own), tuple(refusals.found))


def without(beside: Catalog, own: dict[Key, Any]) -> Any:
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
