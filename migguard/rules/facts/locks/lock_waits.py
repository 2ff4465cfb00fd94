"""How long each statement of a revision may wait for its blocking locks, and what decided that."""

from collections.abc import Iterator
from enum import Enum

from migguard.changes import Engine, LockTable, SetVariable
from migguard.effects.model import Blocks, TableLock
from migguard.records import dataclass
from migguard.rules.frame import Lookup
from migguard.settings import milliseconds
from migguard.trace import Certainty, Given, RevisionTrace, Step
from migguard.transactions import (
    Held,
    Limit,
    duration,
    limit_in_force,
    lock_timeout,
    lock_timeout_name,
    setting,
    stronger,
    waits_for_ever,
)


class Cause(Enum):
    """Why a lock is waited for too long."""

    NOTHING_SET = "nothing set"
    ZERO = "set to 0"
    TOO_LONG = "set above the maximum"
    OTHER_TRANSACTION = "set for another transaction"
    RESET = "reset"
    PERHAPS_OUTSIDE = "set local, perhaps outside a transaction"


@dataclass(frozen=True, slots=True)
class Wait:
    """A blocking lock on an existing table that is waited for too long. `setting` is the step that is to blame, `given`
    what env.py set before the first revision where that is."""

    step: Step
    lock: TableLock
    cause: Cause
    setting: Step | None = None
    limit: Limit | None = None
    given: Given | None = None


def blocking_locks(step: Step, lookup: Lookup) -> list[TableLock]:
    """The blocking locks on existing tables that a step has to wait for: not those that its transaction holds.

    The table that the statement is about comes first: the server locks it when it looks the name up, and only then what
    its foreign keys refer to (RangeVarGetRelidExtended in src/backend/catalog/namespace.c).
    """
    if isinstance(step.change, LockTable) and step.change.nowait:
        return []
    locks = blocks_existing(step, lookup)
    if not locks:
        return []
    held = lookup.transactions.strongest(step.statement)
    asked = [lock for lock in locks if lock.oid not in held or stronger(lock, held[lock.oid].lock)]
    return sorted(asked, key=lambda lock: not lock.target)


def blocks_existing(step: Step, lookup: Lookup) -> list[TableLock]:
    """The blocking locks on existing tables that a step takes, also those that its transaction holds."""
    return [
        lock
        for lock in lookup.effect(step).locks
        if lock.blocks is not Blocks.NOTHING and lookup.deployment.existing_table(lock.table, step.before)
    ]


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
    outside = given_by_env(trace, lookup, name)
    for step in trace.steps():
        if sets_limit(step, name):
            last = step
            continue
        locks = blocking_locks(step, lookup)
        if not locks:
            continue
        limit = lock_timeout(step.before)
        if perhaps_outside(step, name, lookup):
            yield Wait(step, locks[0], Cause.PERHAPS_OUTSIDE, last, limit, outside if last is None else None)
            continue
        if waits_for_ever(limit, engine):
            cause = why(step, last, limit) if last is not None or outside is None else why_given(outside, limit)
            yield Wait(step, locks[0], cause, last, limit, outside if last is None else None)
        elif limit is None or limit.milliseconds is None or limit.milliseconds <= most:
            continue
        elif last is not None or outside is not None:
            yield Wait(step, locks[0], Cause.TOO_LONG, last, limit, outside if last is None else None)


def perhaps_outside(step: Step, name: str, lookup: Lookup) -> bool:
    """Whether only SET LOCAL limits the wait, on a connection of a program's that may be in autocommit."""
    catalog = step.before
    if not lookup.deployment.environment.handed_in or name not in catalog.local_variables:
        return False
    return waits_for_ever(limit_in_force(catalog, name, lasting=True), catalog.server.engine)


def given_by_env(trace: RevisionTrace, lookup: Lookup, name: str) -> Given | None:
    """What env.py, or the connection, set that setting to, unless a revision before this one has set another."""
    deployment = lookup.deployment
    found = next((g for g in reversed(deployment.environment.given) if g.name == name), None)
    if found is None:
        return None
    for earlier in deployment.upgrades:
        if earlier is trace:
            return found
        if any(sets_limit(step, name) for step in earlier.steps()):
            same = not found.local and setting(trace.before, name, lasting=True) == found.value
            return found if same and found.value is not None else None
    return found


def why_given(given: Given, limit: Limit | None) -> Cause:
    """Why what env.py set limits nothing."""
    if limit is not None:
        return Cause.ZERO
    return Cause.OTHER_TRANSACTION if given.local and given.value is not None else Cause.NOTHING_SET


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


def given_in(given: Given) -> str:
    """Where a setting was made, if not in the revision."""
    return f" in line {given.origin.line} of env.py" if given.origin else " in the connection's options"


def over(wait: Wait, lookup: Lookup) -> str:
    """What ended the transaction of a SET LOCAL, as far as that can be told."""
    setting, step = wait.setting, wait.step
    if setting is not None and setting.statement.asked:
        return "in an autocommit block is that statement alone"
    environment, upgrades = lookup.deployment.environment, lookup.deployment.upgrades
    own = lookup.transactions.revision(step.statement)
    per_migration = environment.transaction_per_migration and not environment.shared_transaction
    if setting is None and per_migration and own != upgrades[0].revision:
        return "was that of the first revision (transaction_per_migration)"
    block: str | None = None
    counts = setting is None
    for trace in upgrades:
        for statement in trace.statements:
            if statement is step.statement:
                return block or ("this autocommit block has committed" if statement.asked else "is over")
            if (
                statement.asked
                and not statement.beside
                and counts
                and block is None
                and statement.certainty is not Certainty.OTHER_BRANCH
            ):
                line = f" in line {statement.origin.line}" if statement.origin is not None else ""
                where = line if trace.revision == own else f"{line} of revision {trace.revision}"
                block = f"the autocommit block{where} has committed"
            counts = counts or (setting is not None and statement is setting.statement)
    return "is over"


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
