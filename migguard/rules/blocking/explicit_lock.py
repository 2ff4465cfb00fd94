"""MG418: LOCK TABLE in a mode that stops the application."""

from collections.abc import Iterator

from migguard.catalog.lookup import relation_key
from migguard.changes import LockTable
from migguard.effects.model import Blocks
from migguard.findings import Finding, Severity
from migguard.rules.frame import POSTGRESQL, Claim, Example, StepContext, rule
from migguard.rules.recipes import advice, execute
from migguard.rules.wording import blocked, blocks, label, sql_name, waiting

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY)"
BAD = Example('op.execute("LOCK TABLE orders IN SHARE MODE")', given=GIVEN)
GOOD = Example('op.execute("LOCK TABLE orders IN ROW EXCLUSIVE MODE")', given=GIVEN)


@rule(
    "MG418",
    "explicit-lock",
    Severity.WARNING,
    "LOCK TABLE stops at least all writes to an existing table.",
    engines=POSTGRESQL,
    bad=BAD,
    good=GOOD,
    claim=Claim(Blocks.WRITES),
)
def explicit_lock(change: LockTable, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    The lock is held until the transaction ends, through everything that the migration does after it. It waits for
    every running transaction that uses the table, and everybody else waits behind it.

    ## What is let through
    Modes that let reads and writes go on; tables that this deployment creates.
    """
    key = relation_key(ctx.before, change.table)
    effect = ctx.effect
    held = [lock.table for lock in effect.locks if blocks(effect, lock.table) and ctx.existing(lock.table)]
    if key is None or not held:
        return
    shown = key if key in held else held[0]
    yield ctx.finding(
        f"LOCK TABLE stops {blocked(ctx, shown, effect)} {label(shown, ctx)} until the transaction ends.",
        lock=waiting(ctx, shown, effect).replace("brief once it is granted", "held until the transaction ends"),
        table=shown,
        advice=advice(
            "Leave it to each statement to take the lock that it needs. If the rows must stand still, make the "
            "transaction short, and do not queue for the lock",
            [execute(f"LOCK TABLE {sql_name(change.table)} IN {change.mode} MODE NOWAIT")],
        ),
    )
