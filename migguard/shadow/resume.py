"""Go on after an exception: run the statements that come after it, with the names that had their values by then."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from migguard.changes import Engine
from migguard.dialect_sides import dialect_side
from migguard.shadow.script import functions
from migguard.shadow.sides.work import matters
from migguard.source import statements_of


class Rest:
    """What was left of a function when it raised: `statements` can still be run, `cut` was interrupted."""

    def __init__(self, function: ast.FunctionDef | ast.AsyncFunctionDef, line: int) -> None:
        self.cut: list[ast.stmt] = []
        self.statements = self._after(function.body, line)

    def _after(self, body: list[ast.stmt], line: int) -> list[ast.stmt]:
        """The statements after a line, those of the blocks around it first."""
        found: list[ast.stmt] = []
        for statement in body:
            if statement.lineno > line:
                found.append(statement)
            elif (statement.end_lineno or statement.lineno) >= line:
                found += self._inside(statement, line)
        return found

    def _inside(self, statement: ast.stmt, line: int) -> list[ast.stmt]:
        """What is left of the statement that was running."""
        match statement:
            case ast.With() if statement.body[0].lineno <= line:
                return self._block(statement, line)
            case ast.For() | ast.While() if statement.body[0].lineno <= line:
                self.cut.append(statement)  # its other rounds
                return self._after(statement.body, line)
            case ast.If():
                if holds(statement.body, line):
                    return self._after(statement.body, line)
                if holds(statement.orelse, line):
                    return self._after(statement.orelse, line)
                return [*statement.body, *statement.orelse]  # the condition raised: nobody knows which
            case ast.Try():
                if holds(statement.body, line):
                    return [*self._after(statement.body, line), *statement.orelse]
                for part in (*(h.body for h in statement.handlers), statement.orelse, statement.finalbody):
                    if holds(part, line):
                        return self._after(part, line)
                return []
            case _:
                self.cut.append(statement)
                return []

    def _block(self, statement: ast.With, line: int) -> list[ast.stmt]:
        """A `with` block entered again; a batch has done nothing yet, so all of it but the line that raised."""
        if batch(statement):
            raised = [s for s in statement.body if s.lineno <= line <= (s.end_lineno or s.lineno)]
            self.cut += raised
            inner = [s for s in statement.body if s not in raised]
        else:
            inner = self._after(statement.body, line)
        if not inner:
            return []
        again = copy.copy(statement)
        again.body = inner
        return [again]


def batch(statement: ast.With) -> bool:
    """Whether a block is `with op.batch_alter_table(...)`, which does its work at the end."""
    return any(
        isinstance(i.context_expr, ast.Call)
        and isinstance(i.context_expr.func, ast.Attribute)
        and i.context_expr.func.attr == "batch_alter_table"
        for i in statement.items
    )


def holds(body: list[ast.stmt], line: int) -> bool:
    """Whether a line is in a block."""
    return bool(body) and body[0].lineno <= line <= (body[-1].end_lineno or body[-1].lineno)


class Resumed:
    """Runs what is left. `left` are the statements that matter and could not be run."""

    def __init__(self, path: Path, engine: Engine) -> None:
        self._path = path
        self._engine = engine
        self.left: list[ast.stmt] = []

    def after(self, tree: ast.Module, module: ModuleType, failure: BaseException) -> None:
        """Run what comes after an exception, from the innermost function of the script outwards."""
        known = functions(tree)
        for name, line, local in frames(failure, self._path):
            function = known.get(name)
            if function is None:
                continue
            rest = Rest(function, line)
            self.left += [s for s in rest.cut if matters(s) and not any(s is one for one in self.left)]
            self.run(rest.statements, {**vars(module), **local})

    def run(self, statements: list[ast.stmt], names: dict[str, Any]) -> bool:
        """Run statements; whether a `return` ended them."""
        for statement in statements:
            match statement:
                case ast.Return():
                    if statement.value is not None and matters(statement):
                        self.one(ast.copy_location(ast.Expr(statement.value), statement), names)
                    return True
                case ast.Raise():
                    continue  # with rows it may not have come to this
                case ast.If():
                    if self.run(self.side(statement, names), names):
                        return True
                case ast.Try() if returns(statement):
                    if self.run([*statement.body, *statement.orelse, *statement.finalbody], names):
                        return True
                case _:
                    self.one(statement, names)
        return False

    def side(self, statement: ast.If, names: dict[str, Any]) -> list[ast.stmt]:
        """The side of a condition that is taken; both, without what ends the function, where it cannot be told."""
        side = dialect_side(statement, self._engine)
        if side is not None:
            return side
        try:
            value = eval(compile(ast.Expression(statement.test), str(self._path), "eval"), names)
            return statement.body if value else statement.orelse
        except Exception:  # noqa: BLE001 - the condition is the user's; both of its sides are looked at
            return [s for s in (*statement.body, *statement.orelse) if not isinstance(s, ast.Return)]

    def one(self, statement: ast.stmt, names: dict[str, Any]) -> None:
        """Run one statement."""
        try:
            exec(compile(ast.Module([statement], []), str(self._path), "exec"), names)
        except (Exception, SystemExit):  # noqa: BLE001 - the statement is the user's; it counts as not seen
            if matters(statement):
                self.left.append(statement)


def returns(statement: ast.stmt) -> bool:
    """Whether a `return` stands in a statement, which can only run inside its function."""
    return any(isinstance(n, ast.Return) for n in ast.walk(statement))


def frames(error: BaseException, path: Path) -> Iterator[tuple[str, int, Mapping[str, Any]]]:
    """The functions of a file that an exception passed through, innermost first: name, line, and values."""
    found: list[tuple[str, int, Mapping[str, Any]]] = []
    trace: Any = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename == str(path):
            found.append((code.co_name, trace.tb_lineno, trace.tb_frame.f_locals))
        trace = trace.tb_next
    return iter(found[::-1])


def spans(left: list[ast.stmt], tree: ast.Module) -> str:
    """The lines of what was not seen, in words, without those between in which something was."""
    seen = [s.lineno for s in statements_of(tree) if matters(s) and not any(s is one for one in left)]
    found: list[tuple[int, int]] = []
    for first, last in sorted((s.lineno, s.end_lineno or s.lineno) for s in left):
        if found and not any(found[-1][1] < line < first for line in seen):
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    told = [str(first) if first == last else f"{first} to {last}" for first, last in found]
    if len(told) < 2:
        return "".join(f"line{'s' if ' ' in one else ''} {one}" for one in told)
    return f"lines {', '.join(told[:-1])} and {told[-1]}"
