"""Loops over rows that turn never, or as often as the script says.

That is so where the table is empty, since the deployment has emptied it, and where the deployment has made it and put
in no rows but those that its scripts spell out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import takewhile

from migguard.catalog.lookup import relation_key
from migguard.catalog.schema import Table
from migguard.changes import CreateTable, Insert, Merge, Opaque, Select, Unknown
from migguard.rules.facts.rows.empty_tables import SENDING, empty, unseen
from migguard.rules.facts.rows.nulls import is_of
from migguard.rules.facts.scripts.filling_loops import SENDERS, TAKERS, WRITERS, Reading, method, reading_of
from migguard.rules.facts.scripts.row_loops import TEXTS, Loop, Rows, called, put_into
from migguard.rules.frame import Lookup, RevisionScript
from migguard.source import Script
from migguard.trace import Direction, Note, RevisionTrace, Step

NAME = "filled elsewhere"
TRIGGER = "create trigger"
CHANGING = frozenset({"update", "delete", TRIGGER})
"""How a statement begins that puts in no row."""
GIVING = (ast.Return, ast.Yield, ast.YieldFrom)
WRITTEN = CHANGING | {"insert"}
SELECTING = frozenset({"select", "from_select", "query"})
PUTTING = WRITERS - {"execute", "exec_driver_sql", "update", "bulk_update_mappings", "flush", "commit", "append"}
"""Methods that put a row into a table."""


def never_turns(loop: Loop, rows: Rows, subject: RevisionScript, lookup: Lookup) -> bool:
    """Whether each query that a loop of the upgrade is over asks for rows that are not there, or stand in scripts."""
    found = asked(loop, rows, subject)
    return bool(found) and all(nothing_there(step, loop, lookup) for step in found)


def asked(loop: Loop, rows: Rows, subject: RevisionScript) -> list[Step]:
    """The queries that a loop of the upgrade is over; none where not all of them are known, or the downgrade asks."""
    calls = list(rows.asked(loop.iter))
    down = subject.downgrade
    if down is not None and any(selects(one, down, subject) for one in (*calls, loop.iter)):
        return []
    found = [selects(call, subject.trace, subject) for call in calls]
    if len(calls) == 1 and not found[0] and called(calls[0]) == "query":
        found = [selects(loop.iter, subject.trace, subject)]  # it is sent where the loop begins
    return [step for steps in found for step in steps] if all(found) else []


def idle_loop(note: Note, trace: RevisionTrace, lookup: Lookup) -> bool:
    """Whether a note of the upgrade is of a loop that never turns."""
    script = lookup.scripts.get(trace.revision)
    if script is None or script.tree is None or note.origin is None or note.origin.path != script.path:
        return False
    subject, rows = RevisionScript(script, trace, lookup.deployment.downgrades.get(trace.revision)), Rows(script.nodes)
    loops = (n for n in script.nodes if isinstance(n, ast.For) and n.lineno == note.origin.line)
    return any(never_turns(loop, rows, subject, lookup) for loop in loops)


def selects(asked: ast.expr, trace: RevisionTrace, subject: RevisionScript) -> list[Step]:
    """The queries that ran in the lines of an expression and of the methods that are called on it."""
    for node in reversed(subject.script.nodes):  # what is called on it stands before it
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.value is asked:
            asked = node
    lines = range(asked.lineno, (asked.end_lineno or asked.lineno) + 1)
    placed = ((step, step.statement.origin) for step in trace.steps() if isinstance(step.change, Select))
    return [s for s, origin in placed if origin and origin.path == subject.script.path and origin.line in lines]


def nothing_there(step: Step, loop: Loop, lookup: Lookup) -> bool:
    """Whether all relations that a query reads are tables without a row but those that the deployment spells out."""
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
            gone = not any(puts_many(s, table) for s in before)
        if not gone or any(filled_elsewhere(table, loop, step, lookup)):
            return False
    return bool(names)


def puts_many(step: Step, table: Table) -> bool:
    """Whether a step writes rows into a table, or makes it with rows, that the script does not spell out."""
    change = step.change
    if isinstance(change, CreateTable):
        made = relation_key(step.after, change.table)
        there = step.after.tables.get(made) if made is not None else None
        return change.query is not None and there is not None and there.oid == table.oid
    if isinstance(change, Insert) and change.query is None and change.rows is not None:
        return False
    return isinstance(change, Insert | Merge) and is_of(change.table, table, step)


def filled_elsewhere(table: Table, loop: Loop, step: Step, lookup: Lookup) -> Iterator[bool]:
    """Whether what no replay sees, another loop of the checked scripts or a call, may put rows into the table."""
    own = {id(node) for node in ast.walk(loop)}
    known: dict[tuple[int, str], bool] = lookup.kept.setdefault(NAME, {})
    for trace in lookup.deployment.upgrades:
        script = lookup.scripts.get(trace.revision)
        if script is None:
            yield True
        elif table.key[1] in script.text:
            here = step.statement.origin is not None and step.statement.origin.path == script.path
            if here:
                yield filled_by(table, script, trace, step, own | after_rows(table, script, trace, lookup))
                continue
            told = known.get((table.oid, trace.revision))
            if told is None:
                own_rows = after_rows(table, script, trace, lookup)
                told = known[table.oid, trace.revision] = filled_by(table, script, trace, step, own_rows)
            yield told


def after_rows(table: Table, script: Script, trace: RevisionTrace, lookup: Lookup) -> set[int]:
    """What stands in loops over the table's own rows: nothing there puts in the first of them."""
    subject, rows = RevisionScript(script, trace, lookup.deployment.downgrades.get(trace.revision)), Rows(script.nodes)
    found: set[int] = set()
    for loop in rows.row_loops():
        steps = asked(loop, rows, subject)
        if steps and all(reads_only(step, table) for step in steps):
            found |= {id(node) for part in (loop.iter, *loop.body) for node in ast.walk(part)}
    return found


