"""What a script would have done where the replay did not go: read from the syntax tree, literal operations only."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from types import FunctionType, MappingProxyType, ModuleType
from typing import Any, NamedTuple
from typing import Literal as OneOf

from sqlalchemy.exc import SQLAlchemyError

from migguard.changes import Engine
from migguard.dialect_sides import dialect_side
from migguard.shadow import row_writes
from migguard.shadow.directions import backwards
from migguard.shadow.outside_calls import outside
from migguard.shadow.row_writes import NONE, Rows, bound_by, bound_from, of_core, session

Function = ast.FunctionDef | ast.AsyncFunctionDef
Kind = OneOf["branch", "loop"]
QUERIES = {"execute", "scalar", "scalars", "fetchall", "fetchone", "first", "all", "one", "scalar_one",
           "scalar_one_or_none",
           "query", "get", "count", "exec_driver_sql", "one_or_none"}  # fmt: skip


def functions(tree: ast.Module) -> dict[str, Function]:
    """The functions at the top of a script."""
    return {n.name: n for n in tree.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))}


def trivial(function: Function) -> bool:
    """Whether a function's body is only `pass`, `...` or a docstring."""
    return all(trivial_part(s) for s in function.body)


def trivial_part(statement: ast.stmt) -> bool:
    """Whether a statement is `pass`, `...` or a docstring."""
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def tells_only(function: Function) -> bool:
    """Whether a function's body says something to its reader at most: a message is no way back."""
    return all(trivial_part(s) or tells(s) or (isinstance(s, ast.Return) and s.value is None) for s in function.body)


