"""In which line of a script the name stands that a statement has: beside a loop, in a batch block, for a helper."""

import ast
from typing import TypeGuard

from migguard.rules.facts.scripts.script_reach import Reach, called
from migguard.source import Origin, Script

WITHS = (ast.With, ast.AsyncWith)
OPERATIONS = ("drop_", "create_", "rename_", "alter_", "execute")


def naming(name: str, origin: Origin, script: Script, function: str) -> tuple[int, bool]:
    """The line of a script that names what the statement of a place is about, and whether that line is about it alone.

    It is not where the name is put together, or stands in several places: then the line is the statement's own.
    """
    if origin.path != script.path:
        return origin.line, False
    at = next((n for n in script.nodes if stands(n, origin)), None)
    inside = [n for n in ast.walk(at) if says(n, name)] if at is not None else []
    if isinstance(at, ast.Call) and inside:
        return origin.line, True
    found = inside or reached(name, script, function)
    lines = {operation.lineno if (operation := around(n, script)) is not None else n.lineno for n in found}
    return (lines.pop(), True) if len(lines) == 1 else (origin.line, False)


def stands_in(line: int, function: str, script: Script) -> bool:
    """Whether a line is one of a function, and not one of what it calls or uses."""
    body = script.tree.body if script.tree is not None else ()
    return any(
        isinstance(n, ast.FunctionDef) and n.name == function and n.lineno <= line <= (n.end_lineno or line)
        for n in body
    )


def reached(name: str, script: Script, function: str) -> list[ast.Constant]:
    """The strings that are the name, in what a function comes to and in the constants of the module that it uses."""
    reach = Reach(script)
    inside = [n for n in script.nodes if reach.comes_to(n, function)]
    used = {n.id for n in inside if isinstance(n, ast.Name)}
    for node in script.tree.body if script.tree is not None else ():
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(t, ast.Name) and t.id in used for t in targets):
            inside += ast.walk(node)
    return [n for n in inside if isinstance(n, ast.Constant) and n.value == name]


def stands(node: ast.AST, origin: Origin) -> bool:
    """Whether a node is the call or the block at a place."""
    if not isinstance(node, (ast.Call, *WITHS)):
        return False
    first: ast.AST = node.items[0].context_expr if isinstance(node, WITHS) else node
    here = (origin.line, origin.column)
    places = [(n.lineno, n.col_offset + 1) for n in (node, first) if isinstance(n, ast.expr | ast.stmt)]
    return here in places and (isinstance(node, WITHS) or origin.end_line in (None, node.end_lineno))


def says(node: ast.AST, name: str) -> TypeGuard[ast.Constant]:
    """Whether a node is a string that is the name, or SQL that has it."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return False
    return node.value == name or (" " in node.value and name in node.value)


def around(node: ast.AST, script: Script) -> ast.Call | None:
    """The operation that a string is given to, by itself and not in a list of several."""
    for call in script.nodes:
        if isinstance(call, ast.Call) and called(call).startswith(OPERATIONS):
            given = [*call.args, *(k.value for k in call.keywords)]
            given += [a for one in given if isinstance(one, ast.Call) for a in one.args]
            if node in given:
                return call
    return None
