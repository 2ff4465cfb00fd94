"""Loops of a script over the rows of a query, and the statements in them that write one row each.

Read from the syntax tree: in a replay a query has no rows, so the loop's body never runs.
"""

import ast
from collections.abc import Iterable, Iterator

from migguard.rules.facts.scripts.name_scopes import Variables

QUERIES = frozenset({"execute", "exec_driver_sql", "scalars", "query", "fetchmany", "stream", "stream_scalars"})
"""Methods whose result is rows."""
STILL_ROWS = frozenset(
    {"fetchall", "all", "mappings", "tuples", "unique", "yield_per", "scalars", "columns", "filter", "filter_by",
     "order_by", "limit", "options", "join", "distinct", "execution_options", "with_entities", "items", "values",
     "keys"}
)  # fmt: skip
"""Methods whose result is rows if that they are called on is."""
WRAPPERS = frozenset({"list", "tuple", "enumerate", "zip", "sorted", "reversed", "set", "iter", "dict", "tqdm"})
BATCHES = frozenset({"partitions"})
"""Methods that give rows in batches: their loop is over batches, what its variable holds is rows."""
FILLING = frozenset({"append", "appendleft", "add", "extend", "insert", "setdefault", "update"})
"""Methods by which a list, set or dict gets what was not in it."""
CHANGING = frozenset({"update", "insert", "delete", "merge"})
TEXTS = frozenset({"text", "DDL"})

Function = ast.FunctionDef | ast.AsyncFunctionDef
Loop = ast.For | ast.AsyncFor


