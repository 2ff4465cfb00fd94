"""Where a script has made sure that a name holds one of a list's own values: `if name not in {"a", "b"}: raise …`."""

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping

Function = ast.FunctionDef | ast.AsyncFunctionDef
LEAVING = (ast.Raise, ast.Return, ast.Continue, ast.Break)


class Checked:
    """Tells where a name has passed such a check. `literal` says whether a list is made of the script's own literals.

    A check counts for what follows it in its own block, and `if name in LIST:` for what stands under it, as far as the
    name is not bound again on the way.
    """

    def __init__(
        self, nodes: Iterable[ast.AST], functions: Mapping[str, Function], literal: Callable[[ast.expr], bool]
    ) -> None:
        nodes = tuple(nodes)
        self._functions, self._literal = functions, literal
        self._bound = [(n.id, n.lineno) for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
        self._bound += [(n.arg, n.lineno) for n in nodes if isinstance(n, ast.arg)]
        self._places: dict[str, list[tuple[ast.expr, int, int]]] = {}
        for node in nodes:
            for block in blocks(node):
                last = block[-1].end_lineno or block[-1].lineno
                for name, allowed, first, end in (found for one in block for found in self._checks(one, last)):
                    self._places.setdefault(name, []).append((allowed, first, end))

    def at(self, name: ast.Name) -> bool:
        """Whether the name has been checked where it is used."""
        return any(
            first <= name.lineno <= last and not self._again(name, first) and self._literal(allowed)
            for allowed, first, last in self._places.get(name.id, ())
        )

    def _again(self, name: ast.Name, first: int) -> bool:
        return any(bound == name.id and first <= line <= name.lineno for bound, line in self._bound)

    def _checks(self, statement: ast.stmt, last: int) -> Iterator[tuple[str, ast.expr, int, int]]:
        """The names that a statement checks, against what, and the lines for which that holds."""
        after = (statement.end_lineno or statement.lineno) + 1
        match statement:
            case ast.If(test=ast.Compare(left=ast.Name(id=name), ops=[ast.In()], comparators=[allowed])):
                yield name, allowed, statement.body[0].lineno, statement.body[-1].end_lineno or after
            case ast.If() if (found := refusing(statement)) is not None:
                yield *found, after, last
            case ast.Expr(value=ast.Call(func=ast.Name(id=called)) as call) if called in self._functions:
                for name, allowed in self._by_function(call, self._functions[called]):
                    yield name, allowed, after, last
            case _:
                pass

    def _by_function(self, call: ast.Call, function: Function) -> Iterator[tuple[str, ast.expr]]:
        """The names of a call that the function it calls checks."""
        given = arguments(call, function)
        for name, allowed in filter(None, map(refusing, function.body)):
            passed = given.get(name)
            against = given.get(allowed.id, allowed) if isinstance(allowed, ast.Name) else allowed
            if isinstance(passed, ast.Name):
                yield passed.id, against


def blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """The lists of statements that run one after the other."""
    for field in ("body", "orelse", "finalbody"):
        block = getattr(node, field, None)
        if isinstance(block, list) and block:
            yield block


def refusing(statement: ast.stmt) -> tuple[str, ast.expr] | None:
    """The name that a statement lets through only as one of a list, and the list."""
    match statement:
        case ast.If(
            test=ast.Compare(left=ast.Name(id=name), ops=[ast.NotIn()], comparators=[allowed]), body=body, orelse=[]
        ) if isinstance(body[-1], LEAVING):
            return name, allowed
        case _:
            return None


def arguments(call: ast.Call, function: Function) -> dict[str, ast.expr]:
    """What a call gives for each parameter; nothing where that is not spelled out."""
    if any(isinstance(a, ast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords):
        return {}
    names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    return dict(zip(names, call.args, strict=False)) | {k.arg: k.value for k in call.keywords if k.arg is not None}
