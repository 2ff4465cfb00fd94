"""MG404: a CHECK that is verified under ACCESS EXCLUSIVE."""

from collections.abc import Iterator

from migguard.changes import AddColumn, AddConstraint, Check
from migguard.effects.model import Blocks
from migguard.findings import Finding, Severity
from migguard.rules.frame import Claim, Example, StepContext, rule
from migguard.rules.wording import blocked, blocks, label, python, target, waiting

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
def blocking_check(change: AddConstraint | AddColumn, ctx: StepContext) -> Iterator[Finding]:
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
    if check is None or table is None or not effect.grows_with(table.key) or not blocks(effect, table.key):
        return
    if table.key in ctx.statement_effect.rewrites and table.key not in (effect.rewrites if plain(change) else ()):
        return
    named = check.name or "the CHECK"
    yield ctx.finding(
        f"Adding {named} reads all of {label(table.key, ctx)} while {blocked(effect, table.key)} it waits.",
        lock=waiting(ctx, table.key, effect),
        grows=True,
        table=table.key,
        advice=advice(change, check),
        fixable=isinstance(change, AddConstraint) and check.name is not None,
    )


def new_check(change: AddConstraint | AddColumn) -> Check | None:
    """The CHECK that a change adds and verifies."""
    written = (change.constraint,) if isinstance(change, AddConstraint) else change.constraints
    found = next((c for c in written if isinstance(c, Check)), None)
    return found if found is not None and not found.not_valid and found.enforced else None


def plain(change: AddConstraint | AddColumn) -> bool:
    """Whether the change is the constraint alone."""
    return isinstance(change, AddConstraint)


def advice(change: AddConstraint | AddColumn, check: Check) -> str:
    """NOT VALID first, VALIDATE in a later transaction, in the user's names."""
    column = change.column.name if isinstance(change, AddColumn) else "check"
    name = check.name or f"ck_{change.table.name}_{column}"
    schema = f", schema={python(change.table.schema)}" if change.table.schema else ""
    lead = "Add the column without the CHECK, then add it" if isinstance(change, AddColumn) else "Add it"
    return (
        f"{lead} NOT VALID, and validate it in a later transaction, which lets reads and writes through:\n"
        f"op.create_check_constraint({python(name)}, {python(change.table.name)}, "
        f"{python(check.expression.text)}{schema}, "
        "postgresql_not_valid=True)\n"
        "with op.get_context().autocommit_block():\n"
        f"    op.execute('ALTER TABLE {change.table} VALIDATE CONSTRAINT {name}')"
    )
