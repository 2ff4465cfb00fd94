"""Files of the project that define a table which no imported model has: usually somebody forgot to import them."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from migguard.differences import SchemaDifference
from migguard.project.config import AlembicProject
from migguard.shadow.own_modules import own_roots

MOST_FILES = 20_000
"""A tree that holds more than that is not searched to its end."""
NOT_SEARCHED = frozenset({"site-packages", "node_modules", "__pycache__", "venv", "env", "build", "dist"})


def pointed(differences: list[SchemaDifference], project: AlembicProject) -> list[SchemaDifference]:
    """The differences; those of tables that no model has name the file that defines one, if nobody imported it."""
    lost = {one.table for one in differences if one.kind == "remove_table"}
    if not lost:
        return differences
    places = definitions(lost, project)
    if not places:
        return differences
    return [
        replace(one, message=f"{one.message.removesuffix('.')}: {hint(places[one.table])}")
        if one.kind == "remove_table" and one.table in places
        else one
        for one in differences
    ]


def hint(files: list[str]) -> str:
    """What the user should look at."""
    return f"{' and '.join(files[:3])} defines a table of that name, and nothing imports it."


def definitions(names: set[str], project: AlembicProject) -> dict[str, list[str]]:
    """The files that define tables of these names and were not imported, as paths in the project."""
    imported = {vars(m).get("__file__") for m in list(sys.modules.values()) if hasattr(m, "__dict__")}
    root = project.config_path.parent
    found: dict[str, list[str]] = {}
    for number, path in enumerate(files(project)):
        if number >= MOST_FILES:
            break
        if str(path) in imported:
            continue
        for name in sorted(defined(path) & names):
            shown = os.path.relpath(path, root)
            found.setdefault(name, []).append(Path(shown).as_posix())
    return found


def files(project: AlembicProject) -> Iterator[Path]:
    """The Python files of the project, without those of the migrations and of installed libraries."""
    migrations = {project.script_location.resolve(), *(p.resolve() for p in project.version_locations)}
    seen: set[Path] = set()
    for root in own_roots(project):
        for folder, below, names in os.walk(root):
            here = Path(folder).resolve()
            if here in seen or here in migrations:
                below[:] = []
                continue
            seen.add(here)
            below[:] = sorted(
                b
                for b in below
                if not b.startswith(".") and b not in NOT_SEARCHED and not (here / b / "pyvenv.cfg").is_file()
            )
            yield from (here / n for n in sorted(names) if n.endswith(".py"))


def defined(path: Path) -> set[str]:
    """The names of the tables that a file defines, as far as they are written out."""
    try:
        source = path.read_bytes()
        if b"__tablename__" not in source and b"Table(" not in source:
            return set()
        tree = ast.parse(source)
    except (OSError, SyntaxError, ValueError):
        return set()  # a file that cannot be read defines nothing
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id="__tablename__")], value=ast.Constant(value=str(name))):
                found.add(name)
            case ast.AnnAssign(target=ast.Name(id="__tablename__"), value=ast.Constant(value=str(name))):
                found.add(name)
            case ast.Call(
                func=ast.Name(id="Table") | ast.Attribute(attr="Table"), args=[ast.Constant(value=str(name)), *_]
            ):
                found.add(name)
            case _:
                pass
    return found
