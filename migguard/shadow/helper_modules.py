"""The application behind the migrations' own helper modules, which lie beside the scripts and import it themselves."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from migguard.application_names import Behind
from migguard.project.config import AlembicProject
from migguard.shadow.own_packages import own, package, source


def behind_helpers(tree: ast.Module, project: AlembicProject) -> tuple[Behind, ...]:
    """The imports of the application in the helper modules that a script imports, and in those that they import."""
    found: list[Behind] = []
    places: dict[str, Path | None] = {}
    waiting, seen = [name for _, name in imported(tree, "", is_package=False)], set[str]()
    while waiting:
        name = waiting.pop(0)
        root = place(name, project, places)
        file = source(name, root) if root is not None and name not in seen else None
        seen.add(name)
        for line, module in imports_of(file, name) if file is not None else ():
            if place(module, project, places) is not None:
                waiting.append(module)
            elif own(module, project):
                found.append(Behind(name, line, module))
    return tuple(found)


def place(name: str, project: AlembicProject, places: dict[str, Path | None]) -> Path | None:
    """The folder from which a module, or a name of one, is found in that of the migrations; None where it is not."""
    top = name.partition(".")[0]
    if top not in places:
        found = package(top, project)
        places[top] = found.parent if found is not None else None
    root = places[top]
    inside = root is not None and root.joinpath(*name.split(".")).is_relative_to(project.script_location)
    return root if inside else None


@lru_cache(maxsize=256)
def imports_of(file: Path, name: str) -> tuple[tuple[int, str], ...]:
    """The modules that a file imports, each with its line."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return ()  # the replay says so, where a script comes to it
    return tuple(imported(tree, name, is_package=file.name == "__init__.py"))


def imported(tree: ast.Module, name: str, *, is_package: bool) -> Iterator[tuple[int, str]]:
    """The modules that a module's import statements name, those included that may be names of another one."""
    for node in executed(tree.body):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = name.split(".")
            up = parts[: len(parts) - node.level + is_package] if node.level else []
            module = ".".join([*up, *([node.module] if node.module else [])])
            if module:
                yield node.lineno, module
                yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names if alias.name != "*")


def executed(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module and of all that is in it; not those for type checkers alone."""
    for node in body:
        if isinstance(node, ast.If) and ast.unparse(node.test).rpartition(".")[2] == "TYPE_CHECKING":
            continue
        yield node
        inner = (getattr(node, part, []) for part in ("body", "orelse", "finalbody"))
        yield from executed(s for part in inner for s in part)
        yield from executed(s for handler in getattr(node, "handlers", []) for s in handler.body)
