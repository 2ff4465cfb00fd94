"""`migguard check`: the gate."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from migguard.cli import options
from migguard.reports.formats import FORMATS, PICTURED, TEXT, render


def check(
    revisions: Annotated[
        list[str] | None, typer.Argument(help="Revisions to check. Default: what is new.", show_default=False)
    ] = None,
    config: options.CONFIG = None,
    name: options.SECTION = "alembic",
    dialect: options.DIALECT = None,
    server_version: options.SERVER_VERSION = None,
    form: Annotated[
        str | None,
        typer.Option("--format", help=f"{', '.join(FORMATS)}; on standard output.", show_default="text"),
    ] = None,
    output: options.OUTPUT = None,
    select: options.SELECT = None,
    ignore: options.IGNORE = None,
    fail_on: Annotated[
        str | None,
        typer.Option(
            "--fail-on", help="error, warning or notice: from here on the exit code is 1.", show_default="error"
        ),
    ] = None,
    base: options.BASE = None,
    since: options.SINCE = None,
    everything: options.ALL = False,
    replay_timeout: options.REPLAY_TIMEOUT = None,
    no_cache: options.NO_CACHE = False,
    quiet: options.QUIET = False,
    verbose: options.VERBOSE = False,
    no_color: options.NO_COLOR = False,
) -> None:
    """Replay the history without a database and check what is new in it.

    New is: the revisions named; else those after --since; else what the merge base with --base (in CI the pull
    request's target, else origin/HEAD) does not have; else, without git, all of them.

    [bold]migguard check[/bold]                 what this branch adds
    [bold]migguard check --base main[/bold]     the same, said outright
    [bold]migguard check --all -q[/bold]        the errors of the whole history
    """
    targets = options.targets(form, output, FORMATS)
    from migguard.pipeline import Request, run

    request = Request(
        config=config,
        section=name,
        revisions=tuple(revisions or ()),
        base=base,
        since=since,
        everything=everything,
        cache=not no_cache,
        pictures=any(t.format in PICTURED for t in targets),
        overrides={
            "dialect": dialect,
            "server_version": server_version,
            "select": options.items(select),
            "extend_ignore": options.items(ignore),
            "fail_on": fail_on,
            "replay_timeout": replay_timeout,
        },
    )
    with progress(targets, quiet) as advance:
        outcome = run(request, advance)
    for target in targets:
        write(target, outcome, quiet=quiet, verbose=verbose, colour=options.colours(no_color))
    if verbose and outcome.report.printed:
        sys.stderr.write("What the scripts printed:\n" + "\n".join(outcome.report.printed) + "\n")
    raise typer.Exit(outcome.exit_code)


def progress(targets: list[options.Target], quiet: bool):  # type: ignore[no-untyped-def]  # a context of rich's
    """A progress line on standard error, on a terminal only."""
    from migguard.cli.progress import line

    return line(enabled=sys.stderr.isatty() and not quiet and targets[0].format == "text")


def write(target: options.Target, outcome, *, quiet: bool, verbose: bool, colour: bool) -> None:  # type: ignore[no-untyped-def]
    """Write one report."""
    here = Path.cwd()
    if target.format != TEXT:
        text = render(target.format, outcome.report, here)
        if target.path is None:
            sys.stdout.write(text)
        else:
            with options.writing(target.path):
                target.path.write_text(text, encoding="utf-8")
        return
    from migguard.reports import text as text_report
    from migguard.reports.console import console

    if target.path is None:
        text_report.render(outcome.report, console(colour=colour), here, verbose=verbose, quiet=quiet)
    else:
        with options.writing(target.path), target.path.open("w", encoding="utf-8") as stream:
            plain = console(colour=False, file=stream)
            text_report.render(outcome.report, plain, here, verbose=verbose, quiet=quiet)
