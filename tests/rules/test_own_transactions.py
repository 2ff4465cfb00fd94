"""What is said of transaction_per_migration where env.py has set it, and where something defeats it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from migguard.findings import Finding, Severity
from migguard.pipeline import run
from tests.shadow.project import PLAIN, Project

pytestmark = pytest.mark.thorough

SET = PLAIN.replace("connection=connection", "connection=connection, transaction_per_migration=True")
BEGUN = "    connection.begin()\n    context.configure("
HANDED = """
from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
"""
DEFEATED = "env.py begins one before context.configure()"
TABLES = (
    'op.execute("CREATE TABLE orders (id bigint PRIMARY KEY, a int)"); op.execute("CREATE TABLE parts (id bigint)")'
)
ORDERS = 'op.add_column("orders", sa.Column("b", sa.Integer()))\n'
PARTS = 'op.add_column("parts", sa.Column("b", sa.Integer()))\n'
FILL = 'op.execute("UPDATE orders SET b = a")\n'
CHILD = 'op.create_table("lines", sa.Column("order_id", sa.BigInteger(), sa.ForeignKey("orders.id")))\n'
FILLED = 'op.execute("UPDATE parts SET id = id")'
CHECK = (
    "op.execute('ALTER TABLE orders ADD CONSTRAINT c CHECK (a > 0) NOT VALID')\n"
    "op.execute('ALTER TABLE orders VALIDATE CONSTRAINT c')\n"
)


def found(root: Path, env: str, *upgrades: str) -> list[Finding]:
    project = Project(root)
    project.env(env)
    released = project.revision(TABLES)
    for upgrade in upgrades:
        project.revision(upgrade)
    return list(run(replace(project.request(), everything=False, since=released)).report.findings)


@pytest.mark.parametrize(
    ("code", "upgrade"),
    [("MG504", ORDERS + PARTS), ("MG503", ORDERS + FILL), ("MG513", ORDERS + FILL), ("MG502", CHECK),
     ("MG512", ORDERS + 'op.execute("COMMIT")'), ("MG417", CHILD + FILLED)],
)  # fmt: skip
@pytest.mark.parametrize(
    ("env", "sets", "defeated", "hedged"),
    [
        (PLAIN, True, False, False),
        (SET, False, False, False),
        (SET.replace("    context.configure(", BEGUN), False, True, False),
        (PLAIN.replace("    context.configure(", BEGUN), False, True, False),
        (HANDED, False, False, True),
    ],
    ids=["not set", "set", "set and defeated", "not set, in a transaction of env.py", "handed in"],
)
def test_advice_is_what_env_py_still_needs(
    tmp_path: Path, code: str, upgrade: str, env: str, sets: bool, defeated: bool, hedged: bool
) -> None:
    [finding] = [f for f in found(tmp_path, env, upgrade) if f.code == code]
    assert ("with transaction_per_migration=True in env.py" in finding.advice) == sets
    assert (DEFEATED in finding.advice) == defeated
    assert ("the program hands in" in finding.advice) == hedged


@pytest.mark.parametrize(
    ("env", "words", "verified"),
    [
        (PLAIN, "runs all pending revisions in one transaction", True),
        (SET, None, True),
        (SET.replace("    context.configure(", BEGUN), "in a transaction before context.configure()", True),
        (HANDED, "that a program hands in", False),
    ],
    ids=["not set", "set", "set and defeated", "handed in"],
)
def test_the_rule_on_env_py_says_what_defeats_it(tmp_path: Path, env: str, words: str | None, verified: bool) -> None:
    about = [f for f in found(tmp_path, env, ORDERS) if f.code == "MG809" and "naming" not in f.message]
    assert [words in f.message and f.verified == verified for f in about if words] == ([True] if words else [])
    assert len(about) == (words is not None)


@pytest.mark.parametrize("revisions", [1, 2])
def test_an_advisory_lock_of_env_py_ends_with_the_first_revision(tmp_path: Path, revisions: int) -> None:
    lock = '        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(1)")\n        context.run_migrations()'
    env = SET.replace("        context.run_migrations()", lock)
    about = [f for f in found(tmp_path, env, *[ORDERS, PARTS][:revisions]) if f.code == "MG809"]
    assert ["advisory lock" in f.message for f in about] == [True] * (revisions - 1)


RUN = "        context.run_migrations()"
LIMITED = "        connection.exec_driver_sql(\"SET LOCAL lock_timeout = '3s'\")\n" + RUN
LOCKED = '        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(1)")\n' + RUN
SESSION = "        connection.exec_driver_sql(\"SET lock_timeout = '3s'\")\n" + RUN
BUILD = """
with op.get_context().autocommit_block():
    op.create_index("ix", "parts", ["id"], postgresql_concurrently=True)
