"""Statements of a script that send SQL which stands there, as one literal or as one statement of Core."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping, Set
from types import MappingProxyType
from typing import NamedTuple

from migguard.shadow.script import functions
from migguard.shadow.sides.row_writes import Function


class Spelled(NamedTuple):
    """What is known of a script's names: functions, and those that only ever hold a text which stands there."""

    functions: Mapping[str, Function] = MappingProxyType({})
    texts: Set[str] = frozenset()


NOTHING = Spelled()


def spelled(tree: ast.Module) -> Spelled:
    """What is known of the names of a script."""
    given: Counter[str] = Counter()
    bound: Counter[str] = Counter()
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if literal_text(value):
                given[name] += 1
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if literal_text(value):
                given[name] += 1
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                bound[name] += 1
            case _:
                pass
    return Spelled(functions(tree), {name for name, many in given.items() if bound[name] == many})


def literal_text(value: ast.expr) -> bool:
    """Whether an expression is a text that stands there, alone or in calls of one argument: `sa.text("…")`."""
    while isinstance(value, ast.Call) and len(value.args) == 1 and not value.keywords:
        value = value.args[0]
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def spelled_out(statement: ast.stmt, known: Spelled) -> bool:
    """Whether a statement does nothing but send SQL that stands there, as one literal or as one statement of Core.

    So does a call of a function that does nothing else, and what gives such a text a name.
    """
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name in known.texts
        case ast.Expr(value=ast.Call(func=ast.Name(id=name))) if name in known.functions:
            function = known.functions[name]
            sent = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
            return bool(sent) and all(spelled_out(one, known) for one in sent)
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="execute" | "exec_driver_sql"), args=[text, *_])):
            named = isinstance(text, ast.Name) and text.id in known.texts
            return named or literal_text(text) or core_statement(text)
        case _:
            return False


def core_statement(node: ast.expr) -> bool:
    """Whether an expression is `table.update().where(…).values(…)`, or the like, of a table under a name."""
    match node:
        case ast.Call(func=ast.Attribute(attr="where" | "values" | "bindparams", value=inner)):
            return core_statement(inner)
        case ast.Call(func=ast.Attribute(attr="update" | "insert" | "delete", value=ast.Name()), args=[]):
            return True
        case _:
            return False
