"""Whether a call of a script runs only under a condition that asked the schema, so that it can be run again."""

import ast
import builtins
from collections.abc import Iterator

from migguard.source import Origin, Script

Function = ast.FunctionDef | ast.AsyncFunctionDef

QUESTIONS = frozenset(
    [
        "inspect",
        "from_engine",
        "has_table",
        "has_index",
        "has_column",
        "has_sequence",
        "has_schema",
        "get_table_names",
        "get_columns",
        "get_indexes",
        "get_unique_constraints",
        "get_foreign_keys",
        "get_check_constraints",
        "get_pk_constraint",
        "get_view_names",
        "get_enums",
        "get_schema_names",
        "get_sequence_names",
        "get_table_comment",
        "reflect",
        "execute",
        "scalar",
        "scalars",
        "exec_driver_sql",
    ]
)
"""Methods and functions by which a script asks a database what is there."""


class Conditions:
    """The conditions of one script, which is read when somebody asks for one."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._read = False
        self.functions: dict[str, Function] = {}
        self.imported: set[str] = set()
        self.asking: set[str] = set()
        self.tainted: set[str] = set()

    def _read_script(self) -> None:
        if self._read:
            return
        self._read = True
        nodes = self._script.nodes
        self.functions = {n.name: n for n in nodes if isinstance(n, Function)}
        if not any(isinstance(n, (ast.If, ast.While)) for n in nodes):
            return  # nothing runs under a condition
        self.imported = {
            (a.asname or a.name).partition(".")[0]
            for n in nodes
            if isinstance(n, (ast.Import, ast.ImportFrom)) and not library(n)
            for a in n.names
        }
        for _ in range(3):
            self._follow()

    def guarded(self, origin: Origin | None) -> bool:
        """Whether the call at that place runs only if a question about the schema was answered so."""
        if origin is None:
            return False
        self._read_script()
        return any(self._in(node.body, origin.line) for node in self.functions.values() if spans(node, origin.line))

    def _in(self, body: list[ast.stmt], line: int) -> bool:
        for statement in body:
            asked = isinstance(statement, (ast.If, ast.While)) and self.asks(statement.test)
            if not spans(statement, line):
                left = isinstance(statement, ast.If) and statement.body and isinstance(statement.body[-1], ast.Return)
                if asked and left and statement.lineno < line:
                    return True
                continue
            if asked:
                return True
            return any(self._in(inner, line) for inner in blocks(statement))
        return False

    def asks(self, node: ast.AST) -> bool:
        """Whether an expression asks the schema, or uses what came of asking it."""
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and part.id in self.tainted:
                return True
            if isinstance(part, ast.Call):
                called = part.func.attr if isinstance(part.func, ast.Attribute) else getattr(part.func, "id", "")
                if called in QUESTIONS or called in self.asking:
                    return True
                base = part.func.value if isinstance(part.func, ast.Attribute) else part.func
                if isinstance(base, ast.Name) and base.id in self.imported and base.id not in dir(builtins):
                    return True
        return False

    def _follow(self) -> None:
        """Note the functions that return an answer, and the names that hold one, as far as is known by now."""
        self.asking |= {name for name, f in self.functions.items() if any(self.asks(r) for r in returned(f))}
        for node in self._script.nodes:
            value: ast.expr | None = None
            targets: list[ast.expr] = []
            if isinstance(node, ast.Assign):
                value, targets = node.value, node.targets
            elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)):
                value, targets = node.value, [node.target]
            elif isinstance(node, (ast.For, ast.comprehension)):
                value, targets = node.iter, [node.target]
            if value is not None and self.asks(value):
                self.tainted |= {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}


def library(node: ast.Import | ast.ImportFrom) -> bool:
    """Whether what is imported is Alembic's, SQLAlchemy's or Python's own."""
    import sys

    named = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
    top = (named or "").partition(".")[0]
    return top in ("alembic", "sqlalchemy", "sqlmodel") or (
        top in sys.stdlib_module_names and not getattr(node, "level", 0)
    )


def returned(function: Function) -> Iterator[ast.expr]:
    """What a function returns."""
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None:
            yield node.value


def spans(node: ast.stmt, line: int) -> bool:
    """Whether a statement covers a line."""
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """The blocks of a compound statement."""
    for name in ("body", "orelse", "finalbody"):
        inner = getattr(statement, name, None)
        if isinstance(inner, list) and inner and isinstance(inner[0], ast.stmt):
            yield inner
    for handler in getattr(statement, "handlers", ()):
        yield handler.body
