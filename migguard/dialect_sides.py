"""Which part of a script another engine runs: the sides of conditions that ask for the dialect by name."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migguard.changes import Engine
from migguard.source import Origin, Script

Function = ast.FunctionDef | ast.AsyncFunctionDef


def dialect_side(node: ast.If, engine: Engine) -> list[ast.stmt] | None:
    """The side of a condition that asks for the dialect by name; None for every other condition."""
    test, negated = node.test, False
    while isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test, negated = test.operand, not negated
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return None
    held = test.comparators[0]
    values = held.elts if isinstance(held, (ast.Tuple, ast.List, ast.Set)) else [held, test.left]
    names = {v.value for v in values if isinstance(v, ast.Constant)}
    if not names or not names <= {e.value for e in Engine}:
        return None
    holds = engine.value in names or (engine is Engine.MARIADB and Engine.MYSQL.value in names)
    if isinstance(test.ops[0], (ast.NotEq, ast.NotIn)):
        holds = not holds
    elif not isinstance(test.ops[0], (ast.Eq, ast.In)):
        return None
    return node.body if holds != negated else node.orelse


def run_elsewhere(origin: Origin | None, script: Script, engine: Engine) -> bool:
    """Whether a place of a script is in a part of it that only another engine runs."""
    if origin is None or origin.path != script.path or script.tree is None or "dialect" not in script.text:
        return False
    return any(origin.line in lines for lines in of_other_engines(script.tree, engine))


def of_other_engines(tree: ast.Module, engine: Engine) -> list[range]:
    """The lines that only another engine runs: such sides, and the script's functions that are only called there."""
    found = [lines for node in ast.walk(tree) if isinstance(node, ast.If) for lines in others_side(node, engine)]
    found += [lines for node in ast.walk(tree) for lines in left_to_others(node, engine)]
    if not found:
        return []
    functions = {n.name: n for n in tree.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))}
    uses = [(n.id, n.lineno) for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id in functions]
    left = dict(functions)
    while only := [n for n in left if called_only_in(found, [line for name, line in uses if name == n])]:
        found += [lines_of([left.pop(name)]) for name in only]
    return found


def called_only_in(sides: list[range], lines: list[int]) -> bool:
    """Whether a function is named somewhere, and nowhere outside of these lines."""
    return bool(lines) and all(any(line in side for side in sides) for line in lines)


def others_side(node: ast.If, engine: Engine) -> Iterator[range]:
    """The lines of the side of a condition that this engine does not run, where it asks for the dialect."""
    side = dialect_side(node, engine)
    if side is None:
        return
    other = node.orelse if side is node.body else node.body
    if other:
        yield lines_of(other)


def left_to_others(node: ast.AST, engine: Engine) -> Iterator[range]:
    """What follows a side that returns or raises, in the same body: this engine does not come to it."""
    for body in (getattr(node, "body", None), getattr(node, "orelse", None), getattr(node, "finalbody", None)):
        for place, one in enumerate(body if isinstance(body, list) else ()):
            side = dialect_side(one, engine) if isinstance(one, ast.If) else None
            if side and isinstance(side[-1], (ast.Return, ast.Raise)) and isinstance(body, list) and body[place + 1 :]:
                yield lines_of(body[place + 1 :])


def lines_of(statements: list[ast.stmt] | list[Function]) -> range:
    """From the first line of some statements to the last."""
    last = statements[-1]
    return range(statements[0].lineno, (last.end_lineno or last.lineno) + 1)
