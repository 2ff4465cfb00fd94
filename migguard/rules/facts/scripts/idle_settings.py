"""Whether what a script reads from the environment changes nothing of what it does to the database.

That holds where it decides only what is printed or logged, or how many rows a loop handles at a time.
"""

import ast
from collections.abc import Iterator

from migguard.source import Script

PRINTING = frozenset({"print", "echo", "secho", "tqdm", "pprint"})
LOGGING = frozenset({"critical", "debug", "error", "exception", "info", "log", "warn", "warning"})
BATCHING = frozenset(
    {"batch", "batched", "chunked", "chunks", "fetchmany", "islice", "limit", "offset", "partitions", "yield_per"}
)
COMMITTING = frozenset({"commit", "flush"})
SAME = frozenset({"bool", "casefold", "float", "get", "getenv", "int", "lower", "max", "min", "str", "strip", "upper"})
"""Functions and methods whose result is what they are given, in another form."""
SIZES = frozenset({"batch", "batch_size", "chunk", "chunk_size", "limit", "n", "size"})
"""Names of parameters that say how many rows are meant."""
LOOPS = (ast.For, ast.While, ast.AsyncFor)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def idle(script: Script, line: int) -> bool:
    """Whether what is read on that line decides only about output and the size of batches."""
    if script.tree is None:
        return False
    found = [n for n in ast.walk(script.tree) if getattr(n, "lineno", 0) == line and reads_environment(n)]
    uses = Uses(script.tree)
    return bool(found) and all(uses.harmless(node) for node in found)


def reads_environment(node: ast.AST) -> bool:
    """Whether a node asks for a variable of the environment."""
    match node:
        case ast.Call(func=ast.Attribute(attr="getenv")) | ast.Call(func=ast.Name(id="getenv")):
            return True
        case ast.Call(func=ast.Attribute(attr="get", value=owner)) | ast.Subscript(value=owner):
            return "environ" in (getattr(owner, "attr", None), getattr(owner, "id", None))
        case _:
            return False


class Uses:
    """Follows a value through a script to all places where it decides something."""

    def __init__(self, tree: ast.Module) -> None:
        self.parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        self.functions = {n.name: n for n in ast.walk(tree) if isinstance(n, Function)}
        self.loads: dict[str, list[ast.Name]] = {}
        for node in self.parents:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                self.loads.setdefault(node.id, []).append(node)
        self.followed: set[str] = set()

    def name(self, name: str) -> bool:
        """Whether all uses of a name are harmless."""
        if name in self.followed:
            return True
        self.followed.add(name)
        return all(self.harmless(node) for node in self.loads.get(name, ()))

    def harmless(self, node: ast.AST) -> bool:
        """Whether the value of a node ends where it changes nothing of what is done."""
        parent = self.parents.get(node)
        match parent:
            case ast.Compare() | ast.BoolOp() | ast.BinOp() | ast.UnaryOp() | ast.IfExp() | ast.JoinedStr():
                return self.harmless(parent)
            case ast.FormattedValue():
                return self.harmless(parent) or (self.limits(parent) and self.looped(parent))
            case ast.Assign(targets=targets):
                return all(isinstance(t, ast.Name) and self.name(t.id) for t in targets)
            case ast.AugAssign(target=ast.Name(id=name)):
                return self.name(name)
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.NamedExpr(target=ast.Name(id=name)):
                return self.name(name) and (isinstance(parent, ast.AnnAssign) or self.harmless(parent))
            case ast.If(test=test) if test is node:
                return all(quiet(one) for one in (*parent.body, *parent.orelse))
            case ast.arguments():
                return all(self.name(one) for one in defaulted(parent, node))
            case ast.keyword(arg=name):
                call = self.parents[parent]
                assert isinstance(call, ast.Call)
                return self.passed(call, node, name) or (name in SIZES and self.looped(parent))
            case ast.Attribute():
                return parent.attr in SAME and self.harmless(parent)
            case ast.Call():
                return self.passed(parent, node, None)
            case ast.Dict(keys=keys, values=values):
                named = [
                    k.value for k, v in zip(keys, values, strict=True) if v is node and isinstance(k, ast.Constant)
                ]
                return bool(named) and named[0] in SIZES and self.looped(parent)
            case ast.Expr():
                return True
            case _:
                return False

    def passed(self, call: ast.Call, node: ast.AST, keyword: str | None) -> bool:
        """Whether a call that is given the value, or is a method of it, does nothing more with it."""
        function = call.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if says(call):
            return True
        if node is function or name in SAME:
            return self.harmless(call)
        if name in BATCHING:
            return self.looped(call)
        if name == "range":
            return len(call.args) == 3 and call.args[2] is node
        own = self.functions.get(name) if isinstance(function, ast.Name) else None
        if own is None:
            return False
        names = [a.arg for a in (*own.args.posonlyargs, *own.args.args)]
        place = call.args.index(node) if node in call.args else len(names)
        given = keyword or (names[place] if place < len(names) else None)
        return given is not None and self.name(given)

    def looped(self, node: ast.AST) -> bool:
        """Whether a node stands in a loop, which goes on until nothing is left."""
        above = self.parents.get(node)
        while above is not None and not isinstance(above, Function):
            if isinstance(above, LOOPS):
                return True
            above = self.parents.get(above)
        return False

    def limits(self, value: ast.FormattedValue) -> bool:
        """Whether a value is put behind the LIMIT of a text."""
        text = self.parents.get(value)
        parts = text.values if isinstance(text, ast.JoinedStr) else []
        place = next((i for i, part in enumerate(parts) if part is value), 0)
        before = parts[place - 1] if place else None
        return isinstance(before, ast.Constant) and str(before.value).split()[-1:] in (["LIMIT"], ["limit"])


def says(call: ast.Call) -> bool:
    """Whether a call prints or logs."""
    match call.func:
        case ast.Name(id=name):
            return name in PRINTING
        case ast.Attribute(attr=name, value=owner):
            words = ast.unparse(owner).lower()
            return name in PRINTING or (name in LOGGING and "log" in words) or (name == "write" and "std" in words)
        case _:
            return False


def quiet(statement: ast.stmt) -> bool:
    """Whether a statement does nothing to the database but to end a batch."""
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Expr(value=ast.Call() as call):
            return says(call) or (isinstance(call.func, ast.Attribute) and call.func.attr in COMMITTING)
        case _:
            return False


def defaulted(arguments: ast.arguments, node: ast.AST) -> Iterator[str]:
    """The parameters of which a node is the default."""
    positional = [*arguments.posonlyargs, *arguments.args]
    for argument, default in zip(reversed(positional), reversed(arguments.defaults), strict=False):
        if default is node:
            yield argument.arg
    for argument, other in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if other is node:
            yield argument.arg
