"""What a connection brings along: the settings that its URL and options name, and what env.py asks before Alembic."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from migguard.changes import Select, SetVariable
from migguard.records import dataclass
from migguard.shadow.origin import origin_of
from migguard.source import Origin
from migguard.trace import Given, Statement

KEPT = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "timezone")
"""The settings that are taken from a connection's options; where tables are found is for the replay itself to say."""

ASKING = frozenset({"psycopg", "psycopg_async", "pg8000"})
"""Drivers that ask the server whether a transaction is open, and so begin another after a COMMIT in SQL."""


def session_settings(query: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, str]:
    """What the URL and `connect_args` set for a session: `options=-c name=value`, and `server_settings` of asyncpg."""
    found: dict[str, str] = {}
    for options in (query.get("options"), given.get("options")):
        for text in options if isinstance(options, tuple) else (options,):
            if isinstance(text, str):
                found |= command_line(text)
    for settings in (query.get("server_settings"), given.get("server_settings")):
        if isinstance(settings, Mapping):
            found |= {str(name).lower(): str(value) for name, value in settings.items()}
    return {name: value for name, value in found.items() if name in KEPT}


def command_line(text: str) -> dict[str, str]:
    """The settings among a server's command line options: `-c name=value`, `-cname=value`, `--name=value`."""
    try:
        words = shlex.split(text)
    except ValueError:
        return {}  # the server would refuse the connection
    found: dict[str, str] = {}
    waiting = False
    for word in words:
        if waiting or word.startswith("--"):
            pair = word.removeprefix("--")
        elif word.startswith("-c") and len(word) > 2:
            pair = word[2:]
        else:
            waiting = word == "-c"
            continue
        waiting = False
        name, equals, value = pair.partition("=")
        if equals:
            found[name.strip().lower().replace("-", "_")] = value.strip()
    return found


def first_command(query: Mapping[str, Any], given: Mapping[str, Any]) -> str | None:
    """The statement that a MySQL driver sends when it has connected."""
    command = given.get("init_command") or query.get("init_command")
    return command if isinstance(command, str) else None


ADVISORY = frozenset({"pg_advisory_xact_lock", "pg_try_advisory_xact_lock"})
"""Functions whose lock on the whole run ends with their transaction."""


@dataclass(slots=True)
class Watcher:
    """Listens to what env.py itself runs. `last` is the place of the last statement, with its transaction; `advisory`
    are those of the advisory locks that end with it."""

    path: Path
    last: tuple[int, Origin | None] | None = None
    given: list[Given] = field(default_factory=list)
    advisory: list[tuple[int, Origin | None]] = field(default_factory=list)

    def origin(self) -> Origin | None:
        """The place in env.py that is running."""
        return origin_of(self.path)

    def record(self, statement: Statement) -> None:
        """Keep where it came from, and what it sets."""
        self.last = (statement.transaction, statement.origin)
        for step in statement.steps:
            change = step.change
            if isinstance(change, SetVariable) and not change.is_global:
                self.given.append(Given(change.name, change.value, change.local, statement.origin))
            elif isinstance(change, Select) and ADVISORY & {*change.query.functions}:
                self.advisory.append(self.last)

    def guessed(self, sql: str, origin: Origin | None) -> None:
        """Nothing hangs on it."""

    def ended(self, *, committed: bool) -> None:
        """Nothing hangs on it."""


def isolation_of(stand_in: Any) -> str:
    """The isolation level that env.py has set, last of all, on a connection that is stood in for; else empty."""
    if stand_in._called is None or not stand_in._called[0].endswith(".execution_options"):
        return ""
    level = stand_in._called[2].get("isolation_level")
    return level if type(level) is str else ""
