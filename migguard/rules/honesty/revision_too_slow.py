"""MG009: a script that did not finish within the time limit of a replay."""

from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.rules.frame import Context, rule
from migguard.trace import NoteKind, RevisionTrace


@rule("MG009", "revision-too-slow", Severity.ERROR, "A script did not finish within the time limit of a replay.")
def revision_too_slow(trace: RevisionTrace, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    A replay has no rows to work on. A script that runs for long all the same waits for something, or loops for ever,
    and what follows in it was not looked at.

    ## What is let through
    `replay_timeout` (seconds a revision) can be raised for scripts that compute for long.
    """
    for note in trace.notes:
        if note.kind is NoteKind.TOO_SLOW:
            unseen = f" {trace.unseen}" if trace.unseen else ""
            yield ctx.finding(
                f"{note.detail or 'The script did not finish in time'}.{unseen}".replace("..", "."),
                origin=note.origin,
                advice="Bound its loops, or raise the limit with --replay-timeout or replay_timeout in the settings.",
            )
