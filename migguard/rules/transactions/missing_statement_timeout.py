"""MG507: work on an existing table with no limit on how long a statement may run."""

from collections.abc import Iterator

from migguard.changes import CreateIndex, Reindex
from migguard.findings import Finding, Severity
from migguard.rules.facts.locks.first_words import what
from migguard.rules.facts.locks.work import blocking, grows_with
from migguard.rules.frame import POSTGRESQL, Context, Example, display, rule
from migguard.trace import RevisionTrace
from migguard.transactions import limit_in_force, waits_for_ever

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY)"
BAD = Example('op.add_column("orders", sa.Column("note", sa.Text()))', given=GIVEN)
GOOD = Example(
    """
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.add_column("orders", sa.Column("note", sa.Text()))
    """,
    given=GIVEN,
)


@rule(
    "MG507",
    "missing-statement-timeout",
    Severity.OFF,
    "No statement timeout is in force for work on an existing table.",
    engines=POSTGRESQL,
    bad=BAD,
    good=GOOD,
)
def missing_statement_timeout(trace: RevisionTrace, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    A lock timeout limits how long a statement waits for a lock, not how long it keeps it: a rewrite or a validation
    that nobody expected runs until it is done. A statement timeout ends it.

    ## What is let through
    A timeout set in env.py, in the URL's or engine's options, in the revision, or by an earlier revision's ALTER
    DATABASE; concurrent builds, which must be let run; statements that neither block nor grow with an existing table.
    """
    if ctx.lookup is None:
        return
    for step in trace.steps():
        if isinstance(step.change, (CreateIndex, Reindex)) and step.change.concurrently:
            continue
        tables = [lock.table for lock in blocking(step, ctx.lookup)] or list(grows_with(step, ctx.lookup))
        limit = limit_in_force(step.before, "statement_timeout")
        if not tables or not waits_for_ever(limit, step.before.server.engine):
            continue
        name = display(tables[0], step.before)
        yield ctx.finding(
            f"{what(step, ctx.lookup)} works on {name} with no limit on how long it may run.",
            origin=step.statement.origin,
            sql=step.statement.sql,
            table=name,
            verified=step.verified,
            advice="Set one before it, or in env.py for all:\nop.execute(\"SET LOCAL statement_timeout = '30s'\")",
        )
        return
