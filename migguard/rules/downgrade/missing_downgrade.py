"""MG201: no way back."""

from collections.abc import Iterator

from migguard.changes import Select
from migguard.findings import Finding, Severity
from migguard.rules.facts.schema.downgrade_place import NO_WAY_BACK, place_of
from migguard.rules.facts.scripts.reasons import gives_reason
from migguard.rules.frame import Context, Example, RevisionScript, rule
from migguard.trace import Certainty, NoteKind, Outcome, Statement

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY)"
BAD = Example('op.add_column("orders", sa.Column("note", sa.Text()))', given=GIVEN)
GOOD = Example(
    'op.add_column("orders", sa.Column("note", sa.Text()))', given=GIVEN, downgrade='op.drop_column("orders", "note")'
)

UNDO = (
    "Undo the upgrade there. If it cannot be undone, say so, which closes the way back for later revisions too: "
    f"{NO_WAY_BACK}. If nothing has to be undone, say that in an ignore comment."
)
REASONED = (
    "It says why, in words that a tool cannot rely on. If nothing has to be undone, or another revision's downgrade() "
    "undoes it, give that as the reason of an ignore comment. If it cannot be undone, say so, which closes the way "
    f"back for later revisions too: {NO_WAY_BACK}."
)


@rule(
    "MG201",
    "missing-downgrade",
    Severity.WARNING,
    "The upgrade does something, and there is no way back.",
    bad=BAD,
    good=GOOD,
)
def missing_downgrade(subject: RevisionScript, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    When the deployment has to be undone, `alembic downgrade` moves the version and leaves the schema as it is: the
    next upgrade fails on what is already there.

    ## What is let through
    A revision that only asks; a downgrade that does something more than to print or log a message. `raise` with a
    message says on purpose that there is none: a notice. `downgrade = "required"` makes it an error, `"never"` switches
    the family off.
    """
    policy, down = ctx.settings.downgrade, subject.downgrade
    seen = subject.trace.outcome is Outcome.FULL and not any(n.kind is NoteKind.BRANCH for n in subject.trace.notes)
    work = [s for s in subject.trace.statements if (s.origin or s.steps) and not (seen and only_reads(s))]
    if policy == "never" or down is None or not work:
        return
    place = down.notes[0].origin if down.notes else None
    if down.explicit_irreversible:
        yield ctx.finding(
            f"{subject.trace.revision} says that it cannot be undone.",
            origin=place,
            severity=Severity.NOTICE,
            advice="Make sure that the deployment can go on without a way back.",
        )
    elif down.missing or down.trivial:
        what = "has no downgrade()" if down.missing else "has a downgrade() that does nothing"
        finding = ctx.finding(
            f"{subject.trace.revision} {does(work)} the database and {what}.",
            origin=(place if down.missing else None) or place_of(subject),
            severity=Severity.ERROR if policy == "required" else None,
            advice=REASONED if down.trivial and gives_reason(subject.script) else UNDO,
        )
        yield finding


def only_reads(statement: Statement) -> bool:
    """Whether a statement is a query that calls no function: one may do anything."""
    return bool(statement.steps) and all(
        isinstance(step.change, Select) and not step.change.query.functions for step in statement.steps
    )


def does(work: list[Statement]) -> str:
    """That a revision changes the database, or may: on the side of a branch that the replay did not take, or by what a
    query calls."""
    sure = [s for s in work if s.certainty is not Certainty.OTHER_BRANCH]
    changing = any(not s.steps or any(not isinstance(step.change, Select) for step in s.steps) for s in sure)
    return "changes" if changing else "may change"
