"""What the application's names are that a script uses, by the application's source: it need not be importable."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from migguard.application_names import Defined, Known
from migguard.project.config import AlembicProject
from migguard.records import dataclass
from migguard.shadow.own_packages import package, source
from migguard.shadow.type_sources import chain, chooses, gives, is_literal, stored_as, targets
from migguard.source import nodes_of

HOPS = 8
"""Through so many modules a name is followed, and so many bases up a class is looked at."""
BASES = {
    Defined.TYPE: {"TypeDecorator", "UserDefinedType", "TypeEngine", "SchemaType"},
    Defined.ENUM: {"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"},
    Defined.VALIDATOR: {"BaseModel", "BaseSettings", "RootModel"},
    Defined.SQL: {"FunctionElement", "ColumnElement", "ClauseElement", "Executable", "GenericFunction", "DDLElement"},
    Defined.MODEL: {"Base", "Model", "DeclarativeBase", "declarative_base"},
}
TYPES = ("sqlalchemy.types.", "sqlalchemy.sql.sqltypes.", "sqlalchemy.dialects.")
LONGEST = 60
"""Of so many characters a literal is shown."""


@dataclass(frozen=True, slots=True)
class Module:
    """A file of the application: what its top makes, and what it imports under which name."""

    name: str
    is_package: bool
    made: dict[str, ast.stmt]
    brought: dict[str, tuple[str, str]]
    starred: tuple[str, ...]
    compiled: frozenset[str]


@dataclass(frozen=True, slots=True)
class Found:
    """Where a name is made, and how."""

    module: Module
    name: str
    node: ast.AST


def known_names(tree: ast.Module, modules: set[str], project: AlembicProject) -> tuple[Known, ...]:
    """What each name is that a script has from these modules, and each part of one that it writes."""
    brought: dict[str, tuple[str, str]] = {}
    nodes = nodes_of(tree)
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and not node.level and node.module in modules:
            brought.update({a.asname or a.name: (str(node.module), a.name) for a in node.names})
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name in modules:
                    top = alias.name if alias.asname else alias.name.partition(".")[0]
                    brought[alias.asname or top] = (top, "")
    sources = Sources(project)
    found: dict[str, Known] = {}
    for node in nodes:
        parts = chain(node)
        if parts and parts[0] in brought:
            for length in range(1, len(parts) + 1):
                name = ".".join(parts[:length])
                if name not in found:
                    one = sources.known(name, *brought[parts[0]], parts[1:length])
                    if one is not None:
                        found[name] = one
    return tuple(found.values())


class Sources:
    """The application's files."""

    def __init__(self, project: AlembicProject) -> None:
        self._project = project

    def module(self, name: str) -> Module | None:
        """A module of the application."""
        top = package(name.partition(".")[0], self._project)
        file = source(name, top.parent) if top is not None else None
        return read(name, file) if file is not None else None

    def known(self, written: str, module: str, name: str, parts: list[str]) -> Known | None:
        """What a dotted name is."""
        first = self.module(module)
        place: Found | Module | None = self.part(first, name) if name and first is not None else first
        for number, part in enumerate(parts):
            if isinstance(place, Module):
                place = self.part(place, part)
            elif place is not None and isinstance(place.node, ast.ClassDef) and number == len(parts) - 1:
                return self.member(written, place, part)
            else:
                return None
        if place is None:
            return None
        return Known(written, Defined.MODULE) if isinstance(place, Module) else self.described(written, place)

    def part(self, module: Module, name: str, hops: int = HOPS) -> Found | Module | None:
        """What a name of a module stands for, followed to where it is made."""
        if name in module.made:
            node = module.made[name]
            value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
            other = chain(value) if value is not None else []
            if len(other) == 1 and other[0] != name and hops:
                return self.part(module, other[0], hops - 1) or Found(module, name, node)
            return Found(module, name, value if value is not None else node)
        if name in module.brought and hops:
            source_of, called = module.brought[name]
            inner = self.module(source_of)
            if inner is not None and called:
                return self.part(inner, called, hops - 1) or self.module(f"{source_of}.{called}")
            return inner
        for other_name in module.starred if hops else ():
            other_module = self.module(other_name)
            found = self.part(other_module, name, hops - 1) if other_module is not None else None
            if found is not None:
                return found
        return self.module(f"{module.name}.{name}") if module.is_package else None

    def described(self, written: str, found: Found) -> Known:
        """What a name is by how it is made."""
        node, module = found.node, found.module
        needs = tuple(self.needs(found))
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                if (kind := gives(node, module.brought)) != "":
                    return Known(written, Defined.TYPE, needs, kind)
                return Known(written, Defined.FUNCTION, needs, signature(node))
            case ast.ClassDef():
                what = self.kind(found)
                if what is Defined.TYPE:
                    text = stored_as(node, module.brought) if found.name not in module.compiled else ""
                    return Known(written, what, needs, text, by_server=chooses(node) is not None)
                return Known(written, what, needs, table_of(node) if what is Defined.MODEL else "")
            case ast.Call(func=func):
                made = (chain(func) or [""])[-1]
                if made == "Table":
                    return Known(written, Defined.TABLE, (), literal(node.args[0]) if node.args else "")
                if made in BASES[Defined.ENUM]:
                    return Known(written, Defined.ENUM)
                return Known(written, Defined.MODEL if made == "declarative_base" else Defined.OBJECT)
            case ast.expr() if is_literal(node):
                return Known(written, Defined.LITERAL, (), literal(node))
        return Known(written, Defined.OBJECT, needs if module else ())

    def kind(self, found: Found, hops: int = HOPS) -> Defined:
        """What a class is, by its bases and what it has."""
        node, module = found.node, found.module
        if not isinstance(node, ast.ClassDef):
            return Defined.OBJECT
        names = {t.id for s in node.body for t in targets(s) if isinstance(t, ast.Name)}
        if names & {"__tablename__", "__table__"}:
            return Defined.MODEL
        outside: set[str] = set()
        for base in node.bases:
            parts = chain(base.value if isinstance(base, ast.Subscript) else base)
            if not parts:
                continue
            own = self.part(module, parts[0], hops - 1) if hops else None
            for part in parts[1:]:
                own = self.part(own, part, hops - 1) if isinstance(own, Module) else None
            if isinstance(own, Found) and isinstance(own.node, ast.ClassDef) and own.node is not node:
                up = self.kind(own, hops - 1)
                if up is not Defined.CLASS:
                    return up
            source_of, called = module.brought.get(parts[0], ("", parts[0]))
            outside.add(".".join(p for p in (source_of, called, *parts[1:]) if p))
        for what, bases in BASES.items():
            if any(name.rpartition(".")[2] in bases for name in outside):
                return what
        if any(name.startswith(TYPES) or (name.startswith("sqlalchemy") and name.endswith("Type")) for name in outside):
            return Defined.TYPE
        if any(name.endswith("Enum") for name in outside):
            return Defined.ENUM
        if any(name.endswith(("Error", "Exception")) for name in outside):
            return Defined.EXCEPTION
        return Defined.SQL if found.name in module.compiled else Defined.CLASS

    def member(self, written: str, found: Found, name: str) -> Known | None:
        """A constant of a class, or a member of an enum; with its value where that is a literal."""
        node = found.node
        for statement in node.body if isinstance(node, ast.ClassDef) else ():
            if any(isinstance(t, ast.Name) and t.id == name for t in targets(statement)):
                value = getattr(statement, "value", None)
                text = literal(value) if isinstance(value, ast.expr) and is_literal(value) else ""
                return Known(written, Defined.MEMBER, (), text)
        return None

    def needs(self, found: Found) -> Iterator[str]:
        """The names of its module that a function or a class uses and that are the application's."""
        if not isinstance(found.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return
        module, seen = found.module, {found.name}
        for node in nodes_of(found.node):
            name = node.id if isinstance(node, ast.Name) else ""
            if not name or name in seen or name in ("logger", "log", "_"):
                continue
            seen.add(name)
            if name in module.made or self.module(module.brought.get(name, ("",))[0]) is not None:
                yield name


@lru_cache(maxsize=256)
def read(name: str, file: Path) -> Module | None:
    """A module by its file; None for one that is not Python."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None
    is_package = file.name == "__init__.py"
    made: dict[str, ast.stmt] = {}
    brought: dict[str, tuple[str, str]] = {}
    starred: list[str] = []
    compiled: set[str] = set()
    for node in top_of(tree.body):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                made[node.name] = node
                for mark in node.decorator_list:
                    if isinstance(mark, ast.Call) and chain(mark.func)[-1:] == ["compiles"] and mark.args:
                        compiled.add(".".join(chain(mark.args[0])))
            case ast.ImportFrom():
                origin = absolute(name, is_package, node)
                starred += [origin] if any(a.name == "*" for a in node.names) else []
                brought.update({a.asname or a.name: (origin, a.name) for a in node.names if a.name != "*"})
            case ast.Import():
                for alias in node.names:
                    top = alias.name if alias.asname else alias.name.partition(".")[0]
                    brought[alias.asname or top] = (top, "")
            case _:
                made.update({t.id: node for t in targets(node) if isinstance(t, ast.Name)})
    return Module(name, is_package, made, brought, tuple(starred), frozenset(compiled))


def top_of(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements at a module's top, those under conditions included."""
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try | ast.With):
            yield from top_of([*node.body, *getattr(node, "orelse", [])])


