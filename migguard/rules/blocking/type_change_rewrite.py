"""MG409: a type change that rewrites the table."""

from collections.abc import Iterator

from migguard.changes import AlterColumnType, ModifyColumn
from migguard.effects.model import Blocks
from migguard.findings import Finding, Safe, Severity
from migguard.rules.facts.advice.beside_columns import without_rewrite
from migguard.rules.facts.advice.blocking_types import spelled
from migguard.rules.facts.locks.unsure_work import doubt
from migguard.rules.frame import Claim, Example, StepContext, rule
from migguard.rules.wording import and_parts, blocked, held_up, label, target, waiting

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, views integer, code varchar(50))"
BAD = Example('op.alter_column("orders", "views", existing_type=sa.Integer(), type_=sa.BigInteger())', given=GIVEN)
GOOD = Example('op.alter_column("orders", "code", existing_type=sa.String(50), type_=sa.String(200))', given=GIVEN)


@rule(
    "MG409",
    "type-change-rewrite",
    Severity.ERROR,
    "A type change rewrites the whole table while nobody else can use it.",
    bad=BAD,
    good=GOOD,
    claim=Claim(Blocks.READS_AND_WRITES, rewrites=True, scans=True),
)
def type_change_rewrite(change: AlterColumnType | ModifyColumn, ctx: StepContext) -> Iterator[Finding | Safe]:
    """## Why it matters
    Where the stored values change, the server writes the whole table again, and all of its indexes, under ACCESS
    EXCLUSIVE. It needs as much free disk as the table has, and replicas fall behind by as much.

    ## What is let through
    What the engine itself takes without a rewrite: a longer or unlimited varchar, text, more digits of a numeric at
    the same scale, cidr to inet, timestamp to timestamptz where the session's time zone is UTC, a USING that is no
    more than the cast itself. Tables that this deployment creates; of one that it has emptied it is a notice.
    """
    table = target(ctx, change.table)
    effect = ctx.effect
    slow = [k for k in held_up(ctx, table.key, effect) if k in effect.rewrites] if table is not None else []
    if table is None:
        return
    column = table.typed_column(change.column)
    new = change.type if isinstance(change, AlterColumnType) else change.definition.type
    old = spelled(column.type, ctx.before) if column is not None and column.type is not None else "its type"
    name = label(table.key, ctx)
    if not slow:
        if effect.known and not effect.grows_with(table.key) and column is not None and column.type != new:
            every = f"every {old} is a {spelled(new, ctx.before)}"
            yield ctx.safe(f"{every}: no row of {name} is read or written{doubt(ctx.step)}")
        return
    known = column is not None and column.type is not None and column.type.name not in ctx.before.assumed_types
    unless = doubt(ctx.step)
    yield ctx.finding(
        f"Changing {name}.{change.column} {f'from {old} ' if known else ''}to {spelled(new, ctx.before)} rewrites "
        f"{and_parts(ctx, table.key, slow)} while {blocked(ctx, slow[0], effect)} it waits{unless}.",
        severity=None if known else Severity.WARNING,
        verified=not unless and ctx.step.verified,
        lock=waiting(ctx, slow[0], effect),
        grows=True,
        table=table.key,
        advice=without_rewrite(change, new, table, ctx),
    )
