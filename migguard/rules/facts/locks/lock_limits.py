"""How a script limits the wait for a lock where a statement stands: SET LOCAL does nothing outside a transaction."""

from migguard.changes import CreateIndex, Reindex
from migguard.rules.facts.advice.recipes import execute
from migguard.rules.frame import Lookup, StepContext
from migguard.trace import RevisionTrace, Step

LIMIT = "lock_timeout = '2s'"


def outside(step: Step, trace: RevisionTrace | None, lookup: Lookup) -> bool:
    """Whether a statement runs outside a transaction, or may: in an autocommit block, on a connection that a program
    hands in, or beside one that cannot run in a transaction and has no block yet."""
    if step.statement.autocommit or step.statement.asked or lookup.deployment.environment.handed_in:
        return True
    return trace is not None and any(
        not s.statement.asked and not lookup.effect(s).transaction_block for s in trace.steps()
    )


def limiting(step: Step, trace: RevisionTrace | None, lookup: Lookup) -> list[str]:
    """The calls that limit the wait of a statement of PostgreSQL."""
    if not outside(step, trace, lookup):
        return [execute(f"SET LOCAL {LIMIT}")]
    return [
        f"{execute(f'SET {LIMIT}')}  # SET LOCAL does nothing outside a transaction",
        "...  # this statement",
        f"{execute('RESET lock_timeout')}  # before a concurrent build, which needs longer",
    ]


def limiting_here(ctx: StepContext) -> list[str]:
    """The same for the statement that a finding is about."""
    return limiting(ctx.step, ctx.trace, ctx.known)


def for_a_build(trace: RevisionTrace, setting: Step) -> bool:
    """Whether a concurrent build follows, which wants a limit of its own."""
    steps = list(trace.steps())
    later = steps[next(i for i, s in enumerate(steps) if s is setting) + 1 :]
    return any(isinstance(s.change, (CreateIndex, Reindex)) and s.change.concurrently for s in later)
