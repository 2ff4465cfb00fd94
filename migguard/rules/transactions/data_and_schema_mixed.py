"""MG513: rows of a whole table written in the transaction of a blocking schema change."""

from collections.abc import Iterator

from migguard.catalog.lookup import relation_key
from migguard.catalog.schema import Key
from migguard.changes import Delete, Insert, LockTable, Merge, Update
from migguard.effects.model import TableLock
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.deleted_rows import not_by_itself
from migguard.rules.facts.advice.rows_apart import rows_apart
from migguard.rules.facts.advice.values_in_place import turned_in_place
from migguard.rules.facts.locks.guarding_locks import taken_for_it, together
from migguard.rules.facts.locks.handed_connection import unless_autocommit
from migguard.rules.facts.locks.rounds import rows_in_rounds
from migguard.rules.facts.locks.work import Writing, blocking, of_some, rows_of
from migguard.rules.frame import POSTGRESQL, Example, StepContext, display, rule
from migguard.rules.wording import label
from migguard.trace import Certainty, Step

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text)"
ADD = 'op.add_column("orders", sa.Column("mail", sa.Text()))'
FILL = 'op.execute("UPDATE orders SET mail = lower(email)")'
BAD = Example(f"{ADD}\n{FILL}", given=GIVEN)
GOOD = Example(FILL, given=GIVEN, earlier=(ADD,), env=("transaction_per_migration",))


@rule(
    "MG513",
    "data-and-schema-mixed",
    Severity.WARNING,
    "Rows of a whole existing table are written in the transaction of a blocking schema change.",
    engines=POSTGRESQL,
    bad=BAD,
    good=GOOD,
)
def data_and_schema_mixed(change: Update | Delete | Insert | Merge, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    A schema change wants its lock for a moment; writing all rows takes as long as the table is large. In one
    transaction the lock lasts as long as the writing; or, where the rows come first, the schema change waits for its
    lock while all those rows are held. A transaction of the application that waits for such a row has locked the table
    already: where the schema change is of the same table, each waits for the other, and the server ends one of them.

    ## What is let through
    Rows chosen by a key, or in batches that are committed one by one; rows of tables that this deployment creates; DDL
    that blocks nobody; DDL on new tables; the data in a transaction of its own. Several statements over one table are
    one finding, as long as they stand on the same side of the same schema change.
    """
    tables = written(ctx.step, ctx)
    found = nearest(ctx.step, tables[0], ctx) if tables else None
    if found is None:
        return
    step, lock, before = found
    same = (one for one in (ctx.trace.steps() if ctx.trace is not None else ()) if alike(one, tables[0], found, ctx))
    if next(same, ctx.step) is not ctx.step:
        return
    more = len({id(one.statement) for one in same if not of_some(one)} - {id(ctx.step.statement)})
    this = f"This and at least {more} more statement{'s' * (more > 1)} after it go" if more else "This goes"
    much = "what may be " if of_some(ctx.step) and not more else ""
    table, where, other = tables[0], label(tables[0], ctx), display(lock.table, step.before)
    does = "changes the schema of" if lock.target and not isinstance(step.change, LockTable) else "locks"
    line = f" (line {step.statement.origin.line})" if step.statement.origin else ""
    owner = ctx.known.transactions.revision(step.statement)
    at = line if ctx.trace is None or owner == ctx.trace.revision else f" (revision {owner})"
    held = "who waits for it waits for both" if lock.table == tables[0] else f"who waits for {other} waits for both"
    guard = taken_for_it(ctx.step, ctx.trace) if ctx.trace is not None else None
    unless = unless_autocommit(ctx.deployment.environment)
    kept = "what it inserts stays" if isinstance(ctx.step.change, Insert) else "the rows that it writes stay"
    own = isinstance(ctx.step.change, Update | Delete) and relation_key(ctx.before, ctx.step.change.table) == lock.table
    ends = ", and a write of the application that waits for one of them keeps it from that: a deadlock" if own else ""
    yield ctx.finding(
        f"{this} over {much}all rows of {where} in the transaction that {does} {other}{at}: {held}{unless}."
        if before
        else f"{this} over {much}all rows of {where} in the transaction that then {does} {other}{at}: "
        f"{kept} uncommitted while that waits for its lock{ends}{unless}.",
        verified=ctx.step.verified and not unless,
        table=table,
        grows=True,
        related=(step.statement.origin,) if step.statement.origin else (),
        advice=together(guard)
        if guard is not None
        else not_by_itself(table, ctx) or turned_in_place(ctx.step, ctx.known) or rows_apart(table, change, ctx),
    )


def written(step: Step, ctx: StepContext) -> tuple[Key, ...]:
    """The existing tables over all of whose rows a statement that runs goes."""
    if not isinstance(step.change, Writing) or step.statement.certainty is Certainty.OTHER_BRANCH:
        return ()
    return rows_of(step, ctx.known) or rows_in_rounds(step, ctx.known)


def alike(step: Step, table: Key, found: tuple[Step, TableLock, bool], ctx: StepContext) -> bool:
    """Whether of a statement the same is to be said: over the same table, on the same side of the same change."""
    same = step.statement.transaction == ctx.step.statement.transaction and written(step, ctx)[:1] == (table,)
    other = nearest(step, table, ctx) if same else None
    return other is not None and (other[0] is found[0], other[2]) == (True, found[2])


def nearest(of: Step, table: Key, ctx: StepContext) -> tuple[Step, TableLock, bool] | None:
    """The blocking schema change of a statement's transaction to name, its lock on a table, and whether it comes first.

    One that comes first holds its lock for as long as the rows take. Among those, and among the others, one of the same
    table is named, one that is about the table rather than one that only locks it, the strongest lock, the nearest.
    """
    found: list[tuple[bool, bool, bool, int, int, Step, TableLock]] = []
    steps = ctx.known.transaction(of.statement.transaction)
    here = next(number for number, step in enumerate(steps) if step is of)
    for number, step in enumerate(steps):
        if isinstance(step.change, Writing) or step.statement.certainty is Certainty.OTHER_BRANCH:
            continue
        for lock in blocking(step, ctx.known):
            kept = lock.mode.value if lock.mode is not None else 0
            place = (number > here, not lock.target, lock.table != table, -kept, abs(number - here))
            found.append((*place, step, lock))
    if not found:
        return None
    later, *_, step, lock = min(found, key=lambda f: f[:5])
    return step, lock, not later
