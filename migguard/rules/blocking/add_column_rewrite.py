"""MG411: a new column whose values have to be written into every row."""

from collections.abc import Iterator

from migguard.changes import AddColumn
from migguard.effects.model import Blocks
from migguard.findings import Finding, Severity
from migguard.rules.frame import Claim, Example, StepContext, rule
from migguard.rules.wording import blocked, blocks, label, python, schema_argument, target, waiting

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY)"
BAD = Example(
    'op.add_column("orders", sa.Column("token", sa.Uuid(), server_default=sa.text("gen_random_uuid()")))', given=GIVEN
)
GOOD = Example(
    'op.add_column("orders", sa.Column("placed_at", sa.DateTime(timezone=True), server_default=sa.func.now()))',
    given=GIVEN,
)


@rule(
    "MG411",
    "add-column-rewrite",
    Severity.ERROR,
    "A new column rewrites the table, because its value differs from row to row.",
    bad=BAD,
    good=GOOD,
    claim=Claim(Blocks.READS_AND_WRITES, rewrites=True, scans=True),
)
def add_column_rewrite(change: AddColumn, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    A default that is the same for every row is kept once, beside the table. A volatile one (`gen_random_uuid()`,
    `clock_timestamp()`, `nextval()`, a function that is not known to be stable), a serial or identity column, a stored
    generated column or a domain with constraints has to be written into every row: the table is rewritten under
    ACCESS EXCLUSIVE.

    ## What is let through
    Constants, `now()` and `CURRENT_TIMESTAMP` (they are stable: one value for the statement), no default at all;
    tables that this deployment creates.
    """
    table = target(ctx, change.table)
    effect = ctx.effect
    if table is None or table.key not in effect.rewrites or not blocks(effect, table.key):
        return
    name, column = label(table.key, ctx), change.column.name
    because = f" ({'; '.join(effect.reasons)})" if effect.reasons else ""
    yield ctx.finding(
        f"Adding {name}.{column} rewrites {name} while {blocked(effect, table.key)} it waits{because}.",
        lock=waiting(ctx, table.key, effect),
        grows=True,
        table=table.key,
        advice=advice(change),
        fixable=change.column.default is not None,
    )


def advice(change: AddColumn) -> str:
    """Nullable column, then default, then batched backfill, in the user's names."""
    table, column, where = change.table, change.column, schema_argument(change.table)
    lines = [f"op.add_column({python(table.name)}, sa.Column({python(column.name)}, …, nullable=True){where})"]
    if column.default is not None:
        text = f"sa.text({python(column.default.text)})"
        lines.append(f"op.alter_column({python(table.name)}, {python(column.name)}, server_default={text}{where})")
    lines.append("# backfill the old rows in batches by primary key, in a later revision or a job")
    return "Add it empty, give new rows their value, and fill the old ones in batches:\n" + "\n".join(lines)
