"""The recipes of the documentation run on a real server, on tables with rows, forwards and as far back as they go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config

from migguard.rules.frame import Example
from tests.docs.test_recipes import RECIPES
from tests.live.servers import VERSIONS, PostgresServer, running
from tests.rules import examples

pytestmark = pytest.mark.live

ROWS = {
    "NOT NULL in four steps": "INSERT INTO customers SELECT i, nullif('c' || i, 'c7') FROM generate_series(1, 9) i",
    "A unique constraint": "INSERT INTO customers SELECT i, 'c' || i FROM generate_series(1, 9) i",
    "A foreign key": "INSERT INTO customers VALUES (1), (2); INSERT INTO orders VALUES (1, 1), (2, NULL)",
    "Renaming a column": "INSERT INTO customers SELECT i, 'c' || i FROM generate_series(1, 9) i",
    "Another type": "INSERT INTO events SELECT i, i FROM generate_series(1, 9) i",
    "A value for an enum": "INSERT INTO orders VALUES (4, 'new'), (17, 'paid')",
}
PAIRS = {"Renaming a column": ("customers", "mail", "email"), "Another type": ("events", "reference", "reference_big")}


@pytest.fixture(scope="module")
def newest() -> Iterator[PostgresServer]:
    with running(max(VERSIONS)) as server:
        yield server


@pytest.fixture
def fresh(newest: PostgresServer) -> Iterator[str]:
    name = newest.create_database()
    yield name
    newest.drop_database(name)


def laid_out(name: str, server: PostgresServer, database: str, root: Path) -> Config:
    """The recipe's project, with its tables on the server and rows in them."""
    given, revisions = RECIPES[name]
    url = f"postgresql+psycopg://postgres@/{database}?host={server.directory}"
    example = Example(
        revisions[-1], given=given, earlier=tuple(revisions[:-1]), env=("transaction_per_migration",)
    )  # fmt: skip
    examples.project(example, root, "postgresql", url)
    config = Config(str(root / "alembic.ini"))
    config.set_main_option("script_location", str(root / "migrations"))
    command.upgrade(config, "r1")
    with server.connect(database) as connection:
        connection.execute(ROWS[name])
        connection.commit()
    return config


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_runs_on_a_server(name: str, newest: PostgresServer, fresh: str, tmp_path: Path) -> None:
    config = laid_out(name, newest, fresh, tmp_path)
    for number in range(2, len(RECIPES[name][1]) + 2):
        command.upgrade(config, f"r{number}")
    with newest.connect(fresh) as connection:
        broken = connection.execute(
            "SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid "
            "UNION ALL SELECT conrelid::regclass FROM pg_constraint WHERE NOT convalidated"
        ).fetchall()
    assert broken == []


@pytest.mark.parametrize("name", [n for n in RECIPES if n not in (*PAIRS, "NOT NULL in four steps")])
def test_a_recipe_with_a_way_back_goes_it(name: str, newest: PostgresServer, fresh: str, tmp_path: Path) -> None:
    config = laid_out(name, newest, fresh, tmp_path)
    for target in ("head", "r1", "head"):
        command.upgrade(config, target) if target == "head" else command.downgrade(config, target)


@pytest.mark.parametrize("name", PAIRS)
def test_old_and_new_code_read_each_others_writes(
    name: str, newest: PostgresServer, fresh: str, tmp_path: Path
) -> None:
    """Between the first and the last revision, both columns are alike, whoever writes which."""
    table, old, new = PAIRS[name]
    config = laid_out(name, newest, fresh, tmp_path)
    for revision in ("r2", "r3"):
        command.upgrade(config, revision)
        with newest.connect(fresh) as connection:
            write(connection, table, old, new, 100 if revision == "r2" else 200)
            connection.commit()
            differing = connection.execute(
                f"SELECT count(*) FROM {table} WHERE {old}::text IS DISTINCT FROM {new}::text AND id >= 100"
            ).fetchone()
        assert differing == (0,)
    with newest.connect(fresh) as connection:
        left = connection.execute(f"SELECT count(*) FROM {table} WHERE {new} IS NULL").fetchone()
    assert left == (0,)


def write(connection: psycopg.Connection, table: str, old: str, new: str, first: int) -> None:
    """Rows of old and of new code, each inserted and updated."""
    for number, column in enumerate((old, new), first):
        connection.execute(f"INSERT INTO {table} (id, {column}) VALUES ({number}, '{number}')")
        connection.execute(f"UPDATE {table} SET {column} = '{number + 1}' WHERE id = {number}")
