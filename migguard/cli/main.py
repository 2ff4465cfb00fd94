"""The command line: one thin module a command, errors in one line, exit codes as documented."""

from __future__ import annotations

import sys
import traceback

import typer

from migguard.cli import check, explain, probe, rules, sql, stats
from migguard.errors import MigguardError

EPILOG = (
    "Exit codes: 0 clean, 1 findings at or above --fail-on, 2 usage or configuration, "
    "3 something could not be analysed."
)

app = typer.Typer(
    name="migguard",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="What an Alembic migration will do to your database, before the merge and without a database.",
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("check", epilog=EPILOG)(check.check)
app.command("sql", epilog=EPILOG)(sql.sql)
app.command("rules")(rules.rules)
app.command("explain")(explain.explain)
app.command("stats")(stats.stats)
app.command("probe")(probe.probe)


def show_version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        from migguard import __version__

        typer.echo(f"migguard {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: bool = typer.Option(False, "--version", callback=show_version, is_eager=True, help="Print the version."),
) -> None:
    """What an Alembic migration will do to your database, before the merge and without a database."""


def main() -> None:
    """Run the command line. A user's mistake is one line on standard error; a crash is never exit code 1."""
    try:
        app()
    except MigguardError as error:
        sys.stderr.write(f"migguard: {error.message}\n")
        if error.hint:
            sys.stderr.write(f"          {error.hint}\n")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read the report has seen enough
        sys.exit(0)
    except KeyboardInterrupt:
        sys.stderr.write("migguard: interrupted\n")
        sys.exit(130)
    except Exception:  # noqa: BLE001 - Python's own exit code 1 would read as findings
        traceback.print_exc()
        sys.stderr.write("migguard: this is a bug in migguard; nothing was checked\n")
        sys.exit(3)
