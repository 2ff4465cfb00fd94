"""MG305: DELETE without a condition that spares any row."""

from collections.abc import Iterator

from migguard.changes import Delete
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.deleted_rows import BATCHES, LATER, for_columns
from migguard.rules.facts.rows.empty_tables import empty
from migguard.rules.facts.rows.every_row import every_row
from migguard.rules.facts.rows.kept_copies import all_kept, kept
from migguard.rules.facts.scripts.mapped_loops import done_to_all
from migguard.rules.facts.scripts.script_places import place
from migguard.rules.frame import POSTGRESQL, Context, Example, RevisionScript, StepContext, display, rule
from migguard.rules.wording import label, target

GIVEN = "CREATE TABLE sessions (id bigint PRIMARY KEY, ended boolean)"
BAD = Example('op.execute("DELETE FROM sessions")', given=GIVEN)
GOOD = Example('op.execute("DELETE FROM sessions WHERE ended")', given=GIVEN)

ROWS = f"Name the rows that are meant in a WHERE clause, and delete many {BATCHES}."
KEPT = (
    "See that all that is needed was copied, and that nobody writes to it between the copy and the DELETE; delete many "
    f"rows {LATER}."
)
SPARED = "A WHERE clause would not do: with a row left"


@rule("MG305", "delete-all-rows", Severity.ERROR, "DELETE removes every row of an existing table.", bad=BAD, good=GOOD)
def delete_all_rows(change: Delete | RevisionScript, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    Without WHERE, or with one that is always true, every row is gone; on a large table it also runs for long, holds a
    lock on every row and leaves the whole table to vacuum.

    ## What is let through
    A WHERE that can be false, a LIMIT, a join; tables that this deployment creates, or has
    emptied before. Where one statement of it copied all rows and columns before, it is a warning. A loop that deletes
    the objects of a mapped class one by one, where the query or the loop has a condition.
    """
    if isinstance(change, RevisionScript):
        yield from in_a_loop(change, ctx)
        return
    assert isinstance(ctx, StepContext)
    table = target(ctx, change.table)
    if table is None or change.limited or not every_row(change.where, table):
        return
    if empty(table, ctx.step, ctx.known):
        return
    if change.others and (change.where is not None or ctx.before.server.engine not in POSTGRESQL):
        return  # a subquery or a join picks the rows
    copied = kept(table, None, ctx)
    yield ctx.finding(
        f"DELETE removes every row of {label(table.key, ctx)}.{copied}",
        severity=Severity.WARNING if copied and all_kept(table, ctx) else None,
        table=table.key,
        grows=True,
        advice=for_columns(table, SPARED, ctx) or (KEPT if copied else ROWS),
    )


def in_a_loop(subject: RevisionScript, ctx: Context) -> Iterator[Finding]:
    """Loops that delete each object of a class."""
    for done in done_to_all(subject, ctx.lookup) if ctx.lookup is not None else ():
        if done.column is None:
            yield ctx.finding(
                f"The loop deletes every row of {display(done.table.key, ctx.catalog)}, one by one.",
                origin=place(subject.script, done.node),
                table=done.table.key,
                grows=True,
                advice=ROWS,
            )
