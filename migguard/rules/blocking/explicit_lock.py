"""MG418: LOCK TABLE in a mode that stops the application."""

from collections.abc import Iterator

from migguard.catalog.lookup import relation_key
from migguard.changes import LockTable, Opaque, TransactionControl
from migguard.effects.model import Blocks, TableLock
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.recipes import advice, execute
from migguard.rules.facts.locks.held_until import BRIEF, place
from migguard.rules.facts.locks.work import grows_with
from migguard.rules.frame import POSTGRESQL, Claim, Example, StepContext, rule
from migguard.rules.wording import blocked, blocks, label, sql_name, waiting
from migguard.trace import Certainty, Statement
from migguard.transactions import stronger

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
    Modes that let reads and writes go on; tables that this deployment creates. It is a notice where a later statement
    of the transaction takes the same lock, or a stronger one, and nothing that takes long comes between them: taking it
    first then costs next to nothing, and keeps a weaker lock from having to become a stronger one.
    """
    key = relation_key(ctx.before, change.table)
    effect = ctx.effect
    locks = [lock for lock in effect.locks if blocks(effect, lock.table) and ctx.existing(lock.table)]
    held = [lock.table for lock in locks]
    if key is None or not held:
        return
    shown = key if key in held else held[0]
    anyway = taken_anyway(locks, ctx)
    line = f"line {anyway.origin.line}" if anyway is not None and anyway.origin else "a later statement"
    where = f", which {line} would lock as much in any case" if anyway is not None else ""
    yield ctx.finding(
        f"LOCK TABLE stops {blocked(ctx, shown, effect)} {label(shown, ctx)} until the transaction ends{where}.",
        severity=Severity.NOTICE if anyway is not None else None,
        related=(anyway.origin,) if anyway is not None and anyway.origin else (),
        lock=waiting(ctx, shown, effect).replace(BRIEF, "held until the transaction ends"),
        table=shown,
        advice=not_queueing(change, ctx),
    )


def not_queueing(change: LockTable, ctx: StepContext) -> str:
    """The advice to do without the lock, or not to wait for it: in words where one line of the script locks several."""
    lead = (
        "Leave it to each statement to take the lock that it needs. If the rows must stand still, make the "
        "transaction short, and do not queue for the lock"
    )
    steps = ctx.trace.steps() if ctx.trace is not None else ()
    here = {s.change.table for s in steps if isinstance(s.change, LockTable) and place(s, ctx) == place(ctx.step, ctx)}
    if len(here) > 1:
        return f"{lead}: let the statement end with MODE NOWAIT."
    return advice(lead, [execute(f"LOCK TABLE {sql_name(change.table)} IN {change.mode} MODE NOWAIT")])


def taken_anyway(locks: list[TableLock], ctx: StepContext) -> Statement | None:
    """The later statement of the transaction that locks those tables at least as much, if nothing long comes before."""
    for step in ctx.known.transactions.after(ctx.step):
        if isinstance(step.change, LockTable):
            continue
        if step.refusal is not None or step.statement.certainty is not Certainty.RAN or not step.statement.understood:
            return None
        theirs = {lock.oid: lock for lock in ctx.known.effect(step).locks}
        if all(lock.oid in theirs and not stronger(lock, theirs[lock.oid]) for lock in locks):
            return step.statement
        if grows_with(step, ctx.known) or isinstance(step.change, (TransactionControl, Opaque)):
            return None
    return None
