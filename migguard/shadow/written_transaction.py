"""Whether an env.py that could not be run would have handed over a connection in a transaction, read from its source.

Alembic looks when `context.configure` is called, and then begins none of its own (`_in_external_transaction` in
alembic/runtime/migration.py).
"""

import ast
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import sqlalchemy as sa

from migguard.records import dataclass
from migguard.shadow.written_options import configuring

Function = ast.FunctionDef | ast.AsyncFunctionDef
ENDING = ("commit", "rollback", "close")


def connection_as_written(engine: sa.Engine, env_py: Path) -> AbstractContextManager[sa.Connection]:
    """A connection, in a transaction where that of env.py would be; it is committed, for nothing tells otherwise."""
    return engine.begin() if begun_before(env_py) else engine.connect()


def begun_before(env_py: Path) -> bool:
    """Whether each connection that env.py hands to `context.configure` by its name has begun a transaction."""
    try:
        tree = ast.parse(env_py.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return False  # why it could not be run is reported already
    scopes = Scopes(tree, {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)})
    calls = [c for c in configuring(tree) if not any(k.arg == "url" for k in c.keywords)]
    handed = [(c, k.value) for c in calls for k in c.keywords if k.arg == "connection"]
    return bool(handed) and all(isinstance(v, ast.Name) and scopes.begun(v.id, c, ()) for c, v in handed)


@dataclass(frozen=True, slots=True)
class Scopes:
    """A module's tree, and what each node stands in."""

    tree: ast.Module
    parents: dict[ast.AST, ast.AST]

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """What a node stands in, up to its function or the module."""
        while node in self.parents:
            node = self.parents[node]
            yield node
            if isinstance(node, Function):
                return

    def begun(self, name: str, place: ast.Call, seen: tuple[ast.AST, ...]) -> bool:
        """Whether the connection of that name is in a transaction at a call, as far as its function and its callers
        tell."""
        around = list(self.above(place))
        items = [i for node in around if isinstance(node, (ast.With, ast.AsyncWith)) for i in node.items]
        if any(begins(i.context_expr, name, i.optional_vars) for i in items):
            return True
        scope = around[-1] if around else self.tree
        if self.begun_above(name, place, scope):
            return True
        if not isinstance(scope, Function) or scope in seen:
            return False
        arguments = [a.arg for a in (*scope.args.posonlyargs, *scope.args.args)]
        if name not in arguments:
            return False
        callers = list(self.handing(scope, arguments.index(name), name))
        return bool(callers) and all(given and self.begun(given, call, (*seen, scope)) for call, given in callers)

    def begun_above(self, name: str, place: ast.Call, scope: ast.AST) -> bool:
        """Whether `connection.begin()` stands as a statement above a call, in a block that the call is in too, and
        nothing between ends it."""
        around = {id(node) for node in self.above(place)}
        last = ""
        for node in sorted((n for n in ast.walk(scope) if isinstance(n, ast.Call)), key=lambda n: n.lineno):
            if node.lineno >= place.lineno or not isinstance(node.func, ast.Attribute):
                continue
            nearest = list(self.above(node))
            block = next((n for n in nearest if not isinstance(n, (ast.Expr, ast.Assign, ast.Await))), None)
            if node.func.attr in ENDING:
                last = ""
            elif block is not None and id(block) in around and begins(node, name, None):
                last = name
        return bool(last)

    def handing(self, function: Function, place: int, name: str) -> Iterator[tuple[ast.Call, str]]:
        """The calls of a function, also through `run_sync`, and the name that each hands over at that place."""
        for call in (n for n in ast.walk(self.tree) if isinstance(n, ast.Call)):
            if isinstance(call.func, ast.Name) and call.func.id == function.name:
                found = [*call.args[place : place + 1], *(k.value for k in call.keywords if k.arg == name)]
            elif (
                isinstance(call.func, ast.Attribute)
                and call.func.attr == "run_sync"
                and any(isinstance(a, ast.Name) and a.id == function.name for a in call.args[:1])
            ):
                found = [call.func.value if place == 0 else call]
            else:
                continue
            yield call, found[0].id if found and isinstance(found[0], ast.Name) else ""


def begins(node: ast.expr, name: str, bound: ast.expr | None) -> bool:
    """Whether an expression begins the transaction of that connection: `connection.begin()`, or, as what a `with` binds
    to the name, `begin()` of anything."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "begin":
        return False
    own = isinstance(node.func.value, ast.Name) and node.func.value.id == name
    return own or (isinstance(bound, ast.Name) and bound.id == name)
