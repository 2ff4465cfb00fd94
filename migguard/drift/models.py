"""Where in the models' files a table, column, index or constraint is written."""

from __future__ import annotations

import ast
import itertools
import os
import sys
import sysconfig
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event

from migguard.shadow.late import when_imported
from migguard.source import Origin

if TYPE_CHECKING:
    from sqlalchemy.orm import Mapper

OURS = str(Path(__file__).parent.parent)
LIBRARIES = ("site-packages", "dist-packages")


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the models: its classes by name, its statements, and what stands in each, looked for once."""

    classes: dict[str, list[ast.ClassDef]]
    statements: list[ast.stmt]
    indexes: dict[int, Index] = field(default_factory=dict)

    def index(self, node: ast.AST) -> Index:
        """What stands in one of the file's nodes."""
        if id(node) not in self.indexes:
            self.indexes[id(node)] = indexed(node)
        return self.indexes[id(node)]


@dataclass(frozen=True, slots=True)
class Index:
    """What a definition assigns to a name, and its calls by the text that they get first or as `name`; numbered."""

    assigned: dict[str, tuple[int, ast.stmt]]
    called: dict[str, tuple[int, ast.expr]]

    def find(self, attributes: set[str], name: str) -> ast.expr | ast.stmt | None:
        """The first that is assigned to one of the attributes, or gets the name."""
        found: list[tuple[int, ast.expr | ast.stmt]] = [self.assigned[a] for a in attributes if a in self.assigned]
        if name in self.called:
            found.append(self.called[name])
        return min(found, key=lambda one: one[0])[1] if found else None


@dataclass(slots=True)
class Places:
    """Where tables and classes were defined: noted while the models are imported."""

    tables: dict[int, Origin] = field(default_factory=dict)
    mappers: dict[int, list[Mapper[Any]]] = field(default_factory=lambda: defaultdict(list))
    sources: dict[Path, Source | None] = field(default_factory=dict)
    lineages: dict[type, list[tuple[Path, ast.ClassDef]]] = field(default_factory=dict)

    @contextmanager
    def noting(self) -> Iterator[None]:
        """While the block runs, note every table and every mapped class that comes to be."""

        def defined(table: sa.Table, _metadata: sa.MetaData) -> None:
            origin = caller()
            if origin is not None:
                self.tables[id(table)] = origin

        def mapped(mapper: Mapper[Any], _class: type) -> None:
            self.mappers[id(mapper.local_table)].append(mapper)

        listened: list[Any] = []

        def orm(module: Any) -> None:
            listened.append(module.Mapper)
            event.listen(module.Mapper, "after_mapper_constructed", mapped)

        event.listen(sa.Table, "after_parent_attach", defined)
        try:
            with when_imported("sqlalchemy.orm", orm):  # not all models need it, and it takes a while to import
                yield
        finally:
            event.remove(sa.Table, "after_parent_attach", defined)
            for mapper in listened:
                event.remove(mapper, "after_mapper_constructed", mapped)

    def of(self, table: sa.Table, name: str | None = None) -> Origin | None:
        """The line of a column, index or constraint; that of the table where it is not found, or without a name."""
        whole = self.tables.get(id(table))
        if name is None or whole is None:
            return whole
        for path, node, names in itertools.chain(self.classes(table, name), self.statements(whole, name)):
            source = self.source(path)
            found = source.index(node).find(names, name) if source is not None else None
            if found is not None:
                return Origin(path, found.lineno, found.col_offset + 1)
        return whole

    def of_class(self, mapper: Mapper[Any]) -> Origin | None:
        """The line of a mapped class."""
        path, node = next(self.bodies(mapper), (None, None))
        return Origin(path, node.lineno, node.col_offset + 1) if path is not None and node is not None else None

    def attribute(self, mapper: Mapper[Any], key: str) -> Origin | None:
        """The line of an attribute of a mapped class."""
        for path, node in self.bodies(mapper):
            source = self.source(path)
            found = source.index(node).find({key}, "") if source is not None else None
            if found is not None:
                return Origin(path, found.lineno, found.col_offset + 1)
        return None

    def classes(self, table: sa.Table, name: str) -> Iterator[tuple[Path, ast.AST, set[str]]]:
        """The definitions of the classes that are mapped to the table, and of those they inherit from."""
        for mapper in self.mappers.get(id(table), ()):
            keys = {key for key, column in mapper.columns.items() if column.name == name}
            for path, node in self.bodies(mapper):
                yield path, node, keys

    def bodies(self, mapper: Mapper[Any]) -> Iterator[tuple[Path, ast.ClassDef]]:
        """The definitions of a mapped class and of those it inherits from."""
        if mapper.class_ not in self.lineages:
            self.lineages[mapper.class_] = list(self.lineage(mapper.class_))
        yield from self.lineages[mapper.class_]

    def lineage(self, mapped: type) -> Iterator[tuple[Path, ast.ClassDef]]:
        """The definitions of a class and of those it inherits from, as far as they are the project's own."""
        for one in mapped.__mro__:
            file = getattr(sys.modules.get(one.__module__), "__file__", None)
            if not file or library(file):
                continue
            source = self.source(Path(file))
            for node in source.classes.get(one.__name__, ()) if source is not None else ():
                yield Path(file), node

    def statements(self, whole: Origin, name: str) -> Iterator[tuple[Path, ast.AST, set[str]]]:
        """The statement that defines the table, the smallest first."""
        source = self.source(whole.path)
        around = [
            n
            for n in (source.statements if source is not None else ())
            if first_line(n) <= whole.line <= (n.end_lineno or n.lineno)
        ]
        for node in sorted(around, key=lambda n: (n.end_lineno or n.lineno) - n.lineno):
            yield whole.path, node, {name}

    def source(self, path: Path) -> Source | None:
        """What stands in a file; None where it is no longer what was imported, and only its line is known."""
        if path not in self.sources:
            try:
                self.sources[path] = read(ast.parse(path.read_bytes()))
            except (OSError, SyntaxError, ValueError):
                self.sources[path] = None
        return self.sources[path]


