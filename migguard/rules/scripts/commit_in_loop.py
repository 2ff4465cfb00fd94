"""MG804: a commit, or a statement for one row, in a loop over rows."""

import ast
from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.rules.frame import Context, Example, RevisionScript, rule
from migguard.rules.row_loops import Rows
from migguard.rules.script_places import place

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
    the version table says that nothing was.

    ## What is let through
    Loops over the script's own literals and over the schema; loops over batches that commit after each; one statement
    with many parameter sets (executemany) after the loop.
    """
    text = subject.script.text
    if "for " not in text or not any(
        word in text for word in ("commit(", "execute(", "bulk_insert(", "exec_driver_sql(")
    ):
        return
    rows = Rows(subject.script.nodes)
    for loop in rows.row_loops():
        calls = list(rows.inside(loop))
        batched = rows.now_and_then(loop)
        commit = next((c for c in calls if rows.commits(c) and c not in batched), None)
        if commit is not None and rows.joins(commit) and "autocommit_block" not in text:
            yield ctx.finding(
                f"The loop over {source(loop.iter)} writes one row each time, while the transaction holds locks: the "
                "session joins it, and its commit ends nothing.",
                origin=place(subject.script, commit),
                advice=TOGETHER,
            )
            continue
        if commit is not None:
            yield ctx.finding(
                f"The loop over {source(loop.iter)} commits for each row: an error leaves the rows before it changed.",
                origin=place(subject.script, commit),
                advice=BATCHES,
            )
            continue
        writing = next((c for c in calls if writes_one(c, rows)), None)
        if writing is not None:
            yield ctx.finding(
                f"The loop over {source(loop.iter)} runs a statement for each row, while its transaction holds locks.",
                origin=place(subject.script, writing),
                advice=TOGETHER,
            )


TOGETHER = (
    "Let one statement do it: UPDATE … SET … FROM …; where Python is needed, collect the values and send them together "
    "a few thousand at a time:\n"
    'op.get_bind().execute(sa.text("UPDATE … SET … = :value WHERE id = :id"), [{"id": ..., "value": ...}, ...])'
)
BATCHES = (
    "Commit after a batch, outside of the loop over its rows, and so that the script can be run again:\n"
    "with op.get_context().autocommit_block():\n"
    '    while op.get_bind().execute(sa.text("UPDATE … WHERE id IN (SELECT id FROM … WHERE … LIMIT 5000)")).rowcount:\n'
    "        pass"
)


def writes_one(call: ast.Call, rows: Rows) -> bool:
    """Whether a call sends a statement that writes a row."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if name == "bulk_insert":
        return True
    return name in ("execute", "exec_driver_sql") and bool(call.args) and rows.changes_rows(call.args[0])


def source(node: ast.expr) -> str:
    """What is looped over, in few words."""
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 60 else f"{text[:57]}…"
