"""The recording of our statements is what the servers show today, and each is accepted or refused as it says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live.observe import Bench
from tests.live.recorded import recorded
from tests.live.servers import PostgresServer
from tests.live.statement import Statement
from tests.live.statements import SESSION, STATEMENTS, setup_for

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def bench(server: PostgresServer) -> Iterator[Bench]:
    loaded = Bench(server, setup_for(server.version), SESSION)
    yield loaded
    loaded.close()


@pytest.mark.parametrize("statement", STATEMENTS, ids=[statement.name for statement in STATEMENTS])
def test_a_statement_does_what_the_recording_says(bench: Bench, statement: Statement) -> None:
    version = bench.server.version
    if version < statement.since:
        pytest.skip(f"PostgreSQL {version} does not know it")
    observation = bench.observe(statement.sql, statement.session)
    assert (observation.error is not None) == statement.is_refused_by(version), observation.error
    assert observation == recorded(version)[statement.name]
