"""A timestamp that is taken for UTC gets its time zone without a rewrite, where the session's zone does it."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.rules.frame import Example
from tests.live.servers import PostgresServer
from tests.rules import examples
from tests.rules.test_fitting_advice import told

pytestmark = pytest.mark.thorough

GIVEN = "CREATE TABLE visits (id bigint PRIMARY KEY, at timestamp, seen timestamptz, day date)"
CHANGE = 'op.alter_column("visits", "{}", type_=sa.DateTime({}), postgresql_using="{}")'
UTC = CHANGE.format("at", "timezone=True", "at AT TIME ZONE 'UTC'")


def test_the_recipe_rewrites_nothing(tmp_path: Path) -> None:
    found = told("MG409", Example(UTC, given=GIVEN), tmp_path / "1")
    assert (
        found.advice == "In the time zone UTC the server computes what USING does here by itself, and rewrites nothing:"
    )
    then = examples.check(Example(found.recipe, given=GIVEN), "MG409", tmp_path / "2", "postgresql")
    assert not {"MG409", "MG410", "MG002"} & {f.code for f in then.report.findings}


@pytest.mark.live
def test_the_server_computes_the_same_values_in_the_same_file(server: PostgresServer, database: str) -> None:
    with server.connect(database) as connection:
        connection.execute(GIVEN)
        connection.execute(
            "INSERT INTO visits SELECT n, timestamp '2024-03-31' + n * interval '1 h' FROM generate_series(1, 9) n"
        )
        connection.execute("SET timezone = 'America/New_York'")
        wanted = connection.execute("SELECT at AT TIME ZONE 'UTC' FROM visits ORDER BY id").fetchall()
        file = connection.execute("SELECT pg_relation_filenode('visits')").fetchall()
        with connection.transaction():
            connection.execute("SET LOCAL timezone = 'UTC'")
            connection.execute("ALTER TABLE visits ALTER at TYPE timestamptz")
        assert connection.execute("SELECT at FROM visits ORDER BY id").fetchall() == wanted
        assert connection.execute("SELECT pg_relation_filenode('visits')").fetchall() == file


def test_what_is_over_the_column_is_built_anew(tmp_path: Path) -> None:
    given = f"{GIVEN};CREATE INDEX ix_at ON visits (at)"
    assert (
        "; ix_at is built anew all the same: drop what can be"
        in told("MG409", Example(UTC, given=given), tmp_path).advice
    )


@pytest.mark.parametrize(
    "change",
    [
        CHANGE.format("at", "timezone=True", "at AT TIME ZONE 'Europe/Berlin'"),
        CHANGE.format("at", "timezone=True", "at AT TIME ZONE 'UTC' + interval '1 hour'"),
        CHANGE.format("at", "timezone=True", "at AT TIME ZONE 'UTC' AT TIME ZONE 'UTC'"),
        CHANGE.format("at", "timezone=True", "seen AT TIME ZONE 'UTC'"),
    ],
    ids=["another zone", "more than that", "there and back", "another column"],
)
def test_what_does_something_else_does_not_get_that_advice(change: str, tmp_path: Path) -> None:
    assert "In the time zone UTC" not in told("MG409", Example(change, given=GIVEN), tmp_path).advice


def test_a_zone_that_goes_is_computed_likewise(tmp_path: Path) -> None:
    change = CHANGE.format("seen", "", "seen AT TIME ZONE 'UTC'")
    assert "type_=sa.DateTime()" in told("MG409", Example(change, given=GIVEN), tmp_path).recipe
