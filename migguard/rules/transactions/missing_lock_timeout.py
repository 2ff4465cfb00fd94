"""MG505: a blocking lock is asked for without a limit on how long to wait for it."""

from collections.abc import Iterator
from itertools import takewhile

from migguard.changes import Engine
from migguard.effects.model import Blocks
from migguard.findings import Finding, Severity
from migguard.rules.facts.locks.lock_limits import limiting
from migguard.rules.facts.locks.lock_waits import Cause, blocking_locks, blocks_existing, waits
from migguard.rules.facts.schema.renamed import new_name
from migguard.rules.facts.scripts.caught_stand_ins import may_have_caught
from migguard.rules.frame import MYSQL_FAMILY, POSTGRESQL, Context, Example, Lookup, display, rule
from migguard.trace import Certainty, RevisionTrace, Step

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
def missing_lock_timeout(trace: RevisionTrace, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    A statement that wants a blocking lock waits for every query that runs on the table, and every new query waits
    behind it. One report that runs for an hour is then an outage of an hour. With a lock timeout the migration gives
    up, the application goes on, and the deployment tries again.

    ## What is let through
    A timeout set in env.py (also on connect, or in the URL's or engine's options), in the revision, by an earlier
    revision's ALTER DATABASE, or by the server (`lock_timeout_set_elsewhere = true`); NOWAIT; locks that the
    transaction holds already; tables that this deployment creates. A limit that is set and does not hold is MG506.
    """
    if ctx.settings.lock_timeout_set_elsewhere or ctx.lookup is None:
        return
    wait = next((w for w in waits(trace, ctx.lookup) if w.cause is Cause.NOTHING_SET), None)
    if wait is None:
        return
    before = wait.step.before
    name = display(wait.lock.table, before)
    mode = f"{wait.lock.mode.spelling} on " if wait.lock.mode else "that on "
    environment = ctx.lookup.deployment.environment
    unseen = "" if environment.ran else "; env.py could not be run, so a limit set there was not seen"
    if wait.given is not None and wait.given.value is not None and wait.given.origin is not None:
        unseen += f"; what env.py sets in line {wait.given.origin.line} is not in force here"
    stops = "every write to" if wait.lock.blocks is Blocks.WRITES else "every query on"
    yield ctx.finding(
        f"{which(wait.step, trace, ctx.lookup)}, {mode}{name}, is waited for without a limit, and {stops} "
        f"{name} then waits behind the migration{unseen}.{new_name(wait.lock.table, before, ctx.lookup)}",
        origin=wait.step.statement.origin,
        sql=wait.step.statement.sql,
        table=name,
        verified=environment.ran and wait.step.verified,
        advice=advice(wait.step, trace, ctx.lookup),
    )


def which(step: Step, trace: RevisionTrace, lookup: Lookup) -> str:
    """Which blocking lock of the revision a step waits for: those that the transaction holds are not waited for.

    It is called the first where everything before it was seen: not in what was read after an exception, after a branch
    that the replay did not take, or where a handler may have caught what only a stand-in raises.
    """
    before = list(takewhile(lambda one: one is not step, trace.steps()))
    locking = [one for one in before if blocks_existing(one, lookup)]
    script = lookup.scripts.get(trace.revision)
    seen = step.statement.certainty is Certainty.RAN and not any(
        one.statement.certainty is Certainty.OTHER_BRANCH for one in locking
    )
    if not seen or (script is not None and may_have_caught(script, trace)):
        return "A blocking lock of this revision"
    if not locking:
        return "The first blocking lock of this revision"
    if any(blocking_locks(one, lookup) for one in locking):
        return "A blocking lock of this revision"
    return "The first blocking lock of this revision that is not held already"


def advice(step: Step, trace: RevisionTrace, lookup: Lookup) -> str:
    """Where to set it."""
    if step.before.server.engine is Engine.POSTGRESQL:
        setting = "\n".join(limiting(step, trace, lookup))
    else:
        setting = 'op.execute("SET SESSION lock_wait_timeout = 5")'
    return (
        "Set one before the first statement, in env.py for all revisions or here, and let the deployment try again. If "
        f"the server or the role sets it, say so (lock_timeout_set_elsewhere = true):\n{setting}"
    )
