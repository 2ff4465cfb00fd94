"""MG304: TRUNCATE of an existing table."""

from collections.abc import Iterator

from migguard.changes import Truncate
from migguard.effects.cost import tree
from migguard.findings import Finding, Severity
from migguard.rules.facts.rows.empty_tables import empty
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import label, listed, target, waiting

GIVEN = "CREATE TABLE sessions (id bigint PRIMARY KEY, token text)"
BAD = Example('op.execute("TRUNCATE sessions")', given=GIVEN)
GOOD = Example(
    """
    op.create_table("staging", sa.Column("id", sa.BigInteger(), primary_key=True))
    op.execute("TRUNCATE staging")
    """,
    given=GIVEN,
)


@rule("MG304", "truncate", Severity.ERROR, "An existing table is emptied.", bad=BAD, good=GOOD)
def truncate(change: Truncate, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    Every row is gone, and with CASCADE also those of every table that refers to it. ACCESS EXCLUSIVE makes readers
    wait, and transactions that began earlier find the table empty.

    ## What is let through
    Tables that this deployment creates, or has emptied before, if no others go along.
    """
    table = target(ctx, change.table)
    if table is None or ctx.step.refusal is not None:
        return
    own = tree(ctx.before, table.key)
    others = [label(k, ctx) for k in ctx.effect.replaced if k not in own and ctx.existing(k)]
    if not others and empty(table, ctx.step, ctx.known):
        return
    also = f", and with it {listed(others)}" if others else ""
    yield ctx.finding(
        f"TRUNCATE destroys every row of {label(table.key, ctx)}{also}.",
        lock=waiting(ctx, table.key, ctx.effect) or None,
        table=table.key,
        advice="If the rows are really worthless, delete them in batches from a job, where it can be stopped and seen.",
    )
