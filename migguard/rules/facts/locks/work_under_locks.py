"""Work that grows with a table, done while the transaction holds a lock that stops the application."""

from migguard.catalog.lookup import relation_key
from migguard.catalog.schema import Key
from migguard.changes import AddColumn, AddConstraint, ForeignKey, ValidateConstraint
from migguard.effects.model import Blocks
from migguard.records import dataclass
from migguard.rules.facts.locks.carried_on import carried_on
from migguard.rules.facts.locks.held_until import dropped
from migguard.rules.facts.locks.validation import added_in_transaction
from migguard.rules.facts.locks.work import grows_with
from migguard.rules.facts.rows.empty_tables import indexes_deleted, shown_empty
from migguard.rules.facts.scripts.script_places import line_of
from migguard.rules.frame import Lookup, table_at
from migguard.trace import RevisionTrace, Step
from migguard.transactions import WEIGHT, Held

NAME = "work_under_locks"


@dataclass(frozen=True, slots=True)
class Work:
    """A step, the existing table that its time grows with, and the lock that is held meanwhile.

    `own` says that the revision of the step took the lock, `alone` that it is to be told by itself: no lock of the step
    stops as much, and no other rule speaks of it.
    """

    step: Step
    table: Key
    held: Held
    own: bool
    alone: bool


def to_tell(trace: RevisionTrace, lookup: Lookup) -> list[list[Work]]:
    """What is to be told of a revision, by transaction.

    Of what a transaction does under locks of earlier revisions only the first revision speaks, for all that follow.
    """
    found: dict[int, list[Work]] = {}
    for work in works(trace, lookup):
        found.setdefault(work.step.statement.transaction, []).append(work)
    told: list[list[Work]] = []
    for number, done in found.items():
        if owned(done):
            own = [w for w in done if w.own]
            told.append(from_the_first(own + [w for w in done if not w.own]))
            continue
        every = from_the_first(under_foreign_locks(lookup)[number])
        if every and any(w.step is every[0].step for w in done):
            told.append(every)
    return told


def owned(done: list[Work]) -> bool:
    """Whether any of it is to be told as work under a lock of its own revision."""
    return any(w.own and w.alone for w in done)


def from_the_first(done: list[Work]) -> list[Work]:
    """The first work that is to be told by itself, and what comes after it."""
    first = next((w for w in done if w.alone), None)
    return done[done.index(first) :] if first is not None else []


def under_foreign_locks(lookup: Lookup) -> dict[int, list[Work]]:
    """By transaction, the work of all revisions that take place in it under locks of earlier revisions alone."""
    known: dict[int, list[Work]] = lookup.kept.setdefault(f"{NAME}, foreign", {})
    if not known:
        for trace in lookup.deployment.upgrades:
            by: dict[int, list[Work]] = {}
            for one in works(trace, lookup):
                by.setdefault(one.step.statement.transaction, []).append(one)
            for number, done in by.items():
                if not owned(done):
                    known.setdefault(number, []).extend(done)
    return known


def works(trace: RevisionTrace, lookup: Lookup) -> list[Work]:
    """The work of a revision under locks, found once."""
    known: dict[str, list[Work]] = lookup.kept.setdefault(NAME, {})
    if trace.revision not in known:
        known[trace.revision] = [w for step in trace.steps() if (w := work(step, trace, lookup)) is not None]
    return known[trace.revision]


def work(step: Step, trace: RevisionTrace, lookup: Lookup) -> Work | None:
    """What is to be said of one step, if anything; of several locks, one that this revision took."""
    grown = grows_with(step, lookup)
    held = carried_on(lookup.transactions.strongest(step.statement).values(), step, lookup) if grown else []
    held = [h for h in held if h.exclusive and not dropped(h.lock.oid, step, lookup)]
    if not held or over_no_rows(step, grown, lookup):
        return None
    effect = {lock.oid: lock.blocks for lock in lookup.statement_effect(step.statement).locks}
    more = [h for h in held if WEIGHT[effect.get(h.lock.oid, Blocks.NOTHING)] < WEIGHT[h.lock.blocks]]
    here = trace.revision
    worst = max(
        more or held, key=lambda h: (WEIGHT[h.lock.blocks], lookup.transactions.revision(h.step.statement) == here)
    )
    alone = bool(more) and not (
        isinstance(step.change, ValidateConstraint) and added_in_transaction(step, lookup) is not None
    )
    return Work(step, grown[0], worst, lookup.transactions.revision(worst.step.statement) == here, alone)


def over_no_rows(step: Step, grown: tuple[Key, ...], lookup: Lookup) -> bool:
    """Whether the table that a step builds or checks something on has no rows whenever the step is reached."""
    change = step.change
    key = relation_key(step.before, change.table) if isinstance(change, AddConstraint) else None
    tables = [table_at(k, step.before) for k in ((key,) if key is not None else grown)]
    return all(
        table is not None and shown_empty(table, step, lookup) and not indexes_deleted(table, step, lookup)
        for table in tables
    )


def split_off(step: Step, lookup: Lookup) -> str:
    """A clause for a foreign key that the same call adds as the column it is on: the column's lock is before it."""
    made, origin = step.change, step.statement.origin
    if not isinstance(made, AddConstraint) or not isinstance(made.constraint, ForeignKey) or origin is None:
        return ""
    for earlier in lookup.transaction(step.statement.transaction):
        if earlier is step:
            break
        column = earlier.change
        if (
            isinstance(column, AddColumn)
            and earlier.statement.origin == origin
            and column.table == made.table
            and column.column.name in made.constraint.columns
        ):
            return f" for the foreign key alone, once {column.column.name} is there without it"
    return ""


def place(held: Held, trace: RevisionTrace, lookup: Lookup) -> str:
    """Where the lock was taken."""
    owner = lookup.transactions.revision(held.step.statement)
    return line_of(held.step.statement.origin, owner, trace.revision, "an earlier statement")
