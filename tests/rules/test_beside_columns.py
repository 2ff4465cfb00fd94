"""What is advised in the place of a rewrite: it runs, keeps what the column had, and leaves nothing behind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from migguard.rules.frame import Example
from tests.live.servers import PostgresServer
from tests.rules.examples import check, project
from tests.rules.test_fitting_advice import told

pytestmark = pytest.mark.thorough

GIVEN = (
    "CREATE TYPE mood AS ENUM ('good', 'bad');"
    "CREATE TABLE orders (id bigint PRIMARY KEY, mood mood NOT NULL DEFAULT 'good')"
)
CHANGE = 'op.execute("ALTER TABLE orders ALTER mood TYPE {new} USING mood::text::{new}")'
RENAMED = """
op.execute("ALTER TYPE mood RENAME TO mood_old")
op.execute("CREATE TYPE mood AS ENUM ({values})")
op.execute("ALTER TABLE orders ALTER mood DROP DEFAULT")
{change}
op.execute("ALTER TABLE orders ALTER mood SET DEFAULT 'good'")
op.execute("DROP TYPE mood_old")
"""
ANEW = """
op.execute("CREATE TYPE mood_new AS ENUM ({values})")
op.execute("ALTER TABLE orders ALTER mood DROP DEFAULT")
{change}
op.execute("DROP TYPE mood")
"""
BACK = 'op.execute("ALTER TYPE mood_new RENAME TO mood")'
BY_TEXT = """
op.execute("ALTER TABLE orders ALTER mood DROP DEFAULT")
op.execute("ALTER TABLE orders ALTER mood TYPE text USING mood::text")
op.execute("DROP TYPE mood")
op.execute("CREATE TYPE mood AS ENUM ({values})")
{change}
"""
GROWN = {
    "in the middle": ("'good', 'fair', 'bad'", ["'fair' AFTER 'good'"]),
    "at the end": ("'good', 'bad', 'ugly', 'x'", ["'ugly'", "'x'"]),
    "at the start": ("'best', 'better', 'good', 'bad'", ["'best' BEFORE 'good'", "'better' AFTER 'best'"]),
    "one less": ("'good'", []),
    "another order": ("'bad', 'good', 'ugly'", []),
}
DANCES = {
    "renamed": RENAMED.replace("{change}", CHANGE.format(new="mood")),
    "anew": ANEW.replace("{change}", CHANGE.format(new="mood_new")) + BACK,
    "anew under a new name": ANEW.replace("{change}", CHANGE.format(new="mood_new")),
    "by text": BY_TEXT.replace("{change}", CHANGE.format(new="mood")),
}


@pytest.mark.parametrize("dance", DANCES)
@pytest.mark.parametrize(("values", "added"), GROWN.values(), ids=list(GROWN))
def test_an_enum_that_only_grows_gets_its_values(dance: str, values: str, added: list[str], tmp_path: Path) -> None:
    example = Example(DANCES[dance].replace("{values}", values), given=GIVEN)
    report = check(example, "MG409", tmp_path / "bad", "postgresql").report
    found = next(f for f in report.findings if f.code == "MG409")
    lines = [line.strip() for line in found.recipe.splitlines()]
    assert [x for x in lines if "ADD VALUE" in x] == [f'op.execute("ALTER TYPE mood ADD VALUE {v}")' for v in added]
    assert ('op.execute("ALTER TYPE mood RENAME TO mood_new")' in lines) == ("new name" in dance and bool(added))
    if added:
        good = check(replace(example, code=found.recipe), "MG409", tmp_path / "good", "postgresql").report
        assert not {"MG409", "MG002", "MG706", "MG501", "MG003"} & {f.code for f in good.findings}
    elif dance != "by text":
        assert lines[-3:] == [
            'op.alter_column("orders", "mood_old", nullable=True)',  # no INSERT names it between the swap and its drop
            "# before its type is dropped:",
            'op.drop_column("orders", "mood_old")',  # or its type could not be dropped
        ]


def test_a_type_that_grows_here_is_grown_though_it_shrinks_later(tmp_path: Path) -> None:
    shrinks = DANCES["renamed"].replace("{values}", "'good', 'fair'")
    grows = Example(shrinks, given=GIVEN, earlier=(DANCES["renamed"].replace("{values}", "'good', 'fair', 'bad'"),))
    report = check(grows, "MG409", tmp_path, "postgresql").report
    first, second = (f.recipe for f in report.findings if f.code == "MG409")
    assert [line.strip() for line in first.splitlines() if "ADD VALUE" in line] == [
        "op.execute(\"ALTER TYPE mood ADD VALUE 'fair' AFTER 'good'\")"
    ]
    assert "ADD VALUE" not in second


def test_a_type_that_others_keep_is_not_to_be_grown(tmp_path: Path) -> None:
    given = GIVEN + ";CREATE TABLE other (mood mood)"
    change = CHANGE.format(new="wider")
    dance = f"{ANEW.split('{change}')[0].format(values=GROWN['in the middle'][0]).replace('mood_new', 'wider')}{change}"
    assert "ADD VALUE" not in told("MG409", Example(dance, given=given), tmp_path).recipe


COLUMNS = {
    "int NOT NULL DEFAULT 3": ("NOT NULL", "server_default"),
    "int NOT NULL": ("NOT NULL", "nullable=True"),
    "int": (),
    "int DEFAULT 3": ("server_default",),
    "serial": ("NOT NULL", "server_default", "OWNED BY"),
    "int GENERATED ALWAYS AS IDENTITY": ("NOT NULL", "identity"),
    "int UNIQUE": ("orders_n_key",),
}
PARTS = ("NOT NULL", "server_default", "nullable=True", "OWNED BY", "identity", "orders_n_key")


@pytest.mark.live
@pytest.mark.parametrize("kind", COLUMNS)
def test_a_new_column_has_what_the_old_one_had(kind: str, server: PostgresServer, tmp_path: Path) -> None:
    from alembic import command
    from alembic.config import Config

    example = Example(
        'op.alter_column("orders", "n", type_=sa.BigInteger())', given=f"CREATE TABLE orders (n {kind}, a int)"
    )
    found = told("MG409", example, tmp_path / "bad")
    assert tuple(part for part in PARTS if part in found.recipe) == COLUMNS[kind]
    name = server.create_database()
    try:
        url = f"postgresql+psycopg://postgres@/{name}?host={server.directory}"
        taken = replace(example, code=found.recipe, env=("transaction_per_migration",))
        project(taken, tmp_path / "good", "postgresql", url)
        config = Config(tmp_path / "good" / "alembic.ini")
        config.set_main_option("script_location", str(tmp_path / "good" / "migrations"))
        command.upgrade(config, "head")
        with psycopg.connect(host=str(server.directory), user="postgres", dbname=name) as connection:
            values = "DEFAULT" if "DEFAULT" in kind or "serial" in kind else "1"
            connection.execute(f"INSERT INTO orders (n, a) VALUES ({values}, 1)")
            connection.execute("ALTER TABLE orders DROP COLUMN n_old")
            kinds = connection.execute(
                "SELECT atttypid::regtype::text, attnotnull FROM pg_attribute "
                "WHERE attrelid = 'orders'::regclass AND attname = 'n'"
            ).fetchone()
    finally:
        server.drop_database(name)
    assert kinds == ("bigint", "NOT NULL" in COLUMNS[kind])


MADE_LATER = {
    "a unique key": ('op.create_unique_constraint("uq", "t", ["n", "a"])', True),
    "an index": ('op.create_index("ix", "t", ["a"])', True),
    "a check": ('op.create_check_constraint("ck", "t", "a > 0")', True),
    "under its new name": ('op.alter_column("t", "a", new_column_name="b")\nop.create_index("ix", "t", ["b"])', True),
    "over another column": ('op.create_index("ix", "t", ["n"])', False),
}


@pytest.mark.parametrize(("later", "said"), MADE_LATER.values(), ids=MADE_LATER)
def test_what_is_made_over_the_column_later_comes_behind_the_swap(later: str, said: bool, tmp_path: Path) -> None:
    code = f'op.alter_column("t", "a", type_=sa.Numeric(20, 8))\n{later}'
    recipe = told("MG409", Example(code, given="CREATE TABLE t (id int PRIMARY KEY, a int, n int)"), tmp_path).recipe
    swap, _, rest = recipe.partition('"a_new", new_column_name="a")\n')
    assert swap
    assert ("# what the deployment makes over it later (line " in rest) == said