def absolute(name: str, is_package: bool, node: ast.ImportFrom) -> str:
    """The module that a statement imports from."""
    parts = name.split(".")
    up = parts[: len(parts) - node.level + is_package] if node.level else []
    return ".".join([*up, *([node.module] if node.module else [])])


def table_of(node: ast.ClassDef) -> str:
    """The name of a mapped class's table, as Python; empty where it is not written there."""
    for statement in node.body:
        if any(isinstance(t, ast.Name) and t.id == "__tablename__" for t in targets(statement)):
            value = getattr(statement, "value", None)
            return literal(value) if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""
    return ""


def literal(node: ast.expr) -> str:
    """A short literal as Python; empty for a long one."""
    text = ast.unparse(node) if is_literal(node) else ""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and text.startswith("'") and '"' not in text:
        text = f'"{text[1:-1]}"'
    return text if len(text) <= LONGEST and "\n" not in text else ""


def signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """The arguments of a function without their types; empty where a default is none that a copy could have."""
    given = [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]
    if not all(is_literal(default) for default in given):
        return ""
    plain = ast.parse(ast.unparse(node.args).join(("def f(", "): ..."))).body[0]
    assert isinstance(plain, ast.FunctionDef)
    for one in (*plain.args.posonlyargs, *plain.args.args, *plain.args.kwonlyargs):
        one.annotation = None
    for more in (plain.args.vararg, plain.args.kwarg):
        if more is not None:
            more.annotation = None
    text = ast.unparse(plain.args)
    return f"({text})" if len(text) <= LONGEST else ""
