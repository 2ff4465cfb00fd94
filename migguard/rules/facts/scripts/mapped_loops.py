"""Loops over all objects of a mapped class that delete each of them, or give each the same value.

Read from the syntax tree, and only where nothing is left open: the query has no condition, the class stands in the
script with the name of its table, and what is done stands in the loop itself, under no condition.
"""

import ast
from collections.abc import Iterator, Set

from migguard.catalog.lookup import relation_key
from migguard.catalog.schema import Table
from migguard.changes import Name
from migguard.records import dataclass
from migguard.rules.facts.scripts.empty_loops import never_turns
from migguard.rules.facts.scripts.row_loops import Loop, Rows
from migguard.rules.facts.scripts.script_reach import Reach, called
from migguard.rules.frame import Lookup, RevisionScript
from migguard.source import Script

WHOLE = frozenset({"all", "yield_per", "order_by", "options", "execution_options", "scalars", "unique"})
"""Methods of a query that leave no object out."""
ASKING = frozenset({"query", "scalars", "execute"})
"""Methods by which a session is asked."""
ENDING = (ast.Continue, ast.Break, ast.Return, ast.Raise)


@dataclass(frozen=True, slots=True)
class Done:
    """What a loop does to each object: the node that does it, to which table, and the column that is set, if any."""

    node: ast.expr
    table: Table
    column: str | None = None

    def held(self, lookup: Lookup) -> bool:
        """Whether what it takes away was there before the deployment."""
        column = self.table.column(self.column) if self.column is not None else None
        return self.column is None or (column is not None and lookup.deployment.existing(column.oid))


def done_to_all(subject: RevisionScript, lookup: Lookup) -> Iterator[Done]:
    """What the loops of an upgrade do to each row of a table that was there before."""
    script = subject.script
    if script.tree is None or "__tablename__" not in script.text or "for " not in script.text:
        return
    rows, reach, sessions = Rows(script.nodes), Reach(script), asked(script)
    for loop in rows.row_loops():
        kind = whole(loop.iter, rows)
        model = classes(script).get(kind) if kind is not None else None
        table = mapped(model, subject, lookup) if model is not None else None
        if model is None or table is None or reach.only_backwards(loop) or not isinstance(loop.target, ast.Name):
            continue
        found = [d for d in in_each_turn(loop, loop.target.id, table, model, sessions) if d.held(lookup)]
        if found and not never_turns(loop, rows, subject, lookup):
            yield from found


def whole(node: ast.expr, rows: Rows) -> str | None:
    """The class all objects of which an expression holds."""
    while isinstance(node, ast.Call) and called(node) in WHOLE and isinstance(node.func, ast.Attribute):
        if called(node) == "scalars" and node.args:
            break
        node = node.func.value
    match node:
        case ast.Call(func=ast.Attribute(attr="query"), args=[ast.Name(id=name)], keywords=[]):
            return name
        case ast.Call(func=ast.Attribute(attr="scalars" | "execute"), args=[ast.Call() as select]):
            if called(select) == "select" and len(select.args) == 1 and isinstance(select.args[0], ast.Name):
                return select.args[0].id
            return None
        case ast.Name():
            values = rows.values(node)
            return whole(values[0], rows) if len(values) == 1 and not isinstance(values[0], ast.Name) else None
        case _:
            return None


def classes(script: Script) -> dict[str, ast.ClassDef]:
    """The classes of a script by their names."""
    return {n.name: n for n in script.nodes if isinstance(n, ast.ClassDef)}


def mapped(model: ast.ClassDef, subject: RevisionScript, lookup: Lookup) -> Table | None:
    """The table that a class says it is of, if that was there before the deployment."""
    for node in model.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__tablename__")], value=ast.Constant(value=str() as name)):
                before = subject.trace.before
                key = relation_key(before, Name(name))
                known = key is not None and lookup.deployment.existing_table(key, before)
                return before.tables.get(key) if key is not None and known else None
            case _:
                pass
    return None


def asked(script: Script) -> set[str]:
    """What a script asks for objects, as it is written: sessions."""
    return {
        ast.unparse(n.func.value)
        for n in script.nodes
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr in ASKING
    }


def in_each_turn(loop: Loop, target: str, table: Table, model: ast.ClassDef, sessions: Set[str]) -> Iterator[Done]:
    """What the statements of a loop do, as long as each turn comes to them."""
    for statement in loop.body:
        match statement:
            case ast.Expr(
                value=ast.Call(func=ast.Attribute(value=of, attr="delete"), args=[ast.Name(id=name)]) as call
            ):
                if name == target and ast.unparse(of) in sessions:
                    yield Done(call, table)
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(id=name)) as given], value=ast.Constant()):
                column = table.column(column_of(given.attr, model))
                if name == target and column is not None:
                    yield Done(given, table, column.name)
            case _:
                pass
        if any(isinstance(n, ENDING) for n in ast.walk(statement)):
            return


def column_of(attribute: str, model: ast.ClassDef) -> str:
    """The column that an attribute of a class stands for: its own name, unless `Column` is given another."""
    for node in model.body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(args=[ast.Constant(value=str() as other), *_]))
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Call(args=[ast.Constant(value=str() as other), *_]))
            ) if name == attribute:
                return other
            case _:
                pass
    return attribute
