"""What the rules on transactions say of a server is what it does: run by Alembic itself, on real servers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from psycopg import errors
from sqlalchemy import event

from migguard.effects.dispatch import effect_of_step
from migguard.effects.model import LockMode
from migguard.pipeline import Request, trace
from migguard.rules.frame import Example
from migguard.rules.transactions import (
    enum_value_used_early,
    many_tables_locked,
    not_in_transaction,
    query_before_configure,
    validate_in_same_transaction,
    work_under_lock,
)
from migguard.transactions import Transactions
from tests.live.servers import VERSIONS, PostgresServer
from tests.rules import examples
from tests.rules.cases import enum_value_used_early as enum_cases
from tests.rules.cases import many_tables_locked as many_cases
from tests.rules.cases import not_in_transaction as block_cases
from tests.rules.cases import validate_in_same_transaction as validate_cases
from tests.rules.cases import work_under_lock as work_cases

pytestmark = pytest.mark.live

REFUSED = [
    *(("MG501", name, one) for name, one in {"bad": not_in_transaction.BAD, **block_cases.CASES}.items()),
    *(("MG508", name, one) for name, one in {"bad": enum_value_used_early.BAD, **enum_cases.CASES}.items()),
]
ONE_TEXT = "in one text"
"""Cases whose statements the driver is given together: no statement of them is seen to begin."""
LOCKED = [
    *(("MG502", n, one) for n, one in {"bad": validate_in_same_transaction.BAD, **validate_cases.CASES}.items()),
    *(("MG503", n, one) for n, one in {"bad": work_under_lock.BAD, **work_cases.CASES}.items() if one.runs),
    *(("MG504", n, one) for n, one in {"bad": many_tables_locked.BAD, **many_cases.CASES}.items() if one.runs),
]
SAYS = {
    "MG501": (errors.ActiveSqlTransaction, errors.FeatureNotSupported, errors.WrongObjectType),
    "MG508": (errors.UnsafeNewEnumValueUsage,),
}


def prepared(example: Example, root: Path, server: PostgresServer, database: str) -> tuple[Config, str]:
    """The example's project, and the server brought to where it is released."""
    url = f"postgresql+psycopg://postgres@/{database}?host={server.directory}"
    since = examples.project(example, root, "postgresql", url)
    config = Config(str(root / "alembic.ini"))
    config.set_main_option("script_location", str(root / "migrations"))
    if since != "base":
        command.upgrade(config, since)
    return config, since


def fits(example: Example, server: PostgresServer) -> bool:
    """Whether an example is about that server."""
    version = example.server.split()[1:2]
    if not version or server.version == int(version[0]):
        return True
    return server.version > int(version[0]) >= 17


@pytest.mark.parametrize(("code", "example"), [(c, e) for c, _, e in REFUSED], ids=[f"{c}-{n}" for c, n, _ in REFUSED])
def test_the_server_refuses_what_the_rule_reports(
    code: str, example: Example, server: PostgresServer, database: str, tmp_path: Path
) -> None:
    """Where the rule speaks, Alembic stops with the server's error; where it is silent, the revision runs."""
    if not fits(example, server):
        pytest.skip(f"it is about {example.server}")
    config, _ = prepared(example, tmp_path, server, database)
    if example.hits == 0:
        command.upgrade(config, "head")
        return
    with pytest.raises(sa.exc.DBAPIError) as refused:
        command.upgrade(config, "head")
    assert isinstance(refused.value.orig, SAYS[code]), refused.value.orig


LOCKS = """
SELECT c.relname, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
WHERE l.pid = %s AND l.granted AND c.relkind IN ('r', 'p', 'm') AND c.relname <> 'alembic_version'
"""
MODES = {mode.name.title().replace("_", "") + "Lock": mode for mode in LockMode}


