"""Whether two server defaults are one, decided without a server, against what a server says of them."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from migguard.catalog.schema import Catalog, Column, Server
from migguard.catalog.start import empty
from migguard.changes import AddColumn, Engine
from migguard.drift.defaults import same_default
from migguard.shadow.database import Database
from migguard.sql.read import read
from tests.live.servers import PostgresServer, ServerMissingError, running

pytestmark = pytest.mark.live

VALUES = {
    "smallint": ["0", "'0'", "1", "-1", "'-1'", "(1)", "1 + 1"],
    "integer": ["0", "'0'", "00", "1", "'1'", "-1", "'-1'", "+1", "1::integer", "CAST(1 AS integer)", "NULL"],
    "bigint": ["0", "'0'", "3000000000", "'3000000000'", "1", "1::bigint"],
    "numeric": ["0", "0.0", "'0.00'", "1.5", "'1.50'", "1.50", "-1.5", "1e0"],
    "numeric(10,2)": ["0", "0.00", "'0'", "1.5", "1.50"],
    "double precision": ["0", "0.0", "'0'", "1.5", "'1.5'", "1.50", "1e1", "10"],
    "boolean": ["true", "false", "'true'", "'t'", "'f'", "'false'", "TRUE", "'1'", "'0'", "'on'", "true::boolean"],
    "text": ["''", "'a'", "'A'", "'a '", "'a'::text", "'a'::varchar", "lower('A')", "'it''s'", "E'a'"],
    "varchar(20)": ["''", "'a'", "'A'", "'a'::text", "'a'::character varying", "'a'::varchar(20)"],
    "char(3)": ["'a'", "'a  '", "'b'"],
    "date": ["'2020-01-01'", "'2020-01-01'::date", "DATE '2020-01-01'", "'January 1, 2020'", "'2020-01-02'"],
    "timestamptz": ["'2020-01-01 00:00:00+00'", "'2020-01-01 01:00:00+01'", "now()", "CURRENT_TIMESTAMP",
                    "'2020-01-02 00:00:00+00'"],
    "interval": ["'1 day'", "'24 hours'", "'1 day'::interval", "interval '1 day'", "'1d'", "'2 days'"],
    "uuid": [
        "'00000000-0000-0000-0000-000000000000'", "'{00000000-0000-0000-0000-000000000000}'",
        "'00000000-0000-0000-0000-000000000000'::uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",
        "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'",
    ],
    "jsonb": ["'{}'", "'{ }'", "'{}'::jsonb", "'[]'", "'{\"a\": 1}'", "'{\"a\":1}'", "'{\"b\": 2, \"a\": 1}'",
              "'{\"a\": 1, \"b\": 2}'"],
    "text[]": ["'{}'", "ARRAY[]::text[]", "'{}'::text[]", "'{a}'", "ARRAY['a']", "'{a,b}'"],
    "integer[]": ["'{}'", "'{1,2}'", "ARRAY[1,2]", "'{ 1, 2 }'", "'{2,1}'"],
    "bytea": ["''", "'\\x00'", "'\\x01'"],
    "inet": ["'127.0.0.1'", "'127.0.0.1/32'", "'10.0.0.0/8'"],
}  # fmt: skip
DECIDED = 0.3
"""The least share of the pairs of a type that is decided; what is not is reported as unverified."""
PAIRS = [(kind, a, b) for kind, values in VALUES.items() for a in values for b in values]


@pytest.fixture(scope="module")
def connection() -> Iterator[psycopg.Connection]:
    try:
        with running(18) as server, opened(server) as made:
            yield made
    except ServerMissingError as missing:
        pytest.skip(str(missing))


def opened(server: PostgresServer) -> psycopg.Connection:
    """A connection whose session is in UTC."""
    made = server.connect()
    made.execute("SET TimeZone = 'UTC'")
    return made


def column(kind: str) -> tuple[Column, Catalog]:
    """A column of that type."""
    [change] = read(f"ALTER TABLE t ADD COLUMN c {kind}", Engine.POSTGRESQL)
    assert isinstance(change, AddColumn)
    server = Server(Engine.POSTGRESQL, (18,), timezone="UTC")
    database = Database(server, empty(server))
    database.execute(f"CREATE TABLE t (c {kind})")
    made = database.catalog.tables["public", "t"].column("c")
    assert made is not None
    return made, database.catalog


def stored(connection: psycopg.Connection, kind: str, default: str) -> str | None:
    """A default as the server keeps it; None where it does not take it."""
    try:
        connection.execute(f"CREATE TEMPORARY TABLE t (c {kind} DEFAULT {default})".encode())
    except psycopg.Error:
        return None
    try:
        row = connection.execute("SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 't'::regclass")
        found = row.fetchone()
    finally:
        connection.execute("DROP TABLE t")
    return found[0] if found is not None else None


def equal(connection: psycopg.Connection, kind: str, a: str, b: str) -> bool | None:
    """Whether a column of that type would be filled with one value by both."""
    query = f"WITH x (a, b) AS (SELECT CAST(({a}) AS {kind}), CAST(({b}) AS {kind})) SELECT a = b FROM x"
    try:
        return connection.execute(query.encode()).fetchone()[0]  # type: ignore[index,no-any-return]  # one row
    except psycopg.Error:
        return None


@pytest.mark.parametrize("kind", VALUES)
def test_what_is_decided_is_what_the_server_says(kind: str, connection: psycopg.Connection) -> None:
    made, catalog = column(kind)
    wrong, decided, asked = [], 0, 0
    for a in VALUES[kind]:
        kept = stored(connection, kind, a)
        if kept is None:
            continue
        for b in VALUES[kind]:
            theirs = equal(connection, kind, kept, b)
            ours = same_default(kept, b, made, catalog)
            if theirs is None:
                continue
            asked += 1
            decided += ours is not None
            if ours is not None and ours is not theirs:
                wrong.append((a, b, f"the server says {theirs}"))
    assert wrong == []
    assert asked > 0
    assert decided / asked >= DECIDED, f"{decided} of {asked}"


def test_there_are_hundreds_of_pairs() -> None:
    assert len(PAIRS) > 500
