"""MG417: a blocking lock on a table that the statement does not name as its target."""

from collections.abc import Iterator

from migguard.changes import AddColumn, AddConstraint, AttachPartition, CreateTable, DropConstraint
from migguard.effects.model import Blocks, TableLock
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.recipes import advice
from migguard.rules.facts.locks.held_until import BRIEF, dropped_here, held_until
from migguard.rules.facts.locks.lock_limits import limiting_here
from migguard.rules.facts.locks.lock_waits import blocking_locks
from migguard.rules.facts.locks.own_transactions import each_its_own
from migguard.rules.facts.locks.second_tables import Locking, made_later, what
from migguard.rules.facts.schema.freed_keys import together
from migguard.rules.facts.schema.renamed import new_name
from migguard.rules.frame import POSTGRESQL, Claim, Example, StepContext, rule
from migguard.rules.wording import label, listed, target, waiting

GIVEN = "CREATE TABLE customers (id bigint PRIMARY KEY)"
BAD = Example(
    """
    op.create_table(
        "orders",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("customer_id", sa.BigInteger(), sa.ForeignKey("customers.id", name="fk_orders_customer")),
    )
    """,
    given=GIVEN,
)
GOOD = Example('op.create_table("orders", sa.Column("id", sa.BigInteger(), primary_key=True))', given=GIVEN)


@rule(
    "MG417",
    "locks-second-table",
    Severity.WARNING,
    "A blocking lock falls on an existing table that the statement is not about.",
    engines=POSTGRESQL,
    bad=BAD,
    good=GOOD,
    claim=Claim(Blocks.WRITES),
)
def locks_second_table(change: Locking, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    A foreign key is kept by triggers on both tables: adding one locks the referenced table against writes, dropping one
    (or a table that has one) against reads too. The lock waits for every running query on that table, and new queries
    wait behind it, although nobody thought that it was touched.

    ## What is let through
    Locks that let reads and writes go on; tables that this deployment creates, those that the same statement names,
    those that the transaction has locked as much already, and those that the revision or its transaction drops.
    It is a notice where the lock is brief and the table is not listed in `busy_tables`; where another rule reports the
    same lock as growing, in the statement or in a later one of the same call, it is silent. Several tables that are
    locked alike, and briefly, are told together.
    """
    told: dict[object, list[TableLock]] = {}
    for lock in blocking_locks(ctx.step, ctx.known):
        also = ctx.statement_effect.lock_on(lock.table)
        if lock.target or (also is not None and also.target):
            continue
        grows = growing(change, lock, ctx)
        if grows and reported(change, lock, ctx):
            continue
        if not grows and (
            dropped_here(lock.oid, ctx.step, ctx.trace, ctx.known) or made_later(lock, ctx.step, ctx.known)
        ):
            continue
        told.setdefault(lock.oid if grows or busy(lock, ctx) else lock.mode, []).append(lock)
    for locks in told.values():
        first, names = locks[0], listed(label(lock.table, ctx) for lock in locks)
        grows, many = growing(change, first, ctx), [lock.table for lock in locks]
        who = "queries on" if first.blocks is Blocks.READS_AND_WRITES else "writes to"
        yield ctx.finding(
            f"{what(change)} also locks {names}, which the statement is not about."
            f"{''.join(new_name(key, ctx.before, ctx.known) for key in many)}",
            severity=None if grows or busy(first, ctx) else Severity.NOTICE,
            lock=waiting(ctx, first.table, ctx.effect, brief=not grows, also=many[1:]),
            table=first.table,
            grows=grows,
            advice=advice(
                f"{apart(ctx, grows=grows)}Do not let {who} {names if len(locks) == 1 else 'these tables'} queue "
                "behind it for long: set a short lock_timeout before it, and try again",
                limiting_here(ctx),
            ),
        )


def growing(change: Locking, lock: TableLock, ctx: StepContext) -> bool:
    """Whether the time of the lock grows with its table."""
    return ctx.effect.grows_with(lock.table) and not idle(change, ctx)


def busy(lock: TableLock, ctx: StepContext) -> bool:
    """Whether the settings list the table as a busy one."""
    return bool({label(lock.table, ctx), ".".join(lock.table)} & set(ctx.settings.busy_tables))


def apart(ctx: StepContext, *, grows: bool) -> str:
    """What ends the transaction sooner; a commit between a constraint and what takes its place would let rows in."""
    if not grows and held_until(ctx) == BRIEF:
        return ""
    needs, _ = each_its_own(ctx.deployment.environment)
    both = together(ctx.step.change, ctx) if isinstance(ctx.step.change, DropConstraint) else ""
    return f"Keep it{both} in a revision of its own{needs}. "


def idle(change: Locking, ctx: StepContext) -> bool:
    """Whether the change is about a table of this deployment: it is empty, so nothing is looked up."""
    if isinstance(change, AddConstraint | AddColumn):
        return target(ctx, change.table) is None
    return isinstance(change, CreateTable) and change.partition_of is None


def reported(change: Locking, lock: TableLock, ctx: StepContext) -> bool:
    """Whether another rule speaks of the same lock: MG403 of foreign keys, MG415 of partitions that are read."""
    if isinstance(change, AddConstraint | AddColumn):
        return True
    table = ctx.before.tables.get(lock.table)
    return isinstance(change, CreateTable | AttachPartition) and table is not None and table.partition_of is not None