@contextmanager
def watched(server: PostgresServer, database: str) -> Iterator[list[tuple[str, set[tuple[str, LockMode]]]]]:
    """Each statement that runs meanwhile, with the blocking locks that its transaction holds when it begins."""
    seen: list[tuple[str, set[tuple[str, LockMode]]]] = []
    with server.connect(database) as watcher:

        def look(connection: sa.Connection, _cursor: object, statement: str, *_: object) -> None:
            backend = connection.connection.dbapi_connection.info.backend_pid  # type: ignore[union-attr]
            rows = watcher.execute(LOCKS, (backend,)).fetchall()
            held = {(name, MODES[mode]) for name, mode in rows}
            seen.append((" ".join(statement.split()), {h for h in held if h[1].blocks_writes}))

        event.listen(sa.Engine, "before_cursor_execute", look)
        try:
            yield seen
        finally:
            event.remove(sa.Engine, "before_cursor_execute", look)


SEEN = [(f"{code}-{name}", example) for code, name, example in LOCKED if name != ONE_TEXT]


@pytest.mark.parametrize("example", [e for _, e in SEEN], ids=[name for name, _ in SEEN])
def test_the_locks_foretold_are_those_that_the_server_holds(
    example: Example, server: PostgresServer, database: str, tmp_path: Path
) -> None:
    """At each statement the transaction holds the strongest lock that was foretold on each existing table, no other."""
    if server.version != max(VERSIONS):
        pytest.skip("how long a transaction holds a lock is no matter of versions")
    config, since = prepared(example, tmp_path, server, database)
    overrides = {"dialect": "postgresql", "server_version": str(server.version)}
    deployment = trace(
        Request(config=tmp_path / "alembic.ini", overrides=overrides, here=tmp_path, since=since)
    ).deployments[0]
    transactions = Transactions(deployment, effect_of_step)
    # another session sees a table under its old name until the new one is committed
    names = {t.oid: t.key[1] for t in deployment.released.tables.values()}
    with watched(server, database) as seen:
        command.upgrade(config, "head")
    compared = at = 0
    for statement in (s for one in deployment.upgrades for s in one.statements):
        text = " ".join(statement.sql.split())
        place = next((i for i in range(at, len(seen)) if seen[i][0] == text), None)
        if place is None:
            continue  # a question that SQLAlchemy asks of a real server in other words
        at, compared = place + 1, compared + 1
        foretold = strongest((names[h.lock.oid], h.lock.mode) for h in transactions.held(statement) if h.blocking)
        observed = strongest((n, m) for n, m in seen[place][1] if n in names.values())
        assert observed == foretold, text
    assert compared


def strongest(held: Iterator[tuple[str, LockMode | None]]) -> dict[str, LockMode]:
    """Of each table the strongest lock."""
    found: dict[str, LockMode] = {}
    for table, mode in held:
        assert mode is not None
        if table not in found or found[table].value < mode.value:
            found[table] = mode
    return found


def test_nothing_is_left_of_migrations_that_nobody_commits(
    server: PostgresServer, database: str, tmp_path: Path
) -> None:
    """A statement before context.configure makes Alembic's run vanish, without an error (MG516)."""
    config, _ = prepared(query_before_configure.GOOD, tmp_path, server, database)
    env = (tmp_path / "migrations" / "env.py").read_text()
    broken = env.replace(
        "        context.configure(connection=connection",
        '        connection.exec_driver_sql("SELECT 1")\n        context.configure(connection=connection',
    )
    assert broken != env
    (tmp_path / "migrations" / "env.py").write_text(broken)
    command.upgrade(config, "head")
    with server.connect(database) as connection:
        columns = connection.execute(
            "SELECT count(*) FROM information_schema.columns WHERE table_name = 'orders' AND column_name = 'note'"
        ).fetchone()
    assert columns == (0,)
    checked = trace(Request(config=tmp_path / "alembic.ini", overrides={}, here=tmp_path, everything=True))
    assert [n.kind.value for n in checked.deployments[0].environment.notes] == ["query before configure"]


def test_share_is_the_only_blocking_lock_that_its_own_kind_shares() -> None:
    """What MG503 takes for a lock that stops the application conflicts with itself."""
    assert [m.name for m in LockMode if m.blocks_writes and m is not LockMode.SHARE] == [
        "SHARE_ROW_EXCLUSIVE",
        "EXCLUSIVE",
        "ACCESS_EXCLUSIVE",
    ]
