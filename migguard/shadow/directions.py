"""Which functions of a script only its downgrade comes to."""

from __future__ import annotations

import ast
from collections.abc import Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef


def backwards(tree: ast.Module) -> set[str]:
    """The functions at the top of a script that downgrade() comes to, itself or by others, and upgrade() does not."""
    top = dict(named(tree))
    return reached("downgrade", top) - reached("upgrade", top)


def named(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """What stands at the top of a script under a name: functions, classes, and values that may hold functions."""
    for node in tree.body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name, node
            case ast.Assign():
                yield from ((n.id, node) for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name, node
            case _:
                pass


def reached(start: str, top: dict[str, ast.stmt]) -> set[str]:
    """The names that a direction comes to, from its function and those for one of several databases."""
    found = {name for name in top if name == start or name.startswith(f"{start}_")}
    waiting = list(found)
    while waiting:
        for node in ast.walk(top[waiting.pop()]):
            name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
            if name in top and name not in found:
                found.add(name)
                waiting.append(name)
    return found
