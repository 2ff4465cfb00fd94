"""MG005: a module that is not installed was stood in for."""

from collections.abc import Iterable, Iterator, Sequence, Set

from migguard.catalog.copying import replace
from migguard.changes import Name
from migguard.dialect_sides import run_elsewhere
from migguard.findings import Finding, Severity
from migguard.placeholders import is_placeholder
from migguard.rules.frame import Context, rule
from migguard.rules.wording import listed
from migguard.source import Script
from migguard.trace import OLD_SQLALCHEMY, Deployment, Note, NoteKind, RevisionTrace


def unknown_tables(trace: RevisionTrace) -> list[str]:
    """The names that stand for those of tables which are not known."""
    named = (getattr(s.change, "table", None) for s in trace.steps())
    return list(dict.fromkeys(n.name for n in named if isinstance(n, Name) and is_placeholder(n.name)))


@rule("MG005", "import-stubbed", Severity.NOTICE, "A module that is not installed was stood in for.")
def import_stubbed(deployment: Deployment, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    Types and values that come from the module are unknown here. Operations that use them were replayed all the same,
    but what they decide was not seen. So it is with a module of the project that could only be imported in
    part, and with a script that only SQLAlchemy 1.4 runs.

    ## What is let through
    Modules that are installed: run migguard in the application's environment to have none stood in for. A
    module of the project that ran as it is. Imports that only another engine comes to. What several revisions of a
    deployment need is told at the first of them.
    """
    yield from metadata_stubbed(deployment, ctx)
    scripts = ctx.lookup.scripts if ctx.lookup is not None else {}
    notes = (note for trace in deployment.upgrades for note in trace.notes)
    missing = {note.subject for note in notes if note.kind is NoteKind.STUBBED and not note.detail}
    causes = {id(trace): dict(stood_in(trace, scripts.get(trace.revision), missing)) for trace in deployment.upgrades}
    told: set[str] = set()
    for trace in deployment.upgrades:
        new = {why: note for why, note in causes[id(trace)].items() if why not in told}
        told |= new.keys()
        tables = unknown_tables(trace) if causes[id(trace)] else []
        if not new and not tables:
            continue
        more = sum(one is not trace and not new.keys().isdisjoint(causes[id(one)]) for one in deployment.upgrades)
        yield replace(ctx, trace=trace).finding(
            " ".join(said(new.values(), tables)),
            origin=next(iter((new or causes[id(trace)]).values())).origin,
            advice="Install the application beside migguard to replay with the real modules"
            + (f"; {more} more revision{'s need' if more > 1 else ' needs'} what is missing here." if more else "."),
        )


def stood_in(trace: RevisionTrace, script: Script | None, missing: Set[str]) -> Iterator[tuple[str, Note]]:
    """What was missing, by which two revisions miss the same, with where it was needed first: not by another engine.

    A part of a package is the package, where that is missing too.
    """
    told: set[str] = set()
    for note in trace.notes:
        parts = note.subject.split(".")
        packages = [".".join(parts[:end]) for end in range(1, len(parts))] if not note.detail else []
        subject = next((name for name in packages if name in missing), note.subject)
        why = note.detail or subject
        if note.kind is NoteKind.STUBBED and why not in told:
            if script is not None and run_elsewhere(note.origin, script, trace.before.server.engine):
                continue
            told.add(why)
            yield why, replace(note, subject=subject)


def said(notes: Iterable[Note], tables: Sequence[str]) -> Iterator[str]:
    """The sentences on what was missing, and on tables whose names are not known for that."""
    found = list(notes)
    absent = [n.subject for n in found if not n.detail]
    if absent:
        verbs = ("are", "were") if len(absent) > 1 else ("is", "was")
        yield f"{listed(absent)} {verbs[0]} not installed here and {verbs[1]} stood in for."
    yield from dict.fromkeys(located(n) for n in found if n.detail)
    if tables:
        yield (
            f"Which table {listed(tables[:3])} stands for in its statements is not known: it may be one that other "
            "revisions call by its name."
        )


def located(note: Note) -> str:
    """The sentence of a note, with the line that an older SQLAlchemy is needed for."""
    known = note.subject == OLD_SQLALCHEMY and note.origin is not None and note.origin.line > 1
    return f"{note.detail.removesuffix('.')} in line {note.origin.line}." if known and note.origin else note.detail


def metadata_stubbed(deployment: Deployment, ctx: Context) -> Iterator[Finding]:
    """The MetaData that env.py hands over comes from a module that is not there: names hang on it."""
    environment = deployment.environment
    if environment.ran and environment.of_program and deployment.upgrades:
        names = environment.of_program
        said = ("That value is", "was") if len(names) == 1 else ("Those values are", "were")
        yield ctx.finding(
            f"env.py takes {listed(names)} from the program that runs it. {said[0]} not known here and {said[1]} stood "
            "in for.",
            origin=environment.origin,
            advice="Let env.py go on without it, and set `dialect` to the engine that runs in production.",
        )
    if environment.ran and environment.unknown_models and deployment.upgrades:
        or_program = ", or from that program" if environment.of_program else ""
        and_names = " and names" if environment.unknown_names else ""
        stated = ": state `naming` in migguard.toml" if environment.unknown_names else ""
        or_names = ", and what a naming convention calls constraints and indexes that have no name,"
        yield ctx.finding(
            f"The MetaData of env.py comes from a module that could not be imported here{or_program}: which models "
            f"there are{or_names if environment.unknown_names else ''} is not known.",
            origin=environment.models_from or environment.origin,
            advice=f"Install the application beside migguard to check with its real models{and_names}. Where env.py "
            f"runs only inside the application (its context or connection), that is not enough{stated}.",
        )
