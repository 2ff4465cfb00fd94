"""In: an Alembic project. Out: what its migrations do to the database and to the code running on it.

Never: a connection to a database, unless one is named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from migguard.report import Report
    from migguard.upgrade_guard import Guard

__version__ = "0.1.0"


def check(
    *revisions: str,
    config: Path | str | None = None,
    section: str = "alembic",
    base: str | None = None,
    since: str | None = None,
    everything: bool = False,
    **settings: Any,
) -> Report:
    """Check a project, as `migguard check` does; `settings` are those of the configuration, such as `dialect`.

    Raises migguard.errors.MigguardError for a mistake that lets nothing be checked. `report.failures` are what could
    not be analysed: without looking at them, an empty `report.findings` is no all-clear; `report.exit_code(…)` does.
    """
    from pathlib import Path

    from migguard.pipeline import Request, run

    path = Path(config) if config is not None else None
    return run(Request(path, section, revisions, base, since, everything, overrides=settings)).report


def guard(context: Any, **options: Any) -> Guard:
    """A guard for env.py: `migguard.guard(context).run_migrations()` in place of `context.run_migrations()`.

    `context` is `alembic.context`, configured. It refuses to run revisions with errors that nobody let through, limits
    how long a lock is waited for, tries again after a timeout, and tells who held the lock. Options: `lock_timeout`
    (such as "2s", None to leave it), `retries`, `backoff` (seconds before the first retry, doubled each time), `check`.
    """
    from migguard.upgrade_guard import Guard

    return Guard(context, **options)
