"""Which lock that stops the application a transaction holds while a loop of the upgrade goes over rows."""

from itertools import dropwhile
from typing import Any

from migguard.changes import Engine
from migguard.effects.model import Blocks
from migguard.rules.facts.locks.carried_on import carried_on
from migguard.rules.facts.locks.handed_connection import unless_autocommit
from migguard.rules.facts.locks.held_until import dropped
from migguard.rules.facts.locks.work_under_locks import place
from migguard.rules.facts.scripts.empty_loops import asked
from migguard.rules.facts.scripts.row_loops import Loop, Rows
from migguard.rules.frame import Lookup, RevisionScript, display
from migguard.transactions import WEIGHT, Held


def held_in(loop: Loop, rows: Rows, subject: RevisionScript, lookup: Lookup) -> Held | None:
    """The strongest lock on an existing table that is held from the loop's query to what follows the loop.

    Of several, one that the revision took. None where none stops the application, or the query is not known.
    """
    steps = asked(loop, rows, subject)
    if not steps or lookup.server.engine is not Engine.POSTGRESQL:
        return None
    asking = steps[-1]
    held = carried_on(lookup.transactions.strongest(asking.statement).values(), asking, lookup)
    for statement in dropwhile(lambda s: s is not asking.statement, subject.trace.statements):
        still = lookup.transactions.held(statement)
        held = [h for h in held if h in still]
        origin = statement.origin
        if origin is not None and origin.path == subject.script.path and origin.line > (loop.end_lineno or loop.lineno):
            break
    stopping = [h for h in held if h.exclusive and not dropped(h.lock.oid, asking, lookup)]
    here, owner = subject.trace.revision, lookup.transactions.revision
    return max(stopping, key=lambda h: (WEIGHT[h.lock.blocks], owner(h.step.statement) == here), default=None)


def waits(loop: Loop, rows: Rows, subject: RevisionScript, lookup: Lookup | None) -> tuple[str, dict[str, Any]]:
    """Who waits for it in the meantime, as a sentence, with what a finding says of the lock; neither without one."""
    held = held_in(loop, rows, subject, lookup) if lookup is not None else None
    if lookup is None or held is None:
        return "", {}
    who = "read and write" if held.lock.blocks is Blocks.READS_AND_WRITES else "write"
    mode = held.lock.mode.spelling if held.lock.mode else "a lock"
    on, unless = display(held.lock.table, held.step.before), unless_autocommit(lookup.deployment.environment)
    since, origin = place(held, subject.trace, lookup), held.step.statement.origin
    said = f" Every {who} of {on} waits meanwhile: the transaction holds {mode} on it since {since}{unless}."
    lock = f"{mode} on {on}: every {who} waits; the time grows with the rows"
    return said, {"lock": lock, "grows": True, "related": (origin,) if origin is not None else ()}
