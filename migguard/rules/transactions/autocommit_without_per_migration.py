"""MG515: an autocommit block in a range that runs as one transaction."""

from collections.abc import Iterator, Sequence

from migguard.findings import Finding, Severity
from migguard.rules.facts.locks.advisory_locks import SESSION_LOCK, advisory_lock
from migguard.rules.facts.locks.committed_before import pending
from migguard.rules.facts.locks.own_transactions import each_its_own
from migguard.rules.frame import POSTGRESQL, Context, Example, rule
from migguard.trace import Certainty, Environment, RevisionTrace

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
    something fails after that, the database is between two states, and the version table may not say which. An advisory
    lock of that transaction (`pg_advisory_xact_lock`), which keeps other upgrades out, ends with it.

    ## What is let through
    `transaction_per_migration=True`; a block with which the upgrade begins, so that nothing is committed by it and no
    advisory lock ends; an engine that is in autocommit mode throughout.
    """
    lookup = ctx.lookup
    if lookup is None:
        return
    environment = lookup.deployment.environment
    if not lookup.deployment.transactional_ddl:
        return
    if environment.transaction_per_migration and not environment.shared_transaction:
        return
    block = next(
        (s for s in trace.statements if s.asked and not s.beside and s.certainty is not Certainty.OTHER_BRANCH), None
    )
    if block is None:
        return
    own, earlier = pending(block, trace, lookup)
    lock = advisory_lock(block, trace, lookup)
    if own is None and not earlier and lock is None:
        return
    said = []
    if own is not None or earlier:
        line = f" (line {own.origin.line})" if own is not None and own.origin else ""
        what = f"{own.what} before it{line}" if own is not None else revisions(earlier)
        said = [f"{what}, although the upgrade runs as one transaction: if it fails later, half of it is there"]
    if lock is not None:
        also = "it also ends " if said else ""
        said.append(
            f"{also}the transaction that holds the advisory lock{lock}: "
            "from here on another upgrade can run beside this one"
        )
    yield ctx.finding(
        f"This autocommit block commits {'; '.join(said)}.",
        origin=block.origin,
        sql=block.sql,
        related=(own.origin,) if own is not None and own.origin else (),
        advice=advice(environment, own is not None, bool(earlier)),
    )


def advice(environment: Environment, own: bool, earlier: bool) -> str:
    """A revision of its own for the block, unless it begins one; where only an advisory lock ends, a lasting one.

    `own` and `earlier`: whether the block commits what its revision, or one before it, did.
    """
    if not own and not earlier:
        return SESSION_LOCK
    needs, code = each_its_own(environment)
    first = "Give the block a revision of its own" if own else "Give each revision a transaction of its own"
    return "\n".join(filter(None, (f"{first}{needs}.", code)))


def revisions(found: Sequence[str]) -> str:
    """Some revisions, by the last of them."""
    more = len(found) - 1
    return f"revision {found[0]}" + (f" and {more} before it" if more else "")
