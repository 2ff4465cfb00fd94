"""What a live database said to the probes of findings, for a person and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from migguard.live.probes import Probed

SCHEMA_VERSION = 1


def document(answers: Sequence[Probed]) -> str:
    """The answers as JSON text; values that JSON does not have are written as text."""
    probes = [
        {
            "code": one.finding.code,
            "name": one.finding.name,
            "revision": one.finding.revision,
            "table": one.finding.table,
            "fingerprint": one.finding.fingerprint,
            "message": one.finding.message,
            "probe": one.finding.probe,
            "columns": list(one.columns),
            "rows": [list(row) for row in one.rows],
            "more": one.more,
            "unanswered": one.unanswered,
        }
        for one in answers
    ]
    encoded = msgspec.json.encode({"schema_version": SCHEMA_VERSION, "probes": probes}, enc_hook=str)
    return msgspec.json.format(encoded, indent=2).decode()


def render(answers: Sequence[Probed], scope: str, *, colour: bool) -> None:
    """Print each finding with its query and the rows that were found."""
    console = Console(no_color=not colour, force_terminal=colour or None, highlight=False)
    for one in answers:
        finding = one.finding
        console.print(Text.assemble((finding.code, "bold"), f" {finding.name}  ", (finding.revision or "", "dim")))
        console.print(Padding(Text(finding.message), (0, 0, 0, 2)))
        console.print(Padding(Text.assemble(("probe: ", "dim"), (finding.probe or "", "magenta")), (0, 0, 0, 2)))
        console.print(Padding(verdict(one), (0, 0, 0, 2)))
        if one.rows:
            console.print(Padding(shown(one), (0, 0, 0, 4)))
        console.print()
    offending = sum(1 for one in answers if one.offending)
    unanswered = sum(1 for one in answers if one.unanswered)
    console.print(
        f"{len(answers)} probe{'' if len(answers) == 1 else 's'} of {scope}: {offending} found rows, "
        f"{len(answers) - offending - unanswered} found none, {unanswered} unanswered."
    )


def verdict(one: Probed) -> Text:
    """One line on the answer."""
    if one.unanswered is not None:
        return Text(f"no answer: {one.unanswered}", style="bold red")
    if not one.rows:
        return Text("no such row", style="green")
    count = f"more than {len(one.rows)}" if one.more else str(len(one.rows))
    return Text(f"{count} row{'' if count == '1' else 's'}", style="bold yellow")


def shown(one: Probed) -> Table:
    """The rows."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in one.columns:
        table.add_column(Text(column), overflow="ellipsis", max_width=60)
    for row in one.rows:
        table.add_row(*(cell(value) for value in row))
    return table


def cell(value: Any) -> Text:
    """A value as text."""
    return Text("NULL", style="dim") if value is None else Text(str(value))
