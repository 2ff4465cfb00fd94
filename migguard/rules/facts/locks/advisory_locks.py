"""Advisory locks that keep other upgrades out, and end with the transaction that takes them."""

from migguard.changes import Select
from migguard.rules.frame import Lookup
from migguard.trace import RevisionTrace, Statement

ADVISORY = {"pg_advisory_xact_lock", "pg_try_advisory_xact_lock"}
DIRECT = "# on a connection to the server itself: a pooler that lends one for each transaction keeps no session"
TAKEN_FOR_THE_SESSION = (
    f"{DIRECT}\n"
    "until = time.monotonic() + 600\n"
    'while not connection.exec_driver_sql("SELECT pg_try_advisory_lock(...)").scalar():\n'
    "    connection.commit()  # CREATE INDEX CONCURRENTLY waits for who waits inside pg_advisory_lock\n"
    "    if time.monotonic() > until:\n"
    '        raise TimeoutError("another upgrade is running")\n'
    "    time.sleep(1)"
)
"""A lock of the session, asked for until it is given.

An upgrade that waits inside `SELECT pg_advisory_lock(…)` has a snapshot all the while. The upgrade that holds the lock
waits for that snapshot in each concurrent index build: a deadlock, which leaves an invalid index.
"""
SESSION_LOCK = (
    "Take a lock of the session, which no commit ends, before context.configure():\n"
    f"import time\n\n{TAKEN_FOR_THE_SESSION}\n"
    "connection.commit()  # else Alembic finds its connection in a transaction"
)


def advisory_lock(block: Statement, trace: RevisionTrace, lookup: Lookup) -> str | None:
    """Where the advisory lock was taken that ends with the transaction that the block commits; None without one."""
    upgrades = lookup.deployment.upgrades
    found: str | None = None
    for origin in lookup.deployment.environment.advisory:
        found = f" of env.py{f' (line {origin.line})' if origin else ''}"
    for other in upgrades[: next(n for n, one in enumerate(upgrades) if one is trace) + 1]:
        for statement in other.statements:
            if statement is block:
                return found
            if statement.beside:
                continue
            if statement.asked:
                found = None
            elif any(isinstance(s.change, Select) and ADVISORY & {*s.change.query.functions} for s in statement.steps):
                line = f"line {statement.origin.line}" if statement.origin else "a statement"
                found = f" ({line}{'' if other is trace else f' of revision {other.revision}'})"
    return found
