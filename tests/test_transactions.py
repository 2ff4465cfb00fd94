"""What the replay knows of transactions, of the settings that are in force in them, and of the locks they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.changes import Engine
from migguard.effects.dispatch import effect_of_step
from migguard.findings import Finding
from migguard.pipeline import Checked, Request, run, trace
from migguard.rules.frame import Example
from migguard.shadow.connections import command_line
from migguard.trace import Deployment
from migguard.transactions import Transactions, duration, in_words
from tests.rules.examples import project

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text)"
ADD = 'op.add_column("orders", sa.Column("note", sa.Text()))'
ENV = """
from alembic import context
from sqlalchemy import create_engine, event, text
{before}
engine = create_engine(context.config.get_main_option("sqlalchemy.url"){arguments})
{listener}
with engine.{how}() as connection:
    {first}
    context.configure(connection=connection{options})
    with context.begin_transaction():
        {inside}
        context.run_migrations()
    {last}
"""
LISTENER = """
@event.listens_for(engine, "connect")
def limit(connection, record):
    cursor = connection.cursor()
    cursor.execute("SET lock_timeout = '3s'")
    cursor.close()
"""
SET = "connection.execute(text(\"SET lock_timeout = '4s'\"))"
LOCAL = "connection.execute(text(\"SET LOCAL lock_timeout = '4s'\"))"
PER = ", transaction_per_migration=True"


def made(root: Path, example: Example, url: str | None = None, **env: str) -> Request:
    """A project with an env.py of its own."""
    since = project(example, root, "postgresql", url)
    parts = {"before": "", "arguments": "", "listener": "", "how": "connect", "first": "pass", "options": ""}
    text = ENV.format(**{**parts, "inside": "pass", "last": "pass", **env})
    (root / "migrations" / "env.py").write_text(text)
    return Request(config=root / "alembic.ini", overrides={"dialect": "postgresql"}, here=root, since=since)


def deployed(root: Path, example: Example, url: str | None = None, **env: str) -> Deployment:
    return trace(made(root, example, url, **env)).deployments[0]


def judged(checked: Checked) -> list[Finding]:
    """What the rules on lock timeouts say."""
    return [f for f in checked.report.findings if f.code in ("MG505", "MG506")]


def codes(checked: Checked) -> list[str]:
    return [f.code for f in checked.report.findings if f.code in ("MG505", "MG506", "MG516")]


@pytest.mark.parametrize(
    ("env", "url"),
    [
        ({"arguments": ', connect_args={"options": "-c lock_timeout=5000"}'}, None),
        ({"arguments": ', connect_args={"server_settings": {"lock_timeout": "5000"}}'}, None),
        ({}, "postgresql+psycopg://u@h/d?options=-c%%20lock_timeout%%3D5s"),
        ({"listener": LISTENER}, None),
        ({"first": f"{SET}; connection.commit()"}, None),
        ({"first": SET, "last": "connection.commit()"}, None),
        ({"inside": SET}, None),
        ({"inside": LOCAL}, None),
        ({"how": "begin", "first": LOCAL}, None),
    ],
    ids=[
        "options", "server settings", "the URL", "on connect", "set and committed", "set, and committed at the end",
        "set in the transaction", "set local in the transaction", "set local in the engine's transaction",
    ],
)  # fmt: skip
def test_a_lock_timeout_of_env_py_is_in_force(tmp_path: Path, env: dict[str, str], url: str | None) -> None:
    earlier = ('op.drop_column("orders", "email")',)
    checked = run(made(tmp_path, Example(ADD, given=GIVEN, earlier=earlier), url, **env))
    assert codes(checked) == []


BLOCK = """
with op.get_context().autocommit_block():
    op.create_index("ix", "orders", ["email"], postgresql_concurrently=True)
