"""Whether a script drops an index, under whatever condition: calls that the replay did not take count as well."""

import ast
from collections.abc import Iterator

from migguard.changes import Change, DropIndex, Engine, Reindex
from migguard.source import Script
from migguard.sql.read import read

VALUES = frozenset({"params", "bindparams"})
"""Methods of a text that give it values."""
ANY = "migguard_any_name"
"""What stands for a value that the script's text does not tell."""


def drops_index_above(script: Script, name: str, line: int, engine: Engine) -> bool:
    """Whether a call above that line drops the index, or one whose name the text does not tell."""
    tree = script.tree
    if tree is None:
        return False
    constants = constants_of(tree)
    return any(
        dropped in (name, ANY)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and node.lineno < line
        for dropped in dropped_by(node, constants, engine)
    )


def rebuilds_index(script: Script, name: str, engine: Engine) -> bool:
    """Whether a call outside of downgrade() drops or reindexes the index, or one whose name is not told."""
    tree = script.tree
    if tree is None:
        return False
    constants = constants_of(tree)
    return any(
        rebuilt in (name, ANY)
        for function in tree.body
        if isinstance(function, ast.FunctionDef) and function.name != "downgrade"
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
        for rebuilt in (*dropped_by(node, constants, engine), *reindexed_by(node, constants, engine))
    )


def constants_of(tree: ast.Module) -> dict[str, str]:
    """The names that a script gives to strings."""
    return {
        target.id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AnnAssign)
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in (node.targets if isinstance(node, ast.Assign) else (node.target,))
        if isinstance(target, ast.Name)
    }


def dropped_by(call: ast.Call, constants: dict[str, str], engine: Engine) -> Iterator[str]:
    """The indexes that a call drops: `op.drop_index(…)`, or SQL that is executed."""
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if called == "drop_index" and (given := argument(call, "index_name")) is not None:
        yield text_of(given, constants)
    yield from (c.index.name for c in executed(call, constants, engine) if isinstance(c, DropIndex))


def reindexed_by(call: ast.Call, constants: dict[str, str], engine: Engine) -> Iterator[str]:
    """The indexes that a call builds again by a REINDEX of their own."""
    for change in executed(call, constants, engine):
        if isinstance(change, Reindex) and change.kind == "index" and change.name is not None:
            yield change.name.name


def executed(call: ast.Call, constants: dict[str, str], engine: Engine) -> Iterator[Change]:
    """What a call executes, as far as the script's text tells it."""
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if called in ("execute", "exec_driver_sql") and call.args:
        first = call.args[0]
        while isinstance(first, ast.Call) and isinstance(first.func, ast.Attribute) and first.func.attr in VALUES:
            first = first.func.value
        if isinstance(first, ast.Call) and first.args:  # sa.text("…")
            first = first.args[0]
        yield from read(text_of(first, constants), engine)


def argument(call: ast.Call, name: str) -> ast.expr | None:
    """The first argument of a call, or the one of that name."""
    if call.args:
        return call.args[0]
    return next((k.value for k in call.keywords if k.arg == name), None)


def text_of(node: ast.expr, constants: dict[str, str]) -> str:
    """A string as far as the script's text tells it."""
    match node:
        case ast.Constant(value=str() as value):
            return value
        case ast.Name(id=name):
            return constants.get(name, ANY)
        case ast.JoinedStr(values=values):
            return "".join(text_of(v, constants) for v in values)
        case ast.FormattedValue(value=value):
            return text_of(value, constants)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return text_of(left, constants) + text_of(right, constants)
        case _:
            return ANY
