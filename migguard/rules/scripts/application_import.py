"""MG802: the revision imports the application."""

import ast
from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.instead_of_imports import called_as, instead
from migguard.rules.facts.scripts.application_work import work_of
from migguard.rules.facts.scripts.brought_modules import behind, brought
from migguard.rules.facts.scripts.column_types import seen
from migguard.rules.facts.scripts.imported_names import Import, Taken, is_session, taken
from migguard.rules.facts.scripts.script_reach import called
from migguard.rules.frame import Context, rule
from migguard.rules.wording import listed
from migguard.source import Script
from migguard.trace import Note, NoteKind, RevisionTrace

MOST = 3
"""So many names are spelled out."""
LEAD = "Write what it takes from there into the script, as it is today"
MOVED = (
    "Move out of the migration what {what} is called for, into a start-up task or a one-off command of the "
    "application, and keep only SQL here"
)
LEADS = {
    Taken.SESSION: "Use Alembic's own connection",
    Taken.SETTING: "Take what it needs from the migrations' own configuration, or do without it",
    Taken.DEFAULT: "Leave it out",
}


@rule("MG802", "application-import", Severity.WARNING, "The revision imports the application's own package.")
def application_import(trace: RevisionTrace, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    The migration stays as it is, the application goes on. In a year the import fails, or the model has columns that
    the table does not have yet at this point of the history: no new database can be built any more.

    ## What is let through
    Libraries, those of column types included, installed here or not: the application is what lies in the project and
    what env.py has its tables from, and what is missing where the migrations lie by themselves. Tables and constants
    that the script defines itself.
    """
    notes = [n for n in trace.notes if n.kind is NoteKind.APP_IMPORT]
    if notes:
        script = ctx.lookup.scripts.get(trace.revision) if ctx.lookup is not None else None
        yield ctx.finding(
            f"{brought(notes)}{behind(notes)}",
            origin=notes[0].origin,
            advice=advice(script, notes, trace),
        )


def advice(script: Script | None, notes: list[Note], trace: RevisionTrace) -> str:
    """What to write in the place of what is imported, by what that is."""
    modules = [n.subject for n in notes]
    found = taken(script, modules, [k for n in notes for k in n.brings]) if script is not None else []
    if script is not None and not found and not starred(script, modules):
        return "Leave the import out: the script uses nothing of it by name."
    if script is None or not found:
        return "Leave the import out, and write into the script what it needs, as it is today."
    found.sort(key=lambda one: list(Taken).index(one.what))
    kinds = {one.what for one in found}
    if Taken.SESSION in kinds and len(kinds) > 1:  # what a session is made with goes with it
        found = [one for one in found if not (one.what is Taken.SETTING and handed_on(script, one))]
        kinds = {one.what for one in found}
    working, along = work_of(script, found)
    found = [one for one in found if one not in working and one not in along]
    out = MOVED.format(what=listed(one.name for one in working)) if working else ""
    if working and not found:
        return f"{out}."
    cures: dict[str, Import] = {}
    for one in found:
        kind = seen(script, one.name, trace) if one.what is Taken.TYPE else None
        cures.setdefault(instead(script, one, kind), one)
    shown = list(cures)[:MOST]
    own = {cures[cure].what: cure for cure in reversed(cures) if cures[cure].what in LEADS}  # each its first
    shown += [cure for what, cure in own.items() if what not in {cures[one].what for one in shown}]
    more = [called_as(one) for cure, one in cures.items() if cure not in shown]
    lines = [line for cure in shown for line in cure.splitlines()]
    lines = [line for n, line in enumerate(lines) if line not in lines[:n] or not line.startswith("Base = ")]
    rest = listed(more if len(more) <= MOST else [*more[:MOST], f"{len(more) - MOST} more"])
    kinds = {one.what for one in found}
    lead = LEADS.get(next(iter(kinds)), LEAD) if len(kinds) == 1 else LEAD
    lead = f"{out}. {lead}" if working else lead
    return "\n".join((f"{lead}:", *lines, *([f"# and so that it does without {rest} too"] if more else [])))


def handed_on(script: Script, one: Import) -> bool:
    """Whether a name is only handed to what makes a session."""
    within = {
        id(argument)
        for node in script.nodes
        if isinstance(node, ast.Call) and is_session(called(node))
        for argument in (*node.args, *(k.value for k in node.keywords))
    }
    return all(id(n) in within for n in script.nodes if isinstance(n, ast.Name) and n.id == one.name)


def starred(script: Script, modules: list[str]) -> bool:
    """Whether a script takes all names of a module."""
    brought = [n for n in script.nodes if isinstance(n, ast.ImportFrom) and n.module in modules]
    return any(alias.name == "*" for node in brought for alias in node.names)
