"""What a column type of the application's is to each server, read from its class.

A `TypeDecorator` is its `impl`, unless `load_dialect_impl` gives a server another one
(https://docs.sqlalchemy.org/en/20/core/custom_types.html#sqlalchemy.types.TypeDecorator.load_dialect_impl).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from migguard.source import nodes_of

Brought = Mapping[str, tuple[str, str]]
PLACES = ("sqlalchemy", "sqlalchemy.types", "sqlalchemy.sql.sqltypes")
DIALECTS = "sqlalchemy.dialects."
NAMED = frozenset({"Enum", "SchemaType", "TypeDecorator", "UserDefinedType"})
"""Types that are none without what they are made with."""
OTHERWISE = frozenset({"__init__", "__new__", "get_dialect_impl", "type_engine"})
"""Methods by which a class is made into another type than its `impl`."""


def chain(node: ast.AST) -> list[str]:
    """The parts of a dotted name; empty for any other expression."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return [node.id, *reversed(parts)] if isinstance(node, ast.Name) else []


def is_literal(node: ast.AST) -> bool:
    """Whether an expression is made of constants alone."""
    allowed = (ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.UnaryOp, ast.BinOp)
    return all(isinstance(n, allowed) for n in nodes_of(node))


def targets(node: ast.stmt) -> list[ast.expr]:
    """What a statement gives a value to."""
    match node:
        case ast.Assign():
            return node.targets
        case ast.AnnAssign(value=ast.expr()):
            return [node.target]
        case _:
            return []


def stored_as(node: ast.ClassDef, brought: Brought) -> str:
    """SQLAlchemy's type in its place, as Python; a name alone for a class that gets the arguments, empty if unknown."""
    made = {f.name for f in node.body if isinstance(f, ast.FunctionDef)}
    parents = [chain(base.value if isinstance(base, ast.Subscript) else base)[-1:] for base in node.bases]
    if made & OTHERWISE or parents != [["TypeDecorator"]]:
        return ""
    given = [v for s in node.body if "impl" in map(ast.unparse, targets(s)) and (v := getattr(s, "value", None))]
    impl = own_type(given[0], brought) if len(given) == 1 else None
    method = chooses(node)
    if method is None:
        return impl or ""
    found = by_server(method.body, method.args.args[-1].arg, brought, impl) if method.args.args else None
    return spelled(found) if found is not None else ""


def gives(node: ast.FunctionDef | ast.AsyncFunctionDef, brought: Brought) -> str:
    """SQLAlchemy's type, as Python, that a function without arguments does nothing but give back; empty for another."""
    asked = node.args
    if any((asked.posonlyargs, asked.args, asked.vararg, asked.kwonlyargs, asked.kwarg)):
        return ""
    body = [s for s in node.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    match body:
        case [ast.Return(value=ast.expr() as value)]:
            found = varied(value, brought)
            return found if found is not None and found.endswith(")") else ""
        case _:
            return ""


def varied(node: ast.expr, brought: Brought) -> str | None:
    """A type with the variants that are written behind it; None where a part is not SQLAlchemy's own."""
    match node:
        case ast.Call(func=ast.Attribute(value=inner, attr="with_variant"), args=[other, *names], keywords=[]):
            one, variant = varied(inner, brought), own_type(other, brought)
            if one is None or variant is None or not names or not all(map(is_literal, names)):
                return None
            return f"{one}.with_variant({', '.join((variant, *map(ast.unparse, names)))})".replace("'", '"')
        case _:
            return own_type(node, brought)


def chooses(node: ast.ClassDef) -> ast.FunctionDef | None:
    """The method by which a type chooses another one for a server."""
    return next((f for f in node.body if isinstance(f, ast.FunctionDef) and f.name == "load_dialect_impl"), None)


def spelled(types: dict[str, str]) -> str:
    """A type with its variants; empty where it has none for all other servers."""
    if "" not in types:
        return ""
    whole = [text if text.endswith(")") else f"{text}()" for text in types.values()]
    named = dict(zip(types, whole, strict=True))
    variants = (f'.with_variant({text}, "{server}")' for server, text in named.items() if server)
    return named[""] + "".join(variants)


def by_server(body: Iterable[ast.stmt], dialect: str, brought: Brought, impl: str | None) -> dict[str, str] | None:
    """The types that statements return by the dialect's name, that for all others under no name; None if not known."""
    found: dict[str, str] = {}
    for statement in body:
        match statement:
            case ast.Expr(value=ast.Constant()):
                continue
            case ast.If(test=test, body=[ast.Return(value=ast.expr() as value)], orelse=rest):
                servers, one = servers_of(test, dialect), returned(value, dialect, brought, impl)
                if not servers or one is None or set(one) != {""}:
                    return None
                found = {**dict.fromkeys(servers, one[""]), **found}
                if rest:
                    others = by_server(rest, dialect, brought, impl)
                    return {**found, **others, **found} if others is not None else None
            case ast.Return(value=ast.expr() as value):
                last = returned(value, dialect, brought, impl)
                return {**last, **found} if last is not None else None
            case _:
                return None
    return None


def servers_of(test: ast.expr, dialect: str) -> list[str]:
    """The servers for which a condition on the dialect's name holds."""
    match test:
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[ast.Constant(value=str() as name)]):
            names = [name]
        case ast.Compare(left=left, ops=[ast.In()], comparators=[ast.Tuple(elts=several) | ast.List(elts=several)]):
            names = [e.value for e in several if isinstance(e, ast.Constant) and isinstance(e.value, str)]
            names = names if len(names) == len(several) else []
        case _:
            return []
    return names if chain(left) == [dialect, "name"] else []


def returned(value: ast.expr, dialect: str, brought: Brought, impl: str | None) -> dict[str, str] | None:
    """The types that an expression gives back, by server."""
    match value:
        case ast.Call(func=func, args=[inner], keywords=[]) if chain(func) == [dialect, "type_descriptor"]:
            return returned(inner, dialect, brought, impl)
        case ast.IfExp(test=test, body=body, orelse=rest):
            one, other = (returned(part, dialect, brought, impl) for part in (body, rest))
            servers = servers_of(test, dialect)
            if not servers or one is None or other is None or set(one) != {""}:
                return None
            return {**other, **dict.fromkeys(servers, one[""])}
        case (
            ast.Attribute(value=ast.Name(id="self"), attr="impl" | "impl_instance")
            | ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super"), args=[]), attr="load_dialect_impl"))
        ):
            return {"": impl} if impl is not None and impl.endswith(")") else None
        case _:
            made = own_type(value, brought)
            return {"": made} if made is not None else None


def own_type(node: ast.expr, brought: Brought) -> str | None:
    """SQLAlchemy's own type as Python: a name alone for a class; None for any other, or one made with names."""
    call = node if isinstance(node, ast.Call) else None
    parts = chain(call.func if call is not None else node)
    if not parts or parts[0] not in brought:
        return None
    place, _, name = ".".join(p for p in (*brought[parts[0]], *parts[1:]) if p).rpartition(".")
    if place in PLACES and hasattr(sa, name) and name not in NAMED:
        text = f"sa.{name}"
    elif place.startswith(DIALECTS) and name not in {"ENUM", "SET", "DOMAIN"}:
        text = f"{place.removeprefix(DIALECTS)}.{name}"
    else:
        return None
    if call is None:
        return text
    given = [*call.args, *(k.value for k in call.keywords)]
    if not all(is_literal(value) for value in given):
        return None
    return text + ast.unparse(call).removeprefix(ast.unparse(call.func))
