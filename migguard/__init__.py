"""In: an Alembic project. Out: what its migrations do to the database and to the code running on it.

Never: a connection to a database, unless one is named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from migguard.upgrade_guard import Guard

__version__ = "0.1.0"


def guard(context: Any, **options: Any) -> Guard:
    """A guard for env.py: `migguard.guard(context).run_migrations()` in place of `context.run_migrations()`.

    `context` is `alembic.context`, configured. It refuses to run revisions with errors that nobody let through, limits
    how long a lock is waited for, tries again after a timeout, and tells who held the lock. Options: `lock_timeout`
    (such as "2s", None to leave it), `retries`, `backoff` (seconds before the first retry, doubled each time), `check`.
    """
    from migguard.upgrade_guard import Guard

    return Guard(context, **options)
