"""How a script limits the wait for a lock where a statement stands: SET LOCAL does nothing outside a transaction."""

from migguard.changes import CreateIndex, Engine, Reindex
from migguard.dialect_sides import run_elsewhere
from migguard.rules.facts.advice.recipes import execute
from migguard.rules.facts.advice.time_limits import put_back, too_short
from migguard.rules.facts.locks.lock_waits import blocking_locks
from migguard.rules.frame import Lookup, StepContext
from migguard.trace import Certainty, RevisionTrace, Step

LIMIT = "lock_timeout = '2s'"
ONLY_HERE = 'if op.get_context().dialect.name == "postgresql":'
LIFTED = f"{execute('SET lock_timeout = 0')}  # for the concurrent build, which needs longer"


def outside(step: Step, trace: RevisionTrace | None, lookup: Lookup) -> bool:
    """Whether a statement runs outside a transaction, or may: in an autocommit block, on a connection that a program
    hands in, or beside one that cannot run in a transaction and has no block yet."""
    if step.statement.autocommit or step.statement.asked or lookup.deployment.environment.handed_in:
        return True
    return trace is not None and any(
        not s.statement.asked and not lookup.effect(s).transaction_block for s in trace.steps()
    )


def limiting(step: Step, trace: RevisionTrace | None, lookup: Lookup) -> list[str]:
    """The calls that limit the wait of a statement of PostgreSQL, and outside a transaction those of all after it."""
    if not outside(step, trace, lookup):
        return [execute(f"SET LOCAL {LIMIT}")]
    given = trace.before if trace is not None else step.before
    back = put_back("lock_timeout", given)
    short = too_short("lock_timeout", given, lookup.settings) is not None
    lift = LIFTED if short else f"{back}  # before a concurrent build, which needs longer"
    lines = [f"{execute(f'SET {LIMIT}')}  # SET LOCAL does nothing outside a transaction"]
    between = False
    found = spans(step, trace, lookup)
    if leaves_side(step, found[-1][-1], trace, lookup):
        lines[:0] = ["# both ends outside of what asks for the dialect here, each under", f"# {ONLY_HERE}"]
    for statements in found:
        if between:
            lines += [lift, "...  # the build", f"{execute(f'SET {LIMIT}')}  # again"]
        lines.append(f"...  # {words(statements, step)}")
        between = True
    if not short:
        return [*lines, f"{back}  # after the last blocking lock: a concurrent build needs longer"]
    if trace is not None and for_a_build(trace, found[-1][-1]):
        lines += [LIFTED, "...  # the build"]
    return [*lines, f"{back}  # as before this revision"]


def spans(step: Step, trace: RevisionTrace | None, lookup: Lookup) -> list[list[Step]]:
    """That step and the later ones of its revision that wait for a blocking lock, apart where a build stands between.

    A loop comes to a place again: what runs there once more is left out.
    """
    steps = list(trace.steps()) if trace is not None else [step]
    found, seen, built = [[step]], {step.statement.origin}, False
    for later in steps[next((i + 1 for i, s in enumerate(steps) if s is step), len(steps)) :]:
        if later.statement.certainty is Certainty.OTHER_BRANCH or later.statement.origin in seen:
            continue
        if concurrent_build(later):
            built = True
        elif blocking_locks(later, lookup):
            found = [*found, [later]] if built else [*found[:-1], [*found[-1], later]]
            built = False
        else:
            continue
        seen.add(later.statement.origin)
    return found


def leaves_side(step: Step, last: Step, trace: RevisionTrace | None, lookup: Lookup) -> bool:
    """Whether another engine comes to the last of these statements, and not to the first."""
    script = lookup.scripts.get(trace.revision) if trace is not None else None
    if script is None:
        return False
    places = (step.statement.origin, last.statement.origin)
    return any(
        [run_elsewhere(place, script, other) for place in places] == [True, False]
        for other in (Engine.SQLITE, Engine.MYSQL)
    )


def words(statements: list[Step], step: Step) -> str:
    """Which statements these are."""
    first, last = statements[0].statement.origin, statements[-1].statement.origin
    begin = "this statement" if statements[0] is step or first is None else f"line {first.line}"
    if len(statements) == 1:
        return begin
    forward = first is not None and last is not None and first.path == last.path and first.line < last.line
    return f"from {begin} to {f'line {last.line}' if forward and last is not None else 'the last one that locks'}"


def limiting_here(ctx: StepContext) -> list[str]:
    """The same for the statement that a finding is about."""
    return limiting(ctx.step, ctx.trace, ctx.known)


def for_a_build(trace: RevisionTrace, setting: Step) -> bool:
    """Whether a concurrent build follows, which wants a limit of its own."""
    steps = list(trace.steps())
    later = steps[next(i for i, s in enumerate(steps) if s is setting) + 1 :]
    return any(concurrent_build(s) for s in later)


def concurrent_build(step: Step) -> bool:
    """Whether a step builds indexes while reads and writes go on."""
    return isinstance(step.change, (CreateIndex, Reindex)) and step.change.concurrently
