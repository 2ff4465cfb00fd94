"""MG406: a UNIQUE constraint that builds its index under ACCESS EXCLUSIVE."""

from collections.abc import Iterator

from migguard.changes import AddColumn, AddConstraint, Unique
from migguard.effects.model import Blocks
from migguard.findings import Finding, Severity
from migguard.rules.frame import Claim, Example, StepContext, rule
from migguard.rules.wording import blocked, blocks, label, python, quoted, schema_argument, target, waiting

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, code text)"
BAD = Example('op.create_unique_constraint("uq_orders_code", "orders", ["code"])', given=GIVEN)
GOOD = Example(
    """
    with op.get_context().autocommit_block():
        op.create_index("uq_orders_code", "orders", ["code"], unique=True, postgresql_concurrently=True)
    op.execute("ALTER TABLE orders ADD CONSTRAINT uq_orders_code UNIQUE USING INDEX uq_orders_code")
    """,
    given=GIVEN,
    env=("transaction_per_migration",),
)


@rule(
    "MG406",
    "blocking-unique",
    Severity.ERROR,
    "A UNIQUE constraint builds its index while nobody else can use the table.",
    bad=BAD,
    good=GOOD,
    claim=Claim(Blocks.READS_AND_WRITES, scans=True),
)
def blocking_unique(change: AddConstraint | AddColumn, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    A UNIQUE constraint builds its index inside `ALTER TABLE`, under ACCESS EXCLUSIVE: nobody reads or writes the
    table until the whole of it has been read and sorted.

    ## What is let through
    `UNIQUE USING INDEX` over an index that was built concurrently; tables that this deployment creates.
    """
    unique = new_unique(change)
    table = target(ctx, change.table)
    effect = ctx.effect
    if unique is None or table is None or unique.using_index:
        return
    if not effect.grows_with(table.key) or not blocks(effect, table.key):
        return
    columns = unique.columns or ((change.column.name,) if isinstance(change, AddColumn) else ())
    name = unique.name or f"{change.table.name}_{'_'.join(columns)}_key"
    yield ctx.finding(
        f"Building the index of {name} blocks {blocked(effect, table.key)} {label(table.key, ctx)} until it ends.",
        lock=waiting(ctx, table.key, effect),
        grows=True,
        table=table.key,
        advice=(
            "Build a unique index concurrently, then make it the constraint, which is brief:\n"
            "with op.get_context().autocommit_block():\n"
            f"    op.create_index({python(name)}, {python(change.table.name)}, [{quoted(columns)}], unique=True"
            f"{schema_argument(change.table)}, postgresql_concurrently=True)\n"
            f"op.execute('ALTER TABLE {change.table} ADD CONSTRAINT {name} UNIQUE USING INDEX {name}')"
        ),
        fixable=isinstance(change, AddConstraint) and unique.name is not None,
    )


def new_unique(change: AddConstraint | AddColumn) -> Unique | None:
    """The UNIQUE constraint that a change adds."""
    written = (change.constraint,) if isinstance(change, AddConstraint) else change.constraints
    return next((c for c in written if isinstance(c, Unique)), None)
