"""Where a node of a script's syntax tree stands, and what its names mean by its imports."""

import ast
from collections.abc import Iterable

from migguard.source import Origin, Script


def place(script: Script, node: ast.expr | ast.stmt) -> Origin:
    """The place of an expression or statement."""
    end = node.end_col_offset
    return Origin(script.path, node.lineno, node.col_offset + 1, node.end_lineno, end + 1 if end is not None else None)


def imports(nodes: Iterable[ast.AST]) -> dict[str, str]:
    """What each imported name stands for: `sa` for `sqlalchemy`, `Session` for `sqlalchemy.orm.Session`."""
    found: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                found[name] = alias.name if alias.asname else name
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return found


def dotted(node: ast.expr, known: dict[str, str]) -> str:
    """The full name that an expression spells, its first part by the imports; empty for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join((known.get(node.id, node.id), *reversed(parts)))


def spelled(whole: str, known: dict[str, str]) -> str | None:
    """How a script writes a full name by what it imports, the name itself or a module of it; None where neither."""
    found = (name + whole[len(of) :] for name, of in known.items() if whole == of or whole.startswith(f"{of}."))
    return min(found, key=len, default=None)


def line_of(origin: Origin | None, revision: str, here: str | None, other: str = "another statement") -> str:
    """`line 12`, or `line 12 of revision 3f2a` where that is not the revision that is spoken of."""
    line = f"line {origin.line}" if origin is not None else other
    return line if here is None or revision == here else f"{line} of revision {revision}"