"""


def test_set_local_of_env_py_ends_with_the_first_revisions_transaction(tmp_path: Path) -> None:
    example = Example(ADD, given=GIVEN, earlier=('op.drop_column("orders", "email")',))
    found = judged(run(made(tmp_path, example, inside=LOCAL, options=PER)))
    assert [(f.code, f.revision) for f in found] == [("MG506", "r3")]
    assert "SET LOCAL in line " in found[0].message
    assert "of env.py ends with its transaction, which was that of the first revision" in found[0].message
    assert found[0].origin is not None
    assert [o.path.name for o in (found[0].origin, *found[0].related)] == ["env.py", "r3_revision.py"]


@pytest.mark.parametrize("earlier", [(), (BLOCK,)], ids=["of this revision", "of another"])
def test_set_local_of_env_py_ends_at_an_autocommit_block(tmp_path: Path, earlier: tuple[str, ...]) -> None:
    code = ADD if earlier else BLOCK + ADD
    [found] = judged(run(made(tmp_path, Example(code, given=GIVEN, earlier=earlier), inside=LOCAL)))
    assert found.code == "MG506"
    assert "the autocommit block in line " in found.message
    assert ("of revision r2 has committed" in found.message) == bool(earlier)


LONG = "SET {}lock_timeout = '180s'"


@pytest.mark.parametrize(
    "env",
    [
        {"arguments": ', connect_args={"options": "-c lock_timeout=180s"}'},
        {"listener": LISTENER.replace("3s", "180s")},
        {"inside": f'connection.execute(text("{LONG.format("LOCAL ")}"))'},
        {"first": f'connection.execute(text("{LONG.format("")}")); connection.commit()'},
    ],
    ids=["options", "on connect", "set local", "set"],
)
def test_a_long_limit_of_env_py_is_judged_by_the_rule_on_limits(tmp_path: Path, env: dict[str, str]) -> None:
    [found] = judged(run(made(tmp_path, Example(ADD, given=GIVEN), **env)))
    assert found.code == "MG506"
    assert "The lock timeout of 180s in " in found.message
    assert "is above 10s" in found.message


def test_what_an_earlier_revision_sets_is_no_more_env_pys(tmp_path: Path) -> None:
    example = Example(ADD, given=GIVEN, earlier=("op.execute(\"SET lock_timeout = '2s'\")",))
    env = {"first": f'connection.execute(text("{LONG.format("")}")); connection.commit()'}
    assert codes(run(made(tmp_path, example, **env))) == []


@pytest.mark.parametrize("how", ["no limit", "rolled back"])
def test_a_limit_that_env_py_sets_in_vain_is_named(tmp_path: Path, how: str) -> None:
    first = f"{SET}; connection.rollback()" if how == "rolled back" else "pass"
    found = judged(run(made(tmp_path, Example(ADD, given=GIVEN), first=first)))
    [finding] = found
    assert finding.code == "MG505"
    assert ("is not in force here" in finding.message) == (how == "rolled back")


def test_a_limit_of_0_in_the_engines_options_is_none(tmp_path: Path) -> None:
    arguments = ', connect_args={"options": "-c lock_timeout=0"}'
    [found] = judged(run(made(tmp_path, Example(ADD, given=GIVEN), arguments=arguments)))
    assert found.code == "MG506"
    assert "set to 0 in the connection's options" in found.message


ADVISORY = 'connection.execute(text("SELECT pg_advisory_xact_lock(1)"))'


@pytest.mark.parametrize(
    ("env", "earlier", "said"),
    [
        ({"inside": ADVISORY}, (), True),
        ({"first": f"{ADVISORY}; connection.commit()"}, (), False),
        ({"inside": ADVISORY}, (BLOCK.replace('"ix"', '"ix2"'),), False),
        ({}, ('op.execute("SELECT pg_advisory_xact_lock(1)")',), True),
        ({}, (), False),
    ],
    ids=["held", "let go before", "let go by an earlier block", "a revision's", "none"],
)
def test_the_advisory_lock_that_a_block_ends_is_told(
    tmp_path: Path, env: dict[str, str], earlier: tuple[str, ...], said: bool
) -> None:
    checked = run(made(tmp_path, Example(BLOCK, given=GIVEN, earlier=earlier), **env))
    found = [
        f for f in checked.report.findings if f.code == "MG515" and f.revision == checked.report.findings[-1].revision
    ]
    assert any("advisory lock" in f.message for f in found) == said


@pytest.mark.parametrize("first", [SET, 'connection.exec_driver_sql("SELECT 1")'], ids=["a setting", "a question"])
def test_a_statement_before_configure_that_nobody_commits_is_reported_at_its_line(tmp_path: Path, first: str) -> None:
    request = made(tmp_path, Example(ADD, given=GIVEN), first=first)
    found = [f for f in run(request).report.findings if f.code == "MG516"]
    assert len(found) == 1
    assert found[0].origin is not None
    lines = (tmp_path / "migrations" / "env.py").read_text().splitlines()
    assert first in lines[found[0].origin.line - 1]


@pytest.mark.parametrize(
    "env",
    [
        {"how": "begin", "first": SET},
        {"first": SET, "last": "connection.commit()"},
        {"first": f"{SET}; connection.commit()"},
        {"first": f"{SET}; connection.rollback()"},
        {"arguments": ', isolation_level="AUTOCOMMIT"', "first": SET},
        {"before": "", "listener": LISTENER},
        {},
    ],
    ids=["begin", "committed after", "committed before", "rolled back before", "autocommit", "on connect", "nothing"],
)
def test_migrations_that_are_committed_are_not_reported(tmp_path: Path, env: dict[str, str]) -> None:
    assert "MG516" not in codes(run(made(tmp_path, Example(ADD, given=GIVEN), **env)))


def test_a_transaction_of_the_engine_is_one_for_all_revisions(tmp_path: Path) -> None:
    """Alembic takes no part in a transaction that it finds, whatever transaction_per_migration says."""
    example = Example(ADD, given=GIVEN, earlier=('op.drop_column("orders", "email")',))
    one = deployed(tmp_path / "one", example, how="begin", options=PER)
    assert len({s.transaction for t in one.upgrades for s in t.statements}) == 1
    two = deployed(tmp_path / "two", example, options=PER)
    assert len({s.transaction for t in two.upgrades for s in t.statements}) == 2


COMMIT = f'op.execute("COMMIT")\n{ADD}\nop.execute("SELECT 1")'


@pytest.mark.parametrize(("driver", "alone"), [("psycopg2", True), ("psycopg", False), ("pg8000", False)])
def test_after_commit_in_sql_only_some_drivers_begin_again(tmp_path: Path, driver: str, alone: bool) -> None:
    statements = deployed(tmp_path, Example(COMMIT, given=GIVEN), f"postgresql+{driver}://u@h/d").upgrades[0].statements
    assert [s.autocommit for s in statements] == [False, alone, alone]


def test_statements_of_one_text_are_apart_and_in_one_transaction(tmp_path: Path) -> None:
    code = """
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0; ALTER TABLE orders ADD COLUMN a int; ALTER TABLE orders ADD COLUMN b int")
    """
    statements = deployed(tmp_path, Example(code, given=GIVEN), options=PER).upgrades[0].statements
    assert [s.sql.split()[0] for s in statements] == ["SET", "ALTER", "ALTER"]
    assert len({s.transaction for s in statements}) == 1
    assert not any(s.autocommit for s in statements)
    assert all(s.asked for s in statements)


def held(root: Path, code: str, **more: object) -> list[list[str]]:
    """The modes that are held when each of a revision's statements begins."""
    deployment = deployed(root, Example(code, given=GIVEN, **more))  # type: ignore[arg-type]
    transactions = Transactions(deployment, effect_of_step)
    return [
        [h.lock.mode.spelling for h in transactions.held(s) if h.lock.mode is not None]
        for s in deployment.upgrades[-1].statements
    ]


