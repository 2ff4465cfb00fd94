"""Handlers that roll back Alembic's own transaction and go on: what failed is not told, and what was done is gone.

Read from the syntax tree: in a replay nothing fails on rows.
"""

import ast
from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.rules.facts.scripts.row_loops import Rows
from migguard.rules.facts.scripts.script_places import place
from migguard.rules.facts.scripts.script_reach import Reach
from migguard.rules.frame import Context
from migguard.source import Script
from migguard.trace import Direction, NoteKind, RevisionTrace

HANDLER = (
    "Let the error end the migration: Alembic rolls back then, and says so. What may fail goes into a savepoint:\n"
    "with op.get_bind().begin_nested():\n"
    "    ..."
)


def taken_back(trace: RevisionTrace, ctx: Context) -> Iterator[Finding]:
    """What MG512 says of such handlers of an upgrade, unless the rollback itself was seen."""
    script = ctx.lookup.scripts.get(trace.revision) if ctx.lookup is not None else None
    if ctx.lookup is None or script is None or trace.direction is not Direction.UPGRADE:
        return
    environment = ctx.lookup.deployment.environment
    alone = environment.transaction_per_migration and not environment.shared_transaction
    seen = {n.origin.line for n in trace.notes if n.kind is NoteKind.EXPLICIT_COMMIT and n.origin is not None}
    for call in swallowed(script):
        if call.lineno not in seen:
            yield ctx.finding(
                f"{ast.unparse(call.func)}() takes back all that Alembic's transaction has done until then"
                f"{'' if alone else ', by earlier revisions too'}, and the handler goes on as if nothing had failed.",
                origin=place(script, call),
                severity=Severity.WARNING,
                advice=HANDLER,
            )


def swallowed(script: Script) -> Iterator[ast.Call]:
    """The rollbacks of Alembic's connection, or of a session on it, in a handler that raises nothing."""
    if script.tree is None or "rollback(" not in script.text or "except" not in script.text:
        return
    rows, reach = Rows(script.nodes), Reach(script)
    for handler in (n for n in script.nodes if isinstance(n, ast.ExceptHandler)):
        inside = [n for part in handler.body for n in ast.walk(part)]
        if any(isinstance(n, ast.Raise) for n in inside):
            continue
        for call in (n for n in inside if isinstance(n, ast.Call)):
            if rolls_back(call, rows) and not reach.in_autocommit(call) and not reach.only_backwards(call):
                yield call


def rolls_back(call: ast.Call, rows: Rows) -> bool:
    """Whether a call takes back what Alembic's transaction has done: not where it ends a savepoint."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "rollback":
        return False
    return rows.joins(call) or rows.of_alembic(call)
