"""`migguard drift`: do the models and the migrations still agree."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from migguard.cli import options


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
    replay_timeout: options.REPLAY_TIMEOUT = None,
    quiet: options.QUIET = False,
    no_color: options.NO_COLOR = False,
) -> None:
    """Compare the models with what the migrations build, without a database.

    The history is replayed through env.py, and Alembic's own comparison runs on the schema that results, with the
    options that env.py gives. It must run where the models can be imported.

    Exit code 1: they differ; 3: what the answer rests on could not be analysed; 0: they agree.

    [bold]migguard drift[/bold]
    """
    target = options.targets(form, None, ("text", "json"))[0]
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
    with progress([target], quiet) as advance:
        found = compare(project, read_graph(project), settings, advance, strict=strict)
    failures = [*found.failures]
    if target.format == "json":
        sys.stdout.write(drift_report.document(found.differences, failures, "replay", here) + "\n")
    else:
        drift_report.render(found.differences, failures, found.summary, here, colour=options.colours(no_color))
    if failures:
        raise typer.Exit(3)
    threshold = Severity.parse(settings.fail_on)
    raise typer.Exit(1 if any(d.severity >= threshold for d in found.differences) else 0)
