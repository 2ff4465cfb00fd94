"""A recipe that SQLite cannot run says so where the history looks as if it ran there too."""

from pathlib import Path

import pytest

from migguard.findings import Finding
from migguard.rules.facts.advice.beside_sqlite import unable, unable_on_mysql
from migguard.rules.frame import Example
from tests.rules.examples import check

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, code text, total int)"
BATCH = 'with op.batch_alter_table("orders") as batch:\n    batch.alter_column("code", nullable=False)'
ELSEWHERE = 'if op.get_bind().dialect.name == "sqlite":\n    pass'
NOTE = '# if op.get_context().dialect.name == "postgresql":'


def told(code: str, rule: str, root: Path, *released: str) -> Finding:
    report = check(Example(code, given=GIVEN, released=released), rule, root, "postgresql").report
    return next(f for f in report.findings if f.code == rule)


def test_a_batch_stays_for_sqlite(tmp_path: Path) -> None:
    recipe = told(BATCH, "MG405", tmp_path).recipe
    assert "# SQLite cannot do this, and keeps what is here: " in recipe
    assert NOTE in recipe


def test_an_earlier_revision_can_show_it(tmp_path: Path) -> None:
    alter = 'op.alter_column("orders", "code", nullable=False)'
    assert NOTE in told(alter, "MG405", tmp_path / "a", ELSEWHERE).recipe
    assert "SQLite" not in told(alter, "MG405", tmp_path / "b").recipe


def test_what_only_postgresql_comes_to_needs_no_words(tmp_path: Path) -> None:
    alter = 'if op.get_bind().dialect.name == "postgresql":\n    op.alter_column("orders", "code", nullable=False)'
    assert "SQLite" not in told(alter, "MG405", tmp_path, ELSEWHERE).recipe


@pytest.mark.parametrize(("asked", "said"), [('== "sqlite"', False), ('!= "postgresql"', False), ('== "mysql"', True)])
def test_what_comes_after_a_return_for_sqlite_needs_no_words(asked: str, said: bool, tmp_path: Path) -> None:
    alter = f'if op.get_bind().dialect.name {asked}:\n    return\nop.alter_column("orders", "code", nullable=False)'
    assert ("SQLite" in told(alter, "MG405", tmp_path, ELSEWHERE).recipe) == said


def test_what_sqlite_does_needs_no_words(tmp_path: Path) -> None:
    index = 'op.create_index("ix", "orders", ["code"])'
    assert "SQLite" not in told(index, "MG401", tmp_path, ELSEWHERE).recipe


def test_a_key_numbers_its_rows_on_sqlite_too(tmp_path: Path) -> None:
    made = 'op.create_table("items", sa.Column("id", sa.Integer(), primary_key=True))'
    variant = 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'
    assert variant in told(made, "MG913", tmp_path / "a", ELSEWHERE).recipe
    assert variant not in told(made, "MG913", tmp_path / "b").recipe
    bare = 'op.create_table("items", sa.Column("name", sa.Text()))'
    assert variant in told(bare, "MG912", tmp_path / "c", ELSEWHERE).recipe


@pytest.mark.parametrize(
    ("recipe", "fails"),
    [
        ('op.create_check_constraint("ck", "t", "a > 1")', True),
        ('op.drop_constraint("ck", "t", type_="check")', True),
        ('op.alter_column("t", "a", nullable=False)', True),
        ('op.alter_column("t", "a", new_column_name="b")', False),
        ('op.execute("ALTER TABLE t VALIDATE CONSTRAINT ck")', True),
        ('op.execute("CREATE SEQUENCE s")', True),
        ('op.execute("UPDATE t SET a = 1")', False),
        ('op.execute("CREATE TABLE u AS SELECT a FROM t")', False),
        ('batch.drop_constraint("ck", type_="check")', False),
        ('op.get_bind().execute(sa.text("UPDATE t SET a = v.a FROM unnest(:a) AS v (a)"))', True),
        ('op.get_bind().execute(sa.text("DELETE FROM t WHERE ctid = ANY (ARRAY(SELECT ctid FROM t))"))', True),
        ('op.get_bind().execute(sa.text("UPDATE t SET a = 1"))', False),
        (
            'if op.get_bind().dialect.name == "postgresql" and op.execute(sa.text("SELECT 1 FROM pg_index")):\n    f()',
            False,
        ),
        ('# op.drop_constraint("ck")', False),
        ("that is no Python", False),
    ],
)
def test_what_sqlite_fails_at(recipe: str, fails: bool) -> None:
    assert unable(recipe) is fails


NOT_SQLITE = 'if op.get_bind().dialect.name != "sqlite":\n    op.add_column("orders", sa.Column("note", sa.Text()))'
ONLY_POSTGRESQL = NOT_SQLITE.replace('!= "sqlite"', '== "postgresql"')
ON_MYSQL = 'if op.get_bind().dialect.name == "mysql":\n    pass'


@pytest.mark.parametrize(
    ("code", "released", "said"),
    [
        (NOT_SQLITE, ON_MYSQL, True),
        (NOT_SQLITE, ELSEWHERE, False),
        (ONLY_POSTGRESQL, ON_MYSQL, False),
        ('op.add_column("orders", sa.Column("note", sa.Text(), comment="a"))', ON_MYSQL, True),
    ],
    ids=["in what SQLite does not run", "no sign of MySQL", "in what PostgreSQL alone runs", "in no condition"],
)
def test_mysql_cannot_limit_a_wait_so(code: str, released: str, said: bool, tmp_path: Path) -> None:
    recipe = told(code, "MG505", tmp_path, released).recipe
    assert ("# MySQL cannot do this" in recipe and NOTE in recipe) == said


@pytest.mark.parametrize(
    ("recipe", "fails"),
    [
        ("op.execute(\"SET LOCAL lock_timeout = '2s'\")", True),
        ('op.execute("ALTER TABLE t VALIDATE CONSTRAINT ck")', True),
        ('op.execute("ALTER TABLE t ADD CONSTRAINT ck CHECK (a > 1)")', False),
        ('op.create_check_constraint("ck", "t", "a > 1", postgresql_not_valid=True)', False),
        ("that is no Python", False),
    ],
)
def test_what_mysql_fails_at(recipe: str, fails: bool) -> None:
    assert unable_on_mysql(recipe) is fails


def test_what_the_dots_of_a_recipe_stand_for_stays_for_every_engine(tmp_path: Path) -> None:
    block = 'with op.get_context().autocommit_block():\n    op.add_column("orders", sa.Column("note", sa.Text()))'
    assert "put each call below, without the dots, under" in told(block, "MG505", tmp_path / "dots", ELSEWHERE).recipe
    alone = 'op.add_column("orders", sa.Column("note", sa.Text()))'
    assert "put it under" in told(alone, "MG505", tmp_path / "alone", ELSEWHERE).recipe
