"""Whether a server accepts a statement for the tables and columns it uses is what the model says."""

from __future__ import annotations

from functools import cache

import psycopg
import pytest

from tests.live.name_statements import ACCEPTED, REFUSED, SETUP
from tests.live.predicted import Foretold
from tests.live.servers import VERSIONS, PostgresServer


@cache
def foretold(version: int) -> Foretold:
    return Foretold(version, SETUP)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_model_refuses_what_the_servers_refuse_and_nothing_else(version: int) -> None:
    said = {s: foretold(version).of(s).refusal for s in (*ACCEPTED, *REFUSED)}
    assert {s: why for s, why in said.items() if s in ACCEPTED and why is not None} == {}
    assert [s for s, why in said.items() if s in REFUSED and why is None] == []


@pytest.mark.live
def test_the_servers_say_the_same(server: PostgresServer) -> None:
    name = server.create_database()
    said: dict[str, str | None] = {}
    with server.connect(name) as connection:
        for sql in SETUP:
            connection.execute(sql)
        for sql in (*ACCEPTED, *REFUSED):
            try:
                with connection.transaction(force_rollback=True):
                    connection.execute(sql)
                said[sql] = None
            except psycopg.Error as error:
                said[sql] = str(error)
    server.drop_database(name)
    assert {s: why for s, why in said.items() if s in ACCEPTED and why is not None} == {}
    assert [s for s, why in said.items() if s in REFUSED and why is None] == []
