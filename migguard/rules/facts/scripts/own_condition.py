"""The condition of a script under which one call alone stands: that something is missing yet, or that rows are few."""

import ast

from migguard.rules.facts.scripts.counted_rows import VALUE
from migguard.rules.facts.scripts.script_reach import called
from migguard.source import Script


def condition(call: ast.Call, script: Script) -> ast.If | None:
    """The `if` that decides on the call and on nothing else.

    One that decides on more may not be true any more where the call stands apart: that a column is missing, which it
    adds as well.
    """
    for node in script.nodes:
        if isinstance(node, ast.If) and len(node.body) == 1 and decides(node, call) and asks(node.test):
            return None if few_rows(node.test, script) else node
    return None


def asks(test: ast.expr) -> bool:
    """Whether a condition asks for something, or looks it up: not the mere value of a loop."""
    looked_up = (ast.In, ast.NotIn)
    return any(
        isinstance(n, ast.Call) or (isinstance(n, ast.Compare) and isinstance(n.ops[0], looked_up))
        for n in ast.walk(test)
    )


def bound(call: ast.Call, script: Script) -> ast.If | None:
    """The `if` that lets the call run on a table of few rows alone."""
    found = (n for n in script.nodes if isinstance(n, ast.If) and decides(n, call) and few_rows(n.test, script))
    return next(found, None)


def decides(node: ast.If, call: ast.Call) -> bool:
    """Whether the call is a statement of what runs under a condition."""
    return any(isinstance(one, ast.Expr) and one.value is call for one in node.body)


def few_rows(test: ast.expr, script: Script) -> bool:
    """Whether a condition says that what a query counted is below a bound."""
    if not isinstance(test, ast.Compare) or not isinstance(test.left, ast.Name):
        return False
    if not all(isinstance(op, ast.Lt | ast.LtE) for op in test.ops):
        return False
    name = test.left.id
    return any(
        called(value) in VALUE
        for node in script.nodes
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets)
        for value in ast.walk(node.value)
        if isinstance(value, ast.Call)
    )
