"""Columns that a script fills where a replay does not see it: in a loop over rows, of which there are none."""

import ast
from collections.abc import Iterator

from migguard.rules.frame import StepContext
from migguard.source import Script
from migguard.trace import Outcome


def filled_in_a_loop(column: str, ctx: StepContext) -> bool:
    """Whether this or an earlier checked revision names the column in a loop that writes."""
    for trace in ctx.deployment.upgrades:
        script = ctx.known.scripts.get(trace.revision)
        if script is not None and column in script.text:
            partly = trace.outcome is not Outcome.FULL
            if names_in_loop(script, column) or (partly and names_in_call(script, column)):
                return True
        if ctx.trace is not None and trace.revision == ctx.trace.revision:
            break
    return False


def names_in_loop(script: Script, column: str) -> bool:
    """Whether a loop of the script that is not over its own literals writes the column."""
    tree = script.tree
    if tree is None:
        return False
    helpers = {n.name: n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))}
    loops = (n for n in ast.walk(tree) if isinstance(n, (ast.For, ast.While, ast.AsyncFor)))
    for loop in loops:
        if isinstance(loop, ast.For) and isinstance(loop.iter, (ast.List, ast.Tuple)):
            continue
        parts: list[ast.AST] = [*loop.body]
        parts += [
            helpers[c.func.id]
            for b in loop.body
            for c in calls(b)
            if isinstance(c.func, ast.Name) and c.func.id in helpers
        ]
        if any(writes(part) for part in parts) and any(column in words(part) for part in parts):
            return True
    return False


def names_in_call(script: Script, column: str) -> bool:
    """Whether the script, of which a part never ran, names the column in a call that can write a row."""
    tree = script.tree
    found = calls(tree) if tree is not None else ()
    return any(isinstance(c.func, ast.Attribute) and c.func.attr in SENDERS and column in words(c) for c in found)


def calls(node: ast.AST) -> Iterator[ast.Call]:
    """The calls in a node."""
    return (n for n in ast.walk(node) if isinstance(n, ast.Call))


SENDERS = frozenset({"execute", "exec_driver_sql", "update", "bulk_update_mappings"})
WRITERS = {"execute", "exec_driver_sql", "update", "bulk_update_mappings", "merge", "add", "flush", "commit", "append"}


def writes(node: ast.AST) -> bool:
    """Whether a node calls something that can write a row, or puts a value into an attribute of one."""
    if any(isinstance(c.func, ast.Attribute) and c.func.attr in WRITERS for c in calls(node)):
        return True
    return any(isinstance(t, ast.Attribute) for n in ast.walk(node) if isinstance(n, ast.Assign) for t in n.targets)


def words(node: ast.AST) -> Iterator[str]:
    """The names, keywords, attributes and words of strings in a node."""
    for part in ast.walk(node):
        match part:
            case ast.Constant(value=str() as text):
                yield from "".join(c if c.isalnum() or c == "_" else " " for c in text).split()
            case ast.keyword(arg=str() as name) | ast.Attribute(attr=name) | ast.Name(id=name):
                yield name
            case _:
                pass