def test_locks_add_up_until_the_transaction_ends(tmp_path: Path) -> None:
    code = f'op.create_index("ix", "orders", ["email"])\n{ADD}\nop.execute("COMMIT")\nop.execute("SELECT 1")'
    assert held(tmp_path, code) == [[], ["SHARE"], ["SHARE", "ACCESS EXCLUSIVE"], []]


def test_rolling_back_to_a_savepoint_gives_back_what_came_after_it_and_keeps_the_savepoint(tmp_path: Path) -> None:
    code = """
    op.create_index("ix", "orders", ["email"])
    op.execute("SAVEPOINT a")
    op.execute("ALTER TABLE orders ADD COLUMN b int")
    op.execute("ROLLBACK TO SAVEPOINT a")
    op.execute("ALTER TABLE orders ADD COLUMN b int")
    op.execute("ROLLBACK TO SAVEPOINT a")
    op.execute("RELEASE SAVEPOINT a")
    op.execute("SELECT 1")
    """
    both = ["SHARE", "ACCESS EXCLUSIVE"]
    assert held(tmp_path, code) == [[], ["SHARE"], ["SHARE"], both, ["SHARE"], both, ["SHARE"], ["SHARE"]]


def test_a_revision_holds_what_the_one_before_it_took(tmp_path: Path) -> None:
    assert held(tmp_path / "a", 'op.execute("SELECT 1")', earlier=(ADD,)) == [["ACCESS EXCLUSIVE"]]
    assert held(tmp_path / "b", 'op.execute("SELECT 1")', released=(ADD,)) == [[]]


@pytest.mark.parametrize(
    ("text", "engine", "milliseconds"),
    [
        ("2000", Engine.POSTGRESQL, 2000),
        ("2s", Engine.POSTGRESQL, 2000),
        ("2 s", Engine.POSTGRESQL, 2000),
        ("1min", Engine.POSTGRESQL, 60_000),
        ("0.5h", Engine.POSTGRESQL, 1_800_000),
        ("0", Engine.POSTGRESQL, 0),
        ("500us", Engine.POSTGRESQL, 0),
        ("5", Engine.MYSQL, 5000),
        ("", Engine.POSTGRESQL, None),
        ("2 parsecs", Engine.POSTGRESQL, None),
    ],
)
def test_a_limits_value_is_read_as_the_server_reads_it(text: str, engine: Engine, milliseconds: int | None) -> None:
    assert duration(text, engine).milliseconds == milliseconds


def test_a_limit_is_written_in_its_largest_unit() -> None:
    assert [in_words(n) for n in (0, 1, 1500, 2000, 60_000, 7_200_000)] == ["0ms", "1ms", "1500ms", "2s", "1min", "2h"]


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("-c lock_timeout=5s", {"lock_timeout": "5s"}),
        ("-clock_timeout=5s -c statement_timeout=1min", {"lock_timeout": "5s", "statement_timeout": "1min"}),
        ("--lock-timeout=5000", {"lock_timeout": "5000"}),
        ("-c timezone=Europe\\ City", {"timezone": "Europe City"}),
        ("-W 5", {}),
        ("-c 'unfinished", {}),
    ],
)
def test_a_servers_command_line_is_read_for_settings(text: str, settings: dict[str, str]) -> None:
    assert command_line(text) == settings
