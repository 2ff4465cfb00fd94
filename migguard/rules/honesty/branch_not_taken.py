"""MG008: the script asks the data, and the replay could take one side only."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from migguard.findings import Finding, Severity
from migguard.rules.facts.scripts.empty_loops import idle_loop
from migguard.rules.frame import Context, Example, rule
from migguard.rules.wording import listed
from migguard.trace import Direction, Note, NoteKind, RevisionTrace

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
    Whether there is a table that no revision made is such a question too, where the history works on others like it or
    the other side alters this one. So is what columns, keys and indexes such a table has.

    ## What is let through
    Questions about the schema, which the replayed schema answers: what is not there has nothing to drop; branches for
    another dialect; answers that change nothing of what is done to the database; loops of an upgrade over a table that
    the deployment has made, with no rows but those that its scripts spell out. By the time of a downgrade it has more.
    """
    back = ctx.lookup.deployment.downgrades.get(trace.revision) if ctx.lookup is not None else None
    for one in (trace, back) if back is not None else (trace,):
        for notes in alike(n for n in one.notes if n.kind is NoteKind.BRANCH):
            note = notes[0]
            if one is trace and ctx.lookup is not None and idle_loop(note, trace, ctx.lookup):
                continue
            finding = ctx.finding(
                said(notes) or "This branch depends on data that the replay does not have.",
                origin=note.origin,
                related=tuple(n.origin for n in notes[1:] if n.origin is not None),
                advice=(
                    f"Look at what {note.subject}() does then: none of it was checked."
                    if note.subject
                    else "Make sure that this is safe too: what was not read or run of it was not checked."
                ),
            )
            yield replace(finding, direction=Direction.DOWNGRADE.value) if one is back else finding


def alike(notes: Iterable[Note]) -> list[list[Note]]:
    """The notes, those together that are of branches on one and the same thing."""
    found: dict[object, list[Note]] = {}
    for note in notes:
        found.setdefault(note.hangs_on or id(note), []).append(note)
    return list(found.values())


def said(notes: list[Note]) -> str:
    """What was noted of branches on the same thing, that of the others by their lines."""
    first, others = notes[0], [n for n in notes[1:] if n.origin is not None]
    if not others:
        return first.detail
    lead, _, came = first.detail.partition(f"{first.hangs_on}: ")
    rest = [(n.origin.line, n.detail.partition(f"{n.hangs_on}: ")[2]) for n in others if n.origin is not None]
    many = len(rest) > 1
    places = f"{'those in lines' if many else 'the one in line'} {listed([str(line) for line, _ in rest])}"
    lead = lead.replace(" depends on ", f", and {places}, depend on ")
    if all(other == came for _, other in rest):
        return f"{lead}{first.hangs_on}: of each, {came}"
    more = "; ".join(f"in line {line}, {other.rstrip('.')}" for line, other in rest)
    return f"{lead}{first.hangs_on}: {came.rstrip('.')}; {more}."
