"""MG404: a CHECK that is verified under ACCESS EXCLUSIVE."""

from collections.abc import Iterator

from migguard.catalog.schema import ConstraintKind, Table
from migguard.changes import AddColumn, AddConstraint, Check
from migguard.effects.model import Blocks
from migguard.findings import Finding, Safe, Severity
from migguard.rules.facts.advice.fresh_names import free, suggested
from migguard.rules.facts.advice.given_names import by_its_type, given_name
from migguard.rules.facts.advice.recipes import add_check, add_column, advice, proved_later
from migguard.rules.facts.schema.name_templates import Named
from migguard.rules.facts.schema.renamed_constraints import or_renamed
from migguard.rules.frame import Claim, Example, StepContext, rule
from migguard.rules.wording import and_parts, blocked, held_up, label, shortened, target, waiting

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, total numeric(12, 2))"
BAD = Example('op.create_check_constraint("ck_orders_total", "orders", "total >= 0")', given=GIVEN)
GOOD = Example(
    """
    op.create_check_constraint("ck_orders_total", "orders", "total >= 0", postgresql_not_valid=True)
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE orders VALIDATE CONSTRAINT ck_orders_total")
    """,
    given=GIVEN,
    env=("transaction_per_migration",),
)


@rule(
    "MG404",
    "blocking-check",
    Severity.ERROR,
    "A CHECK reads the whole table while nobody else can.",
    bad=BAD,
    good=GOOD,
    claim=Claim(Blocks.READS_AND_WRITES, scans=True),
)
def blocking_check(change: AddConstraint | AddColumn, ctx: StepContext) -> Iterator[Finding | Safe]:
    """## Why it matters
    Adding a CHECK verifies every row under ACCESS EXCLUSIVE. PostgreSQL does so even for a CHECK on a column that is
    added by the same statement and is NULL everywhere; MySQL copies the table.

    ## What is let through
    NOT VALID, and VALIDATE CONSTRAINT in a later transaction; NOT ENFORCED; tables that this deployment creates; a
    statement that rewrites the table anyway, which is reported as such.
    """
    check = new_check(change)
    table = target(ctx, change.table)
    effect = ctx.effect
    slow = held_up(ctx, table.key, effect) if table is not None else []
    if check is None and table is not None and not slow and any(c.not_valid for c in written_checks(change)):
        yield ctx.safe(f"it is NOT VALID: no row of {label(table.key, ctx)} is looked at")
    if check is None or table is None or not slow or slow[0] in ctx.statement_effect.rewrites:
        return
    what = check.name or f"the CHECK ({shortened(check.expression.text)})"
    yield ctx.finding(
        f"Adding {what} reads all of {and_parts(ctx, table.key, slow)} while {blocked(ctx, slow[0], effect)} it waits.",
        lock=waiting(ctx, slow[0], effect),
        grows=True,
        table=table.key,
        advice=or_renamed(recipe(change, check, table, ctx), change, table, ctx),
        fixable=isinstance(change, AddConstraint) and check.name is not None,
    )


def new_check(change: AddConstraint | AddColumn) -> Check | None:
    """The first CHECK that a change adds and verifies."""
    return next((c for c in written_checks(change) if not c.not_valid and c.enforced), None)


def written_checks(change: AddConstraint | AddColumn) -> list[Check]:
    """Every CHECK that a change adds."""
    written = (change.constraint,) if isinstance(change, AddConstraint) else change.constraints
    return [c for c in written if isinstance(c, Check)]


def recipe(change: AddConstraint | AddColumn, check: Check, table: Table, ctx: StepContext) -> str:
    """NOT VALID first, VALIDATE in a later transaction, in the user's names."""
    made = change if isinstance(change, AddColumn) else by_its_type(table, ctx)
    column = made.column.name if made is not None else (check.column or "check")
    ours = check.name or free(suggested("ck", Named(table.key[1], (column,)), ctx), table, ctx.before)
    name = given_name(ConstraintKind.CHECK, check.name, ours, (column,), table, ctx)
    first = [add_column(made)] if made is not None else []
    lead = "Add the column without the CHECK, then add it" if first else "Add it"
    if made is not change and made is not None:
        lead = "Add the column with a type that makes no CHECK of its own, then add it"
    return advice(
        f"{lead} NOT VALID, and validate it in a later transaction, which lets reads and writes through{name.lead}",
        proved_later(
            change.table,
            name.name,
            [*first, add_check(change.table, name.name, check, name.argument)],
        ),
    )
