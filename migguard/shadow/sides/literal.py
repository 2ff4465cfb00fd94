"""Statements of a script that can be run by themselves: Alembic operations on the script's own literals."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from migguard.changes import Engine
from migguard.dialect_sides import dialect_side
from migguard.shadow.outside_calls import outside
from migguard.shadow.sides.row_writes import NONE, Rows
from migguard.shadow.sides.work import matters, operation, root_name


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
