"""MG410: a type change that rewrites nothing, but verifies a CHECK or rebuilds an index."""

from collections.abc import Iterator

from migguard.changes import AlterColumnType, ModifyColumn
from migguard.effects.model import Blocks
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.blocking_types import spelled
from migguard.rules.facts.schema.folded_keys import folded
from migguard.rules.frame import Claim, Example, StepContext, rule
from migguard.rules.wording import and_parts, blocked, held_up, label, listed, target, waiting

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, total numeric(10, 2), CONSTRAINT ck_total CHECK (total >= 0))"
BAD = Example(
    'op.alter_column("orders", "total", existing_type=sa.Numeric(10, 2), type_=sa.Numeric(14, 2))', given=GIVEN
)
GOOD = Example(
    'op.alter_column("orders", "total", existing_type=sa.Numeric(10, 2), type_=sa.Numeric(14, 2))',
    given="CREATE TABLE orders (id bigint PRIMARY KEY, total numeric(10, 2))",
)


@rule(
    "MG410",
    "type-change-scan",
    Severity.WARNING,
    "A type change verifies a CHECK or rebuilds an index over the whole table under its lock.",
    bad=BAD,
    good=GOOD,
    claim=Claim(Blocks.READS_AND_WRITES, scans=True),
)
def type_change_scan(change: AlterColumnType | ModifyColumn, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    A type change that needs no rewrite still drops and adds again what depends on the column. A CHECK on it is
    verified for every row, and an index whose ordering changes is built again, all under ACCESS EXCLUSIVE.

    ## What is let through
    A type change that touches neither; tables that this deployment creates.
    """
    table = target(ctx, change.table)
    effect = ctx.effect
    slow = held_up(ctx, table.key, effect) if table is not None else []
    if table is None or not slow or any(k in effect.rewrites for k in slow):
        return
    new = change.type if isinstance(change, AlterColumnType) else change.definition.type
    name = label(table.key, ctx)
    why = f" ({'; '.join(effect.reasons)})" if effect.reasons else ""
    cased = listed(i.name for _, i in folded(change, ctx)) if isinstance(change, AlterColumnType) else ""
    fails = f" It fails if {cased} then finds two rows that differ in case alone." if cased else ""
    yield ctx.finding(
        f"Changing {name}.{change.column} to {spelled(new, ctx.before)} rewrites nothing, but reads all of "
        f"{and_parts(ctx, table.key, slow)} while {blocked(ctx, slow[0], effect)} it waits{why}.{fails}",
        lock=waiting(ctx, slow[0], effect),
        grows=True,
        table=table.key,
        advice=(
            "Drop the CHECK or the index before the change and add it again after it without blocking: a CHECK NOT "
            "VALID and then VALIDATE CONSTRAINT, an index with postgresql_concurrently=True, "
            "each in a later transaction."
        ),
    )
