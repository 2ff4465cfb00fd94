"""Loops over rows that never turn: those of a table that the deployment has made, or emptied, and put nothing into."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import takewhile

from migguard.catalog.lookup import relation_key
from migguard.catalog.schema import Table
from migguard.changes import CreateTable, Insert, Merge, Opaque, Select, Unknown
from migguard.rules.facts.rows.empty_tables import empty
from migguard.rules.facts.rows.nulls import is_of
from migguard.rules.facts.scripts.filling_loops import Reading
from migguard.rules.facts.scripts.row_loops import Loop, Rows
from migguard.rules.frame import Lookup, RevisionScript
from migguard.trace import Direction, RevisionTrace, Step


def never_turns(loop: Loop, rows: Rows, subject: RevisionScript, lookup: Lookup) -> bool:
    """Whether each query that a loop of the upgrade is over asks only for rows that cannot be there."""
    calls = list(rows.asked(loop.iter))
    down = subject.downgrade
    if not calls or (down is not None and any(selects(call, down, subject) for call in calls)):
        return False
    found = [selects(call, subject.trace, subject) for call in calls]
    return all(found) and all(nothing_there(step, loop, lookup) for steps in found for step in steps)


def selects(call: ast.Call, trace: RevisionTrace, subject: RevisionScript) -> list[Step]:
    """The queries that ran in the lines of a call."""
    lines = range(call.lineno, (call.end_lineno or call.lineno) + 1)
    placed = ((step, step.statement.origin) for step in trace.steps() if isinstance(step.change, Select))
    return [s for s, origin in placed if origin and origin.path == subject.script.path and origin.line in lines]


def nothing_there(step: Step, loop: Loop, lookup: Lookup) -> bool:
    """Whether all relations that a query reads are tables without a row."""
    names = step.change.query.relations if isinstance(step.change, Select) else ()
    for name in names:
        key = relation_key(step.before, name)
        table = step.before.tables.get(key) if key is not None else None
        if key is None or table is None or not table.oid or step.before.children.get(key):
            return False
        before = list(takewhile(lambda s: s is not step, lookup.deployment.steps()))
        if any(
            isinstance(s.change, Unknown) or (isinstance(s.change, Opaque) and not s.change.complete) for s in before
        ):
            return False
        if lookup.deployment.existing(table.oid):
            gone = empty(table, step, lookup)
        else:
            gone = not any(puts_in(s, table) for s in before)
        if not gone or any(filled_elsewhere(table, loop, lookup)):
            return False
    return bool(names)


def puts_in(step: Step, table: Table) -> bool:
    """Whether a step writes rows into a table, or makes it with rows."""
    change = step.change
    if isinstance(change, CreateTable):
        made = relation_key(step.after, change.table)
        there = step.after.tables.get(made) if made is not None else None
        return change.query is not None and there is not None and there.oid == table.oid
    return isinstance(change, Insert | Merge) and is_of(change.table, table, step)


def filled_elsewhere(table: Table, loop: Loop, lookup: Lookup) -> Iterator[bool]:
    """Whether another loop of the checked scripts, which no replay sees turn, may write into the table."""
    own = {id(node) for node in ast.walk(loop)}
    for trace in lookup.deployment.upgrades:
        script = lookup.scripts.get(trace.revision)
        if script is None or script.tree is None:
            yield True
        elif table.key[1] in script.text:
            reading = Reading(script.tree, Direction.UPGRADE.value)
            yield any(id(p[0]) not in own and reading.has(p, (), table.key[1]) for p in reading.loops())
