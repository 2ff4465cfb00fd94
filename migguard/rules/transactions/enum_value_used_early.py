"""MG508: a value that is used in the transaction that adds it to its enum."""

from collections.abc import Iterator

from migguard.catalog.lookup import type_key
from migguard.catalog.schema import EnumType
from migguard.changes import AddEnumValue
from migguard.effects.enums import usable_at_once
from migguard.findings import Finding, Severity
from migguard.rules.facts.locks.handed_connection import unless_autocommit
from migguard.rules.facts.rows.enum_uses import uses_value
from migguard.rules.frame import POSTGRESQL, Example, StepContext, rule

GIVEN = "CREATE TYPE state AS ENUM ('open', 'closed');CREATE TABLE cases (id bigint PRIMARY KEY, state state NOT NULL)"
ADD = "op.execute(\"ALTER TYPE state ADD VALUE 'archived'\")"
USE = "op.execute(\"UPDATE cases SET state = 'archived' WHERE id = 1\")"
BAD = Example(f"{ADD}\n{USE}", given=GIVEN, runs=False)
GOOD = Example(USE, given=GIVEN, earlier=(ADD,), env=("transaction_per_migration",))


@rule(
    "MG508",
    "enum-value-used-early",
    Severity.ERROR,
    "A value added to an enum is used before the transaction that adds it is committed.",
    engines=POSTGRESQL,
    bad=BAD,
    good=GOOD,
)
def enum_value_used_early(change: AddEnumValue, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    PostgreSQL adds a value to an enum inside a transaction, and refuses to use it there: "unsafe use of new value".
    A row, a condition, a column's default, a CHECK or an index predicate with the value stops the deployment. Alembic
    runs all revisions of an upgrade in one transaction unless `transaction_per_migration` is set.

    ## What is let through
    The value added in an `autocommit_block()`, or in an earlier transaction; a value that was there already; a type
    that the same transaction creates, where the server's version allows that; the value as text.
    """
    key = type_key(ctx.before, change.type)
    kind = ctx.before.types.get(key) if key is not None else None
    if not isinstance(kind, EnumType) or change.value in kind.labels or ctx.step.refusal is not None:
        return
    if ctx.step.statement.autocommit or not ctx.effect.transaction_block:
        return
    if usable_at_once(ctx.before.server, type_is_new=created_here(kind, ctx)):
        return
    for use in ctx.known.transactions.after(ctx.step):
        if not uses_value(use, kind.oid, change.value):
            continue
        origin, line = use.statement.origin, ctx.step.statement.origin
        owner = ctx.known.transactions.revision(use.statement)
        elsewhere = ctx.trace is not None and owner != ctx.trace.revision
        where = (
            f" (revision {ctx.trace.revision})" if elsewhere and ctx.trace else f" (line {line.line})" if line else ""
        )
        unless = unless_autocommit(ctx.deployment.environment)
        yield ctx.finding(
            f"'{change.value}' is used in the transaction that adds it to {change.type}{where}, and the server refuses "
            f"that until it is committed{unless}.",
            severity=Severity.WARNING if unless else None,
            origin=origin,
            sql=use.statement.sql,
            revision=owner,
            verified=use.verified and ctx.step.verified and not unless,
            related=(line,) if line else (),
            advice=(
                "Commit the value first: add it in a revision of its own, outside the transaction:\n"
                "with op.get_context().autocommit_block():\n"
                f"    op.execute(\"ALTER TYPE {change.type} ADD VALUE IF NOT EXISTS '{change.value}'\")"
            ),
            fixable=True,
        )
        return


def created_here(kind: EnumType, ctx: StepContext) -> bool:
    """Whether the transaction that adds the value also created the type."""
    first = next(iter(ctx.known.transaction(ctx.step.statement.transaction)))
    return kind.oid >= first.before.next_oid
