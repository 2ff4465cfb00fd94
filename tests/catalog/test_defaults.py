"""A default is kept in the very spelling in which the server gives it back, and refused where the server refuses it."""

from __future__ import annotations

import psycopg
import pytest

from migguard.catalog import defaults
from migguard.catalog.schema import Catalog, Server
from migguard.catalog.start import empty
from migguard.changes import Engine
from tests.catalog.agreement import applied
from tests.catalog.defaults import DEFAULTS
from tests.live.servers import PostgresServer

GIVEN = (
    "CREATE TYPE e AS ENUM ('a', 'b')",
    "CREATE DOMAIN d AS integer CHECK (VALUE >= 0)",
    "CREATE FUNCTION uuid_generate_v4() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()'",
    "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS 'SELECT 1::text'",
)


def given(version: int) -> Catalog:
    catalog = empty(Server(Engine.POSTGRESQL, (version, 0), timezone="UTC"))
    for statement in GIVEN:
        catalog, refusal = applied(catalog, statement)
        assert refusal is None
    return catalog


def kept(catalog: Catalog, statement: str) -> str | None:
    """The default of the column that a statement creates; None where the statement is refused or not read."""
    after, refusal = applied(catalog, statement)
    if refusal is not None:
        return None
    return defaults.display(after.tables["public", "t"].columns[0].default, after)


def shown(connection: psycopg.Connection, statement: str) -> str | None:
    """The same of the server."""
    query = "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 't'::regclass"
    text: str | None = None
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement.encode())
            (text,) = connection.execute(query).fetchone() or (None,)
    except psycopg.Error:
        return None
    return text


@pytest.mark.live
@pytest.mark.parametrize("kind", DEFAULTS)
def test_defaults_are_spelled_as_the_server_spells_them(kind: str, server: PostgresServer, database: str) -> None:
    catalog = given(server.version)
    different = {}
    with server.connect(database) as connection:
        for statement in GIVEN:
            connection.execute(statement)
        for default in DEFAULTS[kind]:
            statement = f"CREATE TABLE t (a {kind} DEFAULT {default})"
            theirs, ours = shown(connection, statement), kept(catalog, statement)
            if theirs != ours:
                different[default] = (theirs, ours)
    assert not different