def irreversible(function: Function) -> bool:
    """Whether a function does nothing but raise, which says on purpose that there is no way back."""
    body = [s for s in function.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    return bool(body) and isinstance(body[-1], ast.Raise) and all(tells(s) for s in body[:-1])


def tells(statement: ast.stmt) -> bool:
    """Whether a statement is a message and nothing else."""
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return False
    call = statement.value
    inner = (n for part in (*call.args, *call.keywords) for n in ast.walk(part))
    leaves = isinstance(call.func, ast.Attribute) and call.func.attr in ("exit", "sleep")
    return (
        row_writes.tells(root_name(call.func) or "") and not leaves and not any(isinstance(n, ast.Call) for n in inner)
    )


class Literal:
    """Runs statements of a script that are made of nothing but Alembic operations on the script's own literals.

    They are compiled under the script's own name, so that what they run is found at its own line. `package` is the one
    whose functions are the script's own too: that of a module which the script has called.
    """

    def __init__(self, path: Path, names: Mapping[str, Any], engine: Engine, package: str = "") -> None:
        self._path = path
        self._engine = engine
        self.names = names
        self._package = package
        self._local: set[str] = set()

    def safe(self, node: ast.AST) -> bool:
        """Whether an expression or statement may be run by itself."""
        match node:
            case ast.Constant():
                return True
            case ast.Name():
                return (
                    node.id in self._local
                    or node.id in self.names
                    or node.id in ("True", "False", "None", "str", "int", "dict", "list")
                )
            case ast.Attribute():
                return self.safe(node.value)
            case ast.Call():
                return self.safe_call(node)
            case ast.List() | ast.Tuple() | ast.Set():
                return all(self.safe(e) for e in node.elts)
            case ast.Dict():
                return all(self.safe(e) for e in (*node.keys, *node.values) if e is not None)
            case ast.Starred() | ast.FormattedValue():
                return self.safe(node.value)
            case ast.JoinedStr():
                return all(self.safe(v) for v in node.values)
            case ast.UnaryOp():
                return self.safe(node.operand)
            case ast.BinOp():
                return self.safe(node.left) and self.safe(node.right)
            case ast.Expr(value=ast.Call() as call):
                return (operation(call) or self.own(call)) and self.safe(call)
            case ast.With():
                return self.safe_with(node)
            case ast.For():
                return self.safe_for(node)
            case ast.Pass():
                return True
            case _:
                return False

    def safe_call(self, node: ast.Call) -> bool:
        """Whether a call is of an operation, a type, a column, a function of the script's own."""
        root = root_name(node.func)
        known = root is not None and (root in self._local or (root in self.names and library(self.names[root])))
        known = known or self.own(node)
        return known and all(self.safe(a) for a in node.args) and all(self.safe(k.value) for k in node.keywords)

    def own(self, call: ast.Call) -> bool:
        """Whether a call is of a function that the script defines, which the replay may run as it runs upgrade()."""
        held = self.names.get(call.func.id) if isinstance(call.func, ast.Name) else None
        if not isinstance(held, FunctionType):
            return False
        near = bool(self._package) and held.__module__.partition(".")[0] == self._package
        return near or held.__code__.co_filename == str(self._path)

    def elsewhere(self, path: Path, names: Mapping[str, Any]) -> Literal:
        """One for the functions of another file, with the names that they have there."""
        return Literal(path, names, self._engine, str(names.get("__name__", "")).partition(".")[0])

    def safe_with(self, node: ast.With) -> bool:
        """Whether a `with` block may be run: batch and autocommit blocks with safe bodies."""
        if not all(
            isinstance(i.context_expr, ast.Call) and operation(i.context_expr) and self.safe(i.context_expr)
            for i in node.items
        ):
            return False
        names = {i.optional_vars.id for i in node.items if isinstance(i.optional_vars, ast.Name)}
        self._local |= names
        try:
            return all(
                isinstance(s, ast.Expr) and isinstance(s.value, ast.Call) and self.safe(s.value) for s in node.body
            )
        finally:
            self._local -= names

    def safe_for(self, node: ast.For) -> bool:
        """Whether a loop over literals may be run."""
        if not isinstance(node.iter, (ast.List, ast.Tuple, ast.Name)) or not self.safe(node.iter) or node.orelse:
            return False
        if isinstance(node.iter, ast.Name) and not isinstance(self.names.get(node.iter.id), (list, tuple, set, dict)):
            return False
        names = {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}
        self._local |= names
        try:
            return all(self.safe(s) for s in node.body)
        finally:
            self._local -= names

    def run(
        self, statements: Iterable[ast.stmt], rows: Rows = NONE, watched: Callable[[], Callable[[], bool]] | None = None
    ) -> tuple[int, list[ast.stmt]]:
        """Run the statements that may be, both sides of conditions included; how many ran, and those left unread.

        `watched` is called before each, and then says whether what it did hangs on another answer that was guessed.
        """
        ran = 0
        left: list[ast.stmt] = []
        for statement in statements:
            if isinstance(statement, ast.If) and (side := dialect_side(statement, self._engine)) is not None:
                more, rest = self.run(side, rows, watched)
                ran, left = ran + more, left + rest
            elif isinstance(statement, (ast.If, ast.Try)):
                if isinstance(statement, ast.If) and rows.written_by(statement.test):
                    left.append(statement)
                    continue
                inner = [*statement.body, *statement.orelse, *getattr(statement, "finalbody", [])]
                more, rest = self.run(inner, rows, watched)
                ran, left = ran + more, left + rest
            elif isinstance(statement, ast.With) and not self.safe(statement):
                entered = (n for item in statement.items for n in ast.walk(item) if isinstance(n, ast.Call))
                if any(outside(n) is not None or self.own(n) for n in entered):
                    left.append(statement)  # what it does by itself
                more, rest = self.run(statement.body, rows, watched)
                ran, left = ran + more, left + rest
            elif self.safe(statement) and not isinstance(statement, ast.Pass):
                turned_away = watched() if watched is not None else None
                try:
                    exec(self._compiled(statement), dict(self.names))
                    if turned_away is not None and turned_away():
                        left.append(statement)
                    else:
                        ran += 1
                except (SQLAlchemyError, Exception):  # noqa: BLE001 - the statement is the user's; it counts as unread
                    left.append(statement)
            elif matters(statement, rows):
                left.append(statement)
        return ran, left

    def _compiled(self, statement: ast.stmt) -> Any:
        return compile(ast.Module([statement], []), str(self._path), "exec")


def operation(call: ast.Call) -> bool:
    """Whether a call is one of Alembic's operations, or a method of a batch."""
    return root_name(call.func) in ("op", "batch_op", "batch", "b", "bop")


def root_name(node: ast.expr) -> str | None:
    """The name at the beginning of a chain of attributes and calls."""
    while isinstance(node, (ast.Attribute, ast.Call)):
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return node.id if isinstance(node, ast.Name) else None


def library(value: Any) -> bool:
    """Whether a name of the script stands for something of SQLAlchemy or Alembic."""
    module = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", "") or ""
    return module.partition(".")[0] in (
        "sqlalchemy",
        "alembic",
        "geoalchemy2",
        "pgvector",
        "sqlalchemy_utils",
        "sqlmodel",
    )


def matters(statement: ast.stmt, rows: Rows = NONE) -> bool:
    """Whether an unread statement could have done something to the database."""
    return rows.written_by(statement) or any(
        isinstance(n, ast.Call) and (operation(n) or queries(n) or works(n, statement, rows) or outside(n) is not None)
        for n in ast.walk(statement)
    )


def queries(call: ast.Call) -> bool:
    """Whether a call has the name of one that asks the database; `get("name")` asks a mapping."""
    match call:
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str()), *_]):
            return False
        case ast.Call(func=ast.Attribute(attr="get", value=owner)) if mapping(owner):
            return False
        case ast.Call(func=ast.Attribute(attr=method)):
            return method in QUERIES
        case _:
            return False


