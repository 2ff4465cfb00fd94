"""`migguard sql` for a person: each statement, its lock, what waits."""

from __future__ import annotations

from itertools import groupby

from rich.padding import Padding
from rich.syntax import Syntax
from rich.text import Text

from migguard.reports.console import console, show
from migguard.sqlview import StatementView

WAITS = {"nothing": "nothing waits", "writes": "writes wait", "reads-and-writes": "reads and writes wait"}


def render(found: list[StatementView], scope: str, *, colour: bool) -> None:
    """Print the statements by revision and transaction."""
    out = console(colour=colour)
    for revision, statements in groupby(found, key=lambda v: v.revision):
        show(Text(revision, style="bold"), out)
        for transaction, members in groupby(statements, key=lambda v: v.transaction):
            group = list(members)
            show(
                Text(f"  {'no transaction' if group[0].autocommit else f'transaction {transaction}'}", style="dim"), out
            )
            for one in group:
                code = Syntax(one.sql.strip().expandtabs(4), "sql", background_color="default", word_wrap=True)
                show(Padding(code, (0, 0, 0, 4)), out)
                show(Padding(Text(cost(one), style=shade(one)), (0, 0, 1, 6)), out)
    show(Text(f"Scope: {scope}. {len(found)} statement{'' if len(found) == 1 else 's'}.", style="dim"), out)


def cost(one: StatementView) -> str:
    """The lock, what waits, what is rewritten, read and built."""
    if not one.understood or not one.known:
        return "not understood: its lock is unknown"
    parts = [", ".join(f"{mode} on {table}" for table, mode in one.locks) or "no lock on an existing table"]
    parts.append(WAITS[one.blocks])
    parts += [f"rewrites {t}" for t in one.rewrites]
    parts += [f"reads all of {t}" for t in one.scans if t not in one.rewrites]
    parts += [f"builds {i}" for i in one.builds]
    return "; ".join(parts)


def shade(one: StatementView) -> str:
    """The colour of a statement's cost."""
    if not one.understood or not one.known:
        return "bold red"
    grows = bool(one.rewrites or one.scans)
    return "red" if one.blocks != "nothing" and grows else "yellow" if one.blocks != "nothing" else "green"
