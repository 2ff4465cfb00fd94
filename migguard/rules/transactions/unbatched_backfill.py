"""MG514: all rows of an existing table written by one statement."""

from collections.abc import Iterator

from migguard.catalog.schema import Key
from migguard.changes import Delete, Insert, Merge, Update
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.batches import (
    SIZE,
    asks_for_written,
    counted,
    filling,
    in_ranges,
    picked,
    repeats,
    rounds,
    settles,
    undone,
)
from migguard.rules.facts.advice.probes import column, relation
from migguard.rules.facts.locks.work import rows_of
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import label, sql_name

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text)"
BAD = Example('op.execute("UPDATE orders SET email = lower(email) WHERE email IS NOT NULL")', given=GIVEN)
GOOD = Example(
    """
    for start in range(0, 3000, 1000):
        op.execute(f"UPDATE orders SET email = lower(email) WHERE id > {start} AND id <= {start + 1000}")
    """,
    given=GIVEN,
)


@rule(
    "MG514",
    "unbatched-backfill",
    Severity.WARNING,
    "One statement writes all rows of an existing table.",
    bad=BAD,
    good=GOOD,
)
def unbatched_backfill(change: Update | Delete | Insert | Merge, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    The rows stay locked until the statement and its transaction end, old versions of all of them pile up, replicas
    fall behind, and a failure near the end starts it over. A WHERE that names no key, such as `x IS NULL`, does not
    limit how many rows that is.

    ## What is let through
    Rows chosen by a unique key or a foreign key, by a range of keys, by a query with LIMIT, or by what is matched with
    such rows; VALUES; tables that this deployment creates. A column that this deployment adds has rows to fill all the
    same.
    """
    for key in rows_of(ctx.step, ctx.known):
        where = label(key, ctx)
        filtered = isinstance(change, (Update, Delete)) and change.where is not None
        yield ctx.finding(
            f"One statement goes over all of {where}{', since no key limits its WHERE' if filtered else ''}, and "
            f"{meanwhile(change)} until its transaction ends.",
            table=key,
            grows=True,
            advice=advice(key, change, ctx),
        )
        return


def meanwhile(change: Update | Delete | Insert | Merge) -> str:
    """What lasts as long as the statement's transaction."""
    match change:
        case Update():
            return "locks every row that it updates"
        case Delete():
            return "locks every row that it deletes"
        case Insert() | Merge():
            return "holds back the clean-up of old row versions everywhere"


def advice(key: Key, change: Update | Delete | Insert | Merge, ctx: StepContext) -> str:
    """A loop over batches by the table's own key, which ends."""
    lead = "Go over it in batches, each a transaction of its own, and let the application run on in between:\n"
    table = ctx.before.tables.get(key)
    if table is None:  # a view
        return lead.replace(":\n", ".")
    name, number = relation(key, ctx.before), counted(table)
    asked = isinstance(change, (Insert, Merge)) or change.where is not None
    match change:
        case Delete():
            return lead + rounds(f"DELETE FROM {name} WHERE {picked(table, '…' if asked else 'true', ctx.before)}")
        case Update() if (empty := filling(change)) is not None:
            where = f"{column(empty, ctx.before)} IS NULL"
            told = f"# the new {empty} must not be NULL, or this never ends\n"
            return lead + told + rounds(f"UPDATE {name} SET … WHERE {picked(table, where, ctx.before)}")
        case Update() if settles(change):
            where = f"{'… AND ' if asked else ''}{undone(change, table, ctx)}"
            return lead + rounds(f"UPDATE {name} SET … WHERE {picked(table, where, ctx.before)}")
        case Update() if number is None and repeats(change) and not asks_for_written(change):
            return (
                "Nothing in a row says that it is done, and a second round would change it again: run it as one "
                "statement in a revision of its own, or note in a new column which rows are done."
            )
        case Update() if number is None:
            told = "# with a condition that is false for rows that are done, or this never ends\n"
            return lead + told + rounds(f"UPDATE {name} SET … WHERE {picked(table, '…', ctx.before)}")
        case Update():
            work = f"UPDATE {name} SET … WHERE {{}}{' AND …' if asked else ''}"
            return lead + in_ranges(table, number or "", work, ctx.before)
        case Insert() | Merge():
            written = ", ".join(column(c, ctx.before) for c in change.columns) if isinstance(change, Insert) else ""
            listed = f" ({written})" if written else ""
            into = f"INSERT INTO {sql_name(change.table)}{listed} SELECT … FROM {name} … WHERE "
            if number is not None:
                return lead + in_ranges(table, number, f"{into}{{}} AND …", ctx.before, joined=True)
            missing = f"… AND NOT EXISTS (SELECT 1 FROM {sql_name(change.table)} WHERE …) LIMIT {SIZE}"
            return lead + rounds(into + missing)
