"""Queries of the ORM that a script never runs by themselves: it builds a SELECT for a statement of its own."""

import ast
from collections.abc import Iterable

BUILDING = frozenset(
    {"filter", "filter_by", "where", "join", "outerjoin", "order_by", "group_by", "having", "distinct", "limit",
     "offset", "select_from", "add_columns", "with_entities", "union", "union_all", "label", "correlate", "options",
     "subquery", "scalar_subquery", "as_scalar", "cte", "exists", "statement", "alias", "selectable", "with_session"}
)  # fmt: skip
"""What makes another query of a query, or the SELECT that it stands for."""
TAKING = frozenset(
    {"from_select", "in_", "notin_", "not_in", "values", "where", "filter", "execute", "select", "exists"}
)
"""What takes a query as a part of a statement."""
OPERATIONS = (ast.Compare, ast.BoolOp, ast.BinOp, ast.UnaryOp)


def only_built(queries: Iterable[ast.Call], nodes: Iterable[ast.AST]) -> bool:
    """Whether each of these calls of `query()` ends as a part of a statement, and none loads anything."""
    listed = list(nodes)
    above = {id(child): node for node in listed for child in ast.iter_child_nodes(node)}
    names: dict[str, list[ast.expr]] = {}
    for node in listed:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            names.setdefault(node.id, []).append(node)
    return all(built(query, above, names, ()) for query in queries)


def built(start: ast.expr, above: dict[int, ast.AST], names: dict[str, list[ast.expr]], seen: tuple[str, ...]) -> bool:
    """Whether what an expression stands for becomes a part of a statement wherever it goes."""
    node: ast.AST = start
    while True:
        around = above.get(id(node))
        made = isinstance(around, ast.Attribute) and around.attr in BUILDING
        called = isinstance(around, ast.Call) and around.func is node
        if around is not None and (made or called or isinstance(around, OPERATIONS)):
            node = around
        elif isinstance(around, (ast.Call, ast.keyword)):
            call = above.get(id(around)) if isinstance(around, ast.keyword) else around
            return isinstance(call, ast.Call) and taker(call) in TAKING
        elif isinstance(around, ast.Assign):
            return all(there(t, above, names, seen) for t in around.targets)
        else:
            return False


def there(target: ast.expr, above: dict[int, ast.AST], names: dict[str, list[ast.expr]], seen: tuple[str, ...]) -> bool:
    """The same of a name that it is given."""
    if not isinstance(target, ast.Name) or target.id in seen:
        return isinstance(target, ast.Name)
    return all(built(use, above, names, (*seen, target.id)) for use in names.get(target.id, ()))


def taker(call: ast.Call) -> str:
    """The name of what is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def made_here(queries: Iterable[ast.Call], nodes: Iterable[ast.AST]) -> bool:
    """Whether the script defines the classes that it queries, as far as it names them."""
    asked = {n.id for call in queries for n in ast.walk(call) if isinstance(n, ast.Name) and n.id[:1].isupper()}
    return asked <= {n.name for n in nodes if isinstance(n, ast.ClassDef)}
