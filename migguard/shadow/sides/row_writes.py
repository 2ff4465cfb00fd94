"""Writes of the ORM as they stand in a script: what is set on a row, and what a session is given."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterator, Mapping, Set
from types import MappingProxyType
from typing import NamedTuple

Function = ast.FunctionDef | ast.AsyncFunctionDef

FLUSHED = frozenset(
    {"add", "add_all", "delete", "merge", "flush", "bulk_save_objects", "bulk_insert_mappings", "bulk_update_mappings"}
)
"""Methods of a session that write rows, at once or when it is flushed."""
CHANGED = frozenset({"append", "appendleft", "extend", "insert", "remove", "discard", "pop", "clear", "add", "update"})
"""Methods by which what a row holds is changed: a relationship's list, a tracked dict."""
TELLING = frozenset(
    {"print", "logger", "log", "logging", "LOG", "LOGGER", "_LOG", "warnings", "sys", "time", "console"}
)
"""What a script calls for its reader, with underscores around it or without."""
BUILDING = frozenset(
    {"where", "filter", "filter_by", "order_by", "group_by", "having", "limit", "offset", "select_from", "join",
     "outerjoin", "in_", "not_in", "notin_", "is_", "is_not", "isnot", "like", "label", "bindparams", "with_entities"}
)  # fmt: skip
"""Methods that make one query or condition of another, and ask nothing."""


class Rows(NamedTuple):
    """The names of a part of a script that may hold rows, and the functions whose bodies are known."""

    names: Set[str] = frozenset()
    functions: Mapping[str, Function] = MappingProxyType({})
    core: Set[str] = frozenset()  # names of SQLAlchemy itself, and of what comes from it: `sa`, `select`
    busy: Set[str] = frozenset()  # functions that are being looked at: that they call themselves adds nothing

    def written_by(self, node: ast.AST) -> bool:
        """Whether a part of the script may write rows by other means than a statement of its own."""
        return writes_rows(node, self.names, self.functions, self.core, self.busy)


NONE = Rows()


def writes_rows(
    node: ast.AST,
    rows: Set[str],
    own: Mapping[str, Function],
    core: Set[str] = frozenset(),
    seen: Set[str] = frozenset(),
) -> bool:
    """Whether a part of a script may write rows by other means than a statement of its own.

    `rows` are names that may hold rows, `own` the functions whose bodies are known, and `core` names of SQLAlchemy.
    """
    rows = rows | bound_from(node, rows)
    return any(writes(part, rows) or hands_on(part, rows, own, core, seen) for part in ast.walk(node))


def of_core(tree: ast.Module) -> set[str]:
    """The names by which a script has SQLAlchemy, and what comes from it: not from its ORM, which acts on rows."""
    found = set()
    for node in tree.body:
        match node:
            case ast.Import():
                found |= {a.asname or a.name for a in node.names if a.name == "sqlalchemy"}
            case ast.ImportFrom(module="sqlalchemy" | "sqlalchemy.sql" | "sqlalchemy.sql.expression"):
                found |= {a.asname or a.name for a in node.names} - {"orm", "event"}
            case _:
                pass
    return found


def writes(node: ast.AST, rows: Set[str]) -> bool:
    """Whether a node sets something on a row, or has a session write one."""
    match node:
        case ast.Assign(targets=targets) | ast.Delete(targets=targets):
            return any(on_row(t, rows) for t in targets)
        case ast.AugAssign(target=target):
            return on_row(target, rows)
        case ast.AnnAssign(target=target, value=ast.expr()):
            return on_row(target, rows)
        case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[ast.Name(id=name), *_]):
            return name in rows
        case ast.Call(func=ast.Attribute(attr=method, value=owner)) if method in FLUSHED and session(owner):
            return True
        case ast.Call(func=ast.Attribute(attr=method, value=ast.Attribute() as held)) if method in CHANGED:
            return on_row(held, rows)
        case _:
            return False


