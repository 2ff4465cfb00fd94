"""MG416: DETACH PARTITION that locks the whole partitioned table."""

from collections.abc import Iterator

from migguard.changes import DetachPartition
from migguard.effects.model import Blocks
from migguard.effects.postgresql_partitions import default_partition, detaches_concurrently
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.recipes import advice, execute, outside
from migguard.rules.facts.locks.lock_limits import limiting_here
from migguard.rules.frame import POSTGRESQL, Claim, Example, StepContext, rule
from migguard.rules.wording import blocks, label, sql_name, target, waiting

GIVEN = (
    "CREATE TABLE metrics (at date NOT NULL, value int) PARTITION BY RANGE (at);"
    "CREATE TABLE metrics_2023 PARTITION OF metrics FOR VALUES FROM ('2023-01-01') TO ('2024-01-01')"
)
BAD = Example('op.execute("ALTER TABLE metrics DETACH PARTITION metrics_2023")', given=GIVEN)
GOOD = Example(
    """
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE metrics DETACH PARTITION metrics_2023 CONCURRENTLY")
    """,
    given=GIVEN,
    env=("transaction_per_migration",),
)


@rule(
    "MG416",
    "detach-partition",
    Severity.WARNING,
    "A partition is detached under a lock on the whole partitioned table.",
    engines=POSTGRESQL,
    bad=BAD,
    good=GOOD,
    claim=Claim(Blocks.READS_AND_WRITES),
)
def detach_partition(change: DetachPartition, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    A plain DETACH takes ACCESS EXCLUSIVE on the partitioned table: it waits for every query on any partition, and every
    new query, on whatever partition, waits behind it.

    ## What is let through
    DETACH … CONCURRENTLY and FINALIZE; servers that have no CONCURRENTLY for it; a partitioned table that this
    deployment creates.
    """
    table = target(ctx, change.table)
    if table is None or not blocks(ctx.effect, table.key) or not detaches_concurrently(ctx.before.server):
        return
    name = label(table.key, ctx)
    default = default_partition(ctx.before, table.key)
    if default is not None:  # also where it is the default partition itself that is to go
        safe = (
            f"CONCURRENTLY is refused while {name} has the default partition {label(default, ctx)}. Set a short "
            f"lock_timeout first and try again until it gets its lock:\n" + "\n".join(limiting_here(ctx))
        )
    else:
        statement = f"ALTER TABLE {sql_name(change.table)} DETACH PARTITION {sql_name(change.partition)} CONCURRENTLY"
        safe = advice("Detach it concurrently, in a revision of its own", outside(execute(statement)))
    yield ctx.finding(
        f"Detaching {change.partition.name} makes every read and write of {name}, all partitions included, wait until "
        "it has its lock and is done.",
        lock=waiting(ctx, table.key, ctx.effect),
        table=table.key,
        advice=safe,
    )
