"""After every statement of a script, the catalog and a PostgreSQL server hold the same schema, or both refuse."""

from __future__ import annotations

import pytest

from tests.catalog.agreement import disagreement
from tests.catalog.scripts import SCRIPTS
from tests.live.servers import PostgresServer

pytestmark = pytest.mark.live

LACKING = {
    "sequences": "START outside of MINVALUE and MAXVALUE is not refused",
    "foreign keys": "two types that cannot be compared are not refused; a rule reports them",
    "domains": "a CHECK on a domain that an array or composite uses is not refused",
    "composite and range types": "columns of a table's own row type are no dependents of the table",
    "types and tables share names": "a sequence may take the name of a type",
    "views with joins and expressions": "of two columns of one name the wrong one lends a view its type",
    "views that group by a key": "a view that groups by a primary key does not depend on it",
    "like": "INCLUDING IDENTITY makes no sequence",
    "inheritance": "the type of an inherited column can be changed on the child",
    "inheritance joined later": "whether a child fits its parent is looked at by names only",
    "partitions": "what a partition may not do by itself is refused in part",
    "indexes on a partitioned table alone": "CREATE INDEX CONCURRENTLY is refused by a rule alone",
    "foreign keys to partitioned tables": "foreign keys to a partitioned table do not hold its partitions",
    "attaching with keys": "ATTACH does not look for the CHECKs of the parent",
    "search path": "a search path on which no schema is there is not refused",
    "functions and triggers": "a function that nobody made may be an extension's",
    "triggers on partitions": "a new partition does not get the row triggers of its parent",
    "tables": "a table that nobody made may have been there",
    "extensions": "which extensions a server has is not known",
    "partitioned constraint names": "NO INHERIT on a partitioned table is not refused",
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
