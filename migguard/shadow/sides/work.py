"""Which statements of a script may do something to the database, as far as its syntax tells."""

from __future__ import annotations

import ast
import builtins

from migguard.shadow.outside_calls import outside
from migguard.shadow.sides import row_writes
from migguard.shadow.sides.row_writes import NONE, Function, Rows, session

QUERIES = {"execute", "scalar", "scalars", "fetchall", "fetchone", "first", "all", "one", "scalar_one",
           "scalar_one_or_none",
           "query", "get", "count", "exec_driver_sql", "one_or_none"}  # fmt: skip

COMPUTING = frozenset({"bisect", "heapq", "random"})
"""Modules of Python's own whose functions change nothing but the lists that they are given."""


def operation(call: ast.Call) -> bool:
    """Whether a call is one of Alembic's operations, or a method of a batch."""
    return root_name(call.func) in ("op", "batch_op", "batch", "b", "bop")


def root_name(node: ast.expr) -> str | None:
    """The name at the beginning of a chain of attributes and calls."""
    while isinstance(node, (ast.Attribute, ast.Call)):
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return node.id if isinstance(node, ast.Name) else None


def matters(statement: ast.stmt, rows: Rows = NONE) -> bool:
    """Whether an unread statement could have done something to the database."""
    return rows.written_by(statement) or any(
        isinstance(n, ast.Call) and (operation(n) or queries(n) or works(n, statement, rows) or outside(n) is not None)
        for n in ast.walk(statement)
    )


def queries(call: ast.Call) -> bool:
    """Whether a call has the name of one that asks the database; `get("name")` asks a mapping."""
    match call:
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str()), *_]):
            return False
        case ast.Call(func=ast.Attribute(attr="get", value=owner)) if mapping(owner):
            return False
        case ast.Call(func=ast.Attribute(attr=method)):
            return method in QUERIES
        case _:
            return False


def mapping(owner: ast.expr) -> bool:
    """Whether what is asked by `get` is a dict by the look of it: no session, no query, no class."""
    while isinstance(owner, ast.Subscript):
        owner = owner.value
    name = owner.id if isinstance(owner, ast.Name) else ""
    asked = session(owner) or name in HANDED or "query" in name.lower() or name in ("q", "stmt")
    return bool(name) and not asked and (name.islower() or name.isupper())


def works(call: ast.Call, statement: ast.stmt, rows: Rows = NONE) -> bool:
    """Whether a call is a statement of its own, made for what it does and not for its value, of a plain function.

    A function of the script that does nothing of the kind is none, and that is handed no connection.
    """
    if not any(isinstance(n, ast.Expr) and awaited(n.value) is call for n in ast.walk(statement)):
        return False
    name = root_name(call.func)
    match call.func:
        case ast.Name(id=name) if name in rows.busy:
            return False
        case ast.Name(id=name) if name in rows.functions:
            given = (*call.args, *(k.value for k in call.keywords))
            return any(root_name(a) in HANDED for a in given) or does(rows.functions[name], rows)
        case ast.Name(id=name):
            return not row_writes.tells(name) and not hasattr(builtins, name)
        case ast.Attribute(attr=method) if name is not None:
            if name in COMPUTING:
                return False
            kept = any(hasattr(kind, method) for kind in (list, dict, set))  # put into a container of the script's
            return not row_writes.tells(name) and (not kept or any(root_name(a) in HANDED for a in call.args))
        case _:
            return False


def awaited(value: ast.expr) -> ast.expr:
    """What is awaited; else the expression itself."""
    return value.value if isinstance(value, ast.Await) else value


def does(function: Function, rows: Rows) -> bool:
    """Whether a function of the script may do something to the database, or more than its syntax tells."""
    arguments = function.args
    names = {a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    others = {name: f for name, f in rows.functions.items() if f is not function}
    inner = Rows(names, others, rows.core, rows.busy | {function.name})
    called = {n.func.id for n in ast.walk(function) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    odd = bool(function.decorator_list) or any(isinstance(n, STARTING) for n in ast.walk(function))
    return (
        odd
        or any(matters(s, inner) for s in function.body)
        or any(does(f, inner) for n, f in others.items() if n in called)
    )


STARTING = (ast.With, ast.AsyncWith, ast.Await, ast.Global, ast.Nonlocal)
HANDED = frozenset({"op", "bind", "conn", "connection", "session", "context", "ctx", "engine", "db"})
"""Names of what a helper is given to work on."""
