"""The strict comparators say exactly what Alembic's own, on PostgreSQL 18, do not; and nothing of an equal twin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.autogenerate.api import AutogenContext
from alembic.runtime.migration import MigrationContext
from sqlalchemy.dialects import postgresql

from migguard.catalog.schema import Server
from migguard.catalog.start import empty
from migguard.changes import Engine
from migguard.drift.strict import strict_details
from migguard.shadow.database import Database
from migguard.shadow.dialects import registry
from tests.live.drift_blind_spots import SPOTS, BlindSpot
from tests.live.servers import PostgresServer, ServerMissingError, running

pytestmark = pytest.mark.live

Found = frozenset[tuple[str, str | None]]


@pytest.fixture(scope="module")
def newest() -> Iterator[PostgresServer]:
    try:
        with running(18) as server:
            yield server
    except ServerMissingError as missing:
        pytest.skip(str(missing))


def models(source: str) -> sa.MetaData:
    """The models of a source."""
    metadata = sa.MetaData()
    exec(source, {"sa": sa, "postgresql": postgresql, "metadata": metadata})
    return metadata


def alembic(connection: sa.Connection, source: str, *plugins: str) -> list[Any]:
    """What Alembic says on a connection, with the plugins that env.py would name."""
    context = MigrationContext.configure(
        connection, opts={"autogenerate_plugins": ["alembic.autogenerate.*", *plugins]}
    )
    return compare_metadata(context, models(source))


def replayed(schema: str, source: str) -> Found:
    """What the strict comparators say of a schema that was only read."""
    server = Server(Engine.POSTGRESQL, (18,), timezone="UTC")
    database = Database(server, empty(server))
    database.execute(schema)
    metadata = models(source)
    with (
        registry.install(lambda _url, _engine: database),
        sa.create_engine("postgresql://").connect() as connection,
    ):
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
        details, made = strict_details(
            database.catalog, AutogenContext(context, metadata, autogenerate=False), [metadata], set()
        )
    assert made.refused == ()
    return frozenset((d.kind, d.object) for d in details)


@pytest.mark.parametrize("spot", SPOTS, ids=str)
def test_what_alembic_does_not_see_is_said_and_an_equal_twin_is_silent(spot: BlindSpot, newest: PostgresServer) -> None:
    name = newest.create_database()
    with newest.connect(name) as plain:
        plain.execute(spot.schema.encode())

    def connect() -> psycopg.Connection[Any]:
        return psycopg.connect(host=str(newest.directory), user="postgres", dbname=name)

    engine = sa.create_engine("postgresql+psycopg://", creator=connect, poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        assert alembic(connection, spot.other) == []
        strict = alembic(connection, spot.other, "migguard.strict")
        silent = alembic(connection, spot.same, "migguard.strict")
    assert (frozenset((one[0], one[3]) for one in strict), silent) == (spot.found, [])
    assert (replayed(spot.schema, spot.other), replayed(spot.schema, spot.same)) == (spot.found, frozenset())


def test_there_are_more_blind_spots_than_a_hand_can_count() -> None:
    assert len({s.name for s in SPOTS}) >= 29
