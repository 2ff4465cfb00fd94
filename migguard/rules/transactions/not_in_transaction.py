"""MG501: a statement that refuses to run inside a transaction block, inside one."""

from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.rules.facts.locks.handed_connection import unless_autocommit
from migguard.rules.frame import POSTGRESQL, Example, StepContext, rule
from migguard.trace import Step

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text)"
BAD = Example(
    'op.create_index("ix_orders_email", "orders", ["email"], postgresql_concurrently=True)', given=GIVEN, runs=False
)
GOOD = Example(
    """
    with op.get_context().autocommit_block():
        op.create_index("ix_orders_email", "orders", ["email"], postgresql_concurrently=True)
    """,
    given=GIVEN,
    env=("transaction_per_migration",),
)
LEAVING = (
    "Leave the transaction for it, in a revision of its own:\n"
    "with op.get_context().autocommit_block():\n"
    "    ...  # this statement"
)
HANDED = (
    "Where the program's connection is in autocommit, leave it as it is. Else leave the transaction, in a revision of "
    "its own; in a transaction that the program has begun itself, for PostgreSQL or any other database, "
    "autocommit_block() raises, and has to be left out:\n"
    "with op.get_context().autocommit_block():  # only on a connection that was handed over in no transaction\n"
    "    ...  # this statement"
)


@rule(
    "MG501",
    "not-in-transaction",
    Severity.ERROR,
    "A statement that cannot run inside a transaction block runs inside one.",
    engines=POSTGRESQL,
    bad=BAD,
    good=GOOD,
)
def not_in_transaction(step: Step, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    Alembic runs revisions in a transaction. CONCURRENTLY, VACUUM, CREATE DATABASE, ALTER SYSTEM and, before
    PostgreSQL 12, ALTER TYPE … ADD VALUE refuse to run there: the deployment stops with an error.

    ## What is let through
    The same statements inside `autocommit_block()`; a warning, and not verified, where a program hands env.py its
    connection, which may be in autocommit; REFRESH MATERIALIZED VIEW CONCURRENTLY, which may run anywhere.
    """
    effect = ctx.effect
    if step.refusal is not None or (effect.transaction_block and effect.refused is None):
        return
    if effect.refused is not None:
        yield ctx.finding(
            f"The server refuses this: {effect.refused}.", advice=effect.reasons[0] if effect.reasons else ""
        )
        return
    statement = step.statement
    if statement.autocommit:
        return
    if statement.asked:
        yield ctx.finding(
            f"{first_words(statement.sql)} cannot run inside a transaction block, and several statements in one text, "
            "or a BEGIN before it, are one.",
            advice="Run it by a call of its own:\nwith op.get_context().autocommit_block():\n    op.execute(...)",
        )
        return
    handed = ctx.deployment.environment.handed_in
    unless = unless_autocommit(ctx.deployment.environment)
    yield ctx.finding(
        f"{first_words(statement.sql)} cannot run inside a transaction block, and this one does{unless}.",
        severity=Severity.WARNING if handed else None,
        verified=ctx.step.verified and not handed,
        advice=HANDED if handed else LEAVING,
        fixable=not handed,
    )


def first_words(sql: str) -> str:
    """The beginning of a statement, enough to know it by."""
    words = sql.split()
    return " ".join(words[:4]) + (" …" if len(words) > 4 else "")