"""


@pytest.mark.parametrize(
    ("code", "upgrades"),
    [("MG504", [ORDERS + PARTS]), ("MG503", [ORDERS + FILL]), ("MG513", [ORDERS + FILL]), ("MG502", [CHECK]),
     ("MG512", [ORDERS + 'op.execute("COMMIT")']), ("MG515", [ORDERS, BUILD]), ("MG809", [ORDERS])],
)  # fmt: skip
@pytest.mark.parametrize(
    ("run_with", "held"),
    [
        (RUN, ()),
        (SESSION, ()),
        (LIMITED, ("its SET LOCAL lock_timeout (line",)),
        (LOCKED, ("its advisory lock (line",)),
    ],
    ids=["nothing", "of the session", "local limit", "lock of the transaction"],
)
def test_a_transaction_for_each_is_not_advised_where_it_ends_what_env_py_made_for_the_run(
    tmp_path: Path, code: str, upgrades: list[str], run_with: str, held: tuple[str, ...]
) -> None:
    about = [f for f in found(tmp_path, PLAIN.replace(RUN, run_with), *upgrades) if f.code == code]
    advice = next(f.advice for f in about if "transaction_per_migration" in f.advice)
    assert ("end with the first revision" in advice) == bool(held)
    assert all(words in advice for words in held)


@pytest.mark.parametrize(("run_with", "made"), [(LIMITED, "SET lock_timeout = '3s'"), (LOCKED, "try_advisory_lock(")])
def test_the_recipe_makes_it_for_the_session_and_leaves_no_transaction(
    tmp_path: Path, run_with: str, made: str
) -> None:
    [finding] = [f for f in found(tmp_path, PLAIN.replace(RUN, run_with), ORDERS + PARTS) if f.code == "MG504"]
    places = [(finding.recipe or "").index(words) for words in (made, "connection.commit()", "context.configure(")]
    assert places == sorted(places)


@pytest.mark.parametrize(("run_with", "polls"), [(LIMITED, False), (LOCKED, True)])
def test_what_is_made_for_the_session_needs_one_and_is_not_waited_for_without_end(
    tmp_path: Path, run_with: str, polls: bool
) -> None:
    [finding] = [f for f in found(tmp_path, PLAIN.replace(RUN, run_with), ORDERS + PARTS) if f.code == "MG504"]
    recipe = finding.recipe or ""
    assert recipe.count("a pooler that lends one for each transaction") == 1
    assert ("raise TimeoutError" in recipe) == polls


@pytest.mark.parametrize(("upgrades", "said"), [([PARTS + CHILD], "Have what"), ([PARTS, CHILD], "Keep what")])
def test_what_has_a_revision_of_its_own_keeps_it(tmp_path: Path, upgrades: list[str], said: str) -> None:
    key = 'op.execute("ALTER TABLE parts ADD PRIMARY KEY (id)")\n'
    both = 'op.execute("CREATE TABLE lines (a bigint REFERENCES parts, b bigint REFERENCES orders)")\n'
    script = [u.replace(PARTS, key).replace(CHILD, both) for u in upgrades]
    about = [f for f in found(tmp_path, PLAIN, *script) if f.code == "MG504"]
    assert [f.advice.startswith(said) for f in about] == [True]


@pytest.mark.parametrize(
    ("call", "written"),
    [
        ("connection=connection, **given", '**{**given, "transaction_per_migration": True}'),
        ("**given, connection=connection", '**{**given, "transaction_per_migration": True}'),
        ("**{'connection': connection, **given}", "context.configure(**{**{'connection': connection, **given}, "),
        ("connection=connection, transaction_per_migration=False, **given", "transaction_per_migration=True)"),
        ("connection=connection", "transaction_per_migration=True)"),
    ],
)
def test_no_keyword_is_written_beside_a_mapping_that_may_have_it(tmp_path: Path, call: str, written: str) -> None:
    env = PLAIN.replace(
        "    context.configure(connection=connection", f"    given = {{}}\n    context.configure({call}"
    )
    about = [f for f in found(tmp_path, env, ORDERS) if f.code == "MG809" and "naming" not in f.message]
    assert [written in (f.recipe or "") for f in about] == [True]


def test_a_block_that_begins_its_revision_is_not_given_another_one(tmp_path: Path) -> None:
    advice = {f.code: f.advice for f in found(tmp_path, PLAIN, ORDERS, BUILD) if f.code == "MG515"} | {
        "before": next(f.advice for f in found(tmp_path / "b", PLAIN, ORDERS + BUILD) if f.code == "MG515")
    }
    assert "revision of its own" not in advice["MG515"]
    assert "revision of its own" in advice["before"]


@pytest.mark.parametrize(
    ("earlier", "said"),
    [([ORDERS], ""), ([PARTS, ORDERS], " and 1 before it"), ([BUILD, PARTS, "pass", ORDERS], " and 1 before it")],
)
def test_all_revisions_that_a_block_commits_are_counted(tmp_path: Path, earlier: list[str], said: str) -> None:
    finding = [f for f in found(tmp_path, PLAIN, *earlier, BUILD.replace("ix", "iy")) if f.code == "MG515"][-1]
    words = finding.message.partition(", although")[0].removeprefix("This autocommit block commits revision ")
    assert words.partition(" ")[1:] == ((" ", said[1:]) if said else ("", ""))


def test_a_lock_that_protects_rows_is_no_schema_change_and_stays(tmp_path: Path) -> None:
    lock = 'op.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")\n'
    [finding] = [f for f in found(tmp_path, PLAIN, lock + 'op.execute("UPDATE orders SET a = a")') if f.code == "MG513"]
    assert "transaction that locks orders" in finding.message
    assert "LOCK TABLE in line" in finding.advice
    assert "own" not in finding.advice


@pytest.mark.parametrize("guarded", [False, True])
def test_a_lock_that_protects_what_follows_is_not_given_up(tmp_path: Path, guarded: bool) -> None:
    lock = 'op.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")\n' if guarded else ORDERS
    [finding] = [
        f for f in found(tmp_path, PLAIN, lock + 'op.execute("UPDATE parts SET id = id")') if f.code == "MG503"
    ]
    assert ("Commit in between" in finding.advice) != guarded
    assert ("LOCK TABLE in line" in finding.advice) == guarded


@pytest.mark.parametrize(("env", "handed"), [(HANDED, True), (PLAIN, False)])
def test_a_block_that_raises_in_a_transaction_of_the_program_is_not_advised_bare(
    tmp_path: Path, env: str, handed: bool
) -> None:
    build = 'op.create_index("ix", "parts", ["id"], postgresql_concurrently=True)'
    [finding] = [f for f in found(tmp_path, env, build) if f.code == "MG501"]
    assert (finding.severity is Severity.WARNING) == handed
    assert finding.verified != handed
    assert finding.fixable != handed
    assert ("autocommit_block() raises" in finding.advice) == handed


@pytest.mark.parametrize(
    ("env", "upgrades"),
    [(PLAIN, [ORDERS + PARTS]), (PLAIN, [ORDERS, BUILD]), (PLAIN, [ORDERS, PARTS]), (SET, [ORDERS, PARTS])],
)
def test_no_advice_waits_for_an_advisory_lock_inside_a_statement(tmp_path: Path, env: str, upgrades: list[str]) -> None:
    """A concurrent build of the upgrade that has the lock waits for the snapshot of one that waits so: a deadlock."""
    about = found(tmp_path, env.replace(RUN, LOCKED), *upgrades)
    texts = [text for f in about for text in (f.advice, f.recipe or "")]
    assert not any("SELECT pg_advisory_lock" in text for text in texts)
    assert all("connection.commit()" in text for text in texts if "SELECT pg_try_advisory_lock" in text)
    assert any("pg_try_advisory_lock" in text for text in texts)


ENUM = "op.execute(\"CREATE TYPE state AS ENUM ('open')\"); op.execute('CREATE TABLE cases (id bigint, state state)');"
USED = (
    "op.execute(\"ALTER TYPE state ADD VALUE 'shut'\")\nop.execute(\"UPDATE cases SET state = 'shut' WHERE id = 1\")\n"
)
LATE = ORDERS + "op.execute(\"SET lock_timeout = '2s'\")\n" + PARTS


@pytest.mark.parametrize(
    ("code", "upgrade"),
    [("MG502", CHECK), ("MG503", ORDERS + FILL), ("MG504", ORDERS + PARTS), ("MG506", LATE), ("MG508", USED),
     ("MG513", ORDERS + FILL), ("MG809", ORDERS)],
)  # fmt: skip
@pytest.mark.parametrize("handed", [False, True])
def test_what_holds_in_a_transaction_alone_says_so_where_a_program_hands_in_the_connection(
    tmp_path: Path, code: str, upgrade: str, handed: bool
) -> None:
    """That may be in autocommit, where each statement gives up its locks; then nothing of it is an error."""
    env = HANDED.replace(", transaction_per_migration=True", "") if handed else PLAIN
    project = Project(tmp_path)
    project.env(env)
    released = project.revision(ENUM + TABLES)
    project.revision(upgrade)
    report = run(replace(project.request(), everything=False, since=released)).report
    [finding] = [f for f in report.findings if f.code == code and "naming" not in f.message]
    assert ("unless the program hands env.py a connection in autocommit" in finding.message) == handed
    assert finding.verified != handed
    assert not (handed and finding.severity is Severity.ERROR)


@pytest.mark.parametrize("handed", [False, True])
def test_a_lock_held_since_an_earlier_statement_is_held_in_a_transaction_alone(tmp_path: Path, handed: bool) -> None:
    env = HANDED if handed else PLAIN
    [finding] = [f for f in found(tmp_path, env, ORDERS + 'op.create_index("i", "orders", ["a"])') if f.code == "MG401"]
    assert ("unless the connection is in autocommit" in (finding.lock or "")) == handed
    assert ("every write, and if it is in a transaction every read, of orders" in finding.message) == handed
    assert ("every read and write of orders" in finding.message) != handed


@pytest.mark.parametrize("handed", [False, True])
@pytest.mark.parametrize(
    ("code", "upgrade"),
    [("MG401", 'op.create_index("i", "orders", ["a"])'),
     ("MG501", 'op.create_index("i", "orders", ["a"], postgresql_concurrently=True)')],
)  # fmt: skip
def test_a_recipe_says_once_that_a_block_ends_the_autocommit_of_a_programs_connection(
    tmp_path: Path, code: str, upgrade: str, handed: bool
) -> None:
    """Alembic gives the connection back the isolation level that the server says it has: not AUTOCOMMIT."""
    [finding] = [f for f in found(tmp_path, HANDED if handed else PLAIN, upgrade) if f.code == code]
    told = f"{finding.advice}\n{finding.recipe}"
    assert told.count("in autocommit") == handed
    assert ("# without autocommit_block() if" in finding.recipe) == (handed and code == "MG401")


SHARED = """
from alembic import context
from shop import upgrades

