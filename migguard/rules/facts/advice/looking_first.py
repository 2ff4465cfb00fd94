"""What to do about the rows that a constraint or a cast would refuse: what a query finds today, the deployment may have
mended by then, together with what hangs on them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from migguard.catalog.schema import Table
from migguard.changes import Delete, Insert, Merge, Update
from migguard.rules.facts.locks.held_until import place
from migguard.rules.facts.rows.empty_tables import Between
from migguard.rules.facts.rows.nulls import is_of
from migguard.rules.facts.rows.untaken_sides import untaken_before
from migguard.rules.facts.schema.deployment_end import before_this, released
from migguard.rules.facts.scripts.assigned_columns import Loop
from migguard.rules.facts.scripts.filling_loops import Reading, loops_writing
from migguard.rules.facts.scripts.script_places import line_of
from migguard.rules.facts.scripts.script_places import place as at
from migguard.rules.facts.scripts.unread_branches import unread_before
from migguard.rules.frame import StepContext
from migguard.rules.wording import listed
from migguard.trace import Step


def look_first(then: str, mended: str | None, *, query: bool) -> str:
    """Look for the rows, `then` mend them; but where something of the deployment may mend them, try that first."""
    if mended is None:
        return f"Look for such rows in production before you deploy{' (the query below)' if query else ''}, {then}"
    said = f"{mended} before this, and may"
    today = (
        f"The query below finds such rows as they are today; {said} change that"
        if query
        else f"{said[0].upper()}{said[1:]} mend such rows, or make them"
    )
    return f"{today}: try the deployment on a copy of production, and mend by hand only what it fails on."


def mended_before(
    columns: Iterable[str], table: Table, ctx: StepContext, parent: tuple[Table, Sequence[str]] | None = None
) -> str | None:
    """What of the deployment may mend the rows before the step, such as `line 12 writes a`; None where nothing does.

    `parent` is the table with the columns to which these refer. A statement counts also on a side of a branch that was
    not taken, and in a loop over rows, which a replay does not turn.
    """
    names = list(columns)
    for step in (*before_this(ctx), *untaken_before(ctx)):
        wrote = written(step, names, table)
        if wrote is None and parent is not None:
            wrote = put_there(step, parent)
        if wrote is not None and step.refusal is None:
            return f"{place(step, ctx)} {wrote}"
    called = {table.key[1], (released(table, ctx) or table).key[1]}
    for name in sorted(called):
        said = said_of_loop(names, name, ctx)
        if said is not None:
            return said
        for column in names:
            unread = unread_before((name, column), ctx, inside=True)
            if unread is not None:
                return f"{unread.called} that could not be read may write {column} or delete rows"
    return None


DELETING = ("DELETE", "delete")


def said_of_loop(columns: Sequence[str], table: str, ctx: StepContext) -> str | None:
    """What a loop over rows does before the step; of one that only names a column it is not known."""
    engine = ctx.before.server.engine
    for column in columns:
        for line, parts, seen in loops_before((column,), table, ctx):
            if Loop(parts, seen, engine).assigns(column, table):
                return f"the loop in {line} writes {column}"
    for word in DELETING:
        for line, parts, seen in loops_before((word,), table, ctx):
            if Loop(parts, seen, engine).deletes(table):
                return f"the loop in {line} deletes rows"
    for column in columns:
        for line, _, _ in loops_before((column,), table, ctx):
            return f"the loop in {line} may write {column}"
    return None


def written(step: Step, columns: Sequence[str], table: Table) -> str | None:
    """What a step does to the rows of the table that may mend them."""
    match step.change:
        case Update() if is_of(step.change.table, table, step):
            own = [c for c, _ in step.change.assignments if c in columns]
            return f"writes {listed(own)}" if own else None
        case Delete() if is_of(step.change.table, table, step):
            return "deletes rows"
        case Merge() if is_of(step.change.table, table, step):
            return "writes rows"
        case _:
            return None


def put_there(step: Step, parent: tuple[Table, Sequence[str]]) -> str | None:
    """What a step writes to the table that is referred to."""
    table, columns = parent
    match step.change:
        case Insert() | Merge() if is_of(step.change.table, table, step):
            return f"puts rows into {table.key[1]}"
        case Update():
            return written(step, columns, table)
        case _:
            return None


def loops_before(words: tuple[str, ...], table: str, ctx: StepContext) -> Iterator[tuple[str, list[ast.AST], Reading]]:
    """The lines of loops over rows that have all the words in them and the table's name, and may run before the step,
    each with the loop's parts and what their names mean."""
    here = ctx.trace.revision if ctx.trace is not None else None
    for trace in ctx.deployment.upgrades:
        script, last = ctx.known.scripts.get(trace.revision), trace.revision == here
        for parts, seen in loops_writing(script, trace, words, table) if script is not None else ():
            loop = parts[0]
            if script is None or not isinstance(loop, ast.expr | ast.stmt):
                continue
            if not last or Between(script, None, ctx.step).may_hold(loop):
                yield line_of(at(script, loop), trace.revision, here), parts, seen
        if last:
            break
