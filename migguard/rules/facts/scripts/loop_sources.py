"""Which tables the rows of a loop come from, as far as the script says it: in SQL, or by a table or class of its own.

A word that is a table's name may be anything else in a query: a column, a method, a label.
"""

import ast
from collections.abc import Iterator

from migguard.changes import Engine, Name, Query
from migguard.rules.facts.scripts.filling_loops import Reading, bound
from migguard.rules.facts.scripts.script_reach import called
from migguard.sql.read import read

TABLES = frozenset({"table", "Table"})
UNKNOWN = "NULL"
"""Stands for a value that is put into a text: no table has the name."""


def sources(over: ast.AST, reading: Reading, engine: Engine) -> Iterator[Name]:
    """The tables that an expression reads; what is not written out is left out."""
    local: dict[str, list[ast.AST]] = {}
    for part in reading.parts:
        nodes = list(ast.walk(part))
        if any(node is over for node in nodes):
            for name, value in (pair for node in nodes for pair in bound(node)):
                local.setdefault(name, []).append(value)
    waiting, seen = [over], set[str]()
    while waiting:
        node = waiting.pop()
        match node:
            case ast.Call(args=[ast.Constant(value=str() as name), *_], keywords=more) if called(node) in TABLES:
                schemas = [k.value.value for k in more if k.arg == "schema" and isinstance(k.value, ast.Constant)]
                yield Name(name, next((s for s in schemas if isinstance(s, str)), None))
            case ast.Subscript(value=ast.Attribute(attr="tables"), slice=ast.Constant(value=str() as name)):
                yield Name(name)
            case ast.Attribute(value=ast.Attribute(attr="classes"), attr=name):
                yield Name(name)
            case ast.ClassDef():
                yield from of_class(node)
                waiting += [s.value for s in node.body if isinstance(s, ast.Assign) and names(s, "__table__")]
            case ast.Constant(value=str() as text):
                yield from of_text(text, engine)
            case ast.JoinedStr(values=values):
                yield from of_text("".join(written(v, reading) for v in values), engine)
            case ast.Name(id=name):
                if name not in seen:
                    seen.add(name)
                    waiting += local.get(name, reading.bindings.get(name, []))
            case _:
                waiting += ast.iter_child_nodes(node)


def of_class(node: ast.ClassDef) -> Iterator[Name]:
    """The table that a class says it is of."""
    for statement in node.body:
        if isinstance(statement, ast.Assign) and names(statement, "__tablename__"):
            value = statement.value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield Name(value.value)


def names(statement: ast.Assign, name: str) -> bool:
    """Whether a statement gives a name its value."""
    return any(isinstance(target, ast.Name) and target.id == name for target in statement.targets)


def of_text(text: str, engine: Engine) -> Iterator[Name]:
    """The tables that SQL reads; none of a text that is no SQL."""
    if len(text.split()) > 2:
        for change in read(text, engine):
            query = change if isinstance(change, Query) else getattr(change, "query", None)
            yield from query.relations if isinstance(query, Query) else ()


def written(part: ast.expr, reading: Reading) -> str:
    """A part of a text in braces and quotes: what a name of one value stands for."""
    value = part.value if isinstance(part, ast.FormattedValue) else part
    if isinstance(value, ast.Name):
        values = reading.bindings.get(value.id, [])
        value = values[0] if len(values) == 1 and isinstance(values[0], ast.expr) else value
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else UNKNOWN
