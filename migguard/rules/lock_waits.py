"""How long each statement of a revision may wait for its blocking locks, and what decided that."""

from collections.abc import Iterator
from enum import Enum

from migguard.changes import Engine, LockTable, SetVariable
from migguard.effects.model import Blocks, TableLock
from migguard.records import dataclass
from migguard.rules.frame import Lookup
from migguard.settings import milliseconds
from migguard.trace import RevisionTrace, Step
from migguard.transactions import Held, Limit, duration, lock_timeout, lock_timeout_name, stronger, waits_for_ever


class Cause(Enum):
    """Why a lock is waited for too long."""

    NOTHING_SET = "nothing set"
    ZERO = "set to 0"
    TOO_LONG = "set above the maximum"
    OTHER_TRANSACTION = "set for another transaction"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Wait:
    """A blocking lock on an existing table that is waited for too long. `setting` is the step that is to blame."""

    step: Step
    lock: TableLock
    cause: Cause
    setting: Step | None = None
    limit: Limit | None = None


def blocking_locks(step: Step, lookup: Lookup) -> list[TableLock]:
    """The blocking locks on existing tables that a step has to wait for: not those that its transaction holds."""
    if isinstance(step.change, LockTable) and step.change.nowait:
        return []
    locks = [
        lock
        for lock in lookup.effect(step).locks
        if lock.blocks is not Blocks.NOTHING and lookup.deployment.existing_table(lock.table, step.before)
    ]
    if not locks:
        return []
    held = lookup.transactions.strongest(step.statement)
    return [lock for lock in locks if lock.oid not in held or stronger(lock, held[lock.oid].lock)]


def sets_limit(step: Step, name: str) -> bool:
    """Whether a step sets, or resets, that setting for its own session."""
    change = step.change
    return isinstance(change, SetVariable) and not change.is_global and change.name in (name, "all")


def waits(trace: RevisionTrace, lookup: Lookup) -> Iterator[Wait]:
    """The locks of a revision that are waited for without a limit, or too long."""
    engine = lookup.server.engine
    name = lock_timeout_name(engine)
    most = milliseconds(lookup.settings.max_lock_timeout)
    last: Step | None = None
    for step in trace.steps():
        if sets_limit(step, name):
            last = step
            continue
        locks = blocking_locks(step, lookup)
        if not locks:
            continue
        limit = lock_timeout(step.before)
        if waits_for_ever(limit, engine):
            yield Wait(step, locks[0], why(step, last, limit), last, limit)
        elif limit is not None and limit.milliseconds is not None and limit.milliseconds > most and last is not None:
            yield Wait(step, locks[0], Cause.TOO_LONG, last, limit)


def why(step: Step, last: Step | None, limit: Limit | None) -> Cause:
    """Why nothing limits the wait, seen from the setting that came last in the revision."""
    if last is None or not isinstance(last.change, SetVariable):
        return Cause.NOTHING_SET
    if limit is not None:
        return Cause.ZERO
    if last.change.value is None:
        return Cause.RESET
    if last.change.local and last.statement.transaction != step.statement.transaction:
        return Cause.OTHER_TRANSACTION
    return Cause.NOTHING_SET


def late_settings(trace: RevisionTrace, lookup: Lookup) -> Iterator[tuple[Step, Held]]:
    """The limits that a revision sets when it holds a blocking lock already, which it waited for without one."""
    engine: Engine = lookup.server.engine
    name = lock_timeout_name(engine)
    own = {id(step) for step in trace.steps()}
    unlimited = {id(wait.step) for wait in waits(trace, lookup) if wait.cause is Cause.NOTHING_SET}
    for step in trace.steps():
        change = step.change
        if not sets_limit(step, name) or not isinstance(change, SetVariable) or change.value is None:
            continue
        if duration(change.value, engine).milliseconds == 0:
            continue
        for held in lookup.transactions.held(step.statement):
            if held.blocking and id(held.step) in own and id(held.step) in unlimited:
                yield step, held
                break