def read(tree: ast.Module) -> Source:
    """The classes and statements of a file."""
    statements = list(statements_in(tree))
    classes: dict[str, list[ast.ClassDef]] = {}
    for node in statements:
        if isinstance(node, ast.ClassDef):
            classes.setdefault(node.name, []).append(node)
    return Source(classes, statements)


BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


def statements_in(node: Any) -> Iterator[ast.stmt]:
    """The statements below a node, at whatever depth; expressions are not looked into."""
    for block in BLOCKS:
        for inner in getattr(node, block, ()):
            if isinstance(inner, ast.stmt):
                yield inner
            yield from statements_in(inner)


STANDARD = f"{sysconfig.get_paths()['stdlib']}{os.sep}"


@lru_cache(maxsize=4096)
def library(file: str) -> bool:
    """Whether a file belongs to an installed library, or to Python's own."""
    return file.startswith(STANDARD) or any(f"/{part}/" in file.replace("\\", "/") for part in LIBRARIES)


def first_line(node: ast.stmt) -> int:
    """A statement's first line, decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(d.lineno for d in decorators)])


def caller() -> Origin | None:
    """The nearest frame that is neither a library's nor ours."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_filename
        if outside(name):
            return Origin(Path(name), frame.f_lineno)
        frame = frame.f_back
    return None


@lru_cache(maxsize=4096)
def outside(file: str) -> bool:
    """Whether code of that file is neither a library's nor ours."""
    return not file.startswith(("<", OURS)) and not library(file)


def indexed(node: ast.AST) -> Index:
    """What stands in a definition."""
    assigned, called = dict[str, tuple[int, ast.stmt]](), dict[str, tuple[int, ast.expr]]()
    for place, inner in enumerate(ast.walk(node)):
        if isinstance(inner, ast.Call):
            for value in (*inner.args[:1], *(k.value for k in inner.keywords if k.arg == "name")):
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    called.setdefault(value.value, (place, inner))
        elif isinstance(inner, ast.AnnAssign | ast.Assign):
            target = inner.target if isinstance(inner, ast.AnnAssign) else inner.targets[0]
            if isinstance(target, ast.Name):
                assigned.setdefault(target.id, (place, inner))
    return Index(assigned, called)
