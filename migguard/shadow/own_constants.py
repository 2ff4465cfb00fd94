"""Names that a script imports from other modules of the project, where they are literals: nothing gets into those."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

from migguard.project.config import AlembicProject
from migguard.shadow.imports import plainly_imported
from migguard.shadow.known_libraries import KNOWN_LIBRARIES
from migguard.source import Origin, statements_of
from migguard.trace import Note, NoteKind


def takes_some(path: Path) -> bool:
    """Whether a file may import names of modules that are neither Python's own nor known libraries."""
    names = plainly_imported(path.read_bytes())
    if names is None:
        return True
    tops = {name.partition(".")[0] for name in names}
    return any(top not in sys.stdlib_module_names and top not in KNOWN_LIBRARIES for top in tops)


def constants(path: Path, tree: ast.Module, project: AlembicProject) -> Iterator[Note]:
    """Notes on the names in a script that stand for a literal of another module, which has been imported by now."""
    for node in statements_of(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            known = literals(node.module, project)
            for alias in node.names if known else ():
                if alias.name in known:
                    name = alias.asname or alias.name
                    origin = Origin(path, node.lineno, node.col_offset + 1)
                    yield Note(NoteKind.CONSTANT, origin, name, f"{node.module}.{alias.name}")


def literals(module: str, project: AlembicProject) -> set[str]:
    """The names that a module of the project binds once, at its top, to a literal."""
    file = vars(sys.modules[module]).get("__file__") if module in sys.modules else None
    if not isinstance(file, str) or "site-packages" in file or "dist-packages" in file:
        return set()
    where = Path(file).resolve()
    if not any(where.is_relative_to(r) for r in (*project.prepend_sys_path, project.config_path.parent)):
        return set()
    try:
        tree = ast.parse(where.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return set()
    found = {name for statement in tree.body for name in bound(statement)}
    return {name for name in found if sum(binds(node, name) for node in ast.walk(tree)) == 1}


def bound(statement: ast.stmt) -> Iterator[str]:
    """The name that an assignment gives to a literal."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if literal(value):
            yield name
        case ast.AnnAssign(target=ast.Name(id=name), value=value) if literal(value):
            yield name
        case _:
            pass


def literal(node: ast.expr | None) -> TypeGuard[ast.Constant]:
    """Whether an expression is a text or number as it stands there."""
    return isinstance(node, ast.Constant) and isinstance(node.value, (str, int, float))


def binds(node: ast.AST, name: str) -> bool:
    """Whether a node of a module gives something to a name, or may."""
    match node:
        case ast.Name(id=found, ctx=ast.Store() | ast.Del()):
            return found == name
        case ast.Global(names=names):
            return name in names
        case ast.alias():
            return name in (node.asname, node.name, "*") or node.name == "*"
        case ast.FunctionDef(name=found) | ast.AsyncFunctionDef(name=found) | ast.ClassDef(name=found):
            return found == name
        case _:
            return False
