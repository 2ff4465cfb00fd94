"""What a part of a script that was not run reaches outside by, as its source says: files, processes, connections."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Set

from migguard.shadow.sides.row_writes import Function
from migguard.trace import NoteKind

CONNECTING = frozenset({"begin", "connect", "raw_connection"})
"""Methods of an engine that check out a connection."""
ENGINES = frozenset({"create_engine", "create_async_engine", "engine_from_config"})
WRITTEN = frozenset({"write_text", "write_bytes"})
"""Methods that only paths have."""
PROCESSES = frozenset({"subprocess", "os.system", "os.popen"})
NETWORK = frozenset({"requests", "httpx", "urllib", "urllib3", "smtplib", "socket"})


def outside(call: ast.Call, engines: Set[str] = frozenset()) -> NoteKind | None:
    """What a call would reach outside by. `engines` are names that hold one."""
    match call.func:
        case ast.Name(id="open"):
            return NoteKind.WRITE if writing(call, 1) else None
        case ast.Attribute(attr="open") if writing(call, 0):
            return NoteKind.WRITE
        case ast.Attribute(attr=method) if method in WRITTEN:
            return NoteKind.WRITE
        case ast.Attribute(value=held, attr=method) if method in CONNECTING and engine(held):
            return NoteKind.CONNECTION
        case ast.Attribute(value=ast.Name(id=name), attr=method) if name in engines and method in CONNECTING:
            return NoteKind.CONNECTION
        case ast.Attribute():
            return by_module(ast.unparse(call.func))
        case _:
            return None


def by_module(path: str) -> NoteKind | None:
    """What a function of a module does, by the module's name."""
    root = path.partition(".")[0]
    if root in PROCESSES or path in PROCESSES:
        return NoteKind.PROCESS
    return NoteKind.SOCKET if root in NETWORK and "(" not in path else None


def writing(call: ast.Call, place: int) -> bool:
    """Whether a file is opened to be written: the mode stands there."""
    given = [k.value for k in call.keywords if k.arg == "mode"] or call.args[place : place + 1]
    return any(isinstance(m, ast.Constant) and isinstance(m.value, str) and set(m.value) & set("wax+") for m in given)


def reached(
    statements: Iterable[ast.stmt], own: Mapping[str, Function], seen: Set[str] = frozenset()
) -> Iterator[tuple[NoteKind, ast.Call]]:
    """The calls of statements that reach outside, and those of the script's functions that they call."""
    statements = list(statements)
    engines = {
        target.id
        for statement in statements
        for node in ast.walk(statement)
        if isinstance(node, ast.Assign) and engine(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in (n for s in statements for n in ast.walk(s)):
        if not isinstance(node, ast.Call):
            continue
        kind = outside(node, engines)
        if kind is not None:
            yield kind, node
        elif isinstance(node.func, ast.Name) and node.func.id in own and node.func.id not in seen:
            seen = seen | {node.func.id}
            yield from reached(own[node.func.id].body, own, seen)


def engine(value: ast.expr) -> bool:
    """Whether an expression is a connection's engine, or makes one: that alone connects to nothing."""
    match value:
        case ast.Attribute(attr="engine"):
            return True
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in ENGINES
        case _:
            return False
