"""MG413: REINDEX under a lock that blocks writes."""

from collections.abc import Iterator

from migguard.changes import Reindex
from migguard.effects.model import Blocks
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.recipes import advice, execute, outside
from migguard.rules.frame import POSTGRESQL, Claim, Example, StepContext, rule
from migguard.rules.wording import blocks, identifier, label, listed, sql_name, waiting

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text);CREATE INDEX ix_orders_email ON orders (email)"
BAD = Example('op.execute("REINDEX INDEX ix_orders_email")', given=GIVEN)
GOOD = Example(
    """
    with op.get_context().autocommit_block():
        op.execute("REINDEX INDEX CONCURRENTLY ix_orders_email")
    """,
    given=GIVEN,
    env=("transaction_per_migration",),
)
MOST = 5


@rule(
    "MG413",
    "blocking-reindex",
    Severity.WARNING,
    "An index of an existing table is built again under a lock that blocks writes.",
    engines=POSTGRESQL,
    bad=BAD,
    good=GOOD,
    claim=Claim(Blocks.WRITES, scans=True),
)
def blocking_reindex(change: Reindex, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    REINDEX reads the whole table under a lock that every write waits for, and locks the index itself against reads:
    every query that would so much as consider the index waits as well.

    ## What is let through
    REINDEX CONCURRENTLY; tables that this deployment creates.
    """
    effect = ctx.effect
    slow = [
        k
        for k in effect.scans
        if k in ctx.before.tables and ctx.existing(k) and blocks(effect, k) and effect.grows_with(k)
    ]
    if not slow:
        return
    names = [label(k, ctx) for k in slow]
    where = listed(names if len(names) <= MOST else [*names[:MOST], f"{len(names) - MOST} other tables"])
    what = (
        f"the index {change.name}" if change.kind == "index" else "its indexes" if len(slow) == 1 else "their indexes"
    )
    yield ctx.finding(
        f"Building {what} again blocks every write to {where}, and every query that would use "
        f"{'it' if change.kind == 'index' else 'one of them'}, until it ends.",
        lock=waiting(ctx, slow[0], effect),
        grows=True,
        table=slow[0],
        advice=recipe(change),
    )


def recipe(change: Reindex) -> str:
    """REINDEX CONCURRENTLY in the user's names."""
    if change.kind == "system":
        return "The server's own catalogs can only be built again in a maintenance window."
    name = ""
    if change.name is not None:
        name = " " + (identifier(change.name.name) if change.kind in ("schema", "database") else sql_name(change.name))
    statement = f"REINDEX {change.kind.upper()} CONCURRENTLY{name}"
    return advice("Build it again concurrently, in a revision of its own", outside(execute(statement)))
