"""MG008: the script asks the data, and the replay could take one side only."""

from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.rules.frame import Context, Example, rule
from migguard.trace import NoteKind, RevisionTrace

GIVEN = "CREATE TABLE readings (id bigint PRIMARY KEY, sensor text)"
BAD = Example(
    """
    if op.get_bind().execute(sa.text("SELECT count(*) FROM readings")).scalar() > 1000:
        op.add_column("readings", sa.Column("note", sa.Text()))
    """,
    given=GIVEN,
)
GOOD = Example('op.add_column("readings", sa.Column("note", sa.Text()))', given=GIVEN)


@rule(
    "MG008",
    "branch-not-taken",
    Severity.NOTICE,
    "The script branches on data, and the replay could take one side only.",
    bad=BAD,
    good=GOOD,
)
def branch_not_taken(trace: RevisionTrace, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    The replay has no rows, so a question about them has only one answer here. What the other side does was read from
    the source and checked, as far as it could be read. A function of another file that asks for the script is read too,
    and what its other side does is told at the line that calls it.
    Whether there is a table that no revision made is such a question too: a script that asks for it knows of databases
    which have it. So is what columns, keys and indexes such a table has.

    ## What is let through
    Questions about the schema, which the replayed schema answers; branches for another dialect; answers that change
    nothing of what is done to the database.
    """
    for note in trace.notes:
        if note.kind is NoteKind.BRANCH:
            yield ctx.finding(
                note.detail or "This branch depends on data that the replay does not have.",
                origin=note.origin,
                advice=(
                    f"Look at what {note.subject}() does then: none of it was checked."
                    if note.subject
                    else "Make sure that the other side is safe too; what was not read or run of it was not checked."
                ),
            )
