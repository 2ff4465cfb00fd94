"""What the replayed schema is said to refuse is what servers refuse: nothing more ever, and what a schema can tell.

The tests without `live` hold the model against the labels, those with it the labels against servers of each version.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import psycopg
import pytest

from tests.live.predicted import Foretold
from tests.live.schema_statements import ACCEPTED, REFUSED, SETUP, SINCE, UNTIL, UNTOLD
from tests.live.servers import VERSIONS, PostgresServer

ALL = range(11, 19)
"""The versions of which release notes tell what they take; three of them are asked."""


@cache
def foretold(version: int) -> Foretold:
    return Foretold(version, SETUP, strict=version >= 14)


def refusal(version: int, statement: str) -> str | None:
    """What the model says that a server of that major version would say; None where it works."""
    prediction = foretold(version).of(statement)
    assert prediction.understood, statement
    return prediction.refusal


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_is_refused_that_servers_accept(version: int) -> None:
    wrong = {s: said for s in (*ACCEPTED, *UNTOLD) if (said := refusal(version, s)) is not None}
    assert wrong == {}


@pytest.mark.parametrize("version", VERSIONS)
def test_what_a_schema_tells_to_be_refused_is(version: int) -> None:
    assert [s for s in REFUSED if refusal(version, s) is None] == []


@pytest.mark.parametrize("statement", [*SINCE, *UNTIL])
def test_a_version_takes_what_it_has(statement: str) -> None:
    taken = [version for version in ALL if refusal(version, statement) is None]
    assert taken == list(range(SINCE.get(statement, 11), UNTIL.get(statement, 18) + 1))


def test_nothing_is_refused_for_a_version_that_nobody_named() -> None:
    """Without a configured version the oldest supported one is taken: that says nothing of the server in production."""
    from migguard.catalog.copying import replace
    from migguard.catalog.postgresql_versions import refuse_by_version
    from migguard.catalog.schema import Server
    from migguard.catalog.start import empty
    from migguard.changes import Engine, Merge, Name

    unknown = replace(Server(Engine.POSTGRESQL, (14,)), configured=False)
    refuse_by_version(empty(unknown), Merge(Name("orders")))


@pytest.fixture(scope="module")
def connection(server: PostgresServer) -> Iterator[psycopg.Connection]:
    name = server.create_database()
    with server.connect(name) as made:
        for statement in SETUP:
            made.execute(statement)
        yield made
    server.drop_database(name)


def accepted(connection: psycopg.Connection, statement: str) -> bool:
    """Whether the server takes a statement, which is taken back."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement)
    except psycopg.Error:
        return False
    return True


@pytest.mark.live
def test_servers_do_as_the_labels_say(server: PostgresServer, connection: psycopg.Connection) -> None:
    labels = {
        **dict.fromkeys(ACCEPTED, True),
        **dict.fromkeys((*REFUSED, *UNTOLD), False),
        **{s: server.version >= since for s, since in SINCE.items()},
        **{s: server.version <= last for s, last in UNTIL.items()},
    }
    wrong = {s: label for s, label in labels.items() if accepted(connection, s) is not label}
    assert wrong == {}
