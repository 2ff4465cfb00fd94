"""MG804: a commit, or a statement for one row, in a loop over rows."""

import ast
from collections.abc import Iterator
from dataclasses import replace

from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.loop_statements import at_once, in_batches, inserts
from migguard.rules.facts.locks.loops_under_locks import waits
from migguard.rules.facts.scripts.empty_loops import never_turns
from migguard.rules.facts.scripts.row_loops import Loop, Rows
from migguard.rules.facts.scripts.script_places import place
from migguard.rules.facts.scripts.script_reach import Reach
from migguard.rules.facts.scripts.value_loops import over_values
from migguard.rules.frame import Context, Example, RevisionScript, rule
from migguard.trace import Direction, RevisionTrace

GIVEN = "CREATE TABLE people (id bigint PRIMARY KEY, login text, slug text)"
BAD = Example(
    """
    bind = op.get_bind()
    for row in bind.execute(sa.text("SELECT id, login FROM people")):
        bind.execute(sa.text("UPDATE people SET slug = :slug WHERE id = :id"), {"slug": row.login, "id": row.id})
    """,
    given=GIVEN,
)
GOOD = Example('op.execute("UPDATE people SET slug = lower(login) WHERE slug IS NULL")', given=GIVEN)


@rule(
    "MG804",
    "commit-in-loop",
    Severity.WARNING,
    "A commit, or a statement that writes one row, in a loop over the rows of a query.",
    bad=BAD,
    good=GOOD,
    guideline=True,
)
def commit_in_loop(subject: RevisionScript, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    A statement for each row is a round trip for each row: a million rows take an hour in which the transaction holds
    its locks. A commit for each row is slower still, and leaves half of the work done when one of them fails, while
    the version table says that nothing was: also in `with engine.begin()`, and in an autocommit block, where each
    statement commits.

    ## What is let through
    Loops over the script's own literals, over the schema, over the different values of a column (DISTINCT), over a
    table that the deployment has emptied, and over one that it has made, with no rows but those that its scripts spell
    out; loops over batches that commit after each; one statement with many parameter sets (executemany) after the loop.
    """
    text = subject.script.text
    if "for " not in text or not any(
        word in text for word in ("commit(", "begin(", "execute(", "bulk_insert(", "exec_driver_sql(")
    ):
        return
    rows, reach = Rows(subject.script.nodes), Reach(subject.script)
    told = set()
    for loop in sorted(rows.row_loops(), key=reach.only_backwards):
        said = spoken(loop, rows, reach, subject.trace)
        if said is not None and not (ctx.lookup is not None and never_turns(loop, rows, subject, ctx.lookup)):
            call, what, advice = said
            engine = subject.trace.before.server.engine
            if what.startswith(EACH) and over_values(loop, rows, subject) and not inserts(loop, rows, engine):
                continue
            more, lock = waits(loop, rows, subject, ctx.lookup) if HOLDING in what else ("", {})
            message = f"The loop over {source(loop.iter)} {what}.{more}"
            if (call, message) in told:
                continue  # a helper that loops of both directions call, and the upgrade's has been told
            told.add((call, message))
            finding = ctx.finding(message, origin=place(subject.script, call), advice=advice, **lock)
            yield replace(finding, direction=Direction.DOWNGRADE.value) if reach.only_backwards(loop) else finding


def spoken(loop: Loop, rows: Rows, reach: Reach, trace: RevisionTrace) -> tuple[ast.Call, str, str] | None:
    """Which call of a loop over rows to name, what it does for each of them, and what would be better."""
    calls = list(rows.inside(loop))
    batched = rows.now_and_then(loop) | {
        node
        for batches in rows.batch_loops(loop)
        if reach.in_autocommit(batches) or any(isinstance(n, ast.Call) and rows.commits(n) for n in ast.walk(batches))
        for node in ast.walk(batches)
    }
    writes = [c for c in calls if rows.writes_one(c) and c not in batched]
    writing = writes[0] if writes else None
    more = "\n# and so for the other statements of the loop" if len(writes) > 1 else ""
    one, some = at_once(writing, rows, trace) + more, in_batches(writing, rows, trace) + more
    commit = next((c for c in calls if rows.commits(c) and c not in batched), None)
    if commit is not None and rows.joins(commit) and not reach.in_autocommit(commit):
        return commit, f"writes one row each time, while {HOLDING}: {JOINS}", one
    together = next((c for c in calls if c in batched and rows.commits(c) and rows.joins(c)), None)
    if commit is None and together is not None and not reach.in_autocommit(together):
        return together, f"writes in batches, while {HOLDING} until the last: {JOINS}", some
    if commit is not None:
        return commit, "commits for each row: an error leaves the rows before it changed", some
    begun = next((c for c in calls if rows.begins(c) and c not in batched), None)
    if begun is not None:
        where = "" if rows.of_alembic(begun) else " outside of Alembic's"
        return begun, f"begins and commits a transaction for each row{where}: {LEFT}", some
    if writing is None:
        return None
    if reach.in_autocommit(writing):
        what = f"{EACH}, and each of them is a transaction of its own: {LEFT}"
        return writing, what, one
    return writing, f"{EACH}, while {HOLDING}", one


EACH = "runs a statement for each row"
HOLDING = "the transaction holds locks"
JOINS = "the session joins it, and its commit ends nothing"
LEFT = "an error leaves the rows before it changed, and the version table does not know"


def source(node: ast.expr) -> str:
    """What is looped over, in few words."""
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 60 else f"{text[:57]}…"
