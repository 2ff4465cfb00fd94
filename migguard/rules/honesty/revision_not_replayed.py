"""MG002: `upgrade()` raised while it was replayed."""

from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.replay_cures import cure
from migguard.rules.frame import Context, Example, rule
from migguard.trace import NoteKind, Outcome, RevisionTrace

GIVEN = "CREATE TABLE owners (id bigint PRIMARY KEY, email text)"
BAD = Example(
    """
    row = op.get_bind().execute(sa.text("SELECT id FROM owners")).fetchone()
    op.execute(sa.text("DELETE FROM owners WHERE id = :i").bindparams(i=row.id))
    """,
    given=GIVEN,
    runs=False,
)
GOOD = Example(
    """
    row = op.get_bind().execute(sa.text("SELECT id FROM owners")).fetchone()
    if row is not None:
        op.execute(sa.text("DELETE FROM owners WHERE id = :i").bindparams(i=row.id))
    """,
    given=GIVEN,
)


@rule("MG002", "revision-not-replayed", Severity.ERROR, "upgrade() raised while it was replayed.", bad=BAD, good=GOOD)
def revision_not_replayed(trace: RevisionTrace, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    What stands after the exception never ran: it was checked only as far as it could be read from the source, and
    the rest was not looked at. A script that needs rows to be there also fails on an empty database, such as every
    new developer's.

    ## What is let through
    Revisions that run to their end; what was read from the source after an exception is checked like the rest.
    """
    if trace.outcome is Outcome.FULL:
        return
    raised = [n for n in trace.notes if n.kind in (NoteKind.RAISED, NoteKind.EXIT, NoteKind.NO_FUNCTION)]
    slow = any(n.kind is NoteKind.TOO_SLOW for n in trace.notes)
    for note in raised[:1]:
        unseen = f" {trace.unseen}" if trace.unseen else ""
        yield ctx.finding(
            f"upgrade() could not be replayed to its end: {note.detail.removesuffix('.')}.{unseen}",
            origin=note.origin,
            advice=cure(note, "MG002"),
        )
    loaded = all(n.kind is not NoteKind.NOT_LOADED for n in trace.notes)  # else MG001 says so
    if not raised and not slow and loaded and trace.unseen:
        yield ctx.finding(f"A part of upgrade() was not replayed. {trace.unseen}", advice="Check that part by hand.")
