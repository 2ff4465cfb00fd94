"""Locks that a script takes by LOCK TABLE, so that nothing comes between what follows."""

from migguard.changes import LockTable
from migguard.source import Origin
from migguard.trace import RevisionTrace, Step


def taken_for_it(step: Step, trace: RevisionTrace) -> Origin | None:
    """Where the revision takes LOCK TABLE in the same transaction, before the step: for what follows it."""
    for earlier in trace.steps():
        if earlier is step:
            break
        same = earlier.statement.transaction == step.statement.transaction
        if same and isinstance(earlier.change, LockTable) and earlier.statement.origin is not None:
            return earlier.statement.origin
    return None


def together(guard: Origin) -> str:
    """What is left to do where a commit in between would give up a lock that the script takes on purpose."""
    return (
        f"LOCK TABLE in line {guard.line} protects what follows it, and a commit in between gives that up. Keep both "
        "in one transaction, with nothing else in it that can be done before or after; do beforehand, in batches, "
        "what needs no such lock; and run it while the application may wait."
    )
