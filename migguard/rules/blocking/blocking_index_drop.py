"""MG402: an index dropped under a lock that blocks reads and writes."""

from collections.abc import Iterator
from dataclasses import replace

from migguard.catalog.lookup import table_key, table_of_index
from migguard.catalog.schema import Table
from migguard.changes import CreateIndex, DropIndex, DropTable, Name
from migguard.effects.model import Blocks
from migguard.findings import Finding, Severity
from migguard.rules.frame import Claim, Example, StepContext, rule, table_at
from migguard.rules.lock_limits import limiting_here
from migguard.rules.recipes import advice, execute, outside
from migguard.rules.unseen_indexes import of_older_table
from migguard.rules.wording import blocks, label, python, schema_argument, sql_name, waiting

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
    revision drops, lock and all.
    """
    key = table_of_index(ctx.before, change.index, change.table)
    table = ctx.before.tables.get(key) if key is not None else None
    if key is None and not change.concurrently and (where := of_older_table(change, ctx)) is not None:
        yield ctx.finding(
            f"Dropping {change.index.name}, which the replayed history does not make, makes every read and write of "
            f"{where} wait until it has its lock and is done.",
            verified=False,
            advice=advice("Drop it concurrently, in a revision of its own", outside(concurrent(change, None))),
        )
    if table is None or change.concurrently or not ctx.existing(table.key) or not blocks(ctx.effect, table.key):
        return
    if goes(table, ctx):
        return
    name = change.index.name
    yield ctx.finding(
        f"Dropping {name} makes every read and write of {label(table.key, ctx)} wait until it has its lock and is "
        "done.",
        lock=waiting(ctx, table.key, ctx.effect),
        table=table.key,
        advice=renaming(name, new, table) if (new := made_again(name, table, ctx)) else recipe(change, table, ctx),
        fixable=table.partition_by is None and not new,
    )


def made_again(name: str, table: Table, ctx: StepContext) -> str | None:
    """The name under which the revision makes the same index of the table, before or after."""
    old = table.index(name)
    for step in ctx.trace.steps() if ctx.trace is not None and old is not None else ():
        if not isinstance(step.change, CreateIndex) or step.change.name is None or step.refusal or old is None:
            continue
        there = table_at(table_key(step.after, step.change.table), step.after)
        made = there.index(step.change.name.name) if there is not None and there.oid == table.oid else None
        if made is not None and made.name != name and replace(made, name=name, named=old.named) == old:
            return made.name
    return None


def renaming(old: str, new: str, table: Table) -> str:
    """The call that only changes the name."""
    text = f"ALTER INDEX {sql_name(Name(old, schema_of(table)))} RENAME TO {sql_name(Name(new))}"
    return f"Only its name changes: rename it, which builds nothing and stops nobody:\n{execute(text)}"


def schema_of(table: Table) -> str | None:
    """The schema to name an index with; None where the search path finds it."""
    return table.key[0] if table.key[0] != "public" else None


def goes(table: Table, ctx: StepContext) -> bool:
    """Whether the revision drops the table as well."""
    steps = ctx.trace.steps() if ctx.trace is not None else ()
    dropped = (
        table_at(table_key(s.before, s.change.table), s.before) for s in steps if isinstance(s.change, DropTable)
    )
    return table.oid != 0 and any(t is not None and t.oid == table.oid for t in dropped)


def recipe(change: DropIndex, table: Table, ctx: StepContext) -> str:
    """The concurrent drop in the user's names."""
    if table.partition_by is not None:
        return (
            "PostgreSQL drops no index of a partitioned table concurrently. Do not queue for the lock: set a short "
            "lock_timeout first, and try again until it is granted:\n" + "\n".join(limiting_here(ctx))
        )
    return advice("Drop it concurrently, in a revision of its own", outside(concurrent(change, table)))


def concurrent(change: DropIndex, table: Table | None) -> str:
    """The call that drops it concurrently."""
    more = ", if_exists=True" if change.if_exists else ""
    where = f", table_name={python(table.key[1])}" if table is not None else ""
    return (
        f"op.drop_index({python(change.index.name)}{where}{schema_argument(change.index)}{more}, "
        "postgresql_concurrently=True)"
    )
