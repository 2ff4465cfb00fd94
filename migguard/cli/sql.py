"""`migguard sql`: what each revision runs, with its locks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from migguard.cli import options


def sql(
    range_: Annotated[
        list[str] | None,
        typer.Argument(metavar="RANGE", help="Revisions, or FIRST:LAST. Default: what is new.", show_default=False),
    ] = None,
    config: options.CONFIG = None,
    name: options.SECTION = "alembic",
    dialect: options.DIALECT = None,
    server_version: options.SERVER_VERSION = None,
    form: options.FORMAT = None,
    plain: Annotated[bool, typer.Option("--plain", help="Only the SQL.")] = False,
    downgrade: Annotated[bool, typer.Option("--downgrade", help="The way back instead of the way there.")] = False,
    base: options.BASE = None,
    since: options.SINCE = None,
    everything: options.ALL = False,
    replay_timeout: options.REPLAY_TIMEOUT = None,
    no_color: options.NO_COLOR = False,
) -> None:
    """Show the SQL of each revision: every statement with its lock, what waits, what is rewritten or scanned.

    [bold]migguard sql[/bold]                   what this branch adds
    [bold]migguard sql 1a2b:3c4d --plain[/bold] only the SQL of a range
    """
    target = options.targets(form, None, ("text", "json"))[0]
    from migguard.pipeline import Request, trace
    from migguard.sqlview import views

    request = Request(
        config=config,
        section=name,
        revisions=tuple(range_ or ()),
        base=base,
        since=since,
        everything=everything,
        overrides={"dialect": dialect, "server_version": server_version, "replay_timeout": replay_timeout},
    )
    outcome = trace(request)
    found = [v for deployment in outcome.deployments for v in views(deployment, downgrade=downgrade)]
    if plain:
        for one in found:
            sys.stdout.write(one.sql.rstrip().rstrip(";") + ";\n\n")
    elif target.format == "json":
        from migguard.reports.json_report import render_statements

        sys.stdout.write(render_statements(found, Path.cwd()) + "\n")
    else:
        from migguard.reports.statements import render

        render(found, outcome.scope, colour=options.colours(no_color))
    for failure in outcome.failures:
        sys.stderr.write(f"migguard: {failure.message}\n")
    raise typer.Exit(3 if outcome.failures else 0)
