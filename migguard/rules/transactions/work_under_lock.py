"""MG503: work that grows with a table, done while the transaction holds a lock that stops the application."""

from collections.abc import Iterator

from migguard.effects.model import Blocks
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.commit_between import as_advised, commit_between, rows_in_batches
from migguard.rules.facts.advice.deleted_rows import wanted_by
from migguard.rules.facts.advice.filled_first import given_first
from migguard.rules.facts.advice.values_in_place import turned_in_place
from migguard.rules.facts.locks.first_words import what
from migguard.rules.facts.locks.guarding_locks import taken_for_it, together
from migguard.rules.facts.locks.handed_connection import unless_autocommit
from migguard.rules.facts.locks.replaced_under_lock import order
from migguard.rules.facts.locks.rounds import in_rounds
from migguard.rules.facts.locks.unsure_work import doubt
from migguard.rules.facts.locks.work import Writing
from migguard.rules.facts.locks.work_under_locks import place, to_tell
from migguard.rules.facts.rows.temporary_sources import made_lasting, made_real, read_behind
from migguard.rules.facts.scripts.script_places import line_of
from migguard.rules.frame import POSTGRESQL, Context, Example, Lookup, display, rule
from migguard.trace import RevisionTrace, Step

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text)"
BAD = Example(
    """
    op.add_column("orders", sa.Column("note", sa.Text()))
    op.execute("UPDATE orders SET note = email")
    """,
    given=GIVEN,
)
GOOD = Example(
    'op.execute("UPDATE orders SET email = lower(email)")',
    given=GIVEN,
    earlier=('op.add_column("orders", sa.Column("note", sa.Text()))',),
    env=("transaction_per_migration",),
)

AGAIN = ", and look again for rows that came meanwhile before any is deleted or required"


@rule(
    "MG503",
    "work-under-lock",
    Severity.WARNING,
    "Work that grows with a table runs while the transaction holds a lock that stops the application.",
    engines=POSTGRESQL,
    bad=BAD,
    good=GOOD,
)
def work_under_lock(trace: RevisionTrace, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    A lock is held until its transaction ends. ADD COLUMN takes a moment, but in front of a backfill, an index build or
    a validation in the same transaction its lock lasts as long as they do, and the application stands still meanwhile.
    Alembic runs all revisions of an upgrade in one transaction unless `transaction_per_migration` is set.

    ## What is let through
    Work by a key or in batches that are committed one by one, on tables that this deployment creates, in another
    transaction, or after the lock was rolled back to a savepoint; a statement whose own lock on that table stops as
    much; the validation of a constraint that the transaction added (MG502); a statement that cannot run in a
    transaction, such as a concurrent build, and fails at once in one (MG501); locks on tables that the transaction
    drops; work on a table after a column for which it must have no rows (MG701). One finding for each transaction, and
    one for each revision in it that works under a lock of its own.
    """
    lookup = ctx.lookup
    if lookup is None:
        return
    environment = lookup.deployment.environment
    unless = unless_autocommit(environment)
    for same in to_tell(trace, lookup):
        first, held = same[0], same[0].held
        statement, before = first.step.statement, first.step.before
        slow, locked = display(first.table, before), display(held.lock.table, held.step.before)
        who = "read and write" if held.lock.blocks is Blocks.READS_AND_WRITES else "write"
        more = len({id(w.step.statement) for w in same}) - 1
        later = len({lookup.transactions.revision(w.step.statement) for w in same} - {trace.revision})
        more_of = f", in {later} later revision{'s' if later > 1 else ''} too," if later else ""
        work = "works" if more == 1 else "work"
        if all(doubt(w.step) for w in same if w.step.statement is not first.step.statement):
            work = "may work"
        others = f" At least {more} more statement{'s' * (more > 1)}{more_of} {work} under such a lock." if more else ""
        mode = held.lock.mode.spelling if held.lock.mode else "a lock"
        guard = taken_for_it(first.step, trace)
        wanted = {id(w): wanted_by(w.table, w.step, lookup) for w in same if isinstance(w.step.change, Writing)}
        batches = rows_in_batches(same, {n for n, step in wanted.items() if step is not None}, trace, lookup)
        after = f"{order(same, trace, lookup)}{with_it(wanted.get(id(first)), trace, lookup)}"
        between = commit_between(first.step, trace, lookup, stays=bool(after))
        kept = read_behind(first.step, lookup.transaction(statement.transaction))
        beside = f"{made_real(kept)} " if kept else ""
        rounds = "The loop that runs " if in_rounds(first.step, lookup) else ""  # each of them may read a few rows
        between += AGAIN if rounds else "" if after else as_advised(first.step)
        doubtful, leads = doubt(first.step, named=True), (given_first(w.step, trace, lookup) for w in same)
        yield ctx.finding(
            f"{rounds}{what(first.step, lookup)} takes longer the larger {slow} is{doubtful}, and every {who} of "
            f"{locked} waits meanwhile: the transaction holds {mode} on it since {place(held, trace, lookup)}{unless}."
            f"{others}",
            origin=statement.origin,
            sql=statement.sql,
            verified=first.step.verified and not unless and not doubtful,
            lock=f"{mode} on {locked}: every {who} waits; the time grows with {slow}",
            table=slow,
            grows=True,
            related=(held.step.statement.origin,) if held.step.statement.origin else (),
            advice=together(guard)
            if guard
            else made_lasting(first.step)
            or turned_in_place(first.step, lookup)
            or f"{beside}{next(filter(None, leads), '')}{between}{after}{batches}",
        )


def with_it(wanted: Step | None, trace: RevisionTrace, lookup: Lookup) -> str:
    """What must not be committed apart from a DELETE that empties a table for it."""
    if wanted is None:
        return ""
    line = line_of(wanted.statement.origin, lookup.transactions.revision(wanted.statement), trace.revision)
    return f", before the DELETE, which stays with {line}: a row that is put in between can make that fail"
