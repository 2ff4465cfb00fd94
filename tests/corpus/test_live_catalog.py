"""A real server's definitions, read into a catalog, are the catalog that a replay arrives at: MG905 raises no alarm."""

from __future__ import annotations

import sys
from typing import Any

import psycopg
import pytest

from migguard.catalog.schema import Catalog
from migguard.drift.database import Drifted, Standing
from migguard.drift.touched import Touched
from migguard.live.schema import read_schema
from migguard.live.spelling import asking, explaining, read_alike
from tests.catalog.facts import catalog_facts
from tests.corpus.histories import History, deploy, in_memory, replay
from tests.corpus.projects import PROJECTS, Project, missing
from tests.live.servers import PostgresServer, ServerMissingError, running

pytestmark = [pytest.mark.live, pytest.mark.corpus]

EQUAL = 0.999
"""The share of the facts that have to be equal."""


def differences(history: History, server: PostgresServer, database: str) -> tuple[list[str], Catalog]:
    """What MG905 says of a database that the history made, and what was read of it."""
    with psycopg.connect(host=str(server.directory), user="postgres", dbname=database, autocommit=True) as connection:
        connection.read_only = True
        live = read_schema(asking(connection))
        alike = read_alike(explaining(connection))
        with in_memory(history) as shadow:
            from alembic.runtime.migration import MigrationContext

            context: Any = MigrationContext.configure(shadow)
            where = Standing(("head",), frozenset(), ())
            found = Drifted(live, history.database.catalog, where, Touched(), context, alike).differences()
            said = [f"{d.kind} {d.place}: {d.message}{'' if d.verified else ' (unverified)'}" for d in found]
    return [*said, *live.unread], live.catalog


@pytest.mark.parametrize("project", PROJECTS, ids=str)
def test_a_database_that_the_history_made_has_not_drifted(project: Project) -> None:
    history = replay(project)
    try:
        with running(project.server) as server:
            database = server.create_database()
            deploy(history, server, database)
            different, live = differences(history, server, database)
    except ServerMissingError as error:
        missing(str(error))
    facts = len(catalog_facts(live))
    sys.stdout.write("\n".join([f"{project}: {facts} facts, {len(different)} differences", *different]))
    assert facts > 100
    assert 1 - len(different) / facts >= EQUAL, "\n".join(different)
