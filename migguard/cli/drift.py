"""`migguard drift`: do the models and the migrations still agree."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Annotated

import typer

from migguard.cli import options
from migguard.cli.stats import TIMEOUT
from migguard.settings import milliseconds


def drift(
    config: options.CONFIG = None,
    name: options.SECTION = "alembic",
    dialect: options.DIALECT = None,
    server_version: options.SERVER_VERSION = None,
    form: options.FORMAT = None,
    fail_on: Annotated[
        str | None, typer.Option("--fail-on", help="error or warning: from here on the exit code is 1.")
    ] = None,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="Also what Alembic does not compare: enum values, CHECKs, primary keys, predicates, …"
        ),
    ] = False,
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            help="Also look at this database, as postgresql://user@host/name. Only read, in read-only transactions.",
            show_default=False,
        ),
    ] = None,
    timeout: TIMEOUT = "30s",
    replay_timeout: options.REPLAY_TIMEOUT = None,
    quiet: options.QUIET = False,
    no_color: options.NO_COLOR = False,
) -> None:
    """Compare the models with what the migrations build, without a database.

    The history is replayed through env.py, and Alembic's own comparison runs on the schema that results, with the
    options that env.py gives. It must run where the models can be imported.

    With --url, the models are compared with that PostgreSQL database instead, and the database with what its own
    revision makes.

    Exit code 1: they differ; 3: what the answer rests on could not be analysed; 0: they agree.

    [bold]migguard drift[/bold]
    """
    target = options.targets(form, None, ("text", "json"))[0]
    limit = milliseconds(timeout, "--timeout")
    from migguard.cli.check import progress
    from migguard.drift.replayed import compare
    from migguard.findings import Severity
    from migguard.project.config import find_project
    from migguard.project.graph import read_graph
    from migguard.reports import drift_report
    from migguard.settings import load_settings, merged

    here = Path.cwd()
    project = find_project(here, config, name)
    overrides = {
        "dialect": dialect,
        "server_version": server_version,
        "fail_on": fail_on,
        "replay_timeout": replay_timeout,
    }
    settings = merged(load_settings(here, project.config_path).settings, overrides)
    graph = read_graph(project)
    with contextlib.ExitStack() as stack:
        live = same = None
        if url is not None:
            from migguard.live.connection import reading
            from migguard.live.schema import read_schema
            from migguard.live.spelling import asking, explaining, read_alike

            connection = stack.enter_context(reading(url, limit))
            live, same = read_schema(asking(connection)), read_alike(explaining(connection))
            settings = merged(settings, {"dialect": "postgresql", "server_version": live.version})
        advance = stack.enter_context(progress([target], quiet))
        found = compare(project, graph, settings, advance, strict=strict, live=live, same=same)
    failures = [*found.failures]
    source = "replay" if url is None else "database"
    if target.format == "json":
        sys.stdout.write(drift_report.document(found.differences, failures, source, here) + "\n")
    else:
        drift_report.render(found.differences, failures, found.summary, here, colour=options.colours(no_color))
    if failures:
        raise typer.Exit(3)
    threshold = Severity.parse(settings.fail_on)
    raise typer.Exit(1 if any(d.severity >= threshold for d in found.differences) else 0)
