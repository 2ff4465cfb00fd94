"""After every statement of a script, the catalog and a PostgreSQL server hold the same schema, or both refuse."""

from __future__ import annotations

import pytest

from tests.catalog.agreement import disagreement
from tests.catalog.scripts import SCRIPTS
from tests.live.servers import PostgresServer

pytestmark = pytest.mark.live

LACKING = {
    "domains": "a CHECK on a domain that an array or composite uses is not refused",
    "composite and range types": "columns of a table's own row type are no dependents of the table",
    "views with joins and expressions": "of two columns of one name the wrong one lends a view its type",
    "views that group by a key": "a view that groups by a primary key does not depend on it",
    "like": "INCLUDING IDENTITY makes no sequence",
    "inheritance": "ONLY is not kept where a column is changed",
    "partitions": "what a table has itself is not known from what it gets as a partition",
    "indexes on a partitioned table alone": "CREATE INDEX CONCURRENTLY is refused by a rule alone",
    "foreign keys to partitioned tables": "foreign keys to a partitioned table do not hold its partitions",
    "search path": "a search path on which no schema is there is not refused",
    "functions and triggers": "a function that nobody made may be an extension's",
    "tables": "a table that nobody made may have been there",
    "extensions": "which extensions a server has is not known",
    "partitioned constraint names": "a CHECK that comes with a column is named anew on partitions",
}
"""Scripts on which the two part, and at what: each runs up to there, and must still part."""


@pytest.mark.parametrize(
    "script",
    [pytest.param(s, marks=pytest.mark.xfail(reason=LACKING[s])) if s in LACKING else s for s in SCRIPTS],
)
def test_catalog_and_server_agree_after_every_statement(script: str, server: PostgresServer, database: str) -> None:
    with server.connect(database) as connection:
        found = disagreement(connection, SCRIPTS[script], (server.version, 0))
    assert not found, "\n  ".join(found)
