"""MG402: an index dropped under a lock that blocks reads and writes."""

from collections.abc import Iterator

from migguard.catalog.lookup import table_of_index
from migguard.changes import DropIndex
from migguard.effects.model import Blocks
from migguard.findings import Finding, Severity
from migguard.rules.frame import Claim, Example, StepContext, rule
from migguard.rules.wording import blocks, label, python, schema_argument, waiting

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text);CREATE INDEX ix_orders_email ON orders (email)"
BAD = Example('op.drop_index("ix_orders_email", table_name="orders")', given=GIVEN)
GOOD = Example(
    """
    with op.get_context().autocommit_block():
        op.drop_index("ix_orders_email", table_name="orders", postgresql_concurrently=True)
    """,
    given=GIVEN,
    env=("transaction_per_migration",),
)


@rule(
    "MG402",
    "blocking-index-drop",
    Severity.WARNING,
    "An index of an existing table is dropped under a lock that blocks reads and writes.",
    bad=BAD,
    good=GOOD,
    claim=Claim(Blocks.READS_AND_WRITES),
)
def blocking_index_drop(change: DropIndex, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    A plain `DROP INDEX` takes ACCESS EXCLUSIVE on the table. It is brief once granted, but it queues behind the
    longest running query, and everything else queues behind it.

    ## What is let through
    A concurrent drop outside a transaction; an index of a table that this deployment creates, or one that this
    deployment itself built.
    """
    key = table_of_index(ctx.before, change.index, change.table)
    table = ctx.before.tables.get(key) if key is not None else None
    if table is None or change.concurrently or not ctx.existing(table.key) or not blocks(ctx.effect, table.key):
        return
    index = table.index(change.index.name)
    if index is not None and not ctx.deployment.existing(index.oid):
        return
    name = change.index.name
    yield ctx.finding(
        f"Dropping {name} makes every read and write of {label(table.key, ctx)} wait "
        "until it has its lock and is done.",
        lock=waiting(ctx, table.key, ctx.effect),
        table=table.key,
        advice=(
            "Drop it concurrently, in a revision of its own:\n"
            "with op.get_context().autocommit_block():\n"
            f"    op.drop_index({python(name)}, table_name={python(table.key[1])}{schema_argument(change.index)}, "
            "postgresql_concurrently=True)"
        ),
        fixable=True,
    )
