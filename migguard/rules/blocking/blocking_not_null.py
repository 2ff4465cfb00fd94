"""MG405: SET NOT NULL that has to look at every row."""

from collections.abc import Iterator

from migguard.catalog.schema import Table
from migguard.changes import AddConstraint, Name, NotNull, SetNullable
from migguard.effects.model import Blocks
from migguard.effects.postgresql_offers import trusts_checks
from migguard.findings import Finding, Safe, Severity
from migguard.rules.facts.advice.recipes import advice, set_not_null
from migguard.rules.facts.advice.required_columns import filled_first
from migguard.rules.facts.locks.held_until import place
from migguard.rules.facts.locks.unsure_work import doubt
from migguard.rules.facts.rows.reopened_gaps import open_since
from migguard.rules.facts.schema.deployment_end import final, survivor
from migguard.rules.facts.schema.revision_end import called_after, done_along
from migguard.rules.frame import Claim, Example, StepContext, rule
from migguard.rules.wording import and_parts, blocked, held_up, label, listed, target, waiting

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
def blocking_not_null(change: SetNullable | AddConstraint, ctx: StepContext) -> Iterator[Finding | Safe]:
    """## Why it matters
    `SET NOT NULL` looks for a NULL in every row under ACCESS EXCLUSIVE: nobody reads or writes until it has seen all.

    ## What is let through
    PostgreSQL 12 and newer skip the look where a validated CHECK proves that the column is never NULL, also one from
    an earlier revision; tables that this deployment creates; a statement that rewrites the table anyway, which MG409
    reports. A column that this deployment adds to an older table is looked through like any other.
    """
    table = target(ctx, change.table)
    column = made_not_null(change)
    if table is None or column is None or table.key in ctx.statement_effect.rewrites:
        return
    effect = ctx.effect
    slow = held_up(ctx, table.key, effect)
    known = table.column(column)
    name = label(table.key, ctx)
    if not slow:
        if known is not None and known.nullable and isinstance(change, SetNullable):
            yield ctx.safe(f"a validated CHECK proves that {name}.{column} holds no NULL, so no row is looked at")
        return
    filled = open_since(known, table, ctx) if known is not None else None
    again = (
        f" It fails if the running code writes NULL after {place(filled, ctx)}, which fills {column}: nothing keeps it "
        "from that before this statement has its lock."
        if filled is not None
        else ""
    )
    yield ctx.finding(
        f"Making {name}.{column} NOT NULL reads all of {and_parts(ctx, table.key, slow)} while "
        f"{blocked(ctx, slow[0], effect)} it waits{doubt(ctx.step)}.{again}",
        lock=waiting(ctx, slow[0], effect),
        grows=True,
        table=table.key,
        advice=thrown_away(table, ctx)
        or filled_first(known, table, ctx, again=bool(again)) + recipe(change.table, column, table, ctx),
        fixable=True,
    )


def thrown_away(table: Table, ctx: StepContext) -> str:
    """What is to be done instead where the deployment drops the table after that; empty for any other."""
    if survivor(table, ctx) is not None or table.key in final(ctx).tables:
        return ""
    return f"Leave this out: the deployment drops {label(table.key, ctx)} after it."


def recipe(at: Name, column: str, table: Table, ctx: StepContext) -> str:
    """The CHECK that proves the column, in the user's names: those that a revision finds which comes after this one."""
    after, along = called_after(table, column, ctx), done_along(table, column, ctx)
    lines = set_not_null(*(after or (at, column)))
    lead = "Prove it first with a CHECK that is validated without blocking, then the server takes it on trust"
    if not trusts_checks(ctx.before.server):
        lines = lines[:-2]
        lead = "Keep a CHECK in its place, which is validated without blocking and refuses the same rows"
    if after is not None:
        where = "Leave only NOT NULL out here. In a revision after this one, by the names there: "
        lead = f"{where}{lead[0].lower()}{lead[1:]}"
    elif along:
        lines = [f"# what else is done to {column} here (its {listed(along)}) stays, without NOT NULL", *lines]
    return advice(lead, lines)


def made_not_null(change: SetNullable | AddConstraint) -> str | None:
    """The column that may hold no NULL from now on, old rows included."""
    if isinstance(change, SetNullable):
        return None if change.nullable else change.column
    constraint = change.constraint
    return constraint.column if isinstance(constraint, NotNull) and not constraint.not_valid else None
