"""Every rule's examples run on a real server through Alembic itself, and do there what was foretold and claimed.

The server is the newest embedded one. Before the new revisions run, the tables get a few rows. While they run, each
statement is looked at from inside its transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy.exc
from alembic import command
from alembic.config import Config
from psycopg import errors
from sqlalchemy import Engine as SQLAlchemyEngine
from sqlalchemy import event

from migguard.changes import Engine
from migguard.effects.cost import blocks_of
from migguard.effects.model import Blocks, LockMode
from migguard.pipeline import Request, trace
from migguard.rules.frame import Example, Rule
from migguard.rules.registry import builtin_rules
from tests.live.observe import Look, Observation
from tests.live.predicted import Prediction, facts, prediction
from tests.live.rows import fill, tables
from tests.live.servers import VERSIONS, PostgresServer, running
from tests.rules import examples

pytestmark = pytest.mark.live

VERSION = max(VERSIONS)


def about_that_server(rule: Rule, example: Example) -> bool:
    """Whether the example is written for the server, or for none in particular."""
    words = example.server.split()
    if not words:
        return Engine.POSTGRESQL in rule.engines
    return words[0] == "postgresql" and int((words[1:] or ["18"])[0]) in range(15, VERSION + 1)


EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.code}-{kind}")
    for rule in builtin_rules()
    for kind, example in (("bad", rule.bad), ("good", rule.good))
    if example is not None and about_that_server(rule, example)
]


@pytest.fixture(scope="module")
def newest() -> Iterator[PostgresServer]:
    with running(VERSION) as server:
        yield server


@dataclass(slots=True)
class Ran:
    """A statement that Alembic ran in a transaction. `held` are the locks that the transaction held before it."""

    sql: str
    held: dict[str, str]
    observation: Observation | None = None


@contextmanager
def watched() -> Iterator[list[Ran]]:
    """The statements that run meanwhile, each looked at from its own session."""
    seen: list[Ran] = []
    looks: list[Look] = []

    def begin(connection: Any, _cursor: object, statement: str, *_: object) -> None:
        raw: psycopg.Connection = connection.connection.driver_connection
        if not raw.autocommit:
            look = Look(raw)
            seen.append(Ran(" ".join(statement.split()), dict(look.observation().locks)))
            looks.append(look.__enter__())

    def end(*_: object) -> None:
        if looks:
            look = looks.pop()
            look.__exit__()
            seen[-1].observation = look.observation()

    event.listen(SQLAlchemyEngine, "before_cursor_execute", begin)
    event.listen(SQLAlchemyEngine, "after_cursor_execute", end)
    try:
        yield seen
    finally:
        event.remove(SQLAlchemyEngine, "before_cursor_execute", begin)
        event.remove(SQLAlchemyEngine, "after_cursor_execute", end)


def foretold(root: Path, since: str) -> list[tuple[str, Prediction]]:
    """The statements of the new revisions, as the replay has them, with what the model says of each."""
    overrides = {"dialect": "postgresql", "server_version": str(VERSION), "session_timezone": "UTC"}
    wish: dict[str, Any] = {"everything": True} if since == "base" else {"since": since}
    request = Request(config=root / "alembic.ini", overrides=overrides, here=root, cache=False, **wish)
    return [
        (" ".join(statement.sql.split()), prediction(statement))
        for deployment in trace(request).deployments
        for revision in deployment.upgrades
        for statement in revision.statements
    ]


def differences(seen: list[Ran], said: list[tuple[str, Prediction]], existing: dict[str, bool]) -> Iterator[str]:
    """Where a statement did otherwise than foretold. `existing` tells which tables have rows.

    A script that goes through rows runs statements that the replay, which has none, cannot know.
    """
    place = 0
    for ran in seen:
        if "alembic_version" in ran.sql or ran.sql.upper().startswith(("SELECT", "SHOW", "SET", "WITH")):
            continue
        found = next((i for i in range(place, len(said)) if said[i][0] == ran.sql), None)
        if found is None:
            if not (any(existing.values()) and ran.sql.startswith(("INSERT", "UPDATE", "DELETE"))):
                yield f"the replay has not run {ran.sql}"
            continue
        place = found + 1
        told = said[found][1]
        if ran.observation is not None and told.known:
            yield from (f"{ran.sql}: {one}" for one in compared(ran, ran.observation, told, existing))


def compared(ran: Ran, seen: Observation, said: Prediction, existing: dict[str, bool]) -> Iterator[str]:
    """The facts of one statement, beside what its transaction had done before.

    What the transaction itself has made may be emptied without a new file, a table without rows shows no reading, and
    for a statement over a handful of rows no planner uses an index.
    """
    for table in sorted({*seen.locks, *said.facts.locks}):
        expected = stronger(ran.held.get(table), said.facts.locks.get(table))
        if seen.locks.get(table) != expected and not (said.over_rows and seen.locks.get(table) == ran.held.get(table)):
            yield f"{table} is locked in {seen.locks.get(table)}, not {expected}"
    shown = facts(seen)
    rewritten, rewrites = shown.rewrites & existing.keys(), said.facts.rewrites & existing.keys()
    if rewritten != rewrites:
        yield f"rewrites {sorted(rewritten)}, not {sorted(rewrites)}"
    if shown.builds != said.facts.builds:
        yield f"builds {sorted(shown.builds)}, not {sorted(said.facts.builds)}"
    filled = {table for table, rows in existing.items() if rows}
    if shown.scans & filled != said.facts.scans & filled and not said.over_rows:
        yield f"reads {sorted(shown.scans & filled)}, not {sorted(said.facts.scans & filled)}"


def stronger(one: str | None, other: str | None) -> str | None:
    """The stronger of two locks."""
    return max((m for m in (one, other) if m is not None), key=lambda m: mode(m).value, default=None)


def mode(spelling: str) -> LockMode:
    return LockMode[spelling.replace(" ", "_")]


def claimed(seen: list[Ran], existing: frozenset[str]) -> tuple[Blocks, bool, bool]:
    """The worst that happened to tables that were there: who waits, whether one is rewritten, whether one is read."""
    looks = [ran.observation for ran in seen if ran.observation is not None and "alembic_version" not in ran.sql]
    modes = [mode(m) for look in looks for table, m in look.locks.items() if table in existing]
    worst = max((blocks_of(m) for m in modes), key=[*Blocks].index, default=Blocks.NOTHING)
    return worst, any(look.rewrites & existing for look in looks), any(look.scans & existing for look in looks)


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_an_example_does_on_a_server_what_is_said_of_it(
    rule: Rule, example: Example, newest: PostgresServer, tmp_path: Path
) -> None:
    """It runs, unless it says that it does not; locks, rewrites, scans and builds are as foretold, and as claimed."""
    if not example.runs:
        with pytest.raises(Exception):  # noqa: B017, PT011 - whatever the example is about
            run(example, newest, tmp_path, filling=False)
        return
    root = tmp_path / "filled"
    try:
        since, seen, existing = run(example, newest, root, filling=True)
    except sqlalchemy.exc.DBAPIError as error:
        if not isinstance(error.orig, (errors.IntegrityError, errors.DataError)):
            raise
        root = tmp_path / "empty"
        since, seen, existing = run(example, newest, root, filling=False)
    assert list(differences(seen, foretold(root, since), existing)) == []
    if rule.claim is not None and example is rule.bad:
        claim = rule.claim
        assert claimed(seen, frozenset(existing)) == (claim.blocks, claim.rewrites, claim.scans)


def run(
    example: Example, server: PostgresServer, root: Path, *, filling: bool
) -> tuple[str, list[Ran], dict[str, bool]]:
    """Run the example: the last released revision, what ran after it, and the tables with whether they had rows."""
    root.mkdir(exist_ok=True)
    database = server.create_database()
    url = f"postgresql+psycopg://postgres@/{database}?host={server.directory}"
    since = examples.project(example, root, "postgresql", url)
    config = Config(str(root / "alembic.ini"))
    config.set_main_option("script_location", str(root / "migrations"))
    try:
        if since != "base":
            command.upgrade(config, since)
        with server.connect(database) as connection:
            existing = fill(connection) if filling else dict.fromkeys(tables(connection), False)
        with watched() as seen:
            command.upgrade(config, "head")
    finally:
        server.drop_database(database)
    return since, seen, existing
