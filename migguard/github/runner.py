"""What a step tells the runner: commands on standard output, lines in files."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from migguard.reports.github import command


def say(level: str, text: str) -> None:
    """An annotation that belongs to no file."""
    sys.stdout.write(command(level, text, title="migguard") + "\n")


def append(path: str | None, text: str) -> None:
    """Add to one of the runner's files, where it gives one."""
    if path and text:
        with open(path, "a", encoding="utf-8") as stream:
            stream.write(text if text.endswith("\n") else f"{text}\n")


def outputs(environ: Mapping[str, str], values: Mapping[str, object]) -> None:
    """Set the step's outputs. None of the values has a line end."""
    append(environ.get("GITHUB_OUTPUT"), "".join(f"{name}={value}\n" for name, value in values.items()))


@contextmanager
def uncommanded() -> Iterator[None]:
    """Around what prints text of others: no line of it is taken for a command, whatever it says.

    Source: https://docs.github.com/actions/reference/workflow-commands-for-github-actions#stopping-and-starting-workflow-commands
    """
    token = secrets.token_hex(16)
    sys.stdout.write(f"::stop-commands::{token}\n")
    sys.stdout.flush()
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        sys.stdout.write(f"::{token}::\n")
        sys.stdout.flush()
