"""MG417: a blocking lock on a table that the statement does not name as its target."""

from collections.abc import Iterator

from migguard.changes import (
    AddColumn,
    AddConstraint,
    AttachPartition,
    Constraint,
    CreateTable,
    DetachPartition,
    DropColumn,
    DropConstraint,
    DropTable,
    ForeignKey,
    Truncate,
)
from migguard.effects.model import Blocks
from migguard.findings import Finding, Severity
from migguard.rules.frame import POSTGRESQL, Claim, Example, StepContext, rule
from migguard.rules.wording import label, waiting

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
def locks_second_table(
    change: CreateTable
    | DropTable
    | AddConstraint
    | DropConstraint
    | AddColumn
    | DropColumn
    | Truncate
    | AttachPartition
    | DetachPartition,
    ctx: StepContext,
) -> Iterator[Finding]:
    """## Why it matters
    A foreign key is kept by triggers on both tables: adding one takes SHARE ROW EXCLUSIVE on the referenced table,
    dropping one (or a table that has one) ACCESS EXCLUSIVE. The lock waits for every running query on that table,
    and new queries wait behind it, although nobody thought that it was touched.

    ## What is let through
    Locks that let reads and writes go on; tables that this deployment creates. It is a notice where the lock is brief
    and the table is not listed in `busy_tables`; where another rule reports the same lock as growing, it is silent.
    """
    effect = ctx.effect
    for lock in effect.locks:
        if lock.target or lock.blocks is Blocks.NOTHING or not ctx.existing(lock.table):
            continue
        if effect.grows_with(lock.table) and not isinstance(change, (CreateTable, AttachPartition)):
            continue
        name = label(lock.table, ctx)
        busy = name in ctx.settings.busy_tables
        brief = not effect.grows_with(lock.table)
        yield ctx.finding(
            f"{what(change)} also locks {name}, which the statement is not about.",
            severity=Severity.NOTICE if brief and not busy else None,
            lock=waiting(ctx, lock.table, effect),
            table=lock.table,
            grows=not brief,
            advice=(
                f"Set a short lock_timeout before it, so that queries on {name} do not queue behind it for long, and "
                "retry: op.execute(\"SET LOCAL lock_timeout = '2s'\"). Keep it in a transaction of its own."
            ),
        )


def what(
    change: CreateTable
    | DropTable
    | AddConstraint
    | DropConstraint
    | AddColumn
    | DropColumn
    | Truncate
    | AttachPartition
    | DetachPartition,
) -> str:
    """The change in words."""
    match change:
        case CreateTable():
            return f"Creating {change.table}"
        case DropTable():
            return f"Dropping {change.table}"
        case AddConstraint():
            return f"Adding {constraint_name(change.constraint)} to {change.table}"
        case DropConstraint():
            return f"Dropping {change.name or 'the constraint'} of {change.table}"
        case AddColumn():
            return f"Adding {change.table}.{change.column.name}"
        case DropColumn():
            return f"Dropping {change.table}.{change.column}"
        case Truncate():
            return f"Truncating {change.table}"
        case AttachPartition():
            return f"Attaching {change.partition} to {change.table}"
        case DetachPartition():
            return f"Detaching {change.partition} from {change.table}"


def constraint_name(constraint: Constraint) -> str:
    """The constraint's name, or what it is."""
    if constraint.name:
        return constraint.name
    return f"a foreign key to {constraint.references}" if isinstance(constraint, ForeignKey) else "a constraint"
