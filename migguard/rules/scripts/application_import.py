"""MG802: the revision imports the application."""

from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.rules.frame import Context, rule
from migguard.rules.wording import listed
from migguard.trace import NoteKind, RevisionTrace


@rule("MG802", "application-import", Severity.WARNING, "The revision imports the application's own package.")
def application_import(trace: RevisionTrace, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    The migration stays as it is, the application goes on. In a year the import fails, or the model has columns that
    the table does not have yet at this point of the history: no new database can be built any more.

    ## What is let through
    Libraries, those of column types included; tables and constants that the script defines itself.
    """
    notes = [n for n in trace.notes if n.kind is NoteKind.APP_IMPORT]
    if notes:
        yield ctx.finding(
            f"This revision imports the application ({listed(dict.fromkeys(n.subject for n in notes))}): tomorrow's "
            "code runs in yesterday's migration.",
            origin=notes[0].origin,
            advice=(
                'Write the tables it needs into the script:\nsa.table("orders", sa.column("id", sa.BigInteger()), ...)'
            ),
        )
