"""MG504: one transaction that locks several tables, one after the other."""

from collections.abc import Iterator, Sequence

from migguard.catalog.schema import Catalog, Key
from migguard.effects.model import Blocks
from migguard.findings import Finding, Severity
from migguard.rules.facts.locks.carried_on import carried_on
from migguard.rules.facts.locks.handed_connection import unless_autocommit
from migguard.rules.facts.locks.lock_waits import blocking_locks
from migguard.rules.facts.locks.locked_together import apart
from migguard.rules.facts.locks.own_transactions import each_its_own
from migguard.rules.facts.locks.work import root
from migguard.rules.facts.schema.renamed import new_name
from migguard.rules.frame import POSTGRESQL, Context, Example, display, rule
from migguard.rules.wording import listed
from migguard.trace import Certainty, RevisionTrace, Step
from migguard.transactions import Held

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY);CREATE TABLE customers (id bigint PRIMARY KEY)"
FIRST = 'op.add_column("orders", sa.Column("note", sa.Text()))'
SECOND = 'op.add_column("customers", sa.Column("note", sa.Text()))'
BAD = Example(f"{FIRST}\n{SECOND}", given=GIVEN)
GOOD = Example(SECOND, given=GIVEN, earlier=(FIRST,), env=("transaction_per_migration",))


@rule(
    "MG504",
    "many-tables-locked",
    Severity.WARNING,
    "One transaction takes blocking locks on several existing tables, one after the other.",
    engines=POSTGRESQL,
    bad=BAD,
    good=GOOD,
)
def many_tables_locked(trace: RevisionTrace, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    While the transaction waits for the second table it holds the first, and the application's queries on both queue up
    behind it (only writes, where its lock lets reads go on). If one of them has locked the second table and wants the
    first, that is a deadlock, and the server ends one of the two.

    ## What is let through
    A transaction for each table; two tables that one statement has to lock, as a foreign key does; partitions with
    their parent; tables that this deployment creates; locks that let reads and writes go on.
    """
    if ctx.lookup is None:
        return
    environment = ctx.lookup.deployment.environment
    needs, code = each_its_own(environment)
    unless = unless_autocommit(environment)
    reported: set[int] = set()
    for step in trace.steps():
        number = step.statement.transaction
        if number in reported or step.statement.certainty is Certainty.OTHER_BRANCH:
            continue
        new = [lock for lock in blocking_locks(step, ctx.lookup) if is_table(lock.table, step.before)]
        if not new:
            continue
        held = [
            h
            for h in carried_on(ctx.lookup.transactions.held(step.statement), step, ctx.lookup)
            if h.blocking and is_table(h.lock.table, h.step.before)
        ]
        before = {h.lock.oid for h in held}
        tops = {root(h.lock.table, h.step.before) for h in held}
        if len(tops) > 1 and len({id(h.step.statement) for h in held}) > 1:
            continue  # reported already, at an earlier statement of the transaction
        second = next(
            (lock for lock in new if oid(lock.table, step) not in before and root(lock.table, step.before) not in tops),
            None,
        )
        if not held or second is None:
            continue
        reported.add(number)
        names = dict.fromkeys(display(h.lock.table, h.step.before) for h in held)
        other, first = display(second.table, step.before), held[0].step
        waits = "query on" if second.blocks is Blocks.READS_AND_WRITES else "write to"
        line = f" (line {first.statement.origin.line})" if first.statement.origin else ""
        owner = ctx.lookup.transactions.revision(first.statement)
        where = line if owner == trace.revision else f" (revision {owner})"
        locks = [*((h.lock.table, h.step.before) for h in held), (second.table, step.before)]
        renamed = dict.fromkeys(new_name(key, catalog, ctx.lookup) for key, catalog in locks)
        yield ctx.finding(
            f"This transaction waits for {other} while it holds {listed(names)}{where}: every {waits} {other} and "
            f"{queued(held)} queue up behind it, and a transaction that uses both the other way round is a "
            f"deadlock{unless}.{''.join(renamed)}",
            origin=step.statement.origin,
            sql=step.statement.sql,
            table=other,
            verified=step.verified and not unless,
            related=(first.statement.origin,) if first.statement.origin else (),
            advice="\n".join(filter(None, (f"{apart(step, held, other, ctx.lookup)}{needs}.", code))),
        )


def queued(held: Sequence[Held]) -> str:
    """What waits for the locks that are held: only ACCESS EXCLUSIVE stops those who read."""
    unread = dict.fromkeys(
        display(h.lock.table, h.step.before) for h in held if h.lock.blocks is Blocks.READS_AND_WRITES
    )
    if len(unread) == len({h.lock.table for h in held}):
        return f"all queries on {listed(unread)}"
    every = dict.fromkeys(display(h.lock.table, h.step.before) for h in held)
    return f"all writes to {listed(every)}{f', and reads of {listed(unread)},' if unread else ''}"


def is_table(key: Key, catalog: Catalog) -> bool:
    """Whether it has rows that the application uses: a table or a materialized view, not a view."""
    view = catalog.views.get(key)
    return view.materialized if view is not None else key in catalog.tables


def oid(key: Key, step: Step) -> int:
    """The identity of a relation."""
    relation = step.before.tables.get(key) or step.before.views.get(key)
    return relation.oid if relation is not None else 0