def on_row(target: ast.expr, rows: Set[str]) -> bool:
    """Whether an attribute of a row is what is set, or a place in one."""
    if isinstance(target, (ast.Tuple, ast.List)):
        return any(on_row(one, rows) for one in target.elts)
    attribute = False
    while isinstance(target, (ast.Attribute, ast.Subscript, ast.Starred)):
        attribute = attribute or isinstance(target, ast.Attribute)
        target = target.value
    return attribute and isinstance(target, ast.Name) and target.id in rows


def session(node: ast.expr) -> bool:
    """Whether a session is what an expression is called by: `session`, `db.session`, `Session(bind)`, `s`."""
    while isinstance(node, (ast.Call, ast.Await)):
        node = node.func if isinstance(node, ast.Call) else node.value
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return "session" in name.lower() or name == "s"


def hands_on(node: ast.AST, rows: Set[str], own: Mapping[str, Function], core: Set[str], seen: Set[str]) -> bool:
    """Whether a whole row or a session is handed to a function that writes, or of which that is not known."""
    if not isinstance(node, ast.Call):
        return False
    names = [a.id for a in (*node.args, *(k.value for k in node.keywords)) if isinstance(a, ast.Name)]
    given = {n for n in names if n in rows or session(ast.Name(n))}
    if not given or harmless(node.func) or builds(node.func, core):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in seen and isinstance(node.func, ast.Name):
        return False
    function = own.get(name)
    if function is None:
        return True
    parameters = {a.arg for a in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)}
    return name not in seen and any(writes_rows(s, parameters, own, core, seen | {name}) for s in function.body)


def harmless(called: ast.expr) -> bool:
    """Whether what is called is Python's own, speaks to the reader alone, or puts something into a container."""
    if isinstance(called, ast.Name):
        return tells(called.id) or hasattr(builtins, called.id)
    kept = isinstance(called, ast.Attribute) and any(hasattr(kind, called.attr) for kind in (list, dict, set))
    root = called
    while isinstance(root, (ast.Attribute, ast.Subscript, ast.Call)):
        root = root.func if isinstance(root, ast.Call) else root.value
    return kept or (isinstance(root, ast.Name) and (tells(root.id) or root.id in sys.stdlib_module_names))


def tells(name: str) -> bool:
    """Whether a name is of what a script calls for its reader: `logger`, `_logger`."""
    return name in TELLING or name.strip("_") in TELLING


def builds(called: ast.expr, core: Set[str]) -> bool:
    """Whether what is called makes a query or a condition: of SQLAlchemy's own, or a method of one.

    Not what lies deeper in it, such as `sa.orm.attributes.flag_modified`.
    """
    match called:
        case ast.Name(id=name):
            return name in core
        case ast.Attribute(value=ast.Name(id=name)) if name in core:
            return True
        case ast.Attribute(value=ast.Attribute(value=ast.Name(id=name), attr="func")):
            return name in core
        case ast.Attribute(attr=method, value=owner):
            return method in BUILDING and not session(owner)
        case _:
            return False


def bound_from(node: ast.AST, rows: Set[str]) -> set[str]:
    """The names that are bound inside a node to rows, or to what was made of rows."""
    known = set(rows)
    for _ in range(3):
        for target, value in bindings(node):
            if any(isinstance(n, ast.Name) and n.id in known for n in ast.walk(value)):
                known |= bound_by(target)
    return known


def bound_by(target: ast.expr) -> set[str]:
    """The names that a target binds."""
    return {n.id for n in ast.walk(target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def bindings(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What is bound inside a node, and to what."""
    for part in ast.walk(node):
        match part:
            case (
                ast.For(target=target, iter=value)
                | ast.AsyncFor(target=target, iter=value)
                | ast.comprehension(target=target, iter=value)
                | ast.NamedExpr(target=target, value=value)
            ):
                yield target, value
            case ast.Assign(targets=targets, value=value):
                yield from ((target, value) for target in targets)
            case _:
                pass
