"""What the functions of a script come to by their syntax: nothing, a message, or a refusal."""

from __future__ import annotations

import ast

from migguard.shadow.sides import row_writes
from migguard.shadow.sides.row_writes import Function
from migguard.shadow.sides.work import root_name


def functions(tree: ast.Module) -> dict[str, Function]:
    """The functions at the top of a script."""
    return {n.name: n for n in tree.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))}


def trivial(function: Function) -> bool:
    """Whether a function's body is only `pass`, `...` or a docstring."""
    return all(trivial_part(s) for s in function.body)


def trivial_part(statement: ast.stmt) -> bool:
    """Whether a statement is `pass`, `...` or a docstring."""
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def tells_only(function: Function) -> bool:
    """Whether a function's body says something to its reader at most: a message is no way back."""
    return all(trivial_part(s) or tells(s) or (isinstance(s, ast.Return) and s.value is None) for s in function.body)


def irreversible(function: Function) -> bool:
    """Whether a function does nothing but raise, which says on purpose that there is no way back."""
    body = [s for s in function.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    return bool(body) and isinstance(body[-1], ast.Raise) and all(tells(s) for s in body[:-1])


def tells(statement: ast.stmt) -> bool:
    """Whether a statement is a message and nothing else."""
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return False
    call = statement.value
    inner = (n for part in (*call.args, *call.keywords) for n in ast.walk(part))
    leaves = isinstance(call.func, ast.Attribute) and call.func.attr in ("exit", "sleep")
    return (
        row_writes.tells(root_name(call.func) or "") and not leaves and not any(isinstance(n, ast.Call) for n in inner)
    )
