"""MG506: a lock timeout that is set, and does not hold when the lock is waited for."""

from collections.abc import Iterator

from migguard.changes import Engine
from migguard.effects.model import Blocks
from migguard.findings import Finding, Severity
from migguard.rules.facts.locks.env_limits import in_place, told_before
from migguard.rules.facts.locks.handed_connection import unless_autocommit
from migguard.rules.facts.locks.lock_limits import for_a_build, limiting, outside
from migguard.rules.facts.locks.lock_waits import Cause, Wait, given_in, late_settings, over, waits
from migguard.rules.frame import MYSQL_FAMILY, POSTGRESQL, Context, Example, Lookup, display, rule
from migguard.settings import milliseconds
from migguard.trace import RevisionTrace
from migguard.transactions import in_words

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY)"
BAD = Example(
    """
    op.execute("SET lock_timeout = 0")
    op.add_column("orders", sa.Column("note", sa.Text()))
    """,
    given=GIVEN,
)
MYSQL_SETTING = 'op.execute("SET SESSION lock_wait_timeout = 5")'
GOOD = Example(
    """
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.add_column("orders", sa.Column("note", sa.Text()))
    """,
    given=GIVEN,
)


@rule(
    "MG506",
    "lock-timeout-defeated",
    Severity.WARNING,
    "A lock timeout is set so that it does not limit the wait for a blocking lock.",
    engines=POSTGRESQL | MYSQL_FAMILY,
    bad=BAD,
    good=GOOD,
)
def lock_timeout_defeated(trace: RevisionTrace, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    A limit of 0 is none, a long one is nearly none, SET LOCAL does nothing outside a transaction and ends with it (an
    `autocommit_block()` ends one, and is none), and a limit that is set when the lock is held already comes too late.
    The script looks safe, and every query on the table, or every write to it, waits behind it all the same.

    ## What is let through
    0 or a long limit around what blocks nobody, such as a concurrent build; a limit put back to what is set outside
    (`lock_timeout_set_elsewhere = true`); settings after which no blocking lock on an existing table is taken.
    """
    lookup = ctx.lookup
    if lookup is None:
        return
    blamed: set[int] = set()
    unless = unless_autocommit(lookup.deployment.environment)
    for wait in waits(trace, lookup):
        setting = wait.setting or wait.given
        if setting is None or wait.cause is Cause.NOTHING_SET or id(setting) in blamed:
            continue
        if wait.cause in (Cause.RESET, Cause.PERHAPS_OUTSIDE) and ctx.settings.lock_timeout_set_elsewhere:
            continue
        blamed.add(id(setting))
        if not told_before(wait, trace, lookup):
            yield speak(ctx, wait, trace, lookup)
    for setting, held in late_settings(trace, lookup):
        if id(setting) not in blamed and not for_a_build(trace, setting):
            taken = held.step
            line = f" in line {taken.statement.origin.line}" if taken.statement.origin else ""
            name = display(held.lock.table, taken.before)
            yield ctx.finding(
                f"The lock timeout is set when the blocking lock on {name}, waited for{line} without a limit, is held "
                f"already{unless}.",
                verified=setting.verified and not unless,
                origin=setting.statement.origin,
                sql=setting.statement.sql,
                table=name,
                related=(taken.statement.origin,) if taken.statement.origin else (),
                advice="Set it before the first statement of the revision, or in env.py for all.",
            )


def speak(ctx: Context, wait: Wait, trace: RevisionTrace, lookup: Lookup) -> Finding:
    """The finding about one wait: at the setting that is to blame, or at the lock where the connection has that."""
    name = display(wait.lock.table, wait.step.before)
    most = milliseconds(ctx.settings.max_lock_timeout)
    apart = outside(wait.step, trace, lookup)
    postgresql = wait.step.before.server.engine is Engine.POSTGRESQL
    where = "before the statement that takes the lock" if apart else "in the transaction that takes the lock"
    own = wait.setting.statement if wait.setting is not None else None
    who = given_in(wait.given) if wait.given is not None else ""
    what = {
        Cause.ZERO: f"The lock timeout is set to 0{who}, which is no limit",
        Cause.TOO_LONG: f"The lock timeout of {wait.limit.text if wait.limit else ''}{who} is above {in_words(most)}",
        Cause.OTHER_TRANSACTION: f"SET LOCAL{who} ends with its transaction, which {over(wait, lookup)}",
        Cause.PERHAPS_OUTSIDE: f"SET LOCAL{who} does nothing if the program hands env.py a connection in autocommit: "
        "then there is no limit",
        Cause.RESET: "The lock timeout is reset, and nothing outside this revision sets one",
    }[wait.cause]
    at = wait.step.statement
    line = f" in line {at.origin.line}" if at.origin and own is not None else ""
    cure = f"Set a short one {where}, and let the deployment try again:\n"
    cure += "\n".join(limiting(wait.step, trace, lookup)) if postgresql else MYSQL_SETTING
    place, more = own.origin if own is not None else at.origin, ""
    if own is None and wait.given is not None and wait.given.origin is not None:
        place, (line, cure, more) = wait.given.origin, in_place(wait, trace, lookup)
    stops = "every write to" if wait.lock.blocks is Blocks.WRITES else "every query on"
    return ctx.finding(
        f"{what} when the blocking lock on {name} is waited for{line}, and {stops} {name} then waits behind the "
        f"migration.{more}",
        origin=place,
        sql=own.sql if own is not None else at.sql,
        table=name,
        verified=wait.step.verified and wait.cause is not Cause.PERHAPS_OUTSIDE,
        related=(at.origin,) if at.origin and at.origin != place else (),
        advice=cure,
    )
