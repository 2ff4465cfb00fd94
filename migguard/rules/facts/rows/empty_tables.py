"""Whether a table has no row when a step runs: this deployment has taken them all out, and put none in again.

A script may put rows in where a replay does not see it: in a loop over rows, or over what it read from a file, that
never turned, on a side that was not taken, or in what it called of a module that is not there.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import takewhile

from migguard.catalog.drops import descendants
from migguard.catalog.schema import Table
from migguard.changes import (
    AddColumn,
    AddConstraint,
    AlterColumnType,
    AttachPartition,
    CreateIndex,
    CreateTable,
    Delete,
    Insert,
    Merge,
    ModifyColumn,
    Opaque,
    SetInheritance,
    SetNullable,
    Unknown,
)
from migguard.findings import Finding, Severity
from migguard.rules.facts.rows.emptied_for_columns import needs_no_rows
from migguard.rules.facts.rows.nulls import is_of, taken_out
from migguard.rules.facts.rows.restrictions import table_named
from migguard.rules.facts.scripts.filling_loops import Reading, method, reading_of
from migguard.rules.facts.scripts.unfollowed_calls import FOREIGN, brought, calls
from migguard.rules.frame import MYSQL_FAMILY, Lookup, table_at
from migguard.source import Script
from migguard.trace import Certainty, RevisionTrace, Step

Function = ast.FunctionDef | ast.AsyncFunctionDef
LOOPS = (ast.For, ast.While, ast.AsyncFor)

Growing = AddConstraint | AddColumn | AlterColumnType | ModifyColumn | SetNullable | CreateIndex
"""Changes that read or write the whole of their table."""

OBJECTS = frozenset({"add", "add_all", "merge", "bulk_save_objects", "bulk_insert_mappings", "bulk_insert", "to_sql"})
"""Methods that put in the rows that they are given."""

SENDING = OBJECTS | {"execute", "executemany", "exec_driver_sql", "scalar", "scalars"}


def empty(table: Table, here: Step, lookup: Lookup) -> bool:
    """Whether the deployment takes all rows out of a table before a step, and puts none in again before it."""
    return emptied_by(table, here, lookup, taken_out) is not None


def without_rows(table: Table, here: Step, lookup: Lookup) -> Step | None:
    """The step that has left a table without a row: it took all out, or made the table. None where it may have some."""
    return emptied_by(table, here, lookup, lambda step, table: taken_out(step, table) or makes(step, table))


def emptied_by(table: Table, here: Step, lookup: Lookup, empties: Callable[[Step, Table], bool]) -> Step | None:
    """The last step before another that `empties` a table into which the deployment puts nothing in between."""
    since: Step | None = None
    for step in lookup.deployment.steps():
        if step is here:
            break
        if empties(step, table):
            since = step
        elif since is not None and may_put_in(step, table):
            since = None
    return since if since is not None and not refilled(table, since, here, lookup) else None


def makes(step: Step, table: Table) -> bool:
    """Whether a step certainly makes a table, and no row with it: one that may be there has what it has."""
    change = step.change
    if not isinstance(change, CreateTable) or change.if_not_exists or change.query is not None:
        return False
    made = table_named(step.after, change.table)
    return step.statement.certainty is Certainty.RAN and made is not None and made.oid == table.oid


def shown_empty(table: Table, here: Step, lookup: Lookup) -> bool:
    """Whether the transaction of a step is past a statement that any row of a table would have stopped (MG701).

    What it locked keeps other sessions from putting rows in, and nothing of its own has put one in since.
    """
    held = lookup.transactions.strongest(here.statement).get(table.oid)
    if held is None or not held.blocking:
        return False
    since: Step | None = None
    for step in lookup.transaction(here.statement.transaction):
        if step is here:
            break
        if step.statement.certainty is Certainty.RAN and needs_no_rows(step, table):
            since = step
        elif since is not None and may_put_in(step, table):
            since = None
    return since is not None and not refilled(table, since, here, lookup)


def indexes_deleted(table: Table, here: Step, lookup: Lookup) -> bool:
    """Whether a step builds an index over rows that its own transaction has deleted: they are indexed all the same.

    Nobody else may take them for gone yet (heapam_index_build_range_scan in src/backend/access/heap/heapam_handler.c).
    """
    effect = lookup.effect(here)
    if not (effect.builds or (effect.rebuilds and not effect.rewrites)):
        return False
    before = takewhile(lambda step: step is not here, lookup.transaction(here.statement.transaction))
    return any(isinstance(step.change, Delete) and is_of(step.change.table, table, step) for step in before)


def since_emptied(finding: Finding, step: Step, lookup: Lookup) -> Finding | None:
    """What is left of a finding about time that grows with the table that a step changes, where it has been emptied.

    Nothing where it surely has no row; a notice where it has what was put in since.
    """
    change, key = step.change, finding.relation
    table = table_at(key, step.before) if finding.grows and key is not None and isinstance(change, Growing) else None
    if table is None or not isinstance(change, Growing) or not is_of(change.table, table, step):
        return finding
    if indexes_deleted(table, step, lookup):
        return finding
    if step.before.server.engine not in MYSQL_FAMILY and shown_empty(table, step, lookup):
        return None
    if not empty(table, step, lookup):
        return finding
    only = f"This deployment has emptied {finding.table} before: only what is put in since is there."
    severity = min(finding.severity, Severity.NOTICE)
    return replace(finding, severity=severity, message=f"{finding.message} {only}")


def may_put_in(step: Step, table: Table) -> bool:
    """Whether a statement that was seen puts rows into the table, or is not known not to."""
    match step.change:
        case Insert() | Merge():
            into = table_named(step.before, step.change.table)
            if into is None or is_of(step.change.table, table, step):
                return True
            return into.key in descendants(step.before, table.key)
        case AttachPartition() | SetInheritance():
            return True
        case Opaque():
            return not step.change.complete
        case _:
            return isinstance(step.change, Unknown)


def refilled(table: Table, since: Step, here: Step, lookup: Lookup) -> bool:
    """Whether the scripts may put rows in between two steps where the replay saw none."""
    begun = False
    for trace in lookup.deployment.upgrades:
        first, last = since.statement in trace.statements, here.statement in trace.statements
        begun = begun or first
        if begun:
            script = lookup.scripts.get(trace.revision)
            if script is None or script.tree is None:
                return True
            between = Between(script, since if first else None, here if last else None)
            if any(between.may_hold(call) for call in unseen(table, script, trace, here)):
                return True
        if last:
            return False
    return False


def unseen(table: Table, script: Script, trace: RevisionTrace, here: Step) -> Iterator[ast.AST]:
    """The calls of an upgrade that the replay did not see run and that may put rows into the table."""
    assert script.tree is not None
    reading = reading_of(script.tree, trace.direction.value)
    foreign = set(brought(script.tree, {n.subject for n in trace.notes if n.kind in FOREIGN}))
    others = {name for _, name in here.before.tables} - {table.key[1]}
    ran = {s.origin.line for s in trace.statements if s.origin is not None and s.origin.path == script.path}
    for call in reading.calls(SENDING):
        if ran.isdisjoint(range(call.lineno, (call.end_lineno or call.lineno) + 1)) and puts(
            call, table.key[1], reading, foreign, others
        ):
            yield call
    yield from calls(script, trace)


def puts(call: ast.Call, name: str, reading: Reading, foreign: set[str], others: set[str]) -> bool:
    """Whether a call may put rows into the table of that name: not where it names others alone."""
    words = [word for argument in (*call.args, *call.keywords) for word in reading.words(argument)]
    lower = [word.lower() for word in words]
    into = [words[i + 1 : i + 3] for i, word in enumerate(lower) if word == "into"]
    if into and all(others & set(named) and name not in named for named in into):
        return False
    if not into and "insert" not in lower and method(call) not in OBJECTS:
        return False
    return name in words or (not into and not foreign.isdisjoint(words))


class Between:
    """Which parts of a script may run after one step and before another, if they are the script's."""

    def __init__(self, script: Script, since: Step | None, here: Step | None) -> None:
        self._functions = [n for n in script.nodes if isinstance(n, Function)]
        self._loops = [n for n in script.nodes if isinstance(n, LOOPS)]
        self._since, self._here = line_of(since, script), line_of(here, script)

    def may_hold(self, node: ast.AST) -> bool:
        """Whether a part may run between them: not where the same function comes to it before, or after, both."""
        return self.may_hold_line(getattr(node, "lineno", 0))

    def may_hold_line(self, line: int) -> bool:
        """The same of a line."""
        before = self._since is not None and self._follows(self._since, line)
        return not before and not (self._here is not None and self._follows(line, self._here))

    def _follows(self, later: int, sooner: int) -> bool:
        """Whether a line of a function stands below another of it, and no loop comes back."""
        holder = self._innermost(later)
        if later <= sooner or holder is None or holder is not self._innermost(sooner):
            return False
        return not any(spans(loop, later) and spans(loop, sooner) for loop in self._loops)

    def _innermost(self, line: int) -> ast.AST | None:
        return max((f for f in self._functions if spans(f, line)), key=lambda f: f.lineno, default=None)


def spans(node: ast.stmt, line: int) -> bool:
    """Whether a line is one of a statement's."""
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def line_of(step: Step | None, script: Script) -> int | None:
    """The line of the script that a step stands in."""
    origin = step.statement.origin if step is not None else None
    return origin.line if origin is not None and origin.path == script.path else None