upgrades.online(context)
"""
ELSEWHERE = """
import sqlalchemy as sa

def online(context):
    engine = sa.create_engine(context.config.get_main_option("sqlalchemy.url"))
    with engine.connect() as connection:
        context.configure(connection=connection, compare_type=False)
        with context.begin_transaction():
            context.run_migrations()
"""


@pytest.mark.parametrize("folder", ["", "site-packages/"])
def test_settings_of_env_py_stand_where_the_project_calls_configure(tmp_path: Path, folder: str) -> None:
    """In env.py, unless that leaves it to another module of the project; a library's is nothing to change."""
    project = Project(tmp_path)
    project.env(f"import sys\nsys.path.insert(0, {str(tmp_path / folder)!r})\n{SHARED}")
    project.file(f"{folder}shop/__init__.py", "")
    project.file(f"{folder}shop/upgrades.py", ELSEWHERE)
    project.revision(TABLES)
    about = [f for f in project.checked().report.findings if f.code == "MG809"]
    places = {(f.origin.path.name, f.origin.line) for f in about if f.origin is not None}
    assert places == ({("env.py", 7)} if folder else {("upgrades.py", 7)})
    assert any("in line 7 of upgrades.py" in f.advice for f in about) == (not folder)


INDEXED = TABLES + '; op.create_index("ix_a", "orders", ["a"]); op.create_index("ix_parts", "parts", ["id"])'


@pytest.mark.parametrize(
    ("upgrade", "tables"), [(ORDERS + "{}", []), (PARTS + "{}", ["orders"]), ("{}", ["orders"])],
    ids=["the same table", "another", "nothing"],
)  # fmt: skip
def test_a_drop_after_as_strong_a_lock_of_the_revision_is_not_told_also_where_a_program_connects(
    tmp_path: Path, upgrade: str, tables: list[str]
) -> None:
    """If that connection is in autocommit, the revision has queued for the same lock on the same table before."""
    project = Project(tmp_path)
    project.env(HANDED)
    released = project.revision(INDEXED)
    project.revision(upgrade.format('op.drop_index("ix_a", "orders")'))
    found = run(replace(project.request(), everything=False, since=released)).report.findings
    assert [f.table for f in found if f.code == "MG402"] == tables
