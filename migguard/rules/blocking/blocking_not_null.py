"""MG405: SET NOT NULL that has to look at every row."""

from collections.abc import Iterator

from migguard.changes import ModifyColumn, SetNullable
from migguard.effects.model import Blocks
from migguard.findings import Finding, Severity
from migguard.rules.frame import Claim, Example, StepContext, rule
from migguard.rules.wording import blocked, blocks, label, python, schema_argument, target, waiting

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text)"
BAD = Example('op.alter_column("orders", "email", existing_type=sa.Text(), nullable=False)', given=GIVEN)
GOOD = Example(
    """
    op.create_check_constraint("ck_orders_email", "orders", "email IS NOT NULL", postgresql_not_valid=True)
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE orders VALIDATE CONSTRAINT ck_orders_email")
    op.alter_column("orders", "email", existing_type=sa.Text(), nullable=False)
    op.drop_constraint("ck_orders_email", "orders", type_="check")
    """,
    given=GIVEN,
    env=("transaction_per_migration",),
)


@rule(
    "MG405",
    "blocking-not-null",
    Severity.ERROR,
    "SET NOT NULL reads the whole table while nobody else can.",
    bad=BAD,
    good=GOOD,
    claim=Claim(Blocks.READS_AND_WRITES, scans=True),
)
def blocking_not_null(change: SetNullable | ModifyColumn, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    `SET NOT NULL` looks for a NULL in every row under ACCESS EXCLUSIVE: nobody reads or writes until it has seen all.

    ## What is let through
    PostgreSQL 12 and newer skip the look where a validated CHECK proves that the column is never NULL, also one from
    an earlier revision; tables and columns that this deployment creates; a statement that rewrites the table anyway,
    which MG409 reports.
    """
    table = target(ctx, change.table)
    if table is None or isinstance(change, ModifyColumn) or change.nullable:
        return
    column = table.column(change.column)
    effect = ctx.effect
    if column is not None and not column.nullable and table.complete:
        return
    if not effect.grows_with(table.key) or not blocks(effect, table.key):
        return
    if table.key in ctx.statement_effect.rewrites:
        return
    yield ctx.finding(
        f"Making {label(table.key, ctx)}.{change.column} NOT NULL reads all of {label(table.key, ctx)} while "
        f"{blocked(effect, table.key)} it waits.",
        lock=waiting(ctx, table.key, effect),
        grows=True,
        table=table.key,
        advice=advice(change),
        fixable=True,
    )


def advice(change: SetNullable) -> str:
    """The four steps with a CHECK that proves the column, in the user's names."""
    table, column = change.table, change.column
    name = f"ck_{table.name}_{column}_not_null"
    where = schema_argument(table)
    return (
        "Prove it first with a CHECK that is validated without blocking, then the server takes it on trust:\n"
        f"op.create_check_constraint({python(name)}, {python(table.name)}, {python(f'{column} IS NOT NULL')}{where}, "
        "postgresql_not_valid=True)\n"
        "with op.get_context().autocommit_block():\n"
        f"    op.execute('ALTER TABLE {table} VALIDATE CONSTRAINT {name}')\n"
        f"op.alter_column({python(table.name)}, {python(column)}, nullable=False{where})\n"
        f'op.drop_constraint({python(name)}, {python(table.name)}, type_="check"{where})'
    )
