"""Which locks a transaction holds, and which time limits are in force, when a statement begins.

Locks are held until the transaction ends, or until ROLLBACK TO a savepoint that was set before they were taken. A
transaction may span revisions; a statement in autocommit is one of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import field

from migguard.catalog.schema import Catalog
from migguard.changes import Engine, TransactionAction, TransactionControl
from migguard.effects.model import Blocks, Effect, LockMode, TableLock
from migguard.records import dataclass
from migguard.trace import Certainty, Deployment, Statement, Step

COMMITTING = frozenset({Engine.MYSQL, Engine.MARIADB, Engine.ORACLE})
"""Engines on which each DDL statement commits, so that no statement runs under the locks of one before it."""

WEIGHT = {Blocks.NOTHING: 0, Blocks.WRITES: 1, Blocks.READS_AND_WRITES: 2}


@dataclass(frozen=True, slots=True)
class Held:
    """A lock that a transaction holds, and the step that took it in that strength first."""

    lock: TableLock
    step: Step

    @property
    def blocking(self) -> bool:
        """Whether the application's writes, or more, wait for it."""
        return self.lock.blocks is not Blocks.NOTHING

    @property
    def exclusive(self) -> bool:
        """Whether it blocks the application and its own kind: SHARE, which an index build takes, does not."""
        return self.blocking and self.lock.mode is not LockMode.SHARE


@dataclass(slots=True, eq=False)
class Transactions:
    """The deployment's upgrades by transaction. `effect` says what a step locks; it is asked once for each step."""

    deployment: Deployment
    effect: Callable[[Step], Effect]
    _steps: dict[int, list[Step]] = field(default_factory=dict)
    _revisions: dict[int, str] = field(default_factory=dict)
    _held: dict[int, tuple[Held, ...]] = field(default_factory=dict)
    _ready: bool = False

    def steps(self, number: int) -> Sequence[Step]:
        """The upgrade steps of a transaction in order, across revisions."""
        self._prepare()
        return self._steps.get(number, ())

    def revision(self, statement: Statement) -> str:
        """The revision that a statement belongs to."""
        self._prepare()
        return self._revisions[id(statement)]

    def held(self, statement: Statement) -> tuple[Held, ...]:
        """The locks on existing tables that the transaction holds when a statement begins, in the order taken.

        Of a statement on a connection of the script's own, those that Alembic's transaction holds meanwhile.

        Of each table there is the weakest lock that it began with and each stronger one after it.
        """
        self._prepare()
        return self._held.get(id(statement), ())

    def strongest(self, statement: Statement) -> dict[int, Held]:
        """Of each table, by its identity, the strongest lock held when a statement begins."""
        return {held.lock.oid: held for held in self.held(statement)}

    def after(self, step: Step) -> Iterator[Step]:
        """The steps that follow one in its transaction, those of other revisions included."""
        seen = False
        for other in self.steps(step.statement.transaction):
            if seen:
                yield other
            seen = seen or other is step

    def _prepare(self) -> None:
        if self._ready:
            return
        self._ready = True
        holding = self.deployment.released.server.engine not in COMMITTING
        number: int | None = None
        held: list[Held] = []
        savepoints: list[tuple[str | None, int]] = []
        for trace in self.deployment.upgrades:
            for statement in trace.statements:
                for step in statement.steps:
                    self._revisions[id(step.statement)] = trace.revision
                    self._steps.setdefault(step.statement.transaction, []).append(step)
                self._revisions[id(statement)] = trace.revision
                if statement.beside:
                    self._held[id(statement)] = tuple(held)
                    continue
                if statement.transaction != number:
                    number = statement.transaction
                    held.clear()
                    savepoints.clear()
                if statement.certainty is Certainty.OTHER_BRANCH:
                    self._beside(statement, held)
                    continue
                for inner in within(statement):
                    if self._leaves(inner):
                        held.clear()
                        savepoints.clear()
                    self._held[id(inner)] = tuple(held)
                    if holding:
                        self._take(inner, held, savepoints)

    def _beside(self, statement: Statement, held: list[Held]) -> None:
        """The side of a branch that did not run holds what was taken above it, and takes nothing for others."""
        line = statement.origin.line if statement.origin is not None else 0
        path = statement.origin.path if statement.origin is not None else None
        for inner in within(statement):
            self._held[id(inner)] = tuple(
                h
                for h in (() if self._leaves(inner) else held)
                if (o := h.step.statement.origin) is not None and (o.path != path or o.line < line)
            )

    def _leaves(self, statement: Statement) -> bool:
        """Whether a statement cannot run in a transaction: it fails at once, or nothing is held, then and after it."""
        return any(not self.effect(step).transaction_block for step in statement.steps if step.statement is statement)

    def _take(self, statement: Statement, held: list[Held], savepoints: list[tuple[str | None, int]]) -> None:
        for step in statement.steps:
            if step.statement is not statement:
                continue
            if isinstance(step.change, TransactionControl):
                control(step.change, held, savepoints)
                continue
            for lock in self.effect(step).locks:
                if not lock.oid or not self.deployment.existing(lock.oid):
                    continue
                if all(h.lock.oid != lock.oid or stronger(lock, h.lock) for h in held):
                    held.append(Held(lock, step))


def within(statement: Statement) -> Iterator[Statement]:
    """A statement, and those of the block that it runs."""
    yield statement
    seen = {id(statement)}
    for step in statement.steps:
        if id(step.statement) not in seen:
            seen.add(id(step.statement))
            yield step.statement


