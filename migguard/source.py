"""Where something stands in a file: the currency in which findings are located."""

from __future__ import annotations

import ast
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

from migguard.records import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """A span of source text. Lines and columns count from 1; `end_column` is one past the last character.

    Columns count bytes of UTF-8, as Python's own positions do, until a report is made: there they count characters.
    """

    path: Path
    line: int
    column: int = 1
    end_line: int | None = None
    end_column: int | None = None


@dataclass(slots=True, eq=False)
class Script:
    """A revision's source: its text, and its syntax tree, parsed when somebody asks.

    `tree` is None where the file is not valid Python (MG001 says so). A tree is a hundred times as large as its text:
    whoever is through with a script forgets it.
    """

    path: Path
    text: str
    _tree: ast.Module | None = None
    _parsed: bool = False
    _nodes: tuple[ast.AST, ...] | None = None

    @property
    def lines(self) -> list[str]:
        """The lines without their ends, told apart as Python does: a form feed begins no line."""
        return [line.rstrip("\n") for line in io.StringIO(self.text, newline=None)]

    def in_characters(self, origin: Origin) -> Origin:
        """An origin in this script with columns that count characters."""
        if self.text.isascii() or origin.path != self.path:
            return origin
        lines, end = self.lines, origin.end_line or origin.line
        if not 0 < origin.line <= end <= len(lines):
            return origin
        last = characters(lines[end - 1], origin.end_column) if origin.end_column is not None else None
        return replace(origin, column=characters(lines[origin.line - 1], origin.column), end_column=last)

    @property
    def tree(self) -> ast.Module | None:
        """The module's syntax tree."""
        if not self._parsed:
            self._parsed = True
            try:
                self._tree = ast.parse(self.text)
            except (SyntaxError, ValueError):
                self._tree = None
        return self._tree

    @property
    def nodes(self) -> tuple[ast.AST, ...]:
        """The nodes of the tree as `ast.walk` finds them, without operators and the marks for loading and storing."""
        if self._nodes is None:
            self._nodes = nodes_of(self.tree) if self.tree is not None else ()
        return self._nodes

    def forget(self) -> None:
        """Keep only the text."""
        self._tree, self._nodes, self._parsed = None, None, False


def characters(line: str, column: int) -> int:
    """A column in characters that is given in bytes."""
    return len(line.encode()[: column - 1].decode(errors="ignore")) + 1


_CHILDREN: dict[type, tuple[str, ...]] = {}


def nodes_of(tree: ast.AST) -> tuple[ast.AST, ...]:
    """A node and all below it, level by level: `ast.walk`, three times as fast."""
    found = [tree]
    for node in found:  # it grows while it is walked
        kind = node.__class__
        names = _CHILDREN.get(kind)
        if names is None:
            names = _CHILDREN[kind] = tuple(n for n in node._fields if n not in NO_CHILDREN)
        for name in names:
            value = getattr(node, name, None)
            if value.__class__ is list:
                found += [v for v in value if isinstance(v, ast.AST)]
            elif isinstance(value, ast.AST):
                found.append(value)
    return tuple(found)


NO_CHILDREN = frozenset({"ctx", "id", "attr", "arg", "kind", "type_comment", "op", "ops"})


def statements_of(tree: ast.Module) -> list[ast.stmt]:
    """Every statement of a module, those inside others included."""
    found: list[Any] = list(tree.body)
    for node in found:  # it grows while it is walked
        for name in ("body", "handlers", "orelse", "finalbody", "cases"):
            inner = getattr(node, name, None)
            if inner.__class__ is list:
                found += inner
    return [n for n in found if isinstance(n, ast.stmt)]
