"""Until when a transaction holds a lock that is brief to take, and which tables it drops in the end."""

from itertools import dropwhile

from migguard.catalog.schema import Catalog
from migguard.changes import Nothing, Opaque, Select, SetVariable, TransactionAction, TransactionControl, Unknown
from migguard.records import dataclass
from migguard.rules.facts.locks.unsure_work import doubt
from migguard.rules.facts.locks.work import by_index, grows_with
from migguard.rules.facts.scripts.empty_loops import never_turns
from migguard.rules.facts.scripts.row_loops import Loop, Rows, called
from migguard.rules.facts.scripts.script_places import line_of
from migguard.rules.frame import Lookup, RevisionScript, StepContext, display
from migguard.trace import Certainty, RevisionTrace, Step

BRIEF = "brief once it is granted"
SENDING = frozenset({"execute", "exec_driver_sql", "bulk_insert", "add", "merge", "delete", "flush"})
"""Methods by which a script writes."""
NAME = "held_until"
ENDING = (TransactionAction.COMMIT, TransactionAction.ROLLBACK, TransactionAction.PREPARE)


@dataclass(frozen=True, slots=True)
class Course:
    """How a transaction goes on. By the identity of a step: the next one after it that takes long, or where there is
    none that may, and the last one under its locks. `left` are the relations that are there in the end."""

    long: dict[int, Step]
    last: dict[int, Step]
    left: frozenset[int] | None


def course(number: int, lookup: Lookup) -> Course:
    """How the transaction of that number goes on, found once."""
    known: dict[int, Course] = lookup.kept.setdefault(NAME, {})
    if number not in known:
        known[number] = found(number, lookup)
    return known[number]


def found(number: int, lookup: Lookup) -> Course:
    """The same, looked for from the end."""
    long: dict[int, Step] = {}
    last: dict[int, Step] = {}
    ahead: Step | None = None
    end: Step | None = None
    left: frozenset[int] | None = None
    for step in reversed(lookup.transaction(number)):
        if ahead is not None:
            long[id(step)] = ahead
        if end is not None:
            last[id(step)] = end
        if step.statement.certainty is Certainty.OTHER_BRANCH:
            continue
        left = left if left is not None else oids(step.after)
        if ends(step, lookup):
            ahead = end = None
        elif isinstance(step.change, (Opaque, Unknown)) or grows_with(step, lookup):
            ahead = step if ahead is None or not doubt(step) or doubt(ahead) else ahead
        if end is None and not isinstance(step.change, (Nothing, Select, SetVariable, TransactionControl)):
            end = step
    return Course(long, last, left)


def ends(step: Step, lookup: Lookup) -> bool:
    """Whether the locks are gone when a step is done, or it fails at once."""
    if isinstance(step.change, TransactionControl):
        return step.change.action in ENDING
    return not lookup.effect(step).transaction_block


def oids(catalog: Catalog) -> frozenset[int]:
    """The relations of a schema."""
    return frozenset(r.oid for r in (*catalog.tables.values(), *catalog.views.values()))


def dropped(oid: int, step: Step, lookup: Lookup) -> bool:
    """Whether the transaction of a step drops a relation, before it or after."""
    left = course(step.statement.transaction, lookup).left
    return oid != 0 and left is not None and oid not in left


def dropped_here(oid: int, step: Step, trace: RevisionTrace | None, lookup: Lookup) -> bool:
    """Whether the revision or the transaction of a step drops a relation."""
    return (trace is not None and oid != 0 and oid not in oids(trace.after)) or dropped(oid, step, lookup)


def held_until(ctx: StepContext) -> str:
    """How long a lock is held that the statement takes: to the end of its transaction, which may go on for long."""
    step, lookup = ctx.step, ctx.known
    known = course(step.statement.transaction, lookup)
    unless = " unless the connection is in autocommit" if ctx.deployment.environment.handed_in else ""
    held = f"held until the transaction ends{unless}"
    following, last = known.long.get(id(step)), known.last.get(id(step))
    loop = loop_after(ctx, following)
    if loop is not None:
        return f"{held}: the loop in line {loop.lineno} runs statements for each row"
    if following is not None and following.statement is not step.statement:
        tables = grows_with(following, lookup)
        much = "what may be all of" if by_index(following) else "all of"
        does = f"goes over {much} {display(tables[0], following.before)}" if tables else "does what was not read"
        return f"{held}: {place(following, ctx)} {does}{doubt(following, named=True) if tables else ''}"
    owner = lookup.transactions.revision(last.statement) if last is not None else None
    if owner is not None and ctx.trace is not None and owner != ctx.trace.revision:
        return f"{held}, with revision {owner}"
    return BRIEF


def loop_after(ctx: StepContext, following: Step | None) -> Loop | None:
    """The first loop of the revision over the rows of a query, before the long step that follows, if it sends
    statements: none of those ran in a replay, which has no rows."""
    trace = ctx.trace
    script = ctx.known.scripts.get(trace.revision) if trace is not None else None
    if trace is None or script is None or "for " not in script.text:
        return None
    queries: list[Step] = []
    for step in dropwhile(lambda one: one is not ctx.step, trace.steps()):
        if step is following or (ends(step, ctx.known) and step is not ctx.step):
            break
        if isinstance(step.change, Select) and step.statement.transaction == ctx.step.statement.transaction:
            queries.append(step)
    if not queries:
        return None
    rows, subject = Rows(script.nodes), RevisionScript(script, trace, None)
    lines = {q.statement.origin.line for q in queries if q.statement.origin is not None}
    return next(
        (
            loop
            for loop in rows.row_loops()
            if any(lines & {*range(c.lineno, (c.end_lineno or c.lineno) + 1)} for c in rows.asked(loop.iter))
            and any(called(c) in SENDING for c in rows.inside(loop))
            and not never_turns(loop, rows, subject, ctx.known)
        ),
        None,
    )


def place(step: Step, ctx: StepContext) -> str:
    """`line 12`, `line 12 of revision 3f2a`: where a step stands."""
    here = ctx.trace.revision if ctx.trace is not None else None
    return line_of(step.statement.origin, ctx.known.transactions.revision(step.statement), here)
