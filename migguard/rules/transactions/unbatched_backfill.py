"""MG514: all rows of an existing table written by one statement."""

from collections.abc import Iterator

from migguard.catalog.schema import ConstraintKind, Key
from migguard.changes import Delete, Insert, Merge, Update
from migguard.findings import Finding, Severity
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.probes import relation
from migguard.rules.wording import identifier, label, python, sql_name
from migguard.rules.work import rows_of

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
    """A loop over batches by the table's own key."""
    table = ctx.before.tables.get(key)
    primary = next((c for c in table.constraints if c.kind is ConstraintKind.PRIMARY), None) if table else None
    columns = [identifier(c) for c in primary.columns] if primary is not None else []
    listed = ", ".join(columns) or "id"
    column = f"({listed})" if len(columns) > 1 else listed  # a part of a key would choose more rows than the batch has
    name = relation(key, ctx.before)
    batch = f"WHERE {column} IN (SELECT {listed} FROM {name} WHERE … LIMIT 5000)"
    match change:
        case Update():
            text = f"UPDATE {name} SET … {batch}"
        case Delete():
            text = f"DELETE FROM {name} {batch}"
        case Insert() | Merge():
            into = sql_name(change.table)
            text = f"INSERT INTO {into} SELECT … FROM {name} WHERE {column} > … ORDER BY {listed} LIMIT 5000"
    return (
        "Go over it in batches, each a transaction of its own, and let the application run on in between:\n"
        "with op.get_context().autocommit_block():\n"
        "    while op.get_bind().execute(sa.text(\n"
        f"        {python(text)}\n"
        "    )).rowcount:\n"
        "        pass"
    )