class Rows:
    """Tells which expressions of a script hold the rows of a query."""

    def __init__(self, nodes: Iterable[ast.AST]) -> None:
        nodes = list(nodes)
        # what two functions call alike are two things: the query of one is not what the other loops over
        self._variables = Variables(next((n for n in nodes if isinstance(n, ast.Module)), ast.Module([], [])))
        self.functions: dict[str, Function] = {}
        self.loops: list[Loop] = []
        self._bindings: dict[str, list[ast.expr]] = {}
        self._contents: dict[str, list[ast.expr]] = {}
        self._batches: set[str] = set()
        self._busy: set[str] = set()
        for node in nodes:
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self.functions[node.name] = node
                case ast.For() | ast.AsyncFor():
                    self.loops.append(node)
                    if called(node.iter) in BATCHES and isinstance(node.target, ast.Name):
                        self._batches.add(self._variables.key(node.target))
                case ast.Assign():
                    for target in node.targets:
                        self._bind(target, node.value)
                case ast.AnnAssign() | ast.NamedExpr() if node.value is not None:
                    self._bind(node.target, node.value)
                case ast.withitem(optional_vars=ast.Name() as target):
                    self._bind(target, node.context_expr)
                case _:
                    pass
        alone = [n.value for n in nodes if isinstance(n, ast.Expr | ast.Return)]
        self._unread = {id(v.value if isinstance(v, ast.Await) else v) for v in alone}
        self._filled()
        self._parameters()

    def _filled(self) -> None:
        """Lists and dicts that a loop puts something into hold what the loop is over."""
        for loop in self.loops:
            for node in (n for part in loop.body for n in ast.walk(part)):
                for name in put_into(node):
                    self._contents.setdefault(self._variables.key(name), []).append(loop.iter)

    def _bind(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self._bindings.setdefault(self._variables.key(target), []).append(value)
        elif isinstance(target, ast.Tuple):
            name = function_of(value)
            given = given_back(self.functions[name]) if name in self.functions else (value,)
            for one in given:
                if isinstance(one, ast.Tuple) and len(one.elts) == len(target.elts):
                    for part, of in zip(target.elts, one.elts, strict=True):
                        self._bind(part, of)

    def _parameters(self) -> None:
        for function in list(self.functions.values()):
            for call in (n for n in ast.walk(function) if isinstance(n, ast.Call)):
                target = self.functions.get(call.func.id) if isinstance(call.func, ast.Name) else None
                if target is None:
                    continue
                places = (*target.args.posonlyargs, *target.args.args)
                given = [(a.arg, value) for a, value in zip(places, call.args, strict=False)]
                given += [(k.arg, k.value) for k in call.keywords if k.arg is not None]
                for name, value in given:
                    self._bindings.setdefault(self._variables.parameter(target, name), []).append(value)

    def rows(self, node: ast.expr) -> bool:
        """Whether an expression is the rows of a query."""
        match node:
            case ast.Await():
                return self.rows(node.value)
            case ast.Name():
                return self._variables.key(node) in self._batches or self._name(self._variables.key(node))
            case ast.Call(func=ast.Attribute(attr=name, value=owner)):
                return name in QUERIES or (name in STILL_ROWS and self.rows(owner))
            case ast.Call(func=ast.Name(id=name)):
                if name in self.functions:
                    return any(self.rows(v) for v in given_back(self.functions[name]))
                return name in WRAPPERS and any(self.rows(a) for a in node.args)
            case ast.ListComp() | ast.GeneratorExp() | ast.SetComp() | ast.DictComp():
                return any(self.rows(g.iter) for g in node.generators)
            case ast.IfExp():
                return self.rows(node.body) or self.rows(node.orelse)
            case ast.BoolOp():
                return any(self.rows(v) for v in node.values)
            case _:
                return False

    def asked(self, node: ast.expr) -> Iterator[ast.Call]:
        """The calls that give the rows which an expression holds, the names in it followed.

        What a query is made of is not looked into: it may name other rows, and gives its own.
        """
        waiting, seen = [node], set[str]()
        while waiting:
            for part in outside_of_queries(waiting.pop()):
                name = self._variables.key(part) if isinstance(part, ast.Name) else ""
                if isinstance(part, ast.Call) and called(part) in QUERIES:
                    yield part
                if name and name not in seen:
                    seen.add(name)
                    waiting += (*self._bindings.get(name, ()), *self._contents.get(name, ()))
                    waiting += given_back(self.functions[name]) if name in self.functions else ()

    def _name(self, name: str) -> bool:
        if name in self._busy:
            return False
        self._busy.add(name)
        try:
            return any(self.rows(v) for v in (*self._bindings.get(name, ()), *self._contents.get(name, ())))
        finally:
            self._busy.discard(name)

    def writes_one(self, call: ast.Call) -> bool:
        """Whether a call sends a statement that writes a row."""
        name = called(call)
        if name == "bulk_insert":
            return True
        return name in ("execute", "exec_driver_sql") and bool(call.args) and self.changes_rows(call.args[0])

    def answers(self, call: ast.Call) -> bool:
        """Whether the script reads what a call gives back, such as the id of a new row."""
        return id(call) not in self._unread

    def commits(self, call: ast.Call) -> bool:
        """Whether a call is a commit: not where it ends a savepoint."""
        if not isinstance(call.func, ast.Attribute) or call.func.attr != "commit":
            return False
        values = self.values(call.func.value)
        return not values or any(called(value) != "begin_nested" for value in values)

    def begins(self, call: ast.Call) -> bool:
        """Whether a call begins a transaction that ends with the row: `engine.begin()`, not a savepoint."""
        return called(call) == "begin" and not call.args

    def of_alembic(self, call: ast.Call) -> bool:
        """Whether the owner of a method is `op.get_bind()`, Alembic's own connection."""
        owner = call.func.value if isinstance(call.func, ast.Attribute) else call
        made = self.values(owner)
        return bool(made) and all(called(v) == "get_bind" for v in made)

    def values(self, node: ast.expr) -> list[ast.expr]:
        """What a name stands for, also by other names; any other expression itself."""
        found: list[ast.expr] = []
        waiting, seen = [node], set[str]()
        while waiting:
            one = waiting.pop(0)
            if not isinstance(one, ast.Name):
                found.append(one)
            elif (key := self._variables.key(one)) not in seen:
                seen.add(key)
                waiting += self._bindings.get(key, ())
        return found

    def joins(self, commit: ast.Call) -> bool:
        """Whether what is committed is a session on the migrations' connection: it writes, and Alembic commits."""
        owner = commit.func.value if isinstance(commit.func, ast.Attribute) else commit
        made = [v for v in self.values(owner) if isinstance(v, ast.Call)]
        return bool(made) and all(self._on_connection(v) for v in made)

    def _on_connection(self, made: ast.Call) -> bool:
        """Whether a call makes a session that is bound to `op.get_bind()`, itself or by its maker."""
        if isinstance(made.func, ast.Call):
            return self._on_connection(made.func)
        given = [k.value for k in made.keywords if k.arg == "bind"] or made.args[:1]
        if given:
            return any(called(v) == "get_bind" for v in self.values(given[0]))
        makers = [v for v in self.values(made.func) if isinstance(v, ast.Call)]
        return bool(makers) and all(self._on_connection(v) for v in makers)

    def now_and_then(self, loop: Loop) -> set[ast.AST]:
        """What the loop does not do each time, but once in so many times; also in functions that only that calls."""
        every = [n for part in loop.body for n in ast.walk(part)]
        tests = (n for n in every if isinstance(n, ast.If))
        found = {inner for n in tests if counted(n) for part in n.body for inner in ast.walk(part)}
        waiting = list(found)
        while waiting:
            name = function_of(waiting.pop())
            function = self.functions.get(name)
            if function is None or function in found or any(function_of(n) == name for n in every if n not in found):
                continue
            inner = {function, *ast.walk(function)}
            found |= inner
            waiting += inner
        return found

    def row_loops(self) -> list[Loop]:
        """The loops over rows, those inside another such loop left out."""
        found = [loop for loop in self.loops if self.rows(loop.iter)]
        inner = {id(n) for loop in found for part in loop.body for n in ast.walk(part)}
        return [loop for loop in found if id(loop) not in inner]

    def inside(self, loop: Loop) -> Iterator[ast.Call]:
        """The calls in a loop, and those in the script's own functions that it calls."""
        return (node for node in self._nodes(loop) if isinstance(node, ast.Call))

    def batch_loops(self, loop: Loop) -> list[ast.While]:
        """The loops in it that go on for as long as a statement has changed rows: each turn is a batch of them."""
        return [node for node in self._nodes(loop) if isinstance(node, ast.While) and by_rowcount(node)]

    def _nodes(self, loop: Loop) -> Iterator[ast.AST]:
        seen: set[str] = set()
        waiting: list[ast.AST] = [*loop.body]
        while waiting:
            for node in ast.walk(waiting.pop(0)):
                yield node
                name = function_of(node)
                if name in self.functions and name not in seen:
                    seen.add(name)
                    waiting.append(self.functions[name])

    def changes_rows(self, node: ast.expr) -> bool:
        """Whether a statement is one that writes rows: INSERT, UPDATE, DELETE, as text or made by SQLAlchemy."""
        match node:
            case ast.Constant(value=str() as text):
                return (text.split() or [""])[0].lower() in CHANGING
            case ast.JoinedStr():
                return bool(node.values) and self.changes_rows(node.values[0])
            case ast.BinOp():
                return self.changes_rows(node.left)
            case ast.Call(func=ast.Attribute(attr=name, value=owner)):
                if name in CHANGING:
                    return True
                return self.changes_rows(node.args[0]) if name in TEXTS and node.args else self.changes_rows(owner)
            case ast.Call(func=ast.Name(id=name)):
                return name in CHANGING or (name in TEXTS and bool(node.args) and self.changes_rows(node.args[0]))
            case ast.Name():
                key = self._variables.key(node)
                if key in self._busy:
                    return False
                self._busy.add(key)
                try:
                    return any(self.changes_rows(v) for v in self._bindings.get(key, ()))
                finally:
                    self._busy.discard(key)
            case _:
                return False


def function_of(node: ast.AST) -> str:
    """The name of the function that a call calls; empty for methods and for what is no call."""
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


def by_rowcount(loop: ast.While) -> bool:
    """Whether how many rows a statement changed decides if a loop goes on."""
    inside = [n for part in loop.body for n in ast.walk(part)]
    kept = {t.id for n in inside if isinstance(n, ast.Assign) and counts(n.value, set()) for t in n.targets
            if isinstance(t, ast.Name)}  # fmt: skip
    ends = (n for n in inside if isinstance(n, ast.If) and any(isinstance(i, ast.Break | ast.Return) for i in n.body))
    return counts(loop.test, kept) or any(counts(n.test, kept) for n in ends)


def counts(node: ast.expr, kept: set[str]) -> bool:
    """Whether an expression has a count of changed rows in it, itself or by one of these names."""
    return any(
        (isinstance(n, ast.Attribute) and n.attr == "rowcount") or (isinstance(n, ast.Name) and n.id in kept)
        for n in ast.walk(node)
    )


def counted(test: ast.If) -> bool:
    """Whether a condition holds once in so many times: `n % 100 == 0`, or `len(rows) >= 100` where it empties them."""
    if any(isinstance(o, ast.Mod) for o in ast.walk(test.test)):
        return True
    match test.test:
        case ast.Compare(left=left, ops=[ast.GtE() | ast.Gt() | ast.Eq()]):
            pass
        case _:
            return False
    if isinstance(left, ast.Call) and function_of(left) == "len" and left.args:
        left = left.args[0]
    name = left.id if isinstance(left, ast.Name) else ""
    return any(emptied(node, name) for part in test.body for node in ast.walk(part))


def emptied(node: ast.AST, name: str) -> bool:
    """Whether a node makes a list empty again, or a counter 0."""
    match node:
        case ast.Assign(targets=[ast.Name(id=same)], value=ast.List(elts=[]) | ast.Constant(value=0)):
            return same == name
        case ast.Call(func=ast.Attribute(value=ast.Name(id=same), attr="clear")):
            return same == name
        case _:
            return False


def put_into(node: ast.AST) -> Iterator[ast.Name]:
    """The list or dict that a node puts something into."""
    filled: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        filled = [t.value for t in node.targets if isinstance(t, ast.Subscript)]
    elif isinstance(node, ast.AugAssign) and isinstance(node.value, (ast.List, ast.ListComp, ast.Tuple)):
        filled = [node.target]
    elif isinstance(node, ast.Call) and called(node) in FILLING and isinstance(node.func, ast.Attribute):
        filled = [node.func.value]
    for held in filled:
        while isinstance(held, (ast.Subscript, ast.Attribute, ast.Call)):
            held = held.func if isinstance(held, ast.Call) else held.value
        if isinstance(held, ast.Name):
            yield held


def called(node: ast.expr) -> str:
    """The name of the method that a call calls."""
    return node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""


def outside_of_queries(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of an expression but for the arguments of its queries."""
    yield node
    asks = isinstance(node, ast.Call) and called(node) in QUERIES
    for child in [node.func] if asks and isinstance(node, ast.Call) else ast.iter_child_nodes(node):
        yield from outside_of_queries(child)


def given_back(function: Function) -> Iterator[ast.expr]:
    """What a function returns or yields from."""
    for node in ast.walk(function):
        if isinstance(node, (ast.Return, ast.YieldFrom)) and node.value is not None:
            yield node.value
