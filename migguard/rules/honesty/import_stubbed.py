"""MG005: a module that is not installed was stood in for."""

from collections.abc import Iterator

from migguard.changes import Name
from migguard.findings import Finding, Severity
from migguard.placeholders import is_placeholder
from migguard.rules.frame import Context, rule
from migguard.rules.wording import listed
from migguard.trace import Deployment, NoteKind, RevisionTrace


def unknown_tables(trace: RevisionTrace) -> list[str]:
    """The names that stand for those of tables which are not known."""
    named = (getattr(s.change, "table", None) for s in trace.steps())
    return list(dict.fromkeys(n.name for n in named if isinstance(n, Name) and is_placeholder(n.name)))


@rule("MG005", "import-stubbed", Severity.NOTICE, "A module that is not installed was stood in for.")
def import_stubbed(trace: RevisionTrace | Deployment, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    Types and values that come from the module are unknown here. Operations that use them were replayed all the same,
    but what they decide was not seen. So it is with a module of the project that could only be imported in
    part, and with a script that only SQLAlchemy 1.4 runs.

    ## What is let through
    Modules that are installed: run migguard in the application's environment to have none stood in for. A
    module of the project that ran as it is.
    """
    if isinstance(trace, Deployment):
        yield from metadata_stubbed(trace, ctx)
        return
    notes = [n for n in trace.notes if n.kind is NoteKind.STUBBED]
    if notes:
        absent = list(dict.fromkeys(n.subject for n in notes if not n.detail))
        verbs = ("are", "were") if len(absent) > 1 else ("is", "was")
        said = [f"{listed(absent)} {verbs[0]} not installed here and {verbs[1]} stood in for."] if absent else []
        said += dict.fromkeys(n.detail for n in notes if n.detail)
        tables = unknown_tables(trace)
        if tables:
            said.append(
                f"Which table {listed(tables[:3])} stands for in its statements is not known: it may be one that other "
                "revisions call by its name."
            )
        yield ctx.finding(
            " ".join(said),
            origin=notes[0].origin,
            advice="Install the application beside migguard to replay with the real modules.",
        )


def metadata_stubbed(deployment: Deployment, ctx: Context) -> Iterator[Finding]:
    """The MetaData that env.py hands over comes from a module that is not there: names hang on it."""
    environment = deployment.environment
    if environment.ran and environment.unknown_names and deployment.upgrades:
        yield ctx.finding(
            "The MetaData of env.py comes from a module that could not be imported here: which models there are, and "
            "what a naming convention calls constraints and indexes that have no name, is not known.",
            origin=environment.origin,
            advice="Install the application beside migguard to check with its real models and names.",
        )
