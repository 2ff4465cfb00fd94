"""MG505: a blocking lock is asked for without a limit on how long to wait for it."""

from collections.abc import Iterator

from migguard.catalog.schema import Catalog
from migguard.changes import Engine
from migguard.effects.model import Blocks
from migguard.findings import Finding, Severity
from migguard.rules.frame import MYSQL_FAMILY, POSTGRESQL, Context, Example, display, rule
from migguard.trace import Deployment

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY)"
BAD = Example('op.add_column("orders", sa.Column("note", sa.Text()))', given=GIVEN)
GOOD = Example(
    """
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.add_column("orders", sa.Column("note", sa.Text()))
    """,
    given=GIVEN,
)


@rule(
    "MG505",
    "missing-lock-timeout",
    Severity.WARNING,
    "No lock timeout is in force before the first blocking lock.",
    engines=POSTGRESQL | MYSQL_FAMILY,
    bad=BAD,
    good=GOOD,
)
def missing_lock_timeout(deployment: Deployment, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    A statement that wants a blocking lock waits for every query that runs on the table, and every new query waits
    behind it. One report that runs for an hour is then an outage of an hour. With a lock timeout the migration gives
    up, the application goes on, and the deployment tries again.

    ## What is let through
    A timeout set in env.py, in the revision, or by the server (`lock_timeout_set_elsewhere = true`); revisions that
    block nothing that exists.
    """
    if ctx.settings.lock_timeout_set_elsewhere or ctx.lookup is None:
        return
    for trace in deployment.upgrades:
        for step in trace.steps():
            effect = ctx.lookup.effect(step)
            blocking = [
                lock
                for lock in effect.locks
                if lock.blocks is not Blocks.NOTHING and deployment.existing_table(lock.table, step.before)
            ]
            if not blocking or in_force(step.before):
                continue
            name = display(blocking[0].table, step.before)
            mode = blocking[0].mode.spelling + " " if blocking[0].mode else ""
            yield ctx.finding(
                f"The first blocking lock of this revision, {mode}on {name}, is waited for without a limit, and every "
                "query on it then waits behind the migration.",
                origin=step.statement.origin,
                sql=step.statement.sql,
                table=name,
                revision=trace.revision,
                advice=advice(step.before),
            )
            break


def in_force(catalog: Catalog) -> bool:
    """Whether a lock timeout other than "wait for ever" is set at that moment."""
    name = "lock_timeout" if catalog.server.engine is Engine.POSTGRESQL else "lock_wait_timeout"
    value = catalog.local_variables.get(name) or catalog.variables.get(name)
    return value is not None


def advice(catalog: Catalog) -> str:
    """Where to set it."""
    if catalog.server.engine is Engine.POSTGRESQL:
        return (
            "Set one before the first statement, in env.py for all revisions or here:\n"
            "op.execute(\"SET LOCAL lock_timeout = '2s'\")\n"
            "and let the deployment try again. "
            "If the server or the role sets it, say so: lock_timeout_set_elsewhere = true."
        )
    return (
        "Set one before the first statement, in env.py for all revisions or here:\n"
        'op.execute("SET SESSION lock_wait_timeout = 5")\n'
        "and let the deployment try again. If the server sets it, say so: lock_timeout_set_elsewhere = true."
    )
