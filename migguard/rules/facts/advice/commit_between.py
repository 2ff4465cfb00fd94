"""Where a commit comes between a lock and the work under it, and which rows are written in batches then."""

from collections.abc import Sequence
from itertools import takewhile

from migguard.changes import AddConstraint, Check, CreateIndex, ForeignKey, PrimaryKey, SetNullable, Unique
from migguard.rules.facts.locks.own_transactions import each_its_own
from migguard.rules.facts.locks.work import Writing, blocking
from migguard.rules.facts.locks.work_under_locks import Work, split_off
from migguard.rules.facts.scripts.script_places import line_of
from migguard.rules.frame import Lookup
from migguard.trace import RevisionTrace, Step

BLOCK = """:
with op.get_context().autocommit_block():
    ...  # a few thousand rows at a time, by key"""


def commit_between(first: Step, trace: RevisionTrace, lookup: Lookup, *, stays: bool) -> str:
    """How the transaction of a lock comes to end before a step; `stays` says that a part of the step's revision does.

    A revision that takes no lock before the step is one of its own already, as soon as each has its transaction.
    """
    environment = lookup.deployment.environment
    needs, _ = each_its_own(environment)
    if not stays and not environment.shared_transaction and not environment.transaction_per_migration:
        before = takewhile(lambda step: step is not first, trace.steps())
        if not any(blocking(step, lookup) for step in before):
            return f"Commit in between{needs}"
    return f"Commit in between: a revision of its own{split_off(first, lookup)}{needs}"


def rows_in_batches(works: Sequence[Work], apart: set[int], trace: RevisionTrace, lookup: Lookup) -> str:
    """The end of the advice: that the rows which the first work writes, or a later one by its line, go in batches.

    `apart` are the works, by identity, that are not to be committed before what follows them.
    """
    found = next((w for w in works if isinstance(w.step.change, Writing) and id(w) not in apart), None)
    if found is None:
        return "."
    owner = lookup.transactions.revision(found.step.statement)
    line = line_of(found.step.statement.origin, owner, trace.revision)
    return f"; and {'rows' if found is works[0] else f'the rows of {line}'} in batches{BLOCK}"


def as_advised(step: Step) -> str:
    """Which rule has the way to do the work that comes after the commit: it stops the application by itself too."""
    match step.change:
        case CreateIndex():
            code = "MG401"
        case AddConstraint(constraint=ForeignKey()):
            code = "MG403"
        case AddConstraint(constraint=Check()):
            code = "MG404"
        case SetNullable(nullable=False):
            code = "MG405"
        case AddConstraint(constraint=Unique()):
            code = "MG406"
        case AddConstraint(constraint=PrimaryKey()):
            code = "MG407"
        case _:
            return ""
    return f"; do this as {code} says"
