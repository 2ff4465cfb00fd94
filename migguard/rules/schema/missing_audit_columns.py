"""MG916: a new table that does not say when its rows were made."""

from collections.abc import Iterator

from migguard.changes import CreateTable
from migguard.findings import Finding, Severity
from migguard.rules.facts.schema.introduced import lasting_table
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import label, listed, python

BAD = Example('op.create_table("orders", sa.Column("id", sa.BigInteger(), primary_key=True))')
GOOD = Example(
    """
    op.create_table(
        "orders",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
    )
    """
)


@rule(
    "MG916",
    "missing-audit-columns",
    Severity.OFF,
    "A new table lacks created_at or updated_at.",
    bad=BAD,
    good=GOOD,
    guideline=True,
)
def missing_audit_columns(change: CreateTable, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    When a row was made and when it was changed is asked the day something goes wrong, and cannot be found out
    afterwards. The setting `audit_columns` names the columns, by default `created_at` and `updated_at`.

    ## What is let through
    Columns that the deployment adds later; temporary tables, partitions, tables that the deployment drops
    again.
    """
    table = lasting_table(change, ctx)
    if table is None:
        return
    there = {c.name.lower() for c in table.columns}
    missing = [name for name in ctx.settings.audit_columns if name.lower() not in there]
    if not missing:
        return
    yield ctx.finding(
        f"The new table {label(table.key, ctx)} has no {listed(missing)}, so when its rows changed is not known.",
        table=table.key,
        advice="Add to the table:\n"
        + "\n".join(
            f"sa.Column({python(name)}, sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False)"
            for name in missing
        ),
    )
