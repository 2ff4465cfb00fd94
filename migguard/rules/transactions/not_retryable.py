"""MG509: a revision that can stop half-way and cannot be run again."""

from collections.abc import Iterator, Sequence

from migguard.changes import Nothing, Select, SetVariable, TransactionControl
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.repeatable import advice
from migguard.rules.facts.locks.first_words import what
from migguard.rules.facts.locks.second_run import (
    copies,
    depends_on_data,
    refused_again,
    schema_changes,
    touches_existing,
    units,
)
from migguard.rules.facts.scripts.schema_conditions import Conditions
from migguard.rules.frame import Context, Example, rule
from migguard.trace import Certainty, RevisionTrace, Statement, Step

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text)"
ADD = 'op.add_column("orders", sa.Column("phone", sa.Text()))'
BUILD = """
with op.get_context().autocommit_block():
    op.create_index("ix_orders_phone", "orders", ["phone"], postgresql_concurrently=True)
"""
BAD = Example(ADD + BUILD, given=GIVEN, env=("transaction_per_migration",))
GOOD = Example(BUILD, given=GIVEN, earlier=(ADD,), env=("transaction_per_migration",))


@rule(
    "MG509",
    "not-retryable",
    Severity.WARNING,
    "The revision can stop half-way, and cannot be run again then.",
    bad=BAD,
    good=GOOD,
)
def not_retryable(trace: RevisionTrace, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    An `autocommit_block()` commits what the revision did before it, and on MySQL, MariaDB, Oracle and SQLite every
    schema change is committed by itself. If a later statement fails (a timeout, a deadlock, a duplicate), the version
    table still has the revision before; the next attempt starts from the top and stops at what is there already.
    Somebody has to mend the database by hand.

    ## What is let through
    One such change in a revision (a batch block counts as one); IF [NOT] EXISTS; changes that can be made twice, such
    as SET NOT NULL, VALIDATE, or DROP IF EXISTS before CREATE; what runs under a condition that asked the schema;
    revisions that only make new tables, where DDL is not transactional.
    """
    if ctx.lookup is None:
        return
    script = ctx.lookup.scripts.get(trace.revision)
    conditions = Conditions(script) if script is not None else None
    if ctx.lookup.deployment.transactional_ddl:
        yield from after_commits(trace, ctx, conditions)
        return
    parts = units(trace, script)
    if len(parts) < 2 or not touches_existing([s for part in parts for s in part], ctx.lookup):
        return
    for place in range(1, len(parts)):
        done = [s for part in parts[:place] if not copies(part) for s in part]
        refused = refused_again(done, parts[place][0].before, conditions)
        if refused is None:
            continue
        risky = next((s for part in parts[place:] for s in part if depends_on_data(s)), None)
        yield speak(ctx, refused, risky or parts[place][0], Severity.ERROR if risky is not None else None)
        return


def after_commits(trace: RevisionTrace, ctx: Context, conditions: Conditions | None) -> Iterator[Finding]:
    """Where DDL is transactional: what stands before a statement in autocommit is committed when that fails."""
    done: list[Step] = []
    for statement in ran(trace.statements):
        if statement.asked and done and works(statement):
            refused = refused_again(done, statement.steps[0].before, conditions)
            if refused is not None:
                yield speak(ctx, refused, statement.steps[0], None)
                return
        done += schema_changes(statement)


def ran(statements: Sequence[Statement]) -> Iterator[Statement]:
    """The statements of the side that ran."""
    return (s for s in statements if s.certainty is not Certainty.OTHER_BRANCH)


def works(statement: Statement) -> bool:
    """Whether a statement does what can fail: no setting, no question."""
    return any(not isinstance(s.change, (SetVariable, Select, Nothing, TransactionControl)) for s in statement.steps)


def speak(ctx: Context, refused: Step, failing: Step, severity: Severity | None) -> Finding:
    """The finding, at what stops the second run."""
    line = f" (line {failing.statement.origin.line})" if failing.statement.origin else ""
    on_data = ", which depends on the data," if severity is Severity.ERROR else ""
    first, second = what(failing, ctx.lookup), what(refused, ctx.lookup)
    return ctx.finding(
        f"If {first}{line}{on_data} fails, {second} is committed already, and running the revision again stops there.",
        severity=severity,
        origin=refused.statement.origin,
        sql=refused.statement.sql,
        verified=refused.verified,
        related=(failing.statement.origin,) if failing.statement.origin else (),
        advice=advice(refused, failing),
    )