def mapping(owner: ast.expr) -> bool:
    """Whether what is asked by `get` is a dict by the look of it: no session, no query, no class."""
    while isinstance(owner, ast.Subscript):
        owner = owner.value
    name = owner.id if isinstance(owner, ast.Name) else ""
    asked = session(owner) or name in HANDED or "query" in name.lower() or name in ("q", "stmt")
    return bool(name) and not asked and (name.islower() or name.isupper())


def works(call: ast.Call, statement: ast.stmt, rows: Rows = NONE) -> bool:
    """Whether a call is a statement of its own, made for what it does and not for its value, of a plain function.

    A function of the script that does nothing of the kind is none, and that is handed no connection.
    """
    if not any(isinstance(n, ast.Expr) and awaited(n.value) is call for n in ast.walk(statement)):
        return False
    name = root_name(call.func)
    match call.func:
        case ast.Name(id=name) if name in rows.functions:
            given = (*call.args, *(k.value for k in call.keywords))
            return any(root_name(a) in HANDED for a in given) or does(rows.functions[name], rows)
        case ast.Name(id=name):
            return not row_writes.tells(name) and not hasattr(builtins, name)
        case ast.Attribute(attr=method) if name is not None:
            kept = any(hasattr(kind, method) for kind in (list, dict, set))  # put into a container of the script's
            return not row_writes.tells(name) and (not kept or any(root_name(a) in HANDED for a in call.args))
        case _:
            return False


def awaited(value: ast.expr) -> ast.expr:
    """What is awaited; else the expression itself."""
    return value.value if isinstance(value, ast.Await) else value


