"""MG301: DROP TABLE of an existing table."""

from collections.abc import Iterator

from migguard.catalog.lookup import table_key
from migguard.catalog.schema import Table
from migguard.changes import DropTable
from migguard.findings import Finding, Safe, Severity
from migguard.rules.facts.advice.fresh_names import free
from migguard.rules.facts.advice.left_unused import holding, holding_rows
from migguard.rules.facts.advice.name_taken import table_taken_by
from migguard.rules.facts.advice.probes import relation
from migguard.rules.facts.locks.held_until import place
from migguard.rules.facts.rows.empty_tables import empty
from migguard.rules.facts.rows.kept_copies import copied_open, kept, rows_left
from migguard.rules.facts.schema.deployment_end import final
from migguard.rules.facts.schema.running_code import unmapped
from migguard.rules.facts.scripts.counted_rows import without_rows
from migguard.rules.frame import POSTGRESQL, Example, StepContext, rule, table_at
from migguard.rules.wording import label, python, schema_argument, target, waiting
from migguard.trace import Step

GIVEN = "CREATE TABLE invoices (id bigint PRIMARY KEY)"
BAD = Example('op.drop_table("invoices")', given=GIVEN)
GOOD = Example(
    'op.drop_table("scratch")',
    given=GIVEN,
    earlier=('op.create_table("scratch", sa.Column("id", sa.BigInteger(), primary_key=True))',),
)


@rule("MG301", "drop-table", Severity.ERROR, "An existing table and all its rows are dropped.", bad=BAD, good=GOOD)
def drop_table(change: DropTable, ctx: StepContext) -> Iterator[Finding | Safe]:
    """## Why it matters
    The rows are gone, and a downgrade brings back an empty table at best.

    ## What is let through
    A table that this deployment created; `IF EXISTS` of a table that is not there; SQLite's batch mode, which swaps a
    table for its copy. One that the deployment has emptied before (MG305 and MG304 say so) is a notice about the code
    that is still running, and silent where MG604 knows that code's models. Where they are known and do not map the
    table, dropping it is the last step of taking it away: a notice; and where the script drops it only after it has
    counted no row in it.
    """
    table = target(ctx, change.table)
    if table is None or ctx.step.refusal is not None or swapped(ctx, table.oid):
        new = table_at(table_key(ctx.before, change.table), ctx.before)
        if table is None and new is not None:
            yield ctx.safe(f"this deployment creates {label(new.key, ctx)}: there is nothing in it that was released")
        return
    name, unused = label(table.key, ctx), unmapped(table, ctx)
    rowless = None
    if empty(table, ctx.step, ctx.known):
        rowless = "this deployment has taken all rows out of it before"
    elif without_rows(table, ctx):
        rowless = "this line runs only where the script has counted none"
    if rowless is not None and ctx.running is not None:
        yield ctx.safe(f"there is no row of {name} to lose: {rowless}")
        return
    if rowless is not None:
        yield ctx.finding(
            f"Dropping {name} destroys no row, since {rowless}; running code that queries it fails from then on.",
            severity=Severity.NOTICE,
            lock=waiting(ctx, table.key, ctx.effect) or None,
            table=table.key,
            advice=f"Stop using {name} in one release, and drop it in a later one.",
        )
        return
    taker = table_taken_by(table, ctx)
    before = f"Stop using {name} in one release, and drop it in a later one"
    if unused:
        before = "Make sure that no SQL written as text names it"
    if taker is not None:
        before = f"Another table gets the name {name} at {taker}: drop this one in a later deployment"
    more = f"{kept(table, None, ctx)}{' No model of the running code maps it.' if unused else ''}"
    copied = copied_open(table, ctx) if not unused and ctx.before.server.engine in POSTGRESQL else None
    late = (
        f" Rows that the running code commits after the copy ({place(copied, ctx)}) are lost."
        if copied is not None
        else ""
    )
    yield ctx.finding(
        f"Dropping {name} destroys all {rows_left(table, ctx)}.{more}{late}",
        severity=Severity.NOTICE if unused else None,
        lock=waiting(ctx, table.key, ctx.effect) or None,
        table=table.key,
        advice=(
            f"{before}. Keep a copy until nobody misses it, which keeps the names of its keys and indexes"
            + (", and let nobody write between the first copy and the end" if copied is not None else "")
            + ":\n"
            + "\n".join((*shut(copied, table), *set_aside(change, table, ctx)))
        ),
    )


def shut(copied: Step | None, table: Table) -> list[str]:
    """The lock that keeps rows from coming in after they were copied, by the name that the table has there."""
    if copied is None:
        return []
    was = next((t for t in copied.before.tables.values() if t.oid == table.oid), table)
    lock = f"LOCK TABLE {relation(was.key, copied.before)} IN SHARE ROW EXCLUSIVE MODE"
    return [
        f"op.execute({python(lock)})  # before the rows are copied, in the same transaction",
        "...  # the copy",
    ]


def set_aside(change: DropTable, table: Table, ctx: StepContext) -> list[str]:
    """The table under another name, free of the keys by which it would hold others, or rows of theirs."""
    new = free(f"{change.table.name}_old", table, ctx.before, final(ctx))
    keys = holding(table, ctx)
    why = ["# where the table is there, which IF EXISTS asks here:"] if change.if_exists else []
    why += ["# without the foreign keys that keep this deployment from dropping other tables:"] if keys else []
    lines = [*why, *keys, *holding_rows(table, ctx)]
    return [*lines, f"op.rename_table({python(change.table.name)}, {python(new)}{schema_argument(change.table)})"]


def swapped(ctx: StepContext, oid: int) -> bool:
    """Whether the table lives on: a batch copy takes its name (and identity) later in this statement sequence."""
    final = ctx.deployment.upgrades[-1].after if ctx.deployment.upgrades else ctx.after
    return oid > 0 and any(t.oid == oid for t in final.tables.values())