def control(change: TransactionControl, held: list[Held], savepoints: list[tuple[str | None, int]]) -> None:
    """What a savepoint, or the end of a transaction, makes of the locks."""
    match change.action:
        case TransactionAction.SAVEPOINT:
            savepoints.append((change.name, len(held)))
        case TransactionAction.ROLLBACK_TO | TransactionAction.RELEASE:
            place = next((i for i in range(len(savepoints) - 1, -1, -1) if savepoints[i][0] == change.name), None)
            if place is not None and change.action is TransactionAction.ROLLBACK_TO:
                del held[savepoints[place][1] :]
                del savepoints[place + 1 :]
            elif place is not None:
                del savepoints[place:]
        case TransactionAction.COMMIT | TransactionAction.ROLLBACK | TransactionAction.PREPARE:
            held.clear()
            savepoints.clear()
        case TransactionAction.BEGIN:
            pass


def conflict(lock: TableLock, held: TableLock, *, concurrently: bool = False) -> bool:
    """Whether a lock has to wait for one that another transaction holds.

    A build that goes on `concurrently` with writes waits for all who hold what SHARE conflicts with (WaitForLockers in
    src/backend/commands/indexcmds.c).
    Source: https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES
    """
    if lock.mode is None or held.mode is None:
        return Blocks.READS_AND_WRITES in (lock.blocks, held.blocks)
    return held.mode in CONFLICTS[LockMode.SHARE if concurrently else lock.mode]


M = LockMode  # eight names in a table
CONFLICTS: dict[LockMode, frozenset[LockMode]] = {
    M.ACCESS_SHARE: frozenset({M.ACCESS_EXCLUSIVE}),
    M.ROW_SHARE: frozenset({M.EXCLUSIVE, M.ACCESS_EXCLUSIVE}),
    M.ROW_EXCLUSIVE: frozenset({M.SHARE, M.SHARE_ROW_EXCLUSIVE, M.EXCLUSIVE, M.ACCESS_EXCLUSIVE}),
    M.SHARE_UPDATE_EXCLUSIVE: frozenset(m for m in M if m.value >= M.SHARE_UPDATE_EXCLUSIVE.value),
    M.SHARE: frozenset(m for m in M if m.value >= M.ROW_EXCLUSIVE.value and m is not M.SHARE),
    M.SHARE_ROW_EXCLUSIVE: frozenset(m for m in M if m.value >= M.ROW_EXCLUSIVE.value),
    M.EXCLUSIVE: frozenset(m for m in M if m.value >= M.ROW_SHARE.value),
    M.ACCESS_EXCLUSIVE: frozenset(M),
}


def stronger(lock: TableLock, other: TableLock) -> bool:
    """Whether a lock is stronger than another one."""
    if lock.mode is not None and other.mode is not None:
        return lock.mode.value > other.mode.value
    return WEIGHT[lock.blocks] > WEIGHT[other.blocks]


# --- time limits --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit as it was written. `milliseconds` is None where the value cannot be told; 0 is no limit."""

    text: str
    milliseconds: int | None


UNITS = {"us": 0.001, "ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
NUMBER = re.compile(r"\s*([+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*([a-z]*)\s*", re.IGNORECASE)
LOCK_TIMEOUT = {Engine.MYSQL: "lock_wait_timeout", Engine.MARIADB: "lock_wait_timeout"}


def lock_timeout_name(engine: Engine) -> str:
    """The setting that limits how long a statement waits for a lock on a table."""
    return LOCK_TIMEOUT.get(engine, "lock_timeout")


def duration(text: str, engine: Engine) -> Limit:
    """A setting's value: PostgreSQL takes a number without a unit for milliseconds, MySQL for seconds."""
    found = NUMBER.fullmatch(text)
    if found is None:
        return Limit(text, None)
    unit = UNITS.get(found[2].lower()) if found[2] else (1 if engine is Engine.POSTGRESQL else 1000)
    return Limit(text, None if unit is None else round(float(found[1]) * unit))


def setting(catalog: Catalog, name: str, *, lasting: bool = False) -> str | None:
    """A session setting that is in force: SET LOCAL over SET over what the connection or the database gives.

    With `lasting`, the one that is left when the transaction is over.
    """
    for held in ({} if lasting else catalog.local_variables, catalog.variables, catalog.defaults):
        if name in held:
            return held[name]
    return None


def limit_in_force(catalog: Catalog, name: str, *, lasting: bool = False) -> Limit | None:
    """The time limit of that name that is in force; None where nothing sets it, as far as could be seen."""
    value = setting(catalog, name, lasting=lasting)
    return None if value is None else duration(value, catalog.server.engine)


def lock_timeout(catalog: Catalog) -> Limit | None:
    """How long a statement waits for a lock at most."""
    return limit_in_force(catalog, lock_timeout_name(catalog.server.engine))


def waits_for_ever(limit: Limit | None, engine: Engine) -> bool:
    """Whether nothing ends the waiting: no limit, or PostgreSQL's 0."""
    return limit is None or (engine is Engine.POSTGRESQL and limit.milliseconds == 0)


def in_words(milliseconds: int) -> str:
    """`500ms`, `10s`, `1min`."""
    for unit, size in (("h", 3_600_000), ("min", 60_000), ("s", 1000)):
        if milliseconds and milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms"
