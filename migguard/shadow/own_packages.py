"""Which packages are the application's, be they importable here or not."""

from __future__ import annotations

import ast
import importlib.util
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from migguard.project.config import AlembicProject
from migguard.shadow.known_libraries import KNOWN_LIBRARIES
from migguard.shadow.own_modules import own_roots

INSTALLED = frozenset({"site-packages", "dist-packages"})
NO_SOURCES = INSTALLED | {"node_modules", "venv", "env", "build", "dist", "__pycache__"}
"""Folders of a project that hold what others wrote, or copies."""
NOT_SHIPPED = frozenset({"test", "tests", "docs"})
DEPTH = 2
"""So deep below a project's folder lie the parts of a repository that have their packages, or their `src`."""


def own(name: str, project: AlembicProject) -> bool:
    """Whether a module is the application's, and not of the migrations themselves.

    It is where it was loaded from the project's tree; where its file is there, although an installed copy is loaded;
    and where it cannot be found by Python, but in the project's folders, or env.py has its metadata from the package.
    That a module is not installed says nothing: so are libraries on a machine that only checks.
    """
    top = name.partition(".")[0]
    if top in sys.stdlib_module_names or top in KNOWN_LIBRARIES:
        return False
    file = loaded_from(name)
    if file is None:
        return missing_but_own(name, project)
    if INSTALLED & {*file.parts}:
        copies = [copy for root in sources(project) if (copy := source(name, root)) is not None]
        return any(not copy.is_relative_to(project.script_location) for copy in copies)
    roots = (*project.prepend_sys_path, project.config_path.parent)
    return any(file.is_relative_to(r) for r in roots) and not file.is_relative_to(project.script_location)


def loaded_from(name: str) -> Path | None:
    """The file that a module comes from, or its package; None where Python finds none."""
    top = name.partition(".")[0]
    file = getattr(sys.modules.get(name) or sys.modules.get(top), "__file__", None)
    if file is None:
        try:
            spec = importlib.util.find_spec(top)
        except (ImportError, ValueError, AttributeError):
            return None
        file = spec.origin if spec is not None else None
    return Path(file).resolve() if isinstance(file, str) else None


def missing_but_own(name: str, project: AlembicProject) -> bool:
    """Whether a module that Python does not find is the application's all the same."""
    top = name.partition(".")[0]
    found = package(top, project)
    if found is not None:
        return not found.parent.joinpath(*name.split(".")).is_relative_to(project.script_location)
    return top in metadata_of(project.env_py)


def nobody_else(name: str, project: AlembicProject) -> bool:
    """Whether a module that is missing can only be the application's: the migrations lie by themselves."""
    top = name.partition(".")[0]
    if top in sys.stdlib_module_names or top in KNOWN_LIBRARIES or package(top, project) is not None:
        return False
    return not (metadata_of(project.env_py) or has_package(tuple(folders(project)), project.script_location))


def unseen(name: str, project: AlembicProject) -> bool:
    """Whether a module can be found neither by Python nor in the project's folders, so that whose it is stays open."""
    return loaded_from(name) is None and package(name.partition(".")[0], project) is None


def sources(project: AlembicProject) -> list[Path]:
    """The folders that the project's packages lie in; none of those that hold installed libraries."""
    found = [folder for root in own_roots(project) for folder in (root, root / "src")]
    return [folder.resolve() for folder in found if not INSTALLED & {*folder.parts} and folder.is_dir()]


def source(name: str, root: Path) -> Path | None:
    """The file of a module below a folder."""
    place = root.joinpath(*name.split("."))
    files = (place.with_suffix(".py"), place / "__init__.py")
    return next((file for file in files if file.is_file()), None)


def package(top: str, project: AlembicProject) -> Path | None:
    """Where a package or module of that name lies in the project's folders."""
    return package_below(top, tuple(folders(project)))


@cache
def package_below(top: str, roots: tuple[Path, ...]) -> Path | None:
    """The first package or module of that name in these folders or the parts of a repository below them."""
    for root in roots:
        for folder in parts(root, DEPTH):
            if (folder / f"{top}.py").is_file() or has_python(folder / top):
                return folder / top
    return None


@cache
def has_package(roots: tuple[Path, ...], script_location: Path) -> bool:
    """Whether a package lies in these folders or the parts of a repository below them, beside migrations and tests."""
    for root in roots:
        for folder in parts(root, DEPTH):
            for one in folder.glob("*/__init__.py"):
                if one.parent.name not in NOT_SHIPPED and not one.is_relative_to(script_location):
                    return True
    return False


def folders(project: AlembicProject) -> Iterator[Path]:
    """The folders that the project's packages lie in, and those around them up to the repository's."""
    below = sources(project)
    yield from below
    for root in below:
        around = [root, *root.parents]
        repository = next((n for n, folder in enumerate(around) if (folder / ".git").exists()), 0)
        yield from around[1 : repository + 1]


@cache
def parts(root: Path, depth: int) -> tuple[Path, ...]:
    """A folder and those below it that may hold packages, the nearest first."""
    found = [root, root / "src"]
    if depth:
        try:
            with os.scandir(root) as entries:
                names = sorted(e.name for e in entries if e.is_dir(follow_symlinks=False))
        except OSError:
            return ()
        below = [root / n for n in names if not n.startswith(".") and n not in NO_SOURCES]
        found += [f for one in below if not (one / "__init__.py").is_file() for f in parts(one, depth - 1)]
    return tuple(dict.fromkeys(found))


def has_python(folder: Path) -> bool:
    """Whether a folder can be a package: it has modules, or packages."""
    return folder.is_dir() and (any(folder.glob("*.py")) or any(folder.glob("*/*.py")))


@cache
def metadata_of(env_py: Path) -> frozenset[str]:
    """The packages from which env.py has what it gives as `target_metadata`: those are of the tables that are migrated.

    A library that has a base class for all applications is no such package: it is in the list of known ones.
    """
    try:
        tree = ast.parse(env_py.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return frozenset()
    nodes = list(ast.walk(tree))
    brought: dict[str, str] = {}
    given: list[ast.expr] = []
    for node in nodes:
        match node:
            case ast.ImportFrom(module=str() as module, level=0):
                brought.update({a.asname or a.name: module for a in node.names})
            case ast.Import():
                brought.update({a.asname or a.name.partition(".")[0]: a.name for a in node.names})
            case ast.Assign(targets=[ast.Name("target_metadata")]) | ast.keyword(arg="target_metadata"):
                given.append(node.value)
            case _:
                pass
    used = {n.id for value in given for n in ast.walk(value) if isinstance(n, ast.Name)}
    return frozenset(brought[name].partition(".")[0] for name in used & brought.keys())
