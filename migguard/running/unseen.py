"""Tables that stand in files of the checkout which env.py did not import: the application may use them all the same."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from migguard.models import Models, Written

HINTS = (b"__tablename__", b"Table(", b"mapped_column(", b"Column(", b"table=True")
COLUMNS = ("Column", "mapped_column")


def unseen(checkout: Path, models: Models, imported: set[str], apart: Iterable[Path]) -> Iterator[Written]:
    """Tables by name, of files that were not imported and do not lie in one of the folders `apart`."""
    known = {table.name for table in models.tables}
    folders = [p.resolve() for p in apart]
    for path in sorted(checkout.rglob("*.py")):
        if str(path) in imported or any(path.is_relative_to(f) for f in folders):
            continue
        content = path.read_bytes()
        if not any(hint in content for hint in HINTS):
            continue
        try:
            tree = ast.parse(content)
        except (SyntaxError, ValueError):
            continue  # Python cannot import it either
        for name, line in tables(tree):
            if name not in known:
                yield Written(name, path.relative_to(checkout).as_posix(), line)


def tables(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The names that a file gives to tables, with their lines."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Name(id="Table") | ast.Attribute(attr="Table"), args=[ast.Constant(value=str(name)), *_]
            ):
                yield name, node.lineno
            case ast.ClassDef():
                yield from ((name, node.lineno) for name in names_of(node))
            case _:
                continue


def names_of(node: ast.ClassDef) -> Iterator[str]:
    """What the table of a class is called: what it says, or what libraries make of its own name."""
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="__tablename__")], value=ast.Constant(value=str(name))):
                yield name
                return
            case ast.AnnAssign(target=ast.Name(id="__tablename__"), value=ast.Constant(value=str(name))):
                yield name
                return
            case _:
                continue
    mapped = any(k.arg == "table" for k in node.keywords) or any(makes_column(s) for s in node.body)
    if mapped:
        yield node.name.lower()
        yield re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", node.name).lower()


def makes_column(statement: ast.stmt) -> bool:
    """Whether a statement of a class's body makes a column."""
    value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
    if not isinstance(value, ast.Call):
        return False
    called = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
    return called in COLUMNS
