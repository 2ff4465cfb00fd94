"""MG402: an index dropped under a lock that blocks reads and writes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from migguard.catalog.lookup import table_of_index
from migguard.catalog.schema import Table
from migguard.changes import DropIndex
from migguard.effects.model import Blocks
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.fresh_names import built_before
from migguard.rules.facts.advice.index_cautions import as_here, before_dropping, needless, once_covered, replaced_after
from migguard.rules.facts.advice.plain_index_drops import (
    built_here,
    concurrent,
    goes,
    goes_along,
    locked_here,
    made_again,
    renamed,
    renaming,
    taken_up,
    under_its_lock,
)
from migguard.rules.facts.advice.recipes import advice, outside
from migguard.rules.facts.advice.unique_gaps import once_built
from migguard.rules.facts.locks.held_until import place
from migguard.rules.facts.locks.lock_limits import limiting_here
from migguard.rules.facts.schema.unseen_indexes import of_older_table
from migguard.rules.facts.scripts.index_sources import calling
from migguard.rules.frame import Claim, Example, StepContext, rule
from migguard.rules.wording import blocks, label, listed, waiting

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text);CREATE INDEX ix_orders_email ON orders (email)"
BAD = Example('op.drop_index("ix_orders_email", table_name="orders")', given=GIVEN)
GOOD = Example(
    """
    with op.get_context().autocommit_block():
        op.drop_index("ix_orders_email", table_name="orders", postgresql_concurrently=True)
    """,
    given=GIVEN,
    env=("transaction_per_migration",),
)


@rule(
    "MG402",
    "blocking-index-drop",
    Severity.WARNING,
    "An index of an existing table is dropped under a lock that blocks reads and writes.",
    bad=BAD,
    good=GOOD,
    claim=Claim(Blocks.READS_AND_WRITES),
)
def blocking_index_drop(change: DropIndex, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    A plain `DROP INDEX` takes ACCESS EXCLUSIVE on the table. It is brief once granted, but it queues behind the
    longest running query, and everything else queues behind it.

    ## What is let through
    A concurrent drop outside a transaction; an index of a table that this deployment creates, or that the same
    revision drops, lock and all; an index whose column the revision drops, which takes the same lock; a table on which
    the revision has taken that lock already in the transaction: several indexes of a table are told once.
    """
    key = table_of_index(ctx.before, change.index, change.table)
    table = ctx.before.tables.get(key) if key is not None else None
    if key is None and not change.concurrently and (where := of_older_table(change, ctx)) is not None:
        apart = f"Drop it concurrently, in a revision of its own{once_built([change], None, ctx)}"
        yield ctx.finding(
            f"Dropping {change.index.name}, which the replayed history does not make, makes every read and write of "
            f"{where} wait until it has its lock and is done.",
            verified=False,
            advice=advice(apart, outside(concurrent(change, None))),
        )
    if table is None or change.concurrently or not ctx.existing(table.key) or not blocks(ctx.effect, table.key):
        return
    name, new = change.index.name, made_again(change.index.name, table, ctx)
    if goes(table, ctx) or goes_along(name, table, ctx) or (locked_here(table, ctx) and not new):
        return
    others = under_its_lock(table, ctx)
    more = f" (and {len(others)} more of its indexes after it)" if others else ""
    yield ctx.finding(
        f"Dropping {name}{more} makes every read and write of {label(table.key, ctx)} wait until it has its lock and "
        "is done.",
        lock=waiting(ctx, table.key, ctx.effect),
        table=table.key,
        advice=renaming(name, new, table, ctx) if new else recipe([change, *others], table, ctx),
        fixable=table.partition_by is None and not new and not others and not once_built([change], table, ctx),
    )


def recipe(changes: Sequence[DropIndex], table: Table, ctx: StepContext) -> str:
    """The concurrent drops in the user's names."""
    if table.partition_by is not None:
        return (
            "PostgreSQL drops no index of a partitioned table concurrently. Do not queue for the lock: set a short "
            "lock_timeout first, and try again until it is granted:\n" + "\n".join(limiting_here(ctx))
        )
    return before_dropping(changes, table, ctx, drops(changes, table, ctx))


def drops(changes: Sequence[DropIndex], table: Table, ctx: StepContext) -> str:
    """The concurrent drops, and what has to be there before or after them."""
    them, their = ("it", "its") if len(changes) == 1 else ("them", "their")
    lines = outside(*(concurrent(change, table) for change in changes))
    made = {c.index.name: taken_up(c.index.name, table, ctx) for c in changes}
    later = {name: step for name, step in made.items() if step is not None and not needless(step, ctx)}
    if any(built_here(change.index.name, table, ctx) for change in changes):
        first = "As this revision makes the index itself, build it concurrently in a revision before this one, and drop"
        return advice(f"{first} {them} concurrently in one after it", lines)
    if late := replaced_after(them, later, table, ctx):
        return advice(late, lines)
    if later:
        new = listed(f"{n} ({place(s, ctx)})" for n, s in later.items())
        lines += [renamed(built_before(n, table, replace(ctx, step=s)), n, table, ctx) for n, s in later.items()]
        once = f"once the new {new} is built concurrently under another name; then rename that, which is brief"
        return advice(f"Drop {them} concurrently, in a revision of {their} own, {once}", lines)
    once = once_built(changes, table, ctx) or once_covered(changes, table, ctx)
    apart = f"in a revision of {their} own{as_here(calling(ctx), ctx) if len(changes) == 1 else ''}{once}"
    return advice(f"Drop {them} concurrently, {apart}", lines)
