"""A loop over batches writes every row and ends, on tables with all kinds of keys."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from migguard.rules.frame import Example
from tests.live.servers import PostgresServer
from tests.rules.examples import project
from tests.rules.test_fitting_advice import told

KEYS = {
    "a number": "id bigint PRIMARY KEY, a int, b int, u int",
    "two columns": "id bigint, a int, b int, u int, PRIMARY KEY (id, a)",
    "none": "id bigint, a int, b int, u int",
}
ROWS = (
    "INSERT INTO t (id, a) SELECT g, g FROM generate_series(1, 12000) AS g;"
    "INSERT INTO v (id, a, b) SELECT id, a, 1 FROM t"
)
SOUGHT = "(SELECT v.b FROM v WHERE v.a = t.a)"
WORK = {
    "from itself": (
        "UPDATE t SET b = coalesce(b, 0) + 1 WHERE a > 2000",
        {"SET …": "SET b = coalesce(b, 0) + 1"},
        10000,
    ),
    "a constant": ("UPDATE t SET b = 1 WHERE a > 2000", {"SET …": "SET b = 1", "FROM …": "FROM 1"}, 10000),
    "where there is none": ("UPDATE t SET b = 1 WHERE b IS NULL", {"SET …": "SET b = 1"}, 12000),
    "all rows": ("UPDATE t SET b = 1", {"SET …": "SET b = 1", "FROM …": "FROM 1"}, 12000),
    "a delete": ("DELETE FROM t WHERE a > 2000", {}, 0),
    "joined": (
        "UPDATE t SET b = v.b FROM v WHERE v.a = t.a AND v.a > 2000",
        {
            "SET … FROM …": "SET b = v.b FROM v",
            "FROM t, …": "FROM t, v",
            "DISTINCT FROM …": "DISTINCT FROM v.b",
            "…": "v.a = t.a AND v.a > 2000",
        },
        10000,
    ),
    "joined under another name": (
        "UPDATE t AS x SET b = v.b FROM v WHERE v.a = x.a AND x.b IS NULL",
        {"SET … FROM …": "SET b = v.b FROM v", "FROM t AS x, …": "FROM t AS x, v", "…": "v.a = x.a"},
        12000,
    ),
    "looked up": (
        f"UPDATE t SET b = {SOUGHT} WHERE a > 2000",
        {"SET …": f"SET b = {SOUGHT}", "(…)": SOUGHT},
        10000,
    ),
    "a joined delete": (
        "DELETE FROM t USING v WHERE v.a = t.a AND v.a > 2000",
        {"FROM t, … WHERE …": "FROM t, v WHERE v.a = t.a AND v.a > 2000"},
        0,
    ),
    "into another": (
        "INSERT INTO u SELECT id FROM t WHERE a > 2000",
        {
            "SELECT … FROM": "SELECT id::text FROM",
            " … WHERE": " WHERE",
            "FROM u WHERE …": "FROM u WHERE u.id = t.id::text",
        },
        10000,
    ),
}
LEFT = "SELECT count(*) FROM t WHERE a > 2000"
COUNT = {"a delete": LEFT, "a joined delete": LEFT, "into another": "SELECT count(*) FROM u"}


def filled(recipe: str, parts: dict[str, str]) -> str:
    """The recipe with SQL in the place of its dots."""
    for dots, text in parts.items():
        recipe = recipe.replace(dots, text)
    return recipe.replace("…", "a > 2000")


EMPTY = {
    "one value": ("UPDATE t SET n = 1", {}, 12000),
    "what may be NULL": ("UPDATE t SET n = b", {"… IS NOT": "b IS NOT"}, 5000),
    "with an older column": (
        "UPDATE t SET u = 7, n = b",
        {"DISTINCT FROM …": "DISTINCT FROM 7", "… IS NOT": "b IS NOT"},
        5000,
    ),
    "looked up": (f"UPDATE t SET n = {SOUGHT}", {"(…) IS NOT": f"{SOUGHT} IS NOT"}, 12000),
    "by a function": ("UPDATE t SET n = abs(b)", {"… IS NOT": "abs(b) IS NOT"}, 5000),
}
"""Statements that fill a new column `n`; 5000 rows have a value in `b`."""
CASES = [(key, work) for key in KEYS for work in WORK if key == "a number" or work != "from itself"]
"""Without a number to go by, nothing tells which rows a statement has changed already that builds on them."""


@pytest.mark.live
@pytest.mark.parametrize(("key", "work"), CASES)
def test_every_row_is_written_and_the_loop_ends(key: str, work: str, server: PostgresServer, tmp_path: Path) -> None:
    statement, parts, rows = WORK[work]
    query = COUNT.get(work, "SELECT count(*) FROM t WHERE b = 1")
    assert written(key, statement, parts, query, ROWS, server, tmp_path) == rows


@pytest.mark.live
@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(("statement", "parts", "rows"), EMPTY.values(), ids=EMPTY)
def test_a_new_column_is_filled_where_it_is_empty(
    key: str, statement: str, parts: dict[str, str], rows: int, server: PostgresServer, tmp_path: Path
) -> None:
    """Where the new value is NULL too, the loop ends all the same."""
    add = 'op.add_column("t", sa.Column("n", sa.Integer()))'
    given = f"{ROWS};UPDATE t SET b = 1 WHERE a <= 5000"
    whole = {**parts, "SET …": statement.removeprefix("UPDATE t ")}
    query = "SELECT count(*) FROM t WHERE n IS NOT NULL"
    assert written(key, statement, whole, query, given, server, tmp_path, (add,)) == rows


def written(
    key: str,
    statement: str,
    parts: dict[str, str],
    query: str,
    there: str,
    server: PostgresServer,
    tmp_path: Path,
    earlier: tuple[str, ...] = (),
) -> int:
    """How many rows a query counts once the advised recipe has run in the place of a statement."""
    from alembic import command
    from alembic.config import Config

    given = (
        f"CREATE TABLE t ({KEYS[key]});CREATE TABLE u (id text);CREATE TABLE v (id bigint, a int PRIMARY KEY, b int)"
    )
    bad = Example(f'op.execute("{statement}")', given=given, earlier=earlier)
    finding = told("MG514", bad, tmp_path / "bad")
    name = server.create_database()
    try:
        url = f"postgresql+psycopg://postgres@/{name}?host={server.directory}"
        code = f'op.execute("SET statement_timeout = 20000")\n{filled(finding.recipe, parts)}'
        example = Example(code, given=f"{given};{there}", earlier=earlier, env=("transaction_per_migration",))
        project(example, tmp_path / "good", "postgresql", url)
        config = Config(tmp_path / "good" / "alembic.ini")
        config.set_main_option("script_location", str(tmp_path / "good" / "migrations"))
        command.upgrade(config, "head")
        with psycopg.connect(host=str(server.directory), user="postgres", dbname=name) as connection:
            found = connection.execute(query).fetchone()  # type: ignore[arg-type]
    finally:
        server.drop_database(name)
    assert found is not None
    return int(found[0])
