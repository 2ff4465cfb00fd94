"""After every statement of a script, the catalog and a PostgreSQL server hold the same schema, or both refuse."""

from __future__ import annotations

import pytest

from tests.catalog.agreement import disagreement
from tests.catalog.scripts import SCRIPTS
from tests.live.servers import PostgresServer

pytestmark = pytest.mark.live


@pytest.mark.parametrize("script", SCRIPTS)
def test_catalog_and_server_agree_after_every_statement(script: str, server: PostgresServer, database: str) -> None:
    with server.connect(database) as connection:
        found = disagreement(connection, SCRIPTS[script], (server.version, 0))
    assert not found, "\n  ".join(found)
