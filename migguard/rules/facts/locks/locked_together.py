"""How to lock tables apart, where one statement may have to lock several of them together."""

from collections.abc import Sequence

from migguard.changes import AddColumn, AddConstraint, ForeignKey
from migguard.effects.model import Blocks
from migguard.rules.facts.locks.lock_waits import blocks_existing
from migguard.rules.facts.scripts.script_places import line_of
from migguard.rules.frame import Lookup, display
from migguard.rules.wording import listed
from migguard.trace import Step
from migguard.transactions import Held


def apart(step: Step, held: Sequence[Held], other: str, lookup: Lookup) -> str:
    """The clause that says what to have in a revision of its own: one statement may have to lock both tables."""
    now = {table.oid: table.key for table in step.before.tables.values()}  # it may have been renamed since
    mine = {h.lock.oid: display(now.get(h.lock.oid, h.lock.table), step.before) for h in held}
    both = [
        mine[lock.oid] for lock in lookup.effect(step).locks if lock.blocks is not Blocks.NOTHING and lock.oid in mine
    ]
    own = lookup.transactions.revision(step.statement)
    if not both:
        first = held[0].step
        if not (several(first, lookup) or several(step, lookup)):
            return "Lock one table in each transaction: a revision for each"
        line = line_of(first.statement.origin, lookup.transactions.revision(first.statement), own)
        same = first.statement.origin is not None and first.statement.origin == step.statement.origin
        both_of = f"what {line} runs" if same else f"{line} and this statement"
        return f"Have {both_of} in different transactions: a revision for each"
    change = step.change
    unread = listed(
        dict.fromkeys(
            mine[h.lock.oid] for h in held if mine[h.lock.oid] in both and h.lock.blocks is Blocks.READS_AND_WRITES
        )
    )
    gain = f", but then {unread} can be read while it waits for {other}" if unread else ""
    if isinstance(change, AddColumn) and any(isinstance(c, ForeignKey) for c in change.constraints):
        return (
            f"Add the column in one revision and its foreign key, NOT VALID, in the next: a foreign key has to lock "
            f"{listed(both)} and {other} together{gain}"
        )
    if isinstance(change, AddConstraint) and isinstance(change.constraint, ForeignKey):
        return (
            f"Have the foreign key in a revision after this one, NOT VALID: it has to lock {listed(both)} and {other} "
            f"together{gain}"
        )
    if all(lookup.transactions.revision(h.step.statement) != own for h in held):
        return f"Keep what locks {listed(both)} and {other} together in a revision of its own"
    return f"Have what locks {listed(both)} and {other} together in a revision of its own"


def several(step: Step, lookup: Lookup) -> bool:
    """Whether a statement locks more than one existing table, so that nobody can lock them apart."""
    return len({lock.oid for lock in blocks_existing(step, lookup)}) > 1
