"""`migguard stats`: a snapshot of table sizes for the statistics file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from migguard.cli import options
from migguard.settings import milliseconds

URL = Annotated[
    str,
    typer.Option(
        "--url",
        envvar="MIGGUARD_URL",
        help="The database, as postgresql://user@host/name. Only read, in read-only transactions.",
        show_default=False,
    ),
]
TIMEOUT = Annotated[str, typer.Option("--timeout", help="How long each query may take, such as 500ms, 30s or 2min.")]


def stats(
    url: URL,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file to write. Default: standard output.", show_default=False),
    ] = None,
    seconds: Annotated[
        float,
        typer.Option("--seconds", min=0, help="How long to count writes; 0 leaves the write rates out."),
    ] = 5.0,
    timeout: TIMEOUT = "30s",
) -> None:
    """Write down how large the tables of a live database are and how much is written to them.

    Commit the file and name it in the settings (statistics = "migguard-stats.json"): `migguard check` then says how
    many rows a lock waits for, treats what grows with a small table as a notice, and what grows with a large one as
    an error. Sizes and row counts may come from a replica; write rates only from the primary.

    [bold]migguard stats --url postgresql://reader@replica/shop -o migguard-stats.json[/bold]
    """
    if output is not None:
        options.refuse_unwritable(output)
    limit = milliseconds(timeout, "--timeout")
    from migguard.live.connection import reading
    from migguard.live.sizes import snapshot
    from migguard.statistics import encoded

    with reading(url, limit) as connection:
        taken = snapshot(connection, seconds)
    if output is None:
        sys.stdout.write(encoded(taken).decode())
        return
    with options.writing(output):
        output.write_bytes(encoded(taken))
    unknown = sum(1 for t in taken.tables.values() if t.rows is None)
    hint = f", {unknown} of them never analysed (their row counts are unknown)" if unknown else ""
    sys.stderr.write(f"{len(taken.tables)} tables of {taken.database}{hint} written to {output}\n")
