"""Statements of a script that send SQL which stands there, as one literal or as one statement of Core."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Set
from types import MappingProxyType
from typing import NamedTuple

from migguard.changes import Delete, Engine, Insert, Merge, Select, Update
from migguard.shadow.outside_calls import outside
from migguard.shadow.script import functions
from migguard.shadow.sides.row_writes import Function, Rows, bound_from, hands_on, writes
from migguard.shadow.sides.work import HANDED, QUERIES, matters, operation, queries, root_name, works
from migguard.sql.read import read

SENDING = frozenset({"execute", "exec_driver_sql", "scalar", "scalars"})
"""Methods that send the statement that they are given."""
TAKING = QUERIES - {"execute", "exec_driver_sql", "query", "get"}
"""Methods that, without arguments, take what a statement gave back."""
OF_ROWS = (Delete, Insert, Merge, Select, Update)


class Spelled(NamedTuple):
    """What is known of a script's names: functions, and those that only ever hold a statement which stands there."""

    functions: Mapping[str, Function] = MappingProxyType({})
    statements: Mapping[str, list[ast.expr]] = MappingProxyType({})
    engine: Engine = Engine.POSTGRESQL


def spelled(tree: ast.Module, engine: Engine) -> Spelled:
    """What is known of the names of a script."""
    given: dict[str, list[ast.expr]] = {}
    bound: dict[str, int] = {}
    for node in ast.walk(tree):
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ) if literal_text(value) is not None or core_statement(value):
                given.setdefault(name, []).append(value)
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                bound[name] = bound.get(name, 0) + 1
            case _:
                pass
    fixed = {name: values for name, values in given.items() if bound[name] == len(values)}
    return Spelled(functions(tree), fixed, engine)


def literal_text(value: ast.expr) -> str | None:
    """The text that an expression is and that stands there, alone or in calls of one argument: `sa.text("…")`."""
    while isinstance(value, ast.Call) and len(value.args) == 1 and not value.keywords:
        value = value.args[0]
    words = value.values if isinstance(value, ast.JoinedStr) else [value]  # an f-string may have no value in it
    texts = [w.value for w in words if isinstance(w, ast.Constant) and isinstance(w.value, str)]
    return "".join(texts) if texts and len(texts) == len(words) else None


def spelled_out(statement: ast.stmt, known: Spelled, rows: Rows, seen: Set[str] = frozenset()) -> bool:
    """Whether all that a statement may do to the database is to send statements on rows that stand there.

    So does a call of a function that does nothing else. `seen` are functions that are being looked at.
    """
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return False
    inner, names = list(inside(statement)), bound_from(statement, rows.names)
    own = [n for part in parts(statement, inner) for n in but_values(part, known)]
    return (
        all(not matters(one, rows) or spelled_out(one, known, rows, seen) for one in inner)
        and not any(writes(n, names) for n in own)
        and all(allowed(n, statement, known, rows._replace(names=names), seen) for n in own if isinstance(n, ast.Call))
    )


def but_values(node: ast.AST, known: Spelled) -> Iterator[ast.AST]:
    """The nodes of a part of a script but for the values that are sent with statements which stand there."""
    yield node
    children = ast.iter_child_nodes(node)
    if isinstance(node, ast.Call) and sends(node, known):
        children = iter([node.func])
    for child in children:
        yield from but_values(child, known)


def inside(statement: ast.stmt) -> Iterator[ast.stmt]:
    """The statements that stand in another."""
    for node in ast.iter_child_nodes(statement):
        match node:
            case ast.stmt():
                yield node
            case ast.ExceptHandler(body=body) | ast.match_case(body=body):
                yield from body
            case _:
                pass


def parts(statement: ast.stmt, inner: list[ast.stmt]) -> Iterable[ast.AST]:
    """A statement but for those in it."""
    if not inner:
        return [statement]
    return [n for n in ast.iter_child_nodes(statement) if not isinstance(n, (ast.stmt, ast.ExceptHandler))]


def allowed(call: ast.Call, statement: ast.stmt, known: Spelled, rows: Rows, seen: Set[str]) -> bool:
    """Whether a call does nothing, takes what was given back, or sends what stands there."""
    if sends(call, known):
        return True
    match call:
        case ast.Call(func=ast.Attribute(attr=method), args=[], keywords=[]) if method in TAKING:
            return True
        case ast.Call(func=ast.Attribute(value=ast.Name(id="op"), attr="get_bind")):
            return True
        case ast.Call(func=ast.Name(id=name)) if (
            own := rows.functions.get(name) or known.functions.get(name)
        ) is not None:
            return name in seen or sends_only(own, known, rows, seen | {name})
        case _:
            handed = any(root_name(a) in HANDED for a in (*call.args, *(k.value for k in call.keywords)))
            works_itself = operation(call) or queries(call) or works(call, statement, rows)
            given_rows = hands_on(call, rows.names, rows.functions, rows.core, rows.busy)
            return not (handed or works_itself or given_rows) and outside(call) is None


def sends(call: ast.Call, known: Spelled) -> bool:
    """Whether a call sends a statement on rows that stands there."""
    match call:
        case ast.Call(func=ast.Attribute(attr=method), args=[sent, *_]) if method in SENDING:
            return stands_there(sent, known)
        case _:
            return False


def sends_only(function: Function, known: Spelled, rows: Rows, seen: Set[str]) -> bool:
    """Whether all that a function may do to the database is to send what stands there."""
    arguments = function.args
    names = {a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    inner = rows._replace(names=names)
    plain = not function.decorator_list
    return plain and all(not matters(s, inner) or spelled_out(s, known, inner, seen) for s in function.body)


def stands_there(sent: ast.expr, known: Spelled) -> bool:
    """Whether what is sent is a statement on rows that stands there."""
    if isinstance(sent, ast.Name):
        values = known.statements.get(sent.id, ())
        return bool(values) and all(stands_there(v, known) for v in values)
    text = literal_text(sent)
    if text is None:
        return core_statement(sent)
    changes = read(text, known.engine)
    return bool(changes) and all(isinstance(change, OF_ROWS) for change in changes)


def core_statement(node: ast.expr) -> bool:
    """Whether an expression is `table.update().where(…).values(…)`, or the like, of a table under a name."""
    match node:
        case ast.Call(func=ast.Attribute(attr="where" | "values" | "bindparams", value=inner)):
            return core_statement(inner)
        case ast.Call(func=ast.Attribute(attr="update" | "insert" | "delete", value=ast.Name()), args=[]):
            return True
        case _:
            return False
