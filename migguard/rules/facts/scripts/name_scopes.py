"""Which names of a script are the same variable: each function, lambda and comprehension has its own."""

import ast
from collections.abc import Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef
Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
INNER = (*FUNCTIONS, ast.ClassDef, ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)


class Variables:
    """Gives each variable of a script a key: its name, and for a local one also where its scope begins."""

    def __init__(self, tree: ast.AST) -> None:
        self._keys: dict[int, str] = {}
        self._visit(tree, ())

    def key(self, name: ast.Name) -> str:
        """The key of the variable that a name stands for; that of the module's one where it is not of this script."""
        return self._keys.get(id(name), name.id)

    def parameter(self, function: Function | ast.Lambda, name: str) -> str:
        """The key of a function's parameter."""
        return local(name, function)

    def _visit(self, node: ast.AST, scopes: tuple[tuple[ast.AST, frozenset[str]], ...]) -> None:
        inside: list[ast.AST] = []
        match node:
            case ast.Name(id=name):
                scope = next((scope for scope, names in reversed(scopes) if name in names), None)
                if scope is not None:
                    self._keys[id(node)] = local(name, scope)
                return
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                inside += node.body if isinstance(node.body, list) else [node.body]
                outside = [n for n in ast.iter_child_nodes(node) if not any(n is part for part in inside)]
                within = (*scopes, (node, frozenset(own_names(node))))
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                outside = list[ast.AST]([node.generators[0].iter])
                inside += [n for n in ast.iter_child_nodes(node) if not isinstance(n, ast.comprehension)]
                for number, one in enumerate(node.generators):
                    inside += (one.target, *one.ifs, *((one.iter,) if number else ()))
                targets = (n for one in node.generators for n in ast.walk(one.target))
                within = (*scopes, (node, frozenset(n.id for n in targets if isinstance(n, ast.Name))))
            case _:
                outside, within = list(ast.iter_child_nodes(node)), scopes
        for part in outside:
            self._visit(part, scopes)
        for part in inside:
            self._visit(part, within)


def local(name: str, scope: ast.AST) -> str:
    """The key of a variable of a scope that is not the module."""
    return f"{name}@{getattr(scope, 'lineno', 0)}:{getattr(scope, 'col_offset', 0)}"


def own_names(function: Function | ast.Lambda) -> set[str]:
    """The names that are a function's own: its parameters, and what its body binds and does not say to be another's."""
    given = function.args
    named = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    found = {a.arg for a in named if a is not None}
    others: set[str] = set()
    for node in flat(function.body if isinstance(function.body, list) else [function.body]):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            others.update(node.names)
    return found - others


def flat(nodes: list[ast.stmt] | list[ast.expr]) -> Iterator[ast.AST]:
    """The nodes of a scope, without those of the scopes inside of it; but with `:=`, which a comprehension hands on."""
    waiting: list[ast.AST] = list(nodes)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, INNER):
            waiting += ast.iter_child_nodes(node)
        elif not isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            waiting += [n.target for n in ast.walk(node) if isinstance(n, ast.NamedExpr)]
