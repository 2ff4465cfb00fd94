"""MG503: work that grows with a table, done while the transaction holds a lock that stops the application."""

from collections.abc import Iterator

from migguard.changes import ValidateConstraint
from migguard.effects.model import Blocks
from migguard.findings import Finding, Severity
from migguard.rules.frame import POSTGRESQL, Example, StepContext, rule
from migguard.rules.validation import added_in_transaction
from migguard.rules.wording import label
from migguard.rules.work import grows_with, what
from migguard.trace import Step
from migguard.transactions import WEIGHT, Held

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text)"
BAD = Example(
    """
    op.add_column("orders", sa.Column("note", sa.Text()))
    op.execute("UPDATE orders SET note = email")
    """,
    given=GIVEN,
)
GOOD = Example(
    """
    op.execute("UPDATE orders SET email = lower(email)")
    """,
    given=GIVEN,
    earlier=('op.add_column("orders", sa.Column("note", sa.Text()))',),
    env=("transaction_per_migration",),
)


@rule(
    "MG503",
    "work-under-lock",
    Severity.WARNING,
    "Work that grows with a table runs while the transaction holds a lock that stops the application.",
    engines=POSTGRESQL,
    bad=BAD,
    good=GOOD,
)
def work_under_lock(step: Step, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    A lock is held until its transaction ends. ADD COLUMN takes a moment, but in front of a backfill, an index build or
    a validation in the same transaction its lock lasts as long as they do, and the application stands still meanwhile.
    Alembic runs all revisions of an upgrade in one transaction unless `transaction_per_migration` is set.

    ## What is let through
    Work by a key or in batches, on tables that this deployment creates, in another transaction, or after the lock was
    rolled back to a savepoint; a statement whose own lock on that table stops as much (the rules on blocking report
    it); the validation of a constraint that the transaction added (MG502).
    """
    grown = grows_with(step, ctx.known)
    if not grown:
        return
    if isinstance(step.change, ValidateConstraint) and added_in_transaction(step.change, ctx) is not None:
        return
    own = {lock.oid: lock.blocks for lock in ctx.statement_effect.locks}
    strongest = ctx.known.transactions.strongest(step.statement).values()
    held = [h for h in strongest if h.exclusive and WEIGHT[own.get(h.lock.oid, Blocks.NOTHING)] < WEIGHT[h.lock.blocks]]
    if not held or step is not first_growing(step, ctx):
        return
    worst = max(held, key=lambda h: WEIGHT[h.lock.blocks])
    locked, slow = label(worst.lock.table, ctx), label(grown[0], ctx)
    who = "read and write" if worst.lock.blocks is Blocks.READS_AND_WRITES else "write"
    yield ctx.finding(
        f"{what(step)} takes longer the larger {slow} is, and every {who} of {locked} waits meanwhile: the transaction "
        f"holds {mode(worst)} on it since {place(worst, ctx)}.",
        lock=f"{mode(worst)} on {locked}: every {who} waits; the time grows with {slow}",
        table=grown[0],
        grows=True,
        related=(worst.step.statement.origin,) if worst.step.statement.origin else (),
        advice=(
            "Commit in between: do this in a revision of its own, with "
            "context.configure(…, transaction_per_migration=True) in env.py, and write rows in batches:\n"
            "with op.get_context().autocommit_block():\n"
            "    …  # a few thousand rows at a time, by key"
        ),
    )


def first_growing(step: Step, ctx: StepContext) -> Step:
    """The first step of the statement that grows with a table: one finding a statement is enough."""
    return next((s for s in step.statement.steps if s.statement is step.statement and grows_with(s, ctx.known)), step)


def mode(held: Held) -> str:
    """The lock as the server calls it."""
    return f"{held.lock.mode.spelling}" if held.lock.mode else "a lock"


def place(held: Held, ctx: StepContext) -> str:
    """`line 12`, or `line 12 of 3f2a`."""
    origin, revision = held.step.statement.origin, ctx.known.transactions.revision(held.step.statement)
    line = f"line {origin.line}" if origin is not None else "an earlier statement"
    here = ctx.trace.revision if ctx.trace is not None else None
    return line if revision == here else f"{line} of {revision}"
