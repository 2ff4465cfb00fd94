"""What a function outside of a revision's file makes of an answer that was guessed."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from migguard.shadow import script
from migguard.shadow.known_libraries import KNOWN_LIBRARIES
from migguard.shadow.row_writes import Rows

LIBRARIES = {"migguard", "greenlet", *KNOWN_LIBRARIES, *sys.stdlib_module_names}
WORK = frozenset({"execute", "executemany", "exec_driver_sql", "scalar", "scalars", "run_sql"})
"""What is called for its work on the database, whatever it is that has it."""


class Call(NamedTuple):
    """A function that is running, and where in it."""

    file: str
    name: str
    line: int


def between(frame: FrameType | None, file: str) -> list[Call]:
    """The calls of project code that a revision's file has made and that are running; empty where it runs itself."""
    found = []
    while frame is not None and frame.f_code.co_filename != file:
        if str(frame.f_globals.get("__name__", "")).partition(".")[0] not in LIBRARIES:
            found.append(Call(frame.f_code.co_filename, frame.f_code.co_name, frame.f_lineno))
        frame = frame.f_back
    return found if frame is not None else []


def hangs_on(call: Call, ran: set[tuple[str, int]]) -> bool:
    """Whether what a function does to the database hangs on the answer that it asked for in that line.

    `ran` are the lines of such functions that ran statements.
    """
    try:
        tree = ast.parse(Path(call.file).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return True  # without its source that cannot be told, and then it is said
    lines = {line for file, line in ran if file == call.file}
    for node in ast.walk(tree):
        if (
            isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            and node.name == call.name
            and node.lineno <= call.line <= (node.end_lineno or node.lineno)
        ):
            known = {n.name: n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))}
            asked = script.Asked({call.line}, frozenset(), frozenset({call.line}), known)
            return any(works(s, b.held) for b in script.branches_in(node, asked, lines) for s in b.statements)
    return False


def works(statement: ast.stmt, rows: Rows) -> bool:
    """Whether a statement of a helper works on the database."""
    return rows.written_by(statement) or any(
        isinstance(n, ast.Call) and (script.operation(n) or (isinstance(n.func, ast.Attribute) and n.func.attr in WORK))
        for n in ast.walk(statement)
    )
