"""Where in the models' files a table, column, index or constraint is written."""

from __future__ import annotations

import ast
import sys
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


@dataclass(slots=True)
class Places:
    """Where tables and classes were defined: noted while the models are imported."""

    tables: dict[int, Origin] = field(default_factory=dict)
    mappers: dict[int, list[Mapper[Any]]] = field(default_factory=lambda: defaultdict(list))
    trees: dict[Path, ast.Module | None] = field(default_factory=dict)

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
        for path, node, names in (*self.classes(table, name), *self.statements(whole, name)):
            found = written_in(node, names, name)
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
            found = written_in(node, {key}, "")
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
        for one in mapper.class_.__mro__:
            file = getattr(sys.modules.get(one.__module__), "__file__", None)
            tree = self.tree(Path(file)) if file and not library(file) else None
            for node in ast.walk(tree) if tree is not None else ():
                if isinstance(node, ast.ClassDef) and node.name == one.__name__ and file is not None:
                    yield Path(file), node

    def statements(self, whole: Origin, name: str) -> Iterator[tuple[Path, ast.AST, set[str]]]:
        """The statement that defines the table, the smallest first."""
        tree = self.tree(whole.path)
        around = [
            n
            for n in (ast.walk(tree) if tree is not None else ())
            if isinstance(n, ast.stmt) and first_line(n) <= whole.line <= (n.end_lineno or n.lineno)
        ]
        for node in sorted(around, key=lambda n: (n.end_lineno or n.lineno) - n.lineno):
            yield whole.path, node, {name}

    def tree(self, path: Path) -> ast.Module | None:
        """The syntax tree of a file; None where it is no longer what was imported, and only its line is known."""
        if path not in self.trees:
            try:
                self.trees[path] = ast.parse(path.read_bytes())
            except (OSError, SyntaxError, ValueError):
                self.trees[path] = None
        return self.trees[path]


def library(file: str) -> bool:
    """Whether a file belongs to an installed library."""
    return any(f"/{part}/" in file.replace("\\", "/") for part in LIBRARIES)


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


def written_in(node: ast.AST, attributes: set[str], name: str) -> ast.expr | ast.stmt | None:
    """The attribute, or the call that gets the name as its first argument or as `name`, in a definition."""
    for inner in ast.walk(node):
        match inner:
            case ast.AnnAssign(target=ast.Name(id=target)) if target in attributes:
                return inner
            case ast.Assign(targets=[ast.Name(id=target), *_]) if target in attributes:
                return inner
            case ast.Call():
                given = [*inner.args[:1], *(k.value for k in inner.keywords if k.arg == "name")]
                if any(isinstance(v, ast.Constant) and v.value == name for v in given):
                    return inner
            case _:
                pass
    return None
