"""The command line: one thin module a command, errors in one line, exit codes as documented."""

from __future__ import annotations

import atexit
import contextlib
import gc
import io
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperGroup

from migguard.cli import baseline, check, drift, explain, graph, init, probe, rules, sql, stats
from migguard.cli.arguments import plain
from migguard.errors import MigguardError, UsageError

EPILOG = (
    "Exit codes: 0 clean, 1 findings at or above --fail-on, 2 usage or configuration, "
    "3 something could not be analysed."
)
COLLECTING = (400_000, 20, 50)
"""A replay makes many objects and few cycles: looking for them as often as Python does takes a tenth of the time. What
that leaves lying about is 40 MiB for 5,000 revisions."""

COMMANDS = (
    check.check,
    sql.sql,
    drift.drift,
    graph.graph,
    rules.rules,
    explain.explain,
    stats.stats,
    probe.probe,
    baseline.baseline,
    init.init,
)


class ReaderGoneError(Exception):
    """Whoever reads standard output has closed it."""


class Commands(TyperGroup):
    """The commands. Typer would turn a closed pipe into exit code 1, which says that there are findings."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise ReaderGoneError from None


def paragraphs(text: str) -> str:
    """A docstring with one line for each paragraph, which the terminal wraps; examples keep their lines."""
    parts = text.strip().split("\n\n")
    return "\n\n".join(
        "\n".join(line.strip() for line in part.splitlines()) if "[bold]" in part else " ".join(part.split())
        for part in parts
    )


app = typer.Typer(
    name="migguard",
    cls=Commands,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="What an Alembic migration will do to your database, before the merge and without a database.",
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _command in COMMANDS:
    app.command(_command.__name__, help=paragraphs(_command.__doc__ or ""), epilog=EPILOG)(_command)


def show_version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        from migguard import __version__

        typer.echo(f"migguard {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def options(
    context: typer.Context,
    _version: bool = typer.Option(False, "--version", callback=show_version, is_eager=True, help="Print the version."),
) -> None:
    """What an Alembic migration will do to your database, before the merge and without a database."""
    if context.invoked_subcommand is None:
        with contextlib.redirect_stdout(sys.stderr):
            typer.echo(context.get_help())
        raise typer.Exit(2)


def main() -> None:
    """Run the command line. A user's mistake is one line on standard error; a crash is never exit code 1."""
    try:
        check_directory()
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):  # what an encoding lacks is no reason to say nothing
                stream.reconfigure(errors="backslashreplace")
        gc.set_threshold(*COLLECTING)
        atexit.register(gc.freeze)  # the end of the process is no time to look for cycles: that took a quarter of it
        code = run(sys.argv[1:])
        sys.stdout.flush()
    except MigguardError as error:
        code = error.exit_code
        complain(error.message, error.hint)
    except (ReaderGoneError, BrokenPipeError):
        code = 3  # nobody saw the whole report
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (KeyboardInterrupt, typer.Abort):
        code = 130
        complain("interrupted")
    except Exception as error:  # noqa: BLE001 - Python's own exit code 1 would read as findings
        code = 3
        if hasattr(error, "format_message"):  # an option, argument or command that is none: click's, or Typer's own
            code = 2
            context = getattr(error, "ctx", None)
            complain(error.format_message(), f"see {context.command_path if context else 'migguard'} --help")
        else:
            traceback.print_exc()
            complain("this is a bug in migguard; nothing was checked")
    sys.exit(code)


def run(words: list[str]) -> int | None:
    """Run a command, and return its exit code."""
    known: dict[str, Callable[..., None]] = {"check": check.check, "sql": sql.sql}
    command = known.get(words[0]) if words else None
    values = plain(command, words[1:]) if command is not None else None
    if command is None or values is None:
        return app(words, prog_name="migguard", standalone_mode=False)  # type: ignore[no-any-return]
    try:
        command(**values)
    except typer.Exit as end:
        return end.exit_code
    return 0


def check_directory() -> None:
    """Raise UsageError where the current directory was deleted."""
    try:
        os.getcwd()
    except FileNotFoundError:
        raise UsageError("the current directory does not exist any more", hint="change into the project") from None


def complain(message: str, hint: str | None = None) -> None:
    """One line on standard error, and below it what to do next."""
    lines = [f"migguard: {' '.join(message.split())}", *([f"          {hint}"] if hint else [])]
    sys.stderr.write("\n".join(lines) + "\n")
