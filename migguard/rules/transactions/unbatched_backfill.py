"""MG514: all rows of an existing table written by one statement."""

from collections.abc import Iterator

from migguard.changes import Delete, Insert, Merge, Update
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.filled_first import given_first
from migguard.rules.facts.advice.whole_statements import in_batches
from migguard.rules.facts.locks.work import of_some, rows_of
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import label

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
        much = "what may be " if of_some(ctx.step) else ""
        yield ctx.finding(
            f"One statement goes over {much}all of {where}{', since no key limits its WHERE' if filtered else ''}, and "
            f"{meanwhile(change)} until its transaction ends.",
            table=key,
            grows=True,
            advice=f"{given_first(ctx.step, ctx.trace, ctx.known)}{in_batches(key, change, ctx)}",
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
