"""What a script has the application do: it calls a function for an object of its own, and that object's methods.

A copy of the function would bring most of the application along, and work on what is no part of the schema.
"""

import ast
from collections.abc import Iterable, Iterator, Set
from datetime import datetime, timedelta
from decimal import Decimal

from migguard.rules.facts.scripts.imported_names import STATEMENTS, Import, Taken
from migguard.rules.facts.scripts.row_loops import QUERIES, STILL_ROWS
from migguard.rules.facts.scripts.script_reach import called
from migguard.source import Script

PLAIN = frozenset(
    name
    for kind in (str, bytes, dict, list, set, tuple, int, float, datetime, timedelta, Decimal)
    for name in dir(kind)
)
"""Methods of values, which a helper may give back."""
OF_TABLES = STATEMENTS | QUERIES | STILL_ROWS | {"begin", "commit", "first", "one", "scalar", "scalar_one", "where"}
"""Methods of what SQLAlchemy makes."""
DIRECTIONS = frozenset({"upgrade", "downgrade"})

Function = ast.FunctionDef | ast.AsyncFunctionDef


def work_of(script: Script, found: Iterable[Import]) -> tuple[list[Import], list[Import]]:
    """The functions that give objects which then work, and what only goes with that work."""
    listed = list(found)
    working = [one for one in listed if gives_objects(script, one)]
    if not working:
        return [], []
    words = {one.name for one in working}
    while (more := words | set(spread(script, words))) != words:
        words = more
    return working, [one for one in listed if one not in working and only_with(script, one.name, words)]


def gives_objects(script: Script, one: Import) -> bool:
    """Whether a script calls, for its effect alone, methods of what a function gives that no plain value has."""
    if one.what is not Taken.FUNCTION or one.known is None or not one.known.needs:
        return False
    holders = {
        target.id
        for node in script.nodes
        if isinstance(node, ast.Assign) and calls(node.value, one.name)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    statements = (node.value for node in script.nodes if isinstance(node, ast.Expr))
    done = (value.value if isinstance(value, ast.Await) else value for value in statements)
    return any(
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr not in PLAIN | OF_TABLES
        and (calls(call.func.value, one.name) or getattr(call.func.value, "id", None) in holders)
        for call in done
    )


def calls(node: ast.AST, name: str) -> bool:
    """Whether an expression is a call of that name."""
    return isinstance(node, ast.Call) and called(node) == name


def spread(script: Script, words: Set[str]) -> Iterator[str]:
    """The names that are given something of these, and the script's own functions that use them."""
    for node in script.nodes:
        if isinstance(node, ast.Assign) and words & {*names(node.value)}:
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, Function) and node.name not in DIRECTIONS and words & {*names(node)}:
            yield node.name


def only_with(script: Script, name: str, words: Set[str]) -> bool:
    """Whether a name is used only where the others are: in their statements, or in functions about them."""
    about = [
        node
        for node in script.nodes
        if (isinstance(node, Function) and node.name in words)
        or (isinstance(node, ast.Expr | ast.Assign | ast.Return) and words & {*names(node)})
    ]
    within = {id(part) for node in about for part in ast.walk(node)}
    uses = [node for node in script.nodes if isinstance(node, ast.Name) and node.id == name]
    return bool(uses) and all(id(use) in within for use in uses)


def names(node: ast.AST) -> Iterator[str]:
    """The names in a part of a script."""
    return (part.id for part in ast.walk(node) if isinstance(part, ast.Name))
