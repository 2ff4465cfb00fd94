"""`migguard stats` and `migguard probe` against real servers: sizes, write rates, offending rows, nothing written."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest
from click.testing import Result
from typer.testing import CliRunner

from migguard.cli.main import app
from migguard.live.connection import reading
from migguard.live.sizes import snapshot
from migguard.rules.frame import Example
from tests.live.servers import PostgresServer
from tests.rules import examples

pytestmark = pytest.mark.live


@pytest.fixture
def shop(server: PostgresServer, database: str) -> str:
    """The URL of a database with a few tables that hold rows."""
    with server.connect(database) as connection:
        connection.execute("CREATE SCHEMA billing")
        connection.execute("CREATE TABLE orders (id bigint PRIMARY KEY, email text, note text)")
        connection.execute(
            "INSERT INTO orders SELECT g, CASE WHEN g % 100 > 0 THEN 'x' END FROM generate_series(1, 5000) g"
        )
        connection.execute('CREATE TABLE billing."Paid Invoices" (id int)')
        connection.execute("CREATE TABLE never_analyzed (id int)")
        connection.execute("INSERT INTO never_analyzed SELECT g FROM generate_series(1, 2000) g")
        connection.execute("CREATE TABLE events (id int, day date) PARTITION BY RANGE (day)")
        for year in (2025, 2026):
            bounds = f"FROM ('{year}-01-01') TO ('{year + 1}-01-01')"
            connection.execute(f"CREATE TABLE events_{year} PARTITION OF events FOR VALUES {bounds}")
            connection.execute(f"INSERT INTO events SELECT g, '{year}-06-01' FROM generate_series(1, 1000) g")
        connection.execute('ANALYZE orders, billing."Paid Invoices", events_2025, events_2026')
    return f"postgresql://postgres@/{database}?host={server.directory}"


def test_a_snapshot_has_estimates_sizes_and_the_sums_of_partitions(shop: str) -> None:
    """Rows are the server's estimates, unknown where nothing ever counted them."""
    with reading(shop, 10_000) as connection:
        taken = snapshot(connection, 0)
    assert taken.tables["public.orders"].rows == 5000
    assert taken.tables["public.orders"].bytes > 0
    assert taken.tables["public.orders"].index_bytes > 0
    assert taken.tables["public.orders"].writes_per_second is None
    assert taken.tables["billing.Paid Invoices"].rows == 0
    assert taken.tables["public.never_analyzed"].rows is None
    assert taken.tables["public.events"].rows == 2000
    assert taken.tables["public.events"].bytes == sum(taken.tables[f"public.events_{y}"].bytes for y in (2025, 2026))
    assert not any(name.startswith(("pg_catalog.", "information_schema.")) for name in taken.tables)


def test_writes_are_counted_between_two_looks(shop: str, server: PostgresServer, database: str) -> None:
    """Only the table that is written to meanwhile has a rate above zero."""
    with server.connect(database) as writer, reading(shop, 10_000) as connection:
        execute, looks = connection.execute, 0

        class Between:
            """The connection; before the second look at the counters, another session writes and reports."""

            def execute(self, query: str) -> psycopg.Cursor:
                nonlocal looks
                looks += "n_tup_ins" in query
                if looks == 2 and "n_tup_ins" in query:
                    writer.execute("INSERT INTO orders SELECT g FROM generate_series(10001, 11000) g")
                    writer.execute("SELECT pg_stat_force_next_flush()")
                    writer.execute("SELECT 1")
                return execute(query)

        taken = snapshot(Between(), 0.2)
    assert taken.tables["public.orders"].writes_per_second > 100
    assert taken.tables["public.never_analyzed"].writes_per_second == 0


def test_the_session_cannot_write(shop: str) -> None:
    """What a probe calls may try; the server refuses."""
    with reading(shop, 10_000) as connection, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        connection.execute("DELETE FROM orders")


def test_probes_report_the_rows_that_stand_in_the_way(
    shop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A NULL in a column that becomes NOT NULL: exit code 1 and the rows, ten of them at most."""
    answered = probe(SET_NOT_NULL, shop, tmp_path, monkeypatch)
    assert answered.exit_code == 1, answered.output
    [found] = [p for p in json.loads(answered.stdout)["probes"] if p["code"] == "MG702"]
    assert found["table"] == "orders"
    assert found["unanswered"] is None
    assert len(found["rows"]) == 10
    assert found["more"] is True


def test_no_row_in_the_way_is_exit_code_0(
    shop: str, server: PostgresServer, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the column is filled, the same probe finds nothing."""
    with server.connect(database) as connection:
        connection.execute("UPDATE orders SET email = '' WHERE email IS NULL")
    answered = probe(SET_NOT_NULL, shop, tmp_path, monkeypatch)
    assert answered.exit_code == 0, answered.output


def test_a_probe_without_an_answer_is_exit_code_3(
    shop: str, server: PostgresServer, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows what a table holds that the database does not have: that is no all-clear."""
    with server.connect(database) as connection:
        connection.execute("DROP TABLE orders")
    answered = probe(SET_NOT_NULL, shop, tmp_path, monkeypatch)
    assert answered.exit_code == 3
    assert "orders" in json.loads(answered.stdout)["probes"][0]["unanswered"]


SET_NOT_NULL = Example(
    'op.alter_column("orders", "email", existing_type=sa.Text(), nullable=False)',
    given="CREATE TABLE orders (id bigint PRIMARY KEY, email text, note text)",
)


def probe(example: Example, url: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> Result:
    """What `migguard probe` says of an example."""
    since = examples.project(example, root, "postgresql")
    monkeypatch.chdir(root)
    return CliRunner().invoke(app, ["probe", "--url", url, "--since", since, "--format", "json", "--select", "MG702"])
