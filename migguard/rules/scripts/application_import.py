"""MG802: the revision imports the application."""

from collections.abc import Iterable, Iterator

from migguard.findings import Finding, Severity
from migguard.rules.facts.scripts.column_types import seen
from migguard.rules.facts.scripts.imported_names import Taken, instead, taken
from migguard.rules.frame import Context, rule
from migguard.rules.wording import listed
from migguard.source import Script
from migguard.trace import NoteKind, RevisionTrace

MOST = 6
"""So many names are spelled out."""


@rule("MG802", "application-import", Severity.WARNING, "The revision imports the application's own package.")
def application_import(trace: RevisionTrace, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    The migration stays as it is, the application goes on. In a year the import fails, or the model has columns that
    the table does not have yet at this point of the history: no new database can be built any more.

    ## What is let through
    Libraries, those of column types included, installed here or not: the application is what lies in the project and
    what env.py has its tables from. Tables and constants that the script defines itself.
    """
    notes = [n for n in trace.notes if n.kind is NoteKind.APP_IMPORT]
    if notes:
        script = ctx.lookup.scripts.get(trace.revision) if ctx.lookup is not None else None
        yield ctx.finding(
            f"This revision imports the application ({listed(dict.fromkeys(n.subject for n in notes))}): tomorrow's "
            "code runs in yesterday's migration.",
            origin=notes[0].origin,
            advice=advice(script, [n.subject for n in notes], trace),
        )


def advice(script: Script | None, modules: Iterable[str], trace: RevisionTrace) -> str:
    """What to write in the place of what is imported, by what that is."""
    found = taken(script, modules) if script is not None else {}
    if script is None or not found:
        return "Leave the import out, and write into the script what it needs, as it is today."
    listed_so = sorted(found.items(), key=lambda one: order(one[1]))
    types = {name: seen(script, name, trace) for name, what in listed_so if what is Taken.TYPE}
    lines = dict.fromkeys(instead(name, what, types.get(name)) for name, what in listed_so)
    alone = set(found.values()) == {Taken.SESSION}
    lead = "Use Alembic's own connection" if alone else "Write what it takes from there into the script, as it is today"
    return "\n".join((f"{lead}:", *list(lines)[:MOST]))


def order(what: Taken) -> int:
    """Tables first."""
    return list(Taken).index(what)
