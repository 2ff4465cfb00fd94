"""MG112: an operation that the phase of its revision does not allow."""

from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.rules.frame import Context, Example, RevisionScript, rule
from migguard.rules.phases import Phase, phase_of_script, phase_of_step

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, fax text)"
BAD = Example(
    '''
    """Drop the fax number.

    Phase: expand
    """

    def upgrade():
        op.drop_column("orders", "fax")
    ''',
    given=GIVEN,
)
GOOD = Example(
    '''
    """A note for each order.

    Phase: expand
    """

    def upgrade():
        op.add_column("orders", sa.Column("note", sa.Text()))
    ''',
    given=GIVEN,
)


@rule(
    "MG112",
    "wrong-phase",
    Severity.OFF,
    "An operation does not belong to the phase (expand, migrate, contract) of its revision.",
    bad=BAD,
    good=GOOD,
)
def wrong_phase(subject: RevisionScript, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    With expand and contract, a deployment runs the expanding revisions before the new code starts, and the contracting
    ones after the old code has ended. An operation in the wrong phase meets the code that it was kept from: a column
    is dropped while it is read, or is missing when it is asked for.

    ## What is let through
    Revisions that name no phase, neither as `Phase: …` in the docstring nor by a branch label; what any phase may do,
    such as an index that is not unique; what is done to tables that this deployment creates. `phases = true` turns the
    rule on.
    """
    known = ctx.history.revisions.get(subject.trace.revision) if ctx.history else None
    labels = frozenset(known.branches if known is not None else ())
    phase = phase_of_script(subject.script.tree, labels)
    if phase is None or ctx.lookup is None:
        return
    for step in subject.trace.steps():
        belongs = phase_of_step(step, ctx.lookup.deployment)
        if belongs is None or belongs is phase:
            continue
        yield ctx.finding(
            f"This operation belongs to the phase {belongs}, and {subject.trace.revision} says that it is {phase}.",
            severity=Severity.ERROR if belongs is Phase.CONTRACT else Severity.WARNING,
            origin=step.statement.origin,
            sql=step.statement.sql,
            verified=step.verified,
            advice=f"Move it into a revision of its own whose docstring says `Phase: {belongs}`.",
        )
