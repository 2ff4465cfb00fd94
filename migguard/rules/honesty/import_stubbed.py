"""MG005: a module that is not installed was stood in for."""

from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.rules.frame import Context, rule
from migguard.rules.wording import listed
from migguard.trace import NoteKind, RevisionTrace


@rule("MG005", "import-stubbed", Severity.NOTICE, "A module that is not installed was stood in for.")
def import_stubbed(trace: RevisionTrace, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    Types and values that come from the module are unknown here. Operations that use them were replayed all the same,
    but what they decide was not seen.

    ## What is let through
    Modules that are installed: run migguard in the application's environment to have none stood in for.
    """
    notes = [n for n in trace.notes if n.kind is NoteKind.STUBBED]
    if notes:
        names = listed(dict.fromkeys(n.subject for n in notes))
        yield ctx.finding(
            f"{names} are not installed here and were stood in for."
            if len({n.subject for n in notes}) > 1
            else f"{names} is not installed here and was stood in for.",
            origin=notes[0].origin,
            advice="Install the application beside migguard to replay with the real modules.",
        )
