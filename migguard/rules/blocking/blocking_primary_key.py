"""MG407: a primary key that builds an index, or looks for NULLs, while nobody else can use the table."""

from collections.abc import Iterator

from migguard.changes import AddColumn, AddConstraint, DropConstraint, PrimaryKey
from migguard.effects.model import Blocks
from migguard.findings import Finding, Severity
from migguard.rules.frame import Claim, Example, StepContext, rule
from migguard.rules.wording import blocked, blocks, label, python, quoted, schema_argument, target, waiting

GIVEN = "CREATE TABLE orders (id bigint NOT NULL, code text)"
BAD = Example('op.create_primary_key("pk_orders", "orders", ["id"])', given=GIVEN)
GOOD = Example(
    """
    with op.get_context().autocommit_block():
        op.create_index("pk_orders", "orders", ["id"], unique=True, postgresql_concurrently=True)
    op.execute("ALTER TABLE orders ADD CONSTRAINT pk_orders PRIMARY KEY USING INDEX pk_orders")
    """,
    given=GIVEN,
    env=("transaction_per_migration",),
)


@rule(
    "MG407",
    "blocking-primary-key",
    Severity.ERROR,
    "A primary key is built, or its columns looked through for NULLs, under a blocking lock.",
    bad=BAD,
    good=GOOD,
    claim=Claim(Blocks.READS_AND_WRITES, scans=True),
)
def blocking_primary_key(change: AddConstraint | AddColumn | DropConstraint, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    PRIMARY KEY builds a unique index under ACCESS EXCLUSIVE, and looks through nullable columns for NULLs. On MySQL
    and MariaDB, dropping a primary key alone copies the table.

    ## What is let through
    `PRIMARY KEY USING INDEX` over columns that are NOT NULL already; tables that this deployment creates; a column
    whose addition rewrites the table anyway, which MG411 reports.
    """
    table = target(ctx, change.table)
    key = primary_key(change)
    effect = ctx.effect
    if table is None or not effect.grows_with(table.key) or not blocks(effect, table.key):
        return
    if isinstance(change, DropConstraint):
        if change.kind == "primary key":
            yield ctx.finding(
                f"Dropping the primary key of {label(table.key, ctx)} copies the table.",
                lock=waiting(ctx, table.key, effect),
                grows=True,
                table=table.key,
                advice="Drop it and add the new primary key in one ALTER TABLE, which rebuilds the table online.",
            )
        return
    if key is None or (isinstance(change, AddColumn) and table.key in effect.rewrites):
        return
    columns = key.columns or ((change.column.name,) if isinstance(change, AddColumn) else ())
    name = key.name or f"{change.table.name}_pkey"
    what = "Looking for NULLs in" if key.using_index else "Building"
    yield ctx.finding(
        f"{what} {name} blocks {blocked(effect, table.key)} {label(table.key, ctx)} until it ends.",
        lock=waiting(ctx, table.key, effect),
        grows=True,
        table=table.key,
        advice=(
            f"Make {', '.join(columns) or 'the columns'} NOT NULL first (MG405 says how), build a unique index "
            "concurrently, then make it the primary key, which is brief:\n"
            "with op.get_context().autocommit_block():\n"
            f"    op.create_index({python(name)}, {python(change.table.name)}, [{quoted(columns)}], unique=True"
            f"{schema_argument(change.table)}, postgresql_concurrently=True)\n"
            f"op.execute('ALTER TABLE {change.table} ADD CONSTRAINT {name} PRIMARY KEY USING INDEX {name}')"
        ),
    )


def primary_key(change: AddConstraint | AddColumn | DropConstraint) -> PrimaryKey | None:
    """The primary key that a change adds."""
    if isinstance(change, DropConstraint):
        return None
    written = (change.constraint,) if isinstance(change, AddConstraint) else change.constraints
    return next((c for c in written if isinstance(c, PrimaryKey)), None)
