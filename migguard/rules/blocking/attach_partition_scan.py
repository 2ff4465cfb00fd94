"""MG415: a new partition that makes the server read tables whole."""

from collections.abc import Iterator

from migguard.catalog.lookup import table_key
from migguard.catalog.schema import Key
from migguard.changes import AttachPartition, CreateTable, Name
from migguard.effects.model import Blocks
from migguard.findings import Finding, Safe, Severity
from migguard.rules.facts.advice.partition_proof import recipe
from migguard.rules.frame import POSTGRESQL, Claim, Example, StepContext, rule
from migguard.rules.wording import blocks, label, waiting

GIVEN = (
    "CREATE TABLE metrics (at date NOT NULL, value int) PARTITION BY RANGE (at);"
    "CREATE TABLE metrics_2025 (at date NOT NULL, value int)"
)
ATTACH = "ALTER TABLE metrics ATTACH PARTITION metrics_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')"
BAD = Example(f'op.execute("{ATTACH}")', given=GIVEN)
GOOD = Example(
    f"""
    op.create_check_constraint(
        "ck_metrics_2025", "metrics_2025", "at >= '2025-01-01' AND at < '2026-01-01'", postgresql_not_valid=True
    )
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE metrics_2025 VALIDATE CONSTRAINT ck_metrics_2025")
    op.execute("{ATTACH}")
    op.drop_constraint("ck_metrics_2025", "metrics_2025", type_="check")
    """,
    given=GIVEN,
    env=("transaction_per_migration",),
)


@rule(
    "MG415",
    "attach-partition-scan",
    Severity.WARNING,
    "A new partition makes the server read it, or the default partition, under a lock that stops everybody.",
    engines=POSTGRESQL,
    bad=BAD,
    good=GOOD,
    claim=Claim(Blocks.READS_AND_WRITES, scans=True),
)
def attach_partition_scan(change: AttachPartition | CreateTable, ctx: StepContext) -> Iterator[Finding | Safe]:
    """## Why it matters
    ATTACH PARTITION verifies that every row of the table is within the bounds, and builds the indexes that it lacks,
    under ACCESS EXCLUSIVE. Where the parent has a default partition, that is read as well, for rows that belong into
    the new one: also for CREATE TABLE … PARTITION OF, and then everything that reaches the default partition waits.

    ## What is let through
    A validated CHECK that implies the bounds, over a key that is NOT NULL; a table that this deployment creates, which
    holds nothing.
    """
    effect = ctx.effect
    parent = table_key(ctx.before, parent_of(change) or change.table)
    if parent is None or parent_of(change) is None:
        return
    own = table_key(ctx.before, change.partition) if isinstance(change, AttachPartition) else None
    slow = [k for k in effect.scans if ctx.existing(k) and blocks(effect, k)]
    mine = [k for k in slow if own is not None and (k == own or within(k, own, ctx))]
    if isinstance(change, AttachPartition) and own is not None and ctx.existing(own):
        if not mine:
            yield ctx.safe(f"a validated CHECK of {label(own, ctx)} proves its bounds, so it is not read")
        else:
            yield ctx.finding(
                f"Attaching {label(own, ctx)} reads all of it while every read and write of it waits"
                f"{because(ctx, mine)}.",
                lock=waiting(ctx, mine[0], effect),
                grows=True,
                table=own,
                advice=recipe(change, ctx.before.tables.get(parent)),
            )
    new = change.partition if isinstance(change, AttachPartition) else change.table
    for key in [k for k in slow if k not in mine and within(k, parent, ctx)]:
        name = label(key, ctx)
        yield ctx.finding(
            f"Adding the partition {new.name} reads all of the default partition {name} while every read and write of "
            "it waits.",
            lock=waiting(ctx, key, effect),
            grows=True,
            table=key,
            advice=(
                f"Keep {name} empty: create partitions well before rows for them arrive, and move the rows that are "
                "there out in batches, so that there is little to read."
            ),
        )


def parent_of(change: AttachPartition | CreateTable) -> Name | None:
    """The partitioned table that gets a partition."""
    return change.table if isinstance(change, AttachPartition) else change.partition_of


def within(key: Key, parent: Key, ctx: StepContext) -> bool:
    """Whether a table is a partition of another, at any level."""
    table = ctx.before.tables.get(key)
    above = table.partition_of if table is not None else None
    return above is not None and (above == parent or within(above, parent, ctx))


def because(ctx: StepContext, slow: list[Key]) -> str:
    """Why, in parentheses."""
    names = {k[1] for k in slow}
    reasons = [r for r in ctx.effect.reasons if any(n in r for n in names)]
    return f" ({'; '.join(reasons)})" if reasons else ""
