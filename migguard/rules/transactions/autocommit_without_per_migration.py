"""MG515: an autocommit block in a range that runs as one transaction."""

from collections.abc import Iterator, Sequence

from migguard.changes import Nothing, Select, SetVariable, TransactionControl
from migguard.findings import Finding, Severity
from migguard.rules.frame import POSTGRESQL, Context, Example, rule
from migguard.trace import Certainty, RevisionTrace, Statement

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text)"
ADD = 'op.add_column("orders", sa.Column("note", sa.Text()))'
BUILD = """
with op.get_context().autocommit_block():
    op.create_index("ix_orders_email", "orders", ["email"], postgresql_concurrently=True)
"""
BAD = Example(BUILD, given=GIVEN, earlier=(ADD,))
GOOD = Example(BUILD, given=GIVEN, earlier=(ADD,), env=("transaction_per_migration",))


@rule(
    "MG515",
    "autocommit-without-per-migration",
    Severity.WARNING,
    "An autocommit block commits what came before it in a range that runs as one transaction.",
    engines=POSTGRESQL,
    bad=BAD,
    good=GOOD,
)
def autocommit_without_per_migration(trace: RevisionTrace, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    Without `transaction_per_migration` an upgrade is one transaction: all of it is there, or nothing. An
    `autocommit_block()` commits what ran so far, of earlier revisions too, and goes on in another transaction. If
    something fails after that, the database is between two states, and the version table may not say which.

    ## What is let through
    `transaction_per_migration=True`; a block with which the upgrade begins, so that nothing is committed by it; an
    engine that is in autocommit mode throughout.
    """
    lookup = ctx.lookup
    if lookup is None:
        return
    environment = lookup.deployment.environment
    if not lookup.deployment.transactional_ddl:
        return
    if environment.transaction_per_migration and not environment.shared_transaction:
        return
    block = next((s for s in trace.statements if s.asked and s.certainty is not Certainty.OTHER_BRANCH), None)
    if block is None:
        return
    own, earlier = pending(block, trace, lookup.deployment.upgrades)
    if own is None and earlier is None:
        return
    line = f" (line {own.origin.line})" if own is not None and own.origin else ""
    what = f"the schema changes before it{line}" if own is not None else f"revision {earlier}"
    yield ctx.finding(
        f"This autocommit block commits {what}, although the upgrade runs as one transaction: if it fails later, half "
        "of it is there.",
        origin=block.origin,
        sql=block.sql,
        related=(own.origin,) if own is not None and own.origin else (),
        advice=(
            "Give each revision its transaction in env.py, and the block a revision of its own:\n"
            "context.configure(..., transaction_per_migration=True)"
        ),
    )


def pending(
    block: Statement, trace: RevisionTrace, upgrades: Sequence[RevisionTrace]
) -> tuple[Statement | None, str | None]:
    """The last change that the block commits, or the earlier revision that it is in."""
    for statement in reversed(trace.statements[: trace.statements.index(block)]):
        if statement.asked:
            return None, None  # what was open by then is committed
        if changes(statement):
            return statement, None
    number = next(n for n in range(len(upgrades) - 1, -1, -1) if upgrades[n] is trace)
    for other in reversed(upgrades[:number]):
        for statement in reversed(other.statements):
            if statement.asked:
                return None, None
            if changes(statement):
                return None, other.revision
    return None, None


def changes(statement: Statement) -> bool:
    """Whether a statement leaves something for a commit: not a setting, a savepoint or a question."""
    if statement.certainty is Certainty.OTHER_BRANCH:
        return False
    return any(not isinstance(s.change, (SetVariable, TransactionControl, Select, Nothing)) for s in statement.steps)
