"""A value as a script writes it, to stand in another script: what its names are, and which have to be brought along."""

import ast
import builtins
import copy
from collections.abc import Iterator

from migguard.records import dataclass
from migguard.source import Script

EVERYWHERE = frozenset({"sa", "op", *dir(builtins)})
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SINGLE = (ast.Assign, ast.AnnAssign, ast.Import, ast.ImportFrom, *FUNCTIONS, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Written:
    """An expression as text; `names` are those that only the script has, each with the line that makes it."""

    text: str
    names: tuple[tuple[str, int], ...] = ()


def written(node: ast.expr, script: Script) -> Written | None:
    """The expression for another script, with constants and SQLAlchemy's names in the place of the script's own.

    None where one of its names has no single meaning, such as a parameter's.
    """
    inner = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    inner |= {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)}
    values: dict[str, ast.expr] = {}
    names: dict[str, int] = {}
    used = (n.id for n in ast.walk(node) if isinstance(n, ast.Name))
    for name in dict.fromkeys(n for n in used if n not in inner and n not in EVERYWHERE):
        match list(bindings(name, node.lineno, script)):
            case [ast.ImportFrom(module="sqlalchemy", names=taken)]:
                own = next(a.name for a in taken if (a.asname or a.name) == name)
                values[name] = ast.Attribute(ast.Name("sa", ast.Load()), own, ast.Load())
            case [ast.Import(names=taken)] if any((a.name, a.asname or a.name) == ("sqlalchemy", name) for a in taken):
                values[name] = ast.Name("sa", ast.Load())
            case [ast.Assign(targets=[ast.Name()], value=ast.Constant() as value)]:
                values[name] = value
            case [ast.AnnAssign(value=ast.Constant() as value)]:
                values[name] = value
            case [ast.stmt(lineno=line)]:
                names[name] = line
            case _:
                return None
    return Written(ast.unparse(Replaced(values).visit(copy.deepcopy(node))), tuple(names.items()))


class Replaced(ast.NodeTransformer):
    """Puts values in the place of names."""

    def __init__(self, values: dict[str, ast.expr]) -> None:
        self._values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """The value of a name."""
        return self._values.get(node.id, node)


def bindings(name: str, line: int, script: Script) -> Iterator[ast.stmt | None]:
    """What gives a name its value where a line stands: in its function, else in the module; None for what is no
    assignment, import or definition."""
    tree = script.tree
    around = [f for f in script.nodes if isinstance(f, FUNCTIONS) and f.lineno <= line <= (f.end_lineno or 0)]
    for scope in (*sorted(around, key=lambda f: -f.lineno), *([tree] if tree is not None else [])):
        found = [b for b in within(scope) if name in named(b)]
        if found:
            yield from (b if isinstance(b, SINGLE) else None for b in found)
            return


def within(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function or module without those of the functions and classes in it, which are only named."""
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop(0)
        yield node
        if not isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Lambda)):
            waiting[:0] = ast.iter_child_nodes(node)


def named(node: ast.AST) -> set[str]:
    """The names that a node itself binds."""
    match node:
        case ast.Assign(targets=targets):
            return {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target) | ast.NamedExpr(target=target):
            return {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}
        case ast.For(target=target) | ast.comprehension(target=target):
            return {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}
        case ast.withitem(optional_vars=ast.expr() as target):
            return {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return {(a.asname or a.name).partition(".")[0] for a in names}
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.arguments():
            return {a.arg for a in ast.walk(node) if isinstance(a, ast.arg)}
        case _:
            return set()
