"""MG803: the script reaches outside: files, sockets, processes, the environment."""

from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.rules.frame import Context, rule
from migguard.trace import NoteKind, RevisionTrace

WHAT = {
    NoteKind.WRITE: "changes files",
    NoteKind.SOCKET: "opens a network connection",
    NoteKind.PROCESS: "starts a process",
    NoteKind.ENVIRONMENT: "reads the environment",
}


@rule("MG803", "outside-world", Severity.ERROR, "The script touches files, the network, processes or the environment.")
def outside_world(trace: RevisionTrace, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    A migration that depends on a machine's files, network or environment does one thing here and another there, and
    cannot be repeated. The replay refuses it.

    ## What is let through
    Reading files that belong to the project; env.py, whose task it is to read settings. Reading the environment is a
    warning.
    """
    seen: set[tuple[object, ...]] = set()
    for note in trace.notes:
        place = (note.kind, note.subject, note.origin)
        if note.kind not in WHAT or place in seen:
            continue
        seen.add(place)
        subject = f" ({note.subject})" if note.subject else ""
        when = " when it is imported" if note.at_import else ""
        yield ctx.finding(
            f"The script {WHAT[note.kind]}{subject}{when}.",
            origin=note.origin,
            severity=Severity.WARNING if note.kind is NoteKind.ENVIRONMENT else None,
            advice="Move it out of the migration: a setting into env.py, a file or a call into a job of its own.",
        )
