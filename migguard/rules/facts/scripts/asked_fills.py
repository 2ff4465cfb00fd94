"""Columns that a script fills where it has found rows without a value, in a branch that a replay does not take.

The statement may need values that only rows give, so it is read from the syntax tree.
"""

import ast
from collections.abc import Iterator

from migguard.catalog.schema import Table
from migguard.changes import Update
from migguard.rules.facts.scripts.filling_loops import reading_of
from migguard.rules.facts.scripts.index_drops import constants_of, executed
from migguard.rules.frame import StepContext
from migguard.source import Script
from migguard.sql.alternatives import alternatives
from migguard.trace import Direction, NoteKind, RevisionTrace


def filled_where_asked(table: Table, name: str, ctx: StepContext) -> bool:
    """Whether this or an earlier checked revision asks for rows without a value in a column, and fills them."""
    for trace in ctx.deployment.upgrades:
        script = ctx.known.scripts.get(trace.revision)
        here = ctx.trace is not None and trace.revision == ctx.trace.revision
        origin = ctx.step.statement.origin if here else None
        last = origin.line if origin is not None and script is not None and origin.path == script.path else None
        if script is not None and any(
            fills(part, table.key[1], name, script, ctx) for part in asked(script, trace, last)
        ):
            return True
        if here:
            break
    return False


def asked(script: Script, trace: RevisionTrace, last: int | None) -> Iterator[ast.If]:
    """The branches on rows of upgrade() that end before a line, none inside another."""
    lines = {n.origin.line for n in trace.notes if n.kind is NoteKind.BRANCH and n.origin is not None}
    upgrade = Direction.UPGRADE.value
    for function in script.tree.body if script.tree is not None and lines else ():
        if isinstance(function, ast.FunctionDef) and function.name == upgrade:
            for part in function.body:
                if (
                    isinstance(part, ast.If)
                    and part.lineno in lines
                    and (last is None or (part.end_lineno or 0) < last)
                ):
                    yield part


def fills(branch: ast.If, table: str, column: str, script: Script, ctx: StepContext) -> bool:
    """Whether a branch asks for the rows of a table without a value, and begins no other branch to give them one."""
    assert script.tree is not None
    words = {*reading_of(script.tree, Direction.UPGRADE.value).words(branch.test)}
    if not {table, column} <= words or not {"NULL", "null"} & words:
        return False
    constants, engine = constants_of(script.tree), ctx.before.server.engine
    for part in branch.body:
        call = part.value if isinstance(part, (ast.Expr, ast.Assign)) else None
        changes = executed(call, constants, engine) if isinstance(call, ast.Call) else ()
        for change in changes:
            if isinstance(change, Update) and change.table.name == table and not change.others:
                given = [v for c, v in change.assignments if c == column]
                if given and given[-1].text.strip().lower() != "null" and covers_nulls(change, column, ctx):
                    return True
    return False


def covers_nulls(change: Update, column: str, ctx: StepContext) -> bool:
    """Whether an UPDATE goes over all rows without a value in the column."""
    if change.where is None:
        return True
    return any(
        part.conjunctive and [(c.column, c.operator) for c in part.conditions] == [(column, "is null")]
        for part in alternatives(change.where.text, ctx.before.server.engine)
    )
