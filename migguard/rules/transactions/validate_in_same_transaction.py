"""MG502: a constraint added NOT VALID and validated in one transaction."""

from collections.abc import Iterator

from migguard.changes import ValidateConstraint
from migguard.findings import Finding, Severity
from migguard.rules.facts.locks.handed_connection import unless_autocommit
from migguard.rules.facts.locks.own_transactions import each_its_own
from migguard.rules.facts.locks.validation import added_in_transaction
from migguard.rules.frame import POSTGRESQL, Example, StepContext, rule
from migguard.rules.wording import identifier, label, python, sql_name, target, waiting

GIVEN = "CREATE TABLE customers (id bigint PRIMARY KEY);CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint)"
ADD = (
    'op.create_foreign_key("fk_orders_customer", "orders", "customers", ["customer_id"], ["id"], '
    "postgresql_not_valid=True)"
)
VALIDATE = 'op.execute("ALTER TABLE orders VALIDATE CONSTRAINT fk_orders_customer")'
BAD = Example(VALIDATE, given=GIVEN, earlier=(ADD,))
GOOD = Example(VALIDATE, given=GIVEN, earlier=(ADD,), env=("transaction_per_migration",))


@rule(
    "MG502",
    "validate-in-same-transaction",
    Severity.ERROR,
    "A NOT VALID constraint is validated while the lock of its addition is still held.",
    engines=POSTGRESQL,
    bad=BAD,
    good=GOOD,
)
def validate_in_same_transaction(change: ValidateConstraint, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    NOT VALID makes the addition brief, and VALIDATE lets writes through, but locks are held until the transaction
    ends. In one transaction the whole table is read under the lock of the addition, which is what NOT VALID was to
    avoid. Alembic runs all revisions of an upgrade in one transaction unless `transaction_per_migration` is set.

    ## What is let through
    Validation in a later transaction: another revision with `transaction_per_migration=True`, or after an
    `autocommit_block()`.
    """
    table = target(ctx, change.table)
    if table is None or not ctx.effect.grows_with(table.key):
        return
    step = added_in_transaction(ctx.step, ctx.known)
    if step is None:
        return
    held = ctx.known.effect(step)
    name = label(table.key, ctx)
    validate = f"ALTER TABLE {sql_name(change.table)} VALIDATE CONSTRAINT {identifier(change.name)}"
    line = f" (line {step.statement.origin.line})" if step.statement.origin else ""
    unless = unless_autocommit(ctx.deployment.environment)
    yield ctx.finding(
        f"Validating {change.name} reads all of {name} while the transaction still holds the lock of its "
        f"addition{line}{unless}.",
        severity=Severity.WARNING if unless else None,
        verified=ctx.step.verified and not unless,
        lock=f"{waiting(ctx, table.key, held)}; the time grows with the table",
        grows=True,
        table=table.key,
        related=(step.statement.origin,) if step.statement.origin else (),
        advice=(
            "Validate in a transaction of its own: in a later deployment, or here in a revision of its own"
            f"{each_its_own(ctx.deployment.environment)[0]}:\n"
            "with op.get_context().autocommit_block():\n"
            f"    op.execute({python(validate)})"
        ),
        fixable=True,
    )
