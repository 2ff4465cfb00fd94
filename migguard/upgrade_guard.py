"""The guard in env.py: no revision with errors is run, none waits long for a lock, and who was waited for is told.

    migguard.guard(context).run_migrations()

in place of `with context.begin_transaction(): context.run_migrations()`, after `context.configure(…)`.
"""

from __future__ import annotations

import contextlib
import json
import logging
import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from migguard.errors import AnalysisError, MigguardError
from migguard.project.checkout import Background
from migguard.settings import milliseconds

log = logging.getLogger("migguard")

LOCK_NOT_AVAILABLE = "55P03"
"""PostgreSQL's code where a lock timeout ends a statement."""

BLOCKERS = """
SELECT pid, state, now() - xact_start AS since, left(query, 200) AS query
FROM pg_catalog.pg_stat_activity WHERE pid = ANY (pg_catalog.pg_blocking_pids(%(waiting)s))
"""


CANNOT_LOOK = "who holds a lock cannot be told: %s"
NO_LIMIT = "migguard.guard() sets lock_timeout on PostgreSQL only, not on %s: lock_timeout=None says that this is known"


class MigrationRefusedError(MigguardError):
    """The revisions that were about to run have errors that nobody let through."""

    exit_code = 1


class Guard:
    """Runs migrations the careful way. `lock_timeout` is for each lock, `retries` how often to begin again after it.

    `check=False` leaves out the check, for a deployment whose pull request was gated already.
    """

    def __init__(
        self,
        context: Any,
        *,
        lock_timeout: str | None = "2s",
        retries: int = 5,
        backoff: float = 2.0,
        check: bool = True,
        timeout: float = 300.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._context = context
        self._lock_timeout = milliseconds(lock_timeout, "lock_timeout") if lock_timeout is not None else None
        self._retries, self._backoff, self._timeout, self._sleep = retries, backoff, timeout, sleep
        self._check = check

    def run_migrations(self, **arguments: Any) -> None:
        """Check what is about to run, then run it. Raises MigrationRefusedError, and what the migrations raise."""
        migration = self._context.get_context()
        real = not self._context.is_offline_mode() and migration.bind is not None
        if not real or hasattr(migration.bind.dialect, "database"):  # --sql, or a replay of migguard's own
            self._run(arguments)
            return
        if self._check:
            self._refuse_errors(migration)
        postgresql = migration.dialect.name == "postgresql"
        if self._lock_timeout is not None:
            if postgresql:
                self._limit(migration)
            else:
                log.warning(NO_LIMIT, migration.dialect.name)
        for attempt in range(self._retries + 1):
            seen: list[str] = []
            try:
                with blockers(migration, seen) if postgresql else contextlib.nullcontext():
                    self._run(arguments)
                return
            except Exception as error:
                if attempt == self._retries or not timed_out(error) or not whole_transaction(migration):
                    raise
                wait = self._backoff * 2**attempt * random.uniform(0.5, 1.5)
                who = f" held by {'; '.join(seen)}" if seen else ""
                log.warning("a lock was not to be had%s; trying again in %.1f s", who, wait)
                if migration.bind.in_transaction():
                    migration.bind.rollback()
                self._sleep(wait)

    def _run(self, arguments: dict[str, Any]) -> None:
        with self._context.begin_transaction():
            self._context.run_migrations(**arguments)

    def _limit(self, migration: Any) -> None:
        """Set the timeout for the session. The commit ends the transaction that SQLAlchemy begins for it: Alembic takes
        one that is open for the caller's, and would not commit the migrations.
        """
        if migration.bind.in_transaction():
            raise AnalysisError(
                "env.py has used the connection before migguard.guard(), so the migrations would be rolled back",
                hint="commit what it did, or use a connection of its own",
            )
        migration.bind.exec_driver_sql(f"SET lock_timeout = {self._lock_timeout}")
        migration.bind.commit()

    def _refuse_errors(self, migration: Any) -> None:
        """Have the revisions that are about to run checked, in a process of their own."""
        steps = migration.opts["fn"](migration.get_current_heads(), migration)
        revisions = [s.revision.revision for s in steps if getattr(s, "is_upgrade", False) and s.revision is not None]
        if migration.bind.in_transaction():
            migration.bind.rollback()  # of the question for the heads
        if not revisions:
            return
        config = self._context.config
        path = Path(config.config_file_name or "alembic.ini").absolute()
        with tempfile.TemporaryDirectory() as scratch:
            output = Path(scratch, "report.json")
            words = ["check", *revisions, "--config", str(path), "--name", config.config_ini_section, "-q"]
            said = Background("migguard", [*words, "-o", f"json={output}"], Path.cwd()).failed(self._timeout)
            if not output.is_file():
                raise AnalysisError(f"the revisions that are about to run could not be checked: {said}")
            report = json.loads(output.read_text(encoding="utf-8"))
        loud = [f for f in report["findings"] if f["severity"] == "error" and not f["suppressed"]]
        lines = [f"{f['revision']} {f['code']} {f['name']}: {f['message']}" for f in loud]
        lines += [f"not analysed: {f['message']}" for f in report["failures"]]
        if lines:
            raise MigrationRefusedError(
                "migguard refuses to run these migrations:\n" + "\n".join(lines),
                hint="mend them, or let them through with `# migguard: ignore[…] -- why`",
            )


def timed_out(error: BaseException) -> bool:
    """Whether a lock timeout ended it."""
    original = getattr(error, "orig", None)
    return LOCK_NOT_AVAILABLE in (getattr(original, "sqlstate", None), getattr(original, "pgcode", None))


def whole_transaction(migration: Any) -> bool:
    """Whether what failed is undone, so that it may begin again: not inside an autocommit block."""
    options = migration.bind.get_execution_options() if not migration.bind.closed else {}
    return options.get("isolation_level") != "AUTOCOMMIT"


@contextlib.contextmanager
def blockers(migration: Any, seen: list[str], every: float = 0.2) -> Iterator[None]:
    """While the block runs, look on a second connection at who holds what the migration waits for; `seen` is filled."""
    done = threading.Event()
    with contextlib.ExitStack() as stack:
        try:
            second = stack.enter_context(migration.bind.engine.connect())
            waiting = migration.bind.connection.dbapi_connection.info.backend_pid
        except Exception as error:  # noqa: BLE001 - whatever keeps it from looking must not keep the migration from running
            log.info(CANNOT_LOOK, error)
            yield
            return

        def look() -> None:
            try:
                while not done.wait(every):
                    rows = second.exec_driver_sql(BLOCKERS, {"waiting": waiting}).all()
                    second.rollback()
                    if rows:
                        seen[:] = [f"pid {pid} ({state}, for {since}): {query}" for pid, state, since, query in rows]
            except Exception as error:  # noqa: BLE001 - as above, and this thread has nobody to raise to
                log.info(CANNOT_LOOK, error)

        watcher = threading.Thread(target=look, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()
