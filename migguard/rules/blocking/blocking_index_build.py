"""MG401: an index built under a lock that blocks writes."""

from collections.abc import Iterator

from migguard.changes import CreateIndex
from migguard.effects.model import Blocks
from migguard.findings import Finding, Severity
from migguard.rules.frame import Claim, Example, StepContext, rule
from migguard.rules.wording import blocked, blocks, label, python, quoted, schema_argument, target, waiting

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text)"
BAD = Example('op.create_index("ix_orders_email", "orders", ["email"])', given=GIVEN)
GOOD = Example(
    """
    with op.get_context().autocommit_block():
        op.create_index("ix_orders_email", "orders", ["email"], postgresql_concurrently=True)
    """,
    given=GIVEN,
    env=("transaction_per_migration",),
)


@rule(
    "MG401",
    "blocking-index-build",
    Severity.ERROR,
    "An index is built on an existing table under a lock that blocks writes.",
    bad=BAD,
    good=GOOD,
    claim=Claim(Blocks.WRITES, scans=True),
)
def blocking_index_build(change: CreateIndex, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    A plain `CREATE INDEX` reads the whole table and holds a lock that every INSERT, UPDATE and DELETE waits for,
    from the first row to the last. On a large table that is minutes to hours in which the application cannot write.

    ## What is let through
    A concurrent build outside a transaction; an index on a table that this deployment creates; `ON ONLY` a
    partitioned table, which builds nothing; MySQL's and MariaDB's ordinary indexes, which are built online.
    """
    table = target(ctx, change.table)
    effect = ctx.effect
    if table is None or change.concurrently:
        return
    slow = [key for key in (table.key, *below(table.key, ctx)) if effect.grows_with(key) and blocks(effect, key)]
    if not slow:
        return
    name = change.name.name if change.name else "the index"
    where = label(table.key, ctx)
    partitions = f" and its {len(slow)} partitions" if table.partition_by and len(slow) > 1 else ""
    yield ctx.finding(
        f"Building {name} blocks {blocked(effect, slow[0])} {where}{partitions} until it ends.",
        lock=waiting(ctx, slow[0], effect),
        grows=True,
        table=table.key,
        advice=advice(change, partitioned=table.partition_by is not None),
        fixable=table.partition_by is None,
    )


def below(key: tuple[str, str], ctx: StepContext) -> Iterator[tuple[str, str]]:
    """The partitions of a table, all levels."""
    for child in ctx.before.children.get(key, ()):
        yield child
        yield from below(child, ctx)


def advice(change: CreateIndex, *, partitioned: bool) -> str:
    """The concurrent build in the user's names."""
    name = change.name.name if change.name else f"ix_{change.table.name}"
    keys = quoted(e.column or (e.expression.text if e.expression else "") for e in change.elements)
    unique = ", unique=True" if change.unique else ""
    if partitioned:
        return (
            f"A partitioned table's index cannot be built concurrently. Create {name} ON ONLY {change.table.name}, "
            "build the index of each partition concurrently in an autocommit_block(), then attach each with "
            f"op.execute('ALTER INDEX {name} ATTACH PARTITION …')."
        )
    return (
        "Build it concurrently, in a revision of its own:\n"
        "with op.get_context().autocommit_block():\n"
        f"    op.create_index({python(name)}, {python(change.table.name)}, [{keys}]{unique}"
        f"{schema_argument(change.table)}, postgresql_concurrently=True)"
    )
