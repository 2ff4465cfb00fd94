"""MG408: an exclusion constraint, for which no online way exists."""

from collections.abc import Iterator

from migguard.changes import AddConstraint, Exclusion
from migguard.effects.model import Blocks
from migguard.findings import Finding, Severity
from migguard.rules.frame import POSTGRESQL, Claim, Example, StepContext, rule
from migguard.rules.wording import blocked, label, target, waiting

GIVEN = "CREATE TABLE stays (id bigint PRIMARY KEY, during tstzrange)"
BAD = Example(
    'op.execute("ALTER TABLE stays ADD CONSTRAINT ex_stays_during EXCLUDE USING gist (during WITH &&)")', given=GIVEN
)
GOOD = Example(
    """
    op.create_table(
        "visits", sa.Column("id", sa.BigInteger(), primary_key=True), sa.Column("during", postgresql.TSTZRANGE())
    )
    op.execute("ALTER TABLE visits ADD CONSTRAINT ex_visits_during EXCLUDE USING gist (during WITH &&)")
    """,
    given=GIVEN,
)


@rule(
    "MG408",
    "blocking-exclusion",
    Severity.ERROR,
    "An EXCLUDE constraint builds its index while nobody else can use the table.",
    engines=POSTGRESQL,
    bad=BAD,
    good=GOOD,
    claim=Claim(Blocks.READS_AND_WRITES, scans=True),
)
def blocking_exclusion(change: AddConstraint, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    The index of an exclusion constraint is built under ACCESS EXCLUSIVE. There is no NOT VALID and no USING INDEX for
    it: an existing table cannot get one online.

    ## What is let through
    Tables that this deployment creates.
    """
    table = target(ctx, change.table)
    if table is None or not isinstance(change.constraint, Exclusion) or not ctx.effect.grows_with(table.key):
        return
    name = change.constraint.name or "the exclusion constraint"
    yield ctx.finding(
        f"Building {name} blocks {blocked(ctx.effect, table.key)} {label(table.key, ctx)} until it ends.",
        lock=waiting(ctx, table.key, ctx.effect),
        grows=True,
        table=table.key,
        advice=(
            "PostgreSQL has no online way to add an exclusion constraint. Plan a maintenance window, or create a new "
            "table that has it, copy the rows in batches, and swap the two."
        ),
    )
