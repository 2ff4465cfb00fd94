"""What of the ORM's Session a script uses, and what it does by it: whether anything can be flushed."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from enum import Enum, auto

from migguard.rules.facts.scripts.filling_loops import FUNCTIONS, bound, method, set_attributes
from migguard.rules.facts.scripts.script_places import dotted, imports
from migguard.rules.facts.scripts.script_reach import called
from migguard.source import Script

SESSIONS = frozenset(
    f"{module}.{name}"
    for module in (
        "sqlalchemy.orm",
        "sqlalchemy.orm.session",
        "sqlalchemy.ext.asyncio",
        "sqlmodel",
        "sqlmodel.orm.session",
    )
    for name in ("Session", "sessionmaker", "scoped_session", "AsyncSession", "async_sessionmaker", "object_session")
)
LEGACY = frozenset(
    {"all", "filter", "filter_by", "get", "first", "count", "one", "one_or_none", "order_by", "delete", "update"}
)

FLUSHED = frozenset({"add", "add_all", "merge", "delete"})
"""Methods of a session that give it something to write."""
BULK = frozenset({"bulk_save_objects", "bulk_insert_mappings", "bulk_update_mappings"})
"""Methods of a session that write at once, by mapped classes
(https://docs.sqlalchemy.org/en/20/orm/session_api.html#sqlalchemy.orm.Session.bulk_update_mappings)."""
MUTATING = frozenset({"append", "extend", "insert", "remove", "pop", "clear", "discard", "setdefault", "update"})
"""Methods that change a collection: of an object of the session's, what it writes."""
ENDING = frozenset(
    {"commit", "rollback", "flush", "close", "close_all", "begin", "expire_all", "expunge_all", "get_bind",
     "configure", "remove"}
)  # fmt: skip
"""Methods of a session that send no statement of the script's."""
LOADING = frozenset({"get", "get_one", "refresh"})
"""Methods of a session that load an object of a class."""
MAKERS = frozenset(name.rpartition(".")[2] for name in SESSIONS)
TABLES = frozenset({"table", "Table", "column", "select", "union", "alias", "subquery", "cte", "join"})
"""Calls that make what is selected from, without a class."""

KEEPING = (ast.Return, ast.Yield, ast.List, ast.Tuple, ast.Set, ast.Dict)


class Work(Enum):
    """What a script does by its sessions."""

    FLUSHES = auto()
    HANDED_ON = auto()
    BULK = auto()
    QUERIES = auto()
    STATEMENTS = auto()
    NOTHING = auto()


class Sessions:
    """The sessions of a script, by what they are called and where they are made."""

    def __init__(self, script: Script, used: list[tuple[ast.Call, str]]) -> None:
        self._calls = [n for n in script.nodes if isinstance(n, ast.Call)]
        self._made = {id(call) for call, what in used if what in MAKERS}
        self._functions = {n.name: n for n in script.nodes if isinstance(n, FUNCTIONS)}
        self._imported = imports(script.nodes)
        self._places = [n for n in script.nodes if isinstance(n, KEEPING)]
        self._values = [pair for n in script.nodes for pair in bound(n)]
        self._names: set[str] = set()
        for node in script.nodes:
            if isinstance(node, ast.withitem) and isinstance(node.optional_vars, ast.Name):
                self._values.append((node.optional_vars.id, node.context_expr))
        while found := {*self._held()} - self._names:
            self._names |= found

    def work(self) -> Work:
        """What is done by them. Where a session goes to a function of another module, it may do anything."""
        if any(self._flushes(function) for function in self._functions.values()) or self._kept():
            return Work.FLUSHES
        own = [c for c in self._calls if isinstance(c.func, ast.Attribute) and self.session(c.func.value)]
        if any(method(c) in FLUSHED for c in own):
            return Work.FLUSHES
        if self.handed_to() is not None:
            return Work.HANDED_ON
        if any(method(c) in BULK for c in own):
            return Work.BULK
        asking = [c for c in own if method(c) == "query"] + [c for c in self._calls if called(c) == "select"]
        loading = any(method(c) in LOADING for c in own) or any(legacy(c) for c in self._calls)
        if loading or not all(map(self._of_tables, asking)):
            return Work.QUERIES
        return Work.STATEMENTS if any(method(c) not in ENDING for c in own) else Work.NOTHING

    def handed_to(self) -> str | None:
        """A function of another module that is given a session."""
        for call in self._calls:
            name = ast.unparse(call.func)
            given = (*call.args, *(k.value for k in call.keywords))
            if id(call) in self._made or name in self._functions or name in ("isinstance", "print"):
                continue
            if any(self.session(one) for one in given):
                return name
        return None

    def session(self, node: ast.expr) -> bool:
        """Whether an expression is a session."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Call | ast.Name) and self.session(node.func):
            return True
        return called_session(node) or id(node) in self._made or (isinstance(node, ast.Name) and node.id in self._names)

    def _kept(self) -> bool:
        """Whether a session goes where it is not followed: what is done by it then is not known."""
        return any(
            self.session(one) for n in self._places for one in ast.iter_child_nodes(n) if isinstance(one, ast.expr)
        )

    def _held(self) -> Iterator[str]:
        """The names that are bound to a session, and the parameters of the script's functions that get one."""
        yield from (name for name, value in self._values if isinstance(value, ast.expr) and self.session(value))
        for call in self._calls:
            function = self._functions.get(call.func.id) if isinstance(call.func, ast.Name) else None
            if function is not None:
                given = zip([a.arg for a in (*function.args.posonlyargs, *function.args.args)], call.args, strict=False)
                yield from (name for name, value in given if self.session(value))
                yield from (k.arg for k in call.keywords if k.arg is not None and self.session(k.value))

    def _flushes(self, function: ast.AST) -> bool:
        """Whether a function changes an object that may be the session's: an attribute of it, or a collection there."""
        if any(True for _ in set_attributes(function)):
            return True
        for node in ast.walk(function):
            match node:
                case ast.Call(func=ast.Name(id="setattr" | "delattr")):
                    return True
                case ast.AugAssign(target=ast.Attribute()) | ast.AnnAssign(target=ast.Attribute()):
                    return True
                case ast.Assign(targets=targets) | ast.Delete(targets=targets) if any(map(part_of_object, targets)):
                    return True
                case ast.Call(func=ast.Attribute(attr=name, value=ast.Attribute(attr=of)), args=[_, *_]):
                    if name in MUTATING and of != "__table__":
                        return True
                case _:
                    pass
        return False

    def _of_tables(self, query: ast.Call) -> bool:
        """Whether a query asks for tables, columns and functions alone, and for no class."""
        every = {n.id for a in query.args for n in ast.walk(a) if isinstance(n, ast.Name)}
        named = [n for n in every if not self._imported.get(n, n).startswith(("sqlalchemy", "alembic")) and n != "sa"]
        made = [[v for own, v in self._values if own == name] for name in named]
        return all(values and all(isinstance(v, ast.Call) and called(v) in TABLES for v in values) for values in made)


def part_of_object(target: ast.expr) -> bool:
    """Whether it is an element of what an object holds: `one.settings["x"]`, or an attribute that is deleted."""
    while isinstance(target, ast.Subscript):
        target = target.value
    return isinstance(target, ast.Attribute)


def uses_session(call: ast.Call, known: Mapping[str, str]) -> str | None:
    """What of the ORM a call is, or None."""
    name = dotted(call.func, dict(known))
    if name in SESSIONS or name.removeprefix("sa.") in ("orm.Session", "orm.sessionmaker"):
        return name.rpartition(".")[2]
    if name.rpartition(".")[2] == "Session" and any(k.arg == "bind" for k in call.keywords):
        return "Session"  # by a name of the project's own, such as db.Session
    if not isinstance(call.func, ast.Attribute):
        return None
    owner = call.func.value
    if call.func.attr == "query" and (call.args or call.keywords) and called_session(owner):
        return "session.query"
    if legacy(call):
        return ast.unparse(owner)
    if isinstance(owner, ast.Attribute) and owner.attr == "session" and isinstance(owner.value, ast.Name):
        return ast.unparse(owner)
    return None


def legacy(call: ast.Call) -> bool:
    """Whether a call is of the legacy query of a class: `Person.query.filter(…)`."""
    match call.func:
        case ast.Attribute(attr=name, value=ast.Attribute(attr="query", value=of)):
            return name in LEGACY and class_like(of)
        case _:
            return False


def called_session(node: ast.expr) -> bool:
    """Whether an expression is called a session: `session`, `self.session`, `db.session`, `Session()`."""
    name = dotted(node.func if isinstance(node, ast.Call) else node, {}).rpartition(".")[2]
    return "session" in name.lower() or name == "s"


def class_like(node: ast.expr) -> bool:
    """Whether an expression is a class by the look of its name."""
    name = dotted(node, {}).rpartition(".")[2]
    return name[:1].isupper()
