"""`migguard probe`: the rows behind the findings that depend on data."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from migguard.cli import options
from migguard.cli.stats import TIMEOUT, URL
from migguard.settings import milliseconds


def probe(
    url: URL,
    revisions: Annotated[
        list[str] | None, typer.Argument(help="Revisions to check. Default: what is new.", show_default=False)
    ] = None,
    config: options.CONFIG = None,
    name: options.SECTION = "alembic",
    dialect: options.DIALECT = None,
    server_version: options.SERVER_VERSION = None,
    form: options.FORMAT = None,
    select: options.SELECT = None,
    ignore: options.IGNORE = None,
    base: options.BASE = None,
    since: options.SINCE = None,
    everything: options.ALL = False,
    timeout: TIMEOUT = "30s",
    no_color: options.NO_COLOR = False,
) -> None:
    """Ask a live database for the rows that the new revisions would fail on.

    Runs the check, then the probe query of each finding that has one, in a read-only transaction with a time limit.
    Exit code 1: offending rows were found; 3: a query could not be answered; 0: there are no such rows.

    [bold]migguard probe --url postgresql://reader@replica/shop[/bold]
    """
    target = options.targets(form, None, ("text", "json"))[0]
    limit = milliseconds(timeout, "--timeout")
    from migguard.live.connection import plain, reading
    from migguard.live.probes import probed
    from migguard.pipeline import Request, run
    from migguard.reports import probes

    request = Request(
        config=config,
        section=name,
        revisions=tuple(revisions or ()),
        base=base,
        since=since,
        everything=everything,
        overrides={
            "dialect": dialect,
            "server_version": server_version,
            "select": options.items(select),
            "extend_ignore": options.items(ignore),
        },
    )
    plain(url)
    report = run(request).report
    asked = [f for f in report.findings if not f.suppressed and f.probe]
    with reading(url, limit) as connection:
        answers = list(probed(connection, asked))
    if target.format == "json":
        sys.stdout.write(probes.document(answers) + "\n")
    else:
        probes.render(answers, report.scope, colour=options.colours(no_color))
    for failure in report.failures:
        sys.stderr.write(f"migguard: {failure.message}\n")
    if report.failures or any(a.unanswered for a in answers):
        raise typer.Exit(3)
    raise typer.Exit(1 if any(a.offending for a in answers) else 0)