def reads_only(step: Step, table: Table) -> bool:
    """Whether a query reads that table and no other."""
    names = step.change.query.relations if isinstance(step.change, Select) else ()
    there = [step.before.tables.get(key) if (key := relation_key(step.before, n)) is not None else None for n in names]
    return bool(there) and all(one is not None and one.oid == table.oid for one in there)


def filled_by(table: Table, script: Script, trace: RevisionTrace, step: Step, own: set[int]) -> bool:
    """Whether one script may do so, but by the nodes that are its `own`."""
    if script.tree is None:
        return True
    reading = reading_of(script.tree, Direction.UPGRADE.value)
    found = (p for p in reading.loops() if id(p[0]) not in own and reading.has(p, (), table.key[1]))
    if any(not spelled_out(p[0], reading) and puts_rows(p[1:], reading) for p in found):
        return True
    known = own | set(of_lists(reading))
    calls = (c for c in unseen(table, script, trace, step) if id(c) not in known)
    return any(method(c) not in SENDING or puts_rows([c], reading) for c in calls)


def spelled_out(node: ast.AST, reading: Reading) -> bool:
    """Whether what is looped over is a list that stands in the script, to which nothing is added."""
    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr="items" | "values" | "keys"), args=[]):
            return spelled_out(owner, reading)
        case ast.List() | ast.Tuple() | ast.Set():
            return not any(isinstance(e, ast.Starred) for e in node.elts)
        case ast.Dict():
            return None not in node.keys
        case ast.Name():
            values = reading.bindings.get(node.id, [])
            fixed = all(not isinstance(v, ast.Name) and spelled_out(v, reading) for v in values)
            return bool(values) and fixed and not any(node.id in grown(n) for n in reading.nodes())
        case _:
            return False


def of_lists(reading: Reading) -> Iterator[int]:
    """The calls in loops over lists of the script that send what stands in these, and ask for no other rows."""
    for node in reading.nodes():
        if isinstance(node, ast.For) and spelled_out(node.iter, reading):
            for call in (n for part in node.body for n in ast.walk(part) if method(n) in SENDING):
                if SELECTING.isdisjoint(word.lower() for word in reading.words(call)):
                    yield id(call)


def grown(node: ast.AST) -> Iterator[str]:
    """The names to which a node adds something."""
    yield from (name.id for name in put_into(node))
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        yield node.target.id


def puts_rows(parts: list[ast.AST], reading: Reading) -> bool:
    """Whether what a loop does may put in a row: not where all that it sends are an UPDATE or a DELETE."""
    for call in (n for part in parts for n in ast.walk(part) if isinstance(n, ast.Call)):
        name = method(call)
        if name in PUTTING or (name == "append" and sent(call, reading)):
            return True
        if name in ("execute", "exec_driver_sql"):
            kinds = set(first_words(call.args[0], reading, set())) if call.args else {""}
            if not kinds or not kinds <= CHANGING:
                return True
    return False


def sent(call: ast.Call, reading: Reading) -> bool:
    """Whether the list to which a call appends may be what a statement is handed: not one that only is looked at."""
    held = call.func.value if isinstance(call.func, ast.Attribute) else None
    if not isinstance(held, ast.Name):
        return True
    takers = reading.calls(SENDERS | TAKERS)
    given: list[ast.AST] = [a for call in takers for a in (*call.args, *(k.value for k in call.keywords))]
    given += [n.value for n in reading.nodes() if isinstance(n, GIVING) and n.value is not None]
    return any(held.id in reading.words(part) for part in given)


def first_words(node: ast.AST, reading: Reading, seen: set[str]) -> Iterator[str]:
    """The words that a statement may begin with; an empty one for what is not known."""
    match node:
        case ast.Constant(value=str() as text):
            words = text.lower().split()
            if words[:2] == TRIGGER.split():
                yield TRIGGER
                return
            yield words[0] if words and "insert" not in words[1:] else ""
        case ast.JoinedStr(values=[first, *_]):
            yield from first_words(first, reading, seen)
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)) if name in WRITTEN:
            yield name
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=[text, *_]) if name in TEXTS:
            yield from first_words(text, reading, seen)
        case ast.Call(func=ast.Attribute(value=owner)):
            yield from first_words(owner, reading, seen)
        case ast.Name(id=name) if name not in seen:
            for value in reading.bindings.get(name, ()):
                yield from first_words(value, reading, {*seen, name})
        case _:
            yield ""
