"""The options that commands share, and what they mean together."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from migguard.errors import UsageError
from migguard.records import dataclass

CONFIG = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        help="alembic.ini, or the pyproject.toml with \\[tool.alembic]. Default: found in the current directory.",
        show_default=False,
    ),
]
SECTION = Annotated[str, typer.Option("--name", "-n", help="Section of alembic.ini to use.")]
DIALECT = Annotated[
    str | None,
    typer.Option(
        "--dialect",
        help="postgresql, mysql, mariadb, sqlite, mssql or oracle. Default: from the settings or the URL.",
        show_default=False,
    ),
]
SERVER_VERSION = Annotated[
    str | None,
    typer.Option(
        "--server-version", help="Version of the production server, such as 16 or 8.0.36.", show_default=False
    ),
]
SELECT = Annotated[
    list[str] | None,
    typer.Option("--select", help="Only these rules: codes, families (MG4) or names. Repeat or separate by commas."),
]
IGNORE = Annotated[list[str] | None, typer.Option("--ignore", help="Not these rules, written like --select.")]
BASE = Annotated[
    str | None,
    typer.Option("--base", help="Check what the merge base with this git reference does not have.", metavar="GITREF"),
]
SINCE = Annotated[str | None, typer.Option("--since", help="Check the revisions after this one.", metavar="REVISION")]
ALL = Annotated[bool, typer.Option("--all", help="Check every revision.")]
FORMAT = Annotated[str | None, typer.Option("--format", help="text or json, on standard output.", show_default="text")]
OUTPUT = Annotated[
    list[str] | None,
    typer.Option("--output", "-o", help="Also write the report to a file. Repeatable.", metavar="FORMAT=PATH"),
]
QUIET = Annotated[bool, typer.Option("--quiet", "-q", help="Only errors.")]
VERBOSE = Annotated[
    bool,
    typer.Option(
        "--verbose", "-v", help="More: ignored findings, what looks dangerous and is proven safe, what scripts printed."
    ),
]
NO_COLOR = Annotated[bool, typer.Option("--no-color", help="No colours. They are used on a terminal only.")]
REPLAY_TIMEOUT = Annotated[
    float | None,
    typer.Option("--replay-timeout", help="Seconds that replaying one revision may take.", show_default="20"),
]
NO_CACHE = Annotated[
    bool, typer.Option("--no-cache", help="Replay everything, and neither read nor write the cache of earlier replays.")
]


@dataclass(frozen=True, slots=True)
class Target:
    """One report to write: its format, and the file, or None for standard output."""

    format: str
    path: Path | None


def items(values: list[str] | None) -> tuple[str, ...] | None:
    """The members of a repeatable option whose values may be separated by commas; None if it was not given."""
    if values is None:
        return None
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


def targets(main: str | None, outputs: list[str] | None, known: tuple[str, ...]) -> list[Target]:
    """Where to write which format. Standard output gets `main`; each `FORMAT=PATH` a file besides.

    Raises UsageError for an unknown format and for a path whose folder is not there or cannot be written to.
    """
    found = [Target(checked_format(main or "text", known), None)]
    for value in outputs or []:
        name, sign, path = value.partition("=")
        if not sign:
            name, path = Path(value).suffix.lstrip(".") or "text", value
        target = Target(checked_format(name, known), Path(path))
        refuse_unwritable(Path(path))
        found.append(target)
    return found


def checked_format(name: str, known: tuple[str, ...]) -> str:
    """The name of a format, if it is one."""
    if name not in known:
        raise UsageError(f"no report format is called {name!r}", hint=f"there are {', '.join(known)}")
    return name


def refuse_unwritable(path: Path) -> None:
    """Raise UsageError where a report could not be written, before the work is done."""
    folder = path.parent if str(path.parent) else Path()
    if path.is_dir():
        raise UsageError(f"cannot write the report to {path}", hint="it is a folder")
    if not folder.is_dir():
        raise UsageError(f"cannot write the report to {path}", hint=f"the folder {folder} does not exist")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise UsageError(f"cannot write the report to {path}", hint="no permission")


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Around the writing of a report: what the file system refuses is told in one line."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"cannot write the report to {path}: {error.strerror}") from None


def colours(no_color: bool, stream: Any = None) -> bool:
    """Whether to use colours: on a terminal, unless told otherwise (`NO_COLOR`, `FORCE_COLOR` are honoured)."""
    if no_color or os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (stream or sys.stdout).isatty()
