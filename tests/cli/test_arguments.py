"""Plain command lines mean what Typer makes of them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest
import typer

from migguard.cli import check, sql
from migguard.cli.arguments import plain

LINES = [
    "",
    "--all",
    "--since 1a2b",
    "--since=1a2b -q",
    "-c alembic.ini -n other --dialect mysql --server-version 8.0.36",
    "1a2b 3c4d --format json -o json=a.json --output text=b.txt",
    "--select MG4,MG5 --select MG1 --ignore MG401 --fail-on warning",
    "--replay-timeout 2.5 --no-cache --verbose --no-color --base origin/main",
    "1a2b:3c4d",
]
LEFT = [
    "--help",
    "-h",
    "-qv",
    "--since",
    "--since --all",
    "--nonsense",
    "--replay-timeout soon",
    "--replay-timeout -1",
    "--all=yes",
    "--sin 1a2b",
    "-c=alembic.ini",
    "-- --all",
    "-",
]


def typed(command: Callable[..., None], words: list[str]) -> dict[str, Any]:
    """What Typer calls the command with."""
    seen: dict[str, Any] = {}

    @functools.wraps(command)
    def taken(**given: Any) -> None:
        seen.update(given)

    app = typer.Typer()
    app.command("it")(taken)
    app.command("other")(lambda: None)
    app(["it", *words], standalone_mode=False)
    return seen


@pytest.mark.parametrize("line", LINES)
def test_a_plain_line_is_read_as_typer_reads_it(line: str) -> None:
    words = line.split()
    expected = {k: v or None if isinstance(v, list) else v for k, v in typed(check.check, words).items()}
    assert plain(check.check, words) == expected


def test_other_commands_are_read_as_well() -> None:
    words = ["1a2b:3c4d", "--plain", "--downgrade", "-c", "alembic.ini"]
    expected = {k: v or None if isinstance(v, list) else v for k, v in typed(sql.sql, words).items()}
    assert plain(sql.sql, words) == expected


@pytest.mark.parametrize("line", LEFT)
def test_what_is_not_plain_is_left_to_typer(line: str) -> None:
    assert plain(check.check, line.split()) is None


def test_a_command_that_takes_its_option_from_the_environment_is_left_to_typer() -> None:
    def command(url: str = typer.Option("--url", envvar="URL")) -> None: ...

    assert plain(command, ["--url", "x"]) is None
