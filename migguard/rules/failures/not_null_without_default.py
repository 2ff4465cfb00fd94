"""MG701: a NOT NULL column without a default on a table that has rows."""

from collections.abc import Iterator

from migguard.catalog.schema import Catalog, Table
from migguard.changes import AddColumn, Engine
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.askable import askable
from migguard.rules.facts.advice.probes import any_row
from migguard.rules.facts.advice.recipes import execute
from migguard.rules.facts.locks.held_until import place
from migguard.rules.facts.locks.kept_out import kept_out_by
from migguard.rules.facts.rows.emptied_for_columns import open_since, required
from migguard.rules.facts.rows.empty_tables import empty
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import label, python, schema_argument, sql_name, target
from migguard.trace import Step

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY)"
BAD = Example('op.add_column("orders", sa.Column("state", sa.Text(), nullable=False))', given=GIVEN)
GOOD = Example(
    'op.add_column("orders", sa.Column("state", sa.Text(), nullable=False, server_default="new"))', given=GIVEN
)


@rule(
    "MG701",
    "not-null-without-default",
    Severity.ERROR,
    "A NOT NULL column without a default is added to an existing table: an error as soon as there is a row.",
    bad=BAD,
    good=GOOD,
)
def not_null_without_default(change: AddColumn, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    The rows that are there have no value for the new column, and the server refuses to invent one. It works on an
    empty development database and fails in production.

    ## What is let through
    A server default (also NOW() and other functions), serial, identity and generated columns, a domain's default;
    tables that this deployment creates, or empties before (a warning where the running code can put rows in until the
    column is added: TRUNCATE in the same transaction keeps it out, DELETE does not); MySQL and MariaDB, where the
    server fills the rows with a value of its own (MG316).
    """
    table = target(ctx, change.table)
    if table is None or ctx.step.refusal is not None or ctx.before.server.engine in (Engine.MYSQL, Engine.MARIADB):
        return
    column = required(change, table, ctx.before, ctx.after)
    if column is None:
        return
    emptied = empty(table, ctx.step, ctx.known)
    since = open_since(table, ctx) if emptied else None
    if emptied and since is None:
        return
    name, where = label(table.key, ctx), schema_argument(change.table)
    there = askable(table, (), ctx) if since is None else None  # a row of today is gone by then, and others come
    locked = kept_out_by(table, ctx)
    lock = f"{place(locked, ctx)} has its lock" if locked is not None else "this statement has its lock"
    fails = f"Adding {name}.{column.name} as NOT NULL without a server default fails"
    yield ctx.finding(
        f"{fails} as soon as {name} has a row."
        if since is None
        else f"{fails} if the running code puts a row into {called(table, since.before, ctx)} after "
        f"{place(since, ctx)}, which has emptied it: "
        f"nothing keeps it from that before {lock}.",
        table=table.key,
        severity=Severity.WARNING if since is not None else None,
        advice=(
            "Give it a server default (a Python-side default= does not count: the database never sees it), or add it "
            "nullable, fill it in batches, and make it NOT NULL later (MG405):\n"
            f"op.add_column({python(change.table.name)}, sa.Column({python(column.name)}, ..., nullable=True){where})"
        )
        if since is None
        else closed(change, table, since, locked, ctx),
        probe=any_row(there.key, ctx.before) if there is not None else None,
        fixable=True,
    )


def called(table: Table, catalog: Catalog, ctx: StepContext) -> str:
    """What the table is called in a catalog, where a step of the deployment renames it."""
    return label(next((t.key for t in catalog.tables.values() if t.oid == table.oid), table.key), ctx)


def closed(change: AddColumn, table: Table, since: Step, locked: Step | None, ctx: StepContext) -> str:
    """How a table that has been emptied stays so: its lock is taken before the rows go, in the same transaction."""
    emptied = place(since, ctx)
    if locked is not None:
        now = called(table, locked.after, ctx)
        named = f", where the table is called {now}" if now != called(table, since.before, ctx) else ""
        return (
            f"Take the rows out under that lock: move {emptied} below {place(locked, ctx)}, in its transaction{named}."
        )
    same = "" if since.statement.transaction == ctx.step.statement.transaction else ", in the transaction of this one"
    return (
        f"Keep the running code out from before {emptied} on{same}. The lock lasts until the transaction ends:\n"
        f"{execute(f'LOCK TABLE {sql_name(change.table)} IN ACCESS EXCLUSIVE MODE')}"
    )
