"""What an autocommit block commits: what ran before it, and rows that a script writes one by one in a loop."""

from migguard.changes import Delete, Insert, Merge, Nothing, Select, SetVariable, TransactionControl, Update
from migguard.records import dataclass
from migguard.rules.facts.scripts.row_loops import Rows, called
from migguard.rules.facts.scripts.script_places import place
from migguard.rules.facts.scripts.script_reach import Reach
from migguard.rules.frame import Lookup
from migguard.source import Origin, Script
from migguard.trace import Certainty, RevisionTrace, Statement

SENDERS = frozenset({"execute", "exec_driver_sql"})


@dataclass(frozen=True, slots=True)
class Own:
    """What the block's revision did before it, and where."""

    what: str
    origin: Origin | None


def pending(block: Statement, trace: RevisionTrace, lookup: Lookup) -> tuple[Own | None, list[str]]:
    """The last change of its own revision that the block commits; else the earlier revisions that it does, last first.

    What was open when an earlier block began is committed. Rows that a script writes one by one are changes too.
    """
    upgrades = lookup.deployment.upgrades
    for_each = written_for_each(lookup.scripts.get(trace.revision))
    before = for_each is not None and block.origin is not None and for_each.line < block.origin.line
    rows = Own("the rows written", for_each) if before else None
    for statement in reversed(trace.statements[: trace.statements.index(block)]):
        if statement.asked and not statement.beside:
            return None, []
        if changes(statement):
            return Own(kind(statement), statement.origin), []
    if rows is not None:
        return rows, []
    found: list[str] = []
    number = next(n for n in range(len(upgrades) - 1, -1, -1) if upgrades[n] is trace)
    for other in reversed(upgrades[:number]):
        for statement in reversed(other.statements):
            if statement.asked and not statement.beside:
                return None, found
            if changes(statement) and other.revision not in found:
                found.append(other.revision)
        if other.revision not in found and written_for_each(lookup.scripts.get(other.revision)) is not None:
            found.append(other.revision)
    return None, found


def kind(statement: Statement) -> str:
    """What a statement leaves for a commit, in words."""
    rows = all(isinstance(s.change, (Insert, Update, Delete, Merge)) for s in statement.steps)
    return "the rows written" if rows else "the schema changes"


def changes(statement: Statement) -> bool:
    """Whether a statement leaves something for a commit: not a setting, a savepoint or a question."""
    if statement.certainty is Certainty.OTHER_BRANCH or statement.beside:
        return False
    return any(not isinstance(s.change, (SetVariable, TransactionControl, Select, Nothing)) for s in statement.steps)


def written_for_each(script: Script | None) -> Origin | None:
    """The first statement of upgrade() that writes for each row that a query gives."""
    if script is None or "for " not in script.text or not any(f"{sender}(" in script.text for sender in SENDERS):
        return None
    rows, reach = Rows(script.nodes), Reach(script)
    for loop in rows.row_loops():
        for call in rows.inside(loop):
            writes = called(call) in SENDERS and call.args and rows.changes_rows(call.args[0])
            if writes and not reach.only_backwards(loop) and not reach.in_autocommit(loop):
                return place(script, call)
    return None