def does(function: Function, rows: Rows) -> bool:
    """Whether a function of the script may do something to the database, or more than its syntax tells."""
    arguments = function.args
    names = {a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    others = {name: f for name, f in rows.functions.items() if f is not function}
    inner = Rows(names, others, rows.core)
    called = {n.func.id for n in ast.walk(function) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    odd = bool(function.decorator_list) or any(isinstance(n, STARTING) for n in ast.walk(function))
    return (
        odd
        or any(matters(s, inner) for s in function.body)
        or any(does(f, inner) for n, f in others.items() if n in called)
    )


STARTING = (ast.With, ast.AsyncWith, ast.Await, ast.Global, ast.Nonlocal)
HANDED = frozenset({"op", "bind", "conn", "connection", "session", "context", "ctx", "engine", "db"})
"""Names of what a helper is given to work on."""


def lines_of(node: ast.stmt) -> range:
    """The lines of a condition or loop without its body."""
    asked = node.iter if isinstance(node, ast.For) else getattr(node, "test", node)
    return range(node.lineno, (asked.end_lineno or asked.lineno) + 1)


def span(statements: list[ast.stmt]) -> str:
    """The lines of statements, in words."""
    lines = sorted({s.lineno for s in statements})
    if not lines:
        return ""
    last = max(s.end_lineno or s.lineno for s in statements)
    return f"line {lines[0]}" if lines[0] == last else f"lines {lines[0]} to {last}"


# --- branches on data ---------------------------------------------------------------------------------------------


class Branch:
    """A condition that rests on rows or, without `rows`, on a stand-in; and what the side not taken would run.

    `given` are the lines in which the function gives its names their values.
    """

    def __init__(
        self,
        node: ast.stmt,
        statements: list[ast.stmt],
        held: Rows,
        given: Mapping[str, Set[int]] = MappingProxyType({}),
        *,
        rows: bool = True,
    ) -> None:
        self.node = node
        self.rows = rows
        self.given = given
        self.statements = statements
        self.held = held

    @property
    def kind(self) -> Kind:
        """What it is, in a word."""
        return "loop" if isinstance(self.node, ast.For) else "branch"

    @property
    def condition(self) -> ast.AST:
        """What it asks, or goes over."""
        return self.node.iter if isinstance(self.node, ast.For) else getattr(self.node, "test", self.node)

    @property
    def asking(self) -> Set[int]:
        """The lines of its condition, and those that give the names in it their values."""
        first = getattr(self.condition, "lineno", self.node.lineno)
        names = {n.id for n in ast.walk(self.condition) if isinstance(n, ast.Name)}
        named = (line for name in names for line in self.given.get(name, ()))
        return {*range(first, (getattr(self.condition, "end_lineno", None) or first) + 1), *named}

    def reason(self, stood: Mapping[int, str], absent: Sequence[tuple[int, Absent]], rows: Set[int]) -> str:
        """What it depends on.

        `stood` are the lines that asked a stand-in, with its name, `absent` those that asked for a table that the
        history never makes, and `rows` those that asked for rows.
        """
        if self.rows:
            own = {t for line, t in absent if line in self.asking}
            tables = sorted(own or (set() if rows else {t for _, t in absent}))  # else an earlier line asked for it
            if tables:
                return whether_there(tables)
            return "rows, of which the replay has none"
        lines = {getattr(n, "lineno", None) for n in ast.walk(self.condition)}
        names = {name for line, name in stood.items() if line in lines}
        return f"{', '.join(sorted(names))}, which the replay does not have"

    def among(self, lines: Mapping[int, str]) -> list[str]:
        """What is said of the lines of its condition."""
        return sorted({said for line, said in lines.items() if line in self.asking})


class Asked(NamedTuple):
    """Which answers were guessed: the lines that asked, the script's functions that did, and the lines that had
    functions of other files ask, or looked a name up in a list of tables. `known` are functions by their names."""

    lines: Set[int]
    functions: Set[str] = frozenset()
    elsewhere: Set[int] = frozenset()
    known: Mapping[str, Function] = MappingProxyType({})
    core: Set[str] = frozenset()  # names of SQLAlchemy


def held(tree: ast.Module, asked: Asked) -> set[str]:
    """The names at the top of a script that hold guessed answers."""
    found: set[str] = set()
    for node in tree.body:
        value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
        if value is not None and (asks(value, asked) or uses(value, found)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]  # type: ignore[attr-defined]
            found |= {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
    return found


def branches(
    tree: ast.Module, asked: Asked, ran: Set[int], stood: Set[int] = frozenset(), back: Set[str] | None = None
) -> Iterator[Branch]:
    """The conditions that depend on an answer that was guessed, with what the other side would do.

    `ran` are the lines that ran statements; `stood` those that asked a stand-in; `back` the functions to look at, where
    not at all but those that only the downgrade comes to. The functions that `asked` knows are those of other files.
    """
    if not asked.lines and not stood:
        return
    known = functions(tree)
    asked = asked._replace(known={**asked.known, **known}, core=of_core(tree))
    asking = {name for name, f in known.items() if any(f.lineno <= g <= (f.end_lineno or 0) for g in asked.lines)}
    top = held(tree, asked)
    asked = asked._replace(functions=asking)
    chosen = known.keys() - backwards(tree) if back is None else back
    looked_at = {name: function for name, function in known.items() if name in chosen}
    given = handed_on(looked_at, asked, top)
    for name, function in looked_at.items():
        yield from branches_in(function, asked, ran, stood, top | given.get(name, set()))


def handed_on(known: Mapping[str, Function], asked: Asked, top: Set[str] = frozenset()) -> dict[str, set[str]]:
    """The parameters of functions that get guessed answers, or what was made of them, from one of the others."""
    given: dict[str, set[str]] = {}
    waiting = list(known)
    while waiting:
        caller = waiting.pop()
        names = taint(known[caller], asked, top | given.get(caller, set())) or set()
        for call in ast.walk(known[caller]):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.func.id not in known:
                continue
            called = known[call.func.id].args
            places = zip([*called.posonlyargs, *called.args], call.args, strict=False)
            found = {a.arg for a, value in places if asks(value, asked) or uses(value, names)}
            found |= {k.arg for k in call.keywords if k.arg and (asks(k.value, asked) or uses(k.value, names))}
            if found - given.get(call.func.id, set()):
                given.setdefault(call.func.id, set()).update(found)
                waiting.append(call.func.id)
    return given


class Absent(NamedTuple):
    """A table that was asked for and not found: whether it is there or, with `parts`, what it has.

    The history never makes it or, with `made`, only where it finds other such tables.
    """

    table: str
    parts: bool = False
    made: bool = False


def whether_there(asked: Sequence[Absent]) -> str:
    """What hangs on tables that the history never makes."""
    there = [a.table for a in asked if not a.parts][:3]
    partly = [a.table for a in asked if a.parts][:3]
    said = [f"whether the table {' or '.join(there)} is there"] if there else []
    said += [f"which columns, keys and indexes the table {' or '.join(partly)} has"] if partly else []
    how = "makes only where it finds others" if all(a.made for a in asked) else "has not made"
    return f"{' and '.join(said)}, which this history {how}"


def branches_in(
    function: Function, asked: Asked, ran: Set[int], stood: Set[int] = frozenset(), top: Set[str] = frozenset()
) -> Iterator[Branch]:
    """Those in a function. `top` are names of the script that hold guessed answers."""
    tainted = taint(function, asked, top)
    if tainted is not None or stood:
        yield from in_body(function.body, Known(tainted or set(), asked, ran, stood, values_of(function)))


def values_of(function: Function) -> dict[str, set[int]]:
    """The lines in which a function gives each name its values."""
    found: dict[str, set[int]] = {}
    for node in ast.walk(function):
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            lines = range(node.value.lineno, (node.value.end_lineno or node.value.lineno) + 1)
            for name in (n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)):
                found.setdefault(name, set()).update(lines)
    return found


class Known(NamedTuple):
    """What is known of a function's conditions: names that hold guesses, and lines by what they did."""

    tainted: set[str]
    asked: Asked
    ran: Set[int]
    stood: Set[int]
    given: Mapping[str, Set[int]]

    def on_rows(self, node: ast.expr) -> bool:
        """Whether a condition rests on an answer that was guessed."""
        return uses(node, self.tainted) or asks(node, self.asked)

    def on_stand_in(self, node: ast.expr) -> bool:
        """Whether a condition asked a stand-in."""
        return any(getattr(part, "lineno", None) in self.stood for part in ast.walk(node))


def asks(node: ast.AST, asked: Asked) -> bool:
    """Whether an expression asks a question that was guessed, itself or through a function."""
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            lines = range(part.lineno, (part.end_lineno or part.lineno) + 1)
            if isinstance(part.func, ast.Attribute) and any(g in lines for g in asked.lines):
                return True
            if isinstance(part.func, ast.Name):
                elsewhere = not hasattr(builtins, part.func.id) and any(g in lines for g in asked.elsewhere)
                if elsewhere or part.func.id in asked.functions:
                    return True
        elif isinstance(part, (ast.Compare, ast.Subscript)) and part.lineno in asked.elsewhere:
            return True  # a list of names was looked through, or a variable taken from the environment
    return False


def taint(function: Function, asked: Asked, top: Set[str] = frozenset()) -> set[str] | None:
    """The names in a function that hold guessed answers, or what was made of them; None if it asks nothing."""
    names = set(top)
    found = asks(function, asked) or uses(function, names)
    if not found:
        return None
    inner = {n.name: n for n in ast.walk(function) if n is not function and isinstance(n, Function)}
    for _ in range(3):
        for node in ast.walk(function):
            value, targets = None, []
            if isinstance(node, ast.Assign):
                value, targets = node.value, node.targets
            elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
                value, targets = node.value, [node.target]
            if value is not None and (asks(value, asked) or uses(value, names)):
                names |= {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
            if isinstance(node, (ast.For, ast.AsyncFor)) and (asks(node.iter, asked) or uses(node.iter, names)):
                names |= set(filled_by(node, inner))
            if isinstance(node, (ast.If, ast.While)) and (asks(node.test, asked) or uses(node.test, names)):
                names |= set(filled_by(node, inner))
    return names


FILLING = frozenset({"append", "appendleft", "add", "extend", "insert", "setdefault", "update"})
"""Methods by which a container gets what was not in it."""


def filled_by(
    block: ast.stmt, inner: Mapping[str, Function] = MappingProxyType({}), seen: Set[str] = frozenset()
) -> Iterator[str]:
    """The lists and dicts that a block puts something into, itself or by the functions inside the function it is in."""
    for node in (n for part in getattr(block, "body", []) for n in ast.walk(part)):
        filled: list[ast.expr] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in inner.keys() - seen:
            yield from filled_by(inner[node.func.id], inner, seen | {node.func.id})
        if isinstance(node, ast.Assign):
            filled = [t.value for t in node.targets if isinstance(t, ast.Subscript)]
        elif isinstance(node, ast.AugAssign):
            filled = [node.target]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in FILLING:
            filled = [node.func.value]
        for held in filled:
            while isinstance(held, (ast.Subscript, ast.Attribute, ast.Call)):
                held = held.func if isinstance(held, ast.Call) else held.value
            if isinstance(held, ast.Name):
                yield held.id


def uses(node: ast.AST, names: set[str]) -> bool:
    """Whether an expression uses one of the names."""
    return any(isinstance(n, ast.Name) and n.id in names for n in ast.walk(node))


def in_body(body: list[ast.stmt], known: Known) -> Iterator[Branch]:
    """The branches among statements."""
    for place, statement in enumerate(body):
        asked = (
            statement.test
            if isinstance(statement, (ast.If, ast.While))
            else statement.iter
            if isinstance(statement, ast.For)
            else None
        )
        rows = asked is not None and known.on_rows(asked)
        if asked is not None and (rows or known.on_stand_in(asked)):
            yield from sides(statement, body[place + 1 :], known, rows=rows)
        for name in ("body", "orelse", "finalbody"):
            inner = getattr(statement, name, None)
            if (
                isinstance(inner, list)
                and inner
                and isinstance(inner[0], ast.stmt)
                and not isinstance(statement, (ast.FunctionDef, ast.ClassDef))
            ):
                yield from in_body(inner, known)


def sides(statement: ast.stmt, following: list[ast.stmt], known: Known, *, rows: bool) -> Iterator[Branch]:
    """The sides of a condition, or the rounds of a loop, that did not run; what follows where the other leaves."""
    inner: list[ast.stmt] = getattr(statement, "body", [])
    found = [inner, getattr(statement, "orelse", [])]
    if isinstance(inner[-1], (ast.Return, ast.Raise)) and not found[1] and not isinstance(statement, ast.For):
        found.append(following)
    rounds = bound_by(statement.target) if isinstance(statement, ast.For) else set()
    names = Rows(bound_from(statement, known.tainted | rounds), known.asked.known, known.asked.core)
    for side in found:
        untaken = [
            s
            for s in side
            if matters(s, names) and not any(s.lineno <= r <= (s.end_lineno or s.lineno) for r in known.ran)
        ]
        if untaken:
            yield Branch(statement, untaken, names, known.given, rows=rows)
