"""Every probe of every example and case is asked where it will be: in front of the deployment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from migguard.changes import Engine
from tests.live.servers import VERSIONS, PostgresServer, running
from tests.rules import examples
from tests.rules.test_examples import EXAMPLES, RULES

pytestmark = pytest.mark.live

VERSION = max(VERSIONS)
NAMES = [name for name in EXAMPLES if Engine.POSTGRESQL in RULES[name].engines]


@pytest.fixture(scope="module")
def newest() -> Iterator[PostgresServer]:
    with running(VERSION) as server:
        yield server


@pytest.mark.parametrize("name", NAMES, ids=lambda name: f"{RULES[name].code}-{name}")
def test_a_probe_has_an_answer_before_the_deployment(
    name: str, newest: PostgresServer, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    rule = RULES[name]
    for number, (fact, example, _) in enumerate(EXAMPLES[name]):
        if example.server and not example.server.startswith("postgresql"):
            continue
        folder = tmp_path / str(number)
        folder.mkdir()
        found = examples.check(example, rule.code, folder, "postgresql").report.findings
        probes = {f.probe for f in found if f.probe is not None and f.direction != "downgrade"}
        if probes:
            with subtests.test(fact):
                try:
                    ask(probes, example, newest, folder / "deployed")
                except (psycopg.Error, sa.exc.DBAPIError) as error:
                    if example.runs or not absent(getattr(error, "orig", error), example):
                        raise


def absent(error: BaseException, example: examples.Example) -> bool:
    """Whether an example that no server takes is about a table that nobody makes, or an extension that is missing."""
    if isinstance(error, psycopg.errors.UndefinedTable):
        name = str(error).split('"')[1].rpartition(".")[2]
        return f"TABLE {name}" not in example.given and f'create_table("{name}"' not in "".join(example.released)
    return isinstance(error, psycopg.errors.FeatureNotSupported) and "CREATE EXTENSION" in example.given


def ask(probes: set[str], example: examples.Example, server: PostgresServer, root: Path) -> None:
    """Deploy what is released, and run the queries there."""
    root.mkdir()
    database = server.create_database()
    try:
        url = f"postgresql+psycopg://postgres@/{database}?host={server.directory}"
        since = examples.project(example, root, "postgresql", url)
        config = Config(str(root / "alembic.ini"))
        config.set_main_option("script_location", str(root / "migrations"))
        if since != "base":
            command.upgrade(config, since)
        with server.connect(database) as connection:
            for probe in sorted(probes):
                answered(connection, probe)
    finally:
        server.drop_database(database)


def answered(connection: psycopg.Connection, probe: str) -> None:
    """The query runs; it names only what is there."""
    connection.execute(probe).fetchall()  # type: ignore[arg-type]  # a text of migguard's own
