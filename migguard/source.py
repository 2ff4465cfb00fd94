"""Where something stands in a file: the currency in which findings are located."""

from __future__ import annotations

import ast
from pathlib import Path

from migguard.records import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """A span of source text. Lines and columns count from 1; `end_column` is one past the last character."""

    path: Path
    line: int
    column: int = 1
    end_line: int | None = None
    end_column: int | None = None


@dataclass(slots=True, eq=False)
class Script:
    """A revision's source: its text, and its syntax tree, parsed when somebody asks.

    `tree` is None where the file is not valid Python (MG001 says so).
    """

    path: Path
    text: str
    _tree: ast.Module | None = None
    _parsed: bool = False

    @property
    def lines(self) -> list[str]:
        """The lines without their ends."""
        return self.text.splitlines()

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
