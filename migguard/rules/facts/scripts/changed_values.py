"""What a list, a set or a dict of a script is given after it was made: `d.update(other)`, `d[k] = v`, `l.append(v)`."""

import ast
from collections.abc import Iterator

ADDING = frozenset({"add", "append", "appendleft", "insert", "setdefault", "__setitem__"})
"""Methods that put one value in, the last of their arguments."""
JOINING = frozenset({"extend", "extendleft", "update", "intersection_update", "symmetric_difference_update"})
"""Methods that put in what is in their arguments."""


def changes(node: ast.AST) -> Iterator[tuple[ast.Name, ast.expr]]:
    """The names whose value a statement or call changes, each with a literal of what is put in; that of a value inside
    of another is one that is not taken apart."""
    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr=attr)) if attr in ADDING | JOINING:
            for one in given(node, attr):
                yield from put(owner, one)
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from placed(target, value)
        case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.AugAssign(target=target, value=value):
            yield from placed(target, value)
        case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
            yield from placed(target, value)
        case ast.withitem(optional_vars=ast.expr() as target, context_expr=value):
            yield from placed(target, value)
        case _:
            pass


def given(call: ast.Call, attr: str) -> Iterator[ast.expr]:
    """What a method that changes its owner is given, as literals of the same kind."""
    if attr in JOINING:
        yield from call.args
        for keyword in call.keywords:
            yield ast.Dict([ast.Constant(keyword.arg)], [keyword.value]) if keyword.arg else keyword.value
    elif attr in ("setdefault", "__setitem__") and call.args:
        value = call.args[1] if len(call.args) > 1 else ast.Constant(None)
        yield ast.Dict([call.args[0]], [value])
    elif call.args and (attr != "insert" or len(call.args) > 1):  # not the `insert(values)` of a table
        yield ast.List([call.args[-1]])


def placed(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.Name, ast.expr]]:
    """The names of which a target is a part."""
    match target:
        case ast.Subscript(value=owner, slice=ast.Slice()):
            yield from put(owner, value)
        case ast.Subscript(value=owner, slice=key):
            yield from put(owner, ast.Dict([key], [value]))
        case ast.Attribute(value=owner):
            yield from put(owner, value, inside=True)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                yield from placed(part, value)
        case ast.Starred(value=part):
            yield from placed(part, value)
        case _:
            pass


def put(owner: ast.expr, value: ast.expr, *, inside: bool = False) -> Iterator[tuple[ast.Name, ast.expr]]:
    """The name that an expression begins with, and what is put into it or into a value inside of it."""
    while not isinstance(owner, ast.Name):
        match owner:
            case ast.Attribute(value=below) | ast.Subscript(value=below) | ast.Call(func=ast.Attribute(value=below)):
                owner, inside = below, True
            case _:
                return
    yield owner, ast.BoolOp(ast.Or(), [value]) if inside else value
