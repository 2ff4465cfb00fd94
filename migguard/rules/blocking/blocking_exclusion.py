"""MG408: an exclusion constraint, for which no online way exists."""

from collections.abc import Iterator

from migguard.changes import AddConstraint, Exclusion
from migguard.effects.model import Blocks
from migguard.findings import Finding, Severity
from migguard.rules.frame import POSTGRESQL, Claim, Example, StepContext, rule
from migguard.rules.wording import and_parts, blocked, held_up, label, target, waiting

GIVEN = "CREATE TABLE stays (id bigint PRIMARY KEY, during tstzrange)"
BAD = Example(
    'op.execute("ALTER TABLE stays ADD CONSTRAINT ex_stays_during EXCLUDE USING gist (during WITH &&)")', given=GIVEN
)
GOOD = Example(
    """
    from sqlalchemy.dialects import postgresql

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
    slow = held_up(ctx, table.key, ctx.effect) if table is not None else []
    if table is None or not isinstance(change.constraint, Exclusion) or not slow:
        return
    name = change.constraint.name or "the exclusion constraint"
    where = and_parts(ctx, table.key, slow)
    yield ctx.finding(
        f"Building {name} blocks {blocked(ctx, slow[0], ctx.effect)} {where} until it ends.",
        lock=waiting(ctx, slow[0], ctx.effect),
        grows=True,
        table=table.key,
        advice=(
            "PostgreSQL has no online way to add an exclusion constraint. Plan a maintenance window, or create a new "
            f"table that has it, copy the rows of {label(table.key, ctx)} in batches, and swap the two."
        ),
    )
