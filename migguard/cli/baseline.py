"""`migguard baseline`: accept what is there, and be told of what is new."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from migguard.cli import options
from migguard.errors import UsageError


def baseline(
    config: options.CONFIG = None,
    name: options.SECTION = "alembic",
    dialect: options.DIALECT = None,
    server_version: options.SERVER_VERSION = None,
    select: options.SELECT = None,
    ignore: options.IGNORE = None,
    prune: Annotated[bool, typer.Option("--prune", help="Only remove entries that silence nothing any more.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write a baseline in place of the one that is there.")] = False,
    replay_timeout: options.REPLAY_TIMEOUT = None,
    quiet: options.QUIET = False,
) -> None:
    """Write down all findings of the whole history as accepted, in migguard-baseline.json beside the configuration.

    From then on `migguard check` is silent about them. Fingerprints survive moved lines; an entry that no longer
    applies is reported (MG006). What could not be analysed is not accepted: it stays exit code 3.

    [bold]migguard baseline[/bold]           adopt on a project with old findings
    [bold]migguard baseline --prune[/bold]   after some of them were mended
    """
    from migguard.cli.check import progress
    from migguard.known_findings import FILE, acceptable, encoded, read_known
    from migguard.pipeline import Request, run
    from migguard.project.config import find_project

    here = Path.cwd()
    folder = find_project(here, config, name).config_path.parent
    path = folder / FILE
    if path.exists() and not (prune or force):
        raise UsageError(f"{path} is there already", hint="--prune removes what is not needed, --force writes it anew")
    old = {k.fingerprint for k in read_known(folder).findings} if prune else set()
    request = Request(
        config=config,
        section=name,
        everything=True,
        known=False,
        overrides={
            "dialect": dialect,
            "server_version": server_version,
            "select": options.items(select),
            "extend_ignore": options.items(ignore),
            "replay_timeout": replay_timeout,
        },
    )
    with progress([options.Target("text", None)], quiet) as advance:
        report = run(request, advance).report
    found = acceptable(f for f in report.findings if not f.suppressed and (not prune or f.fingerprint in old))
    with options.writing(path):
        path.write_bytes(encoded(found))
    removed = f", {len(old) - len(found)} removed" if prune else ""
    sys.stderr.write(f"{len(found)} findings accepted{removed}: {path}\n")
    for failure in report.failures:
        sys.stderr.write(f"migguard: {failure.message}\n")
    raise typer.Exit(3 if report.failures else 0)
