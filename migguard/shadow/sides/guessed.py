"""Where in a script the answers go that a replay had to guess: names, lists, parameters of other functions."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping, Set
from types import MappingProxyType
from typing import NamedTuple

from migguard.shadow.sides.row_writes import Function


class Asked(NamedTuple):
    """Which answers were guessed: the lines that asked, the script's functions that did, and the lines that had
    functions of other files ask, or looked a name up in a list of tables. `known` are functions by their names."""

    lines: Set[int]
    functions: Set[str] = frozenset()
    elsewhere: Set[int] = frozenset()
    known: Mapping[str, Function] = MappingProxyType({})
    core: Set[str] = frozenset()  # names of SQLAlchemy


def held(tree: ast.Module, asked: Asked) -> set[str]:
    """The names at the top of a script that hold guessed answers."""
    found: set[str] = set()
    for node in tree.body:
        value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
        if value is not None and (asks(value, asked) or uses(value, found)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]  # type: ignore[attr-defined]
            found |= {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
    return found


def handed_on(known: Mapping[str, Function], asked: Asked, top: Set[str] = frozenset()) -> dict[str, set[str]]:
    """The parameters of functions that get guessed answers, or what was made of them, from one of the others."""
    given: dict[str, set[str]] = {}
    waiting = list(known)
    while waiting:
        caller = waiting.pop()
        names = taint(known[caller], asked, top | given.get(caller, set())) or set()
        for call in ast.walk(known[caller]):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.func.id not in known:
                continue
            called = known[call.func.id].args
            places = zip([*called.posonlyargs, *called.args], call.args, strict=False)
            found = {a.arg for a, value in places if asks(value, asked) or uses(value, names)}
            found |= {k.arg for k in call.keywords if k.arg and (asks(k.value, asked) or uses(k.value, names))}
            if found - given.get(call.func.id, set()):
                given.setdefault(call.func.id, set()).update(found)
                waiting.append(call.func.id)
    return given


def values_of(function: Function) -> dict[str, set[int]]:
    """The lines in which a function gives each name its values."""
    found: dict[str, set[int]] = {}
    for node in ast.walk(function):
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            lines = range(node.value.lineno, (node.value.end_lineno or node.value.lineno) + 1)
            for name in (n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)):
                found.setdefault(name, set()).update(lines)
    return found


def asks(node: ast.AST, asked: Asked) -> bool:
    """Whether an expression asks a question that was guessed, itself or through a function."""
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            lines = range(part.lineno, (part.end_lineno or part.lineno) + 1)
            if isinstance(part.func, ast.Attribute) and any(g in lines for g in asked.lines):
                return True
            if isinstance(part.func, ast.Name):
                elsewhere = not hasattr(builtins, part.func.id) and any(g in lines for g in asked.elsewhere)
                if elsewhere or part.func.id in asked.functions:
                    return True
                if hasattr(builtins, part.func.id) and any(g in lines for g in asked.lines):
                    return True  # what takes the rows of a query sends it: `list(query)`
        elif isinstance(part, ast.comprehension) and sends(part.iter, asked):
            return True
        elif isinstance(part, (ast.Compare, ast.Subscript)) and part.lineno in asked.elsewhere:
            return True  # a list of names was looked through, or a variable taken from the environment
    return False


def sends(over: ast.expr, asked: Asked) -> bool:
    """Whether a query under a name is sent by what goes over its rows."""
    return isinstance(over, (ast.Name, ast.Attribute)) and over.lineno in asked.lines


def taint(function: Function, asked: Asked, top: Set[str] = frozenset()) -> set[str] | None:
    """The names in a function that hold guessed answers, or what was made of them; None if it asks nothing."""
    names = set(top)
    loops = (n.iter for n in ast.walk(function) if isinstance(n, (ast.For, ast.AsyncFor)))
    found = asks(function, asked) or uses(function, names) or any(sends(over, asked) for over in loops)
    if not found:
        return None
    inner = {n.name: n for n in ast.walk(function) if n is not function and isinstance(n, Function)}
    for _ in range(3):
        for node in ast.walk(function):
            value, targets = None, []
            if isinstance(node, ast.Assign):
                value, targets = node.value, node.targets
            elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
                value, targets = node.value, [node.target]
            if value is not None and (asks(value, asked) or uses(value, names)):
                names |= {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
            if isinstance(node, (ast.For, ast.AsyncFor)) and (
                asks(node.iter, asked) or sends(node.iter, asked) or uses(node.iter, names)
            ):
                names |= set(filled_by(node, inner))
            if isinstance(node, (ast.If, ast.While)) and (asks(node.test, asked) or uses(node.test, names)):
                names |= set(filled_by(node, inner))
    return names


FILLING = frozenset({"append", "appendleft", "add", "extend", "insert", "setdefault", "update"})
"""Methods by which a container gets what was not in it."""


def filled_by(
    block: ast.stmt, inner: Mapping[str, Function] = MappingProxyType({}), seen: Set[str] = frozenset()
) -> Iterator[str]:
    """The lists and dicts that a block puts something into, itself or by the functions inside the function it is in."""
    for node in (n for part in getattr(block, "body", []) for n in ast.walk(part)):
        filled: list[ast.expr] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in inner.keys() - seen:
            yield from filled_by(inner[node.func.id], inner, seen | {node.func.id})
        if isinstance(node, ast.Assign):
            filled = [t.value for t in node.targets if isinstance(t, ast.Subscript)]
        elif isinstance(node, ast.AugAssign):
            filled = [node.target]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in FILLING:
            filled = [node.func.value]
        for held in filled:
            while isinstance(held, (ast.Subscript, ast.Attribute, ast.Call)):
                held = held.func if isinstance(held, ast.Call) else held.value
            if isinstance(held, ast.Name):
                yield held.id


def uses(node: ast.AST, names: set[str]) -> bool:
    """Whether an expression uses one of the names."""
    return any(isinstance(n, ast.Name) and n.id in names for n in ast.walk(node))
