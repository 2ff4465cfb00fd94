"""Whether a history is written for SQLite or MySQL too: its scripts or env.py name it, or alter tables as only SQLite
has to.
"""

import ast
import hashlib
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from migguard.history import Late
from migguard.project.config import AlembicProject
from migguard.project.graph import Revision
from migguard.source import nodes_of

SQLITE = "sqlite"
BATCH = "batch_alter_table"
RENDERED = "render_as_batch"
ENGINES = frozenset({"postgresql", "postgres", "pg", "mysql", "mariadb", "mssql", "oracle"})
"""Names of folders whose scripts are one other engine's."""
SIGNS = (SQLITE.encode(), BATCH.encode(), RENDERED.encode())
MYSQL = frozenset({"mysql", "mariadb"})
ABOUT_ENGINES = ("dialect", "engine", "backend", "driver", "vendor", "bind")
"""Words in the names of what says on which engine a script runs."""


def for_sqlite(project: AlembicProject, revisions: Iterable[Revision]) -> Late[str]:
    """What shows that the history runs on SQLite too, looked for when it is asked for: one sign, or nothing."""
    return looked_for(project, list(revisions), signs, (SQLITE,))


def for_mysql(project: AlembicProject, revisions: Iterable[Revision]) -> Late[str]:
    """The same for MySQL and MariaDB."""
    return looked_for(project, list(revisions), mysql_signs, tuple(MYSQL))


def looked_for(
    project: AlembicProject,
    known: list[Revision],
    look: Callable[[str, Iterable[Path]], tuple[str, ...]],
    urls: tuple[str, ...],
) -> Late[str]:
    """Signs of another engine in env.py and all scripts, unless these lie in a folder for one alone."""
    url = project.url or ""
    if known and not url.startswith(urls) and all(of_another(r.path) for r in known):
        return Late()
    try:
        own = hashlib.blake2b(project.env_py.read_bytes(), digest_size=16).hexdigest()
    except OSError:
        own = ""
    evidence = " ".join((url.partition(":")[0], own, *(r.digest for r in known)))
    return Late(partial(look, url, [project.env_py, *(r.path for r in known)]), evidence)


def of_another(path: Path) -> bool:
    """Whether a script lies in a folder that has the name of another engine, or in one below it."""
    return not ENGINES.isdisjoint(folder.name.lower() for folder in path.parents[:2])


def signs(url: str, paths: Iterable[Path]) -> tuple[str, ...]:
    """The first sign of SQLite that is found; a comment is none."""
    return (SQLITE,) if url.startswith(SQLITE) else first_sign(paths, SIGNS, sign)


def mysql_signs(url: str, paths: Iterable[Path]) -> tuple[str, ...]:
    """The same for MySQL and MariaDB."""
    if url.startswith(tuple(MYSQL)):
        return (url.partition(":")[0],)
    return first_sign(paths, tuple(name.encode() for name in MYSQL), mysql_sign)


def first_sign(paths: Iterable[Path], words: tuple[bytes, ...], read: Callable[[ast.AST], str]) -> tuple[str, ...]:
    """The first part of a script that shows something; only those that have one of the words are parsed."""
    for path in paths:
        try:
            source = path.read_bytes()
            tree = ast.parse(source) if any(word in source for word in words) else None
        except (OSError, SyntaxError, ValueError):
            continue
        found = (read(node) for node in nodes_of(tree)) if tree is not None else ()
        if (first := next(filter(None, found), "")) != "":
            return (first,)
    return ()


def sign(node: ast.AST) -> str:
    """What a part of a script shows; empty for nothing."""
    match node:
        case ast.Constant(value="sqlite") | ast.alias(name="sqlite"):
            return SQLITE
        case ast.keyword(arg=str(arg)) if arg.startswith(f"{SQLITE}_"):
            return SQLITE
        case ast.keyword(arg="render_as_batch", value=ast.Constant(value=True)):
            return RENDERED
        case ast.Call(func=ast.Attribute(attr="batch_alter_table")):
            return BATCH
        case _:
            return ""


def mysql_sign(node: ast.AST) -> str:
    """The same for MySQL: what a script takes from it, gives an argument for, or compares a dialect with.

    The name alone is none: applications that connect to databases of others have it among their values.
    """
    match node:
        case ast.alias(name="mysql" | "mariadb" as name):
            return name
        case ast.keyword(arg=str(arg)) if arg.startswith("mysql_"):
            return "mysql"
        case ast.Compare(left=left, comparators=others) if any(map(of_dialect, (left, *others))):
            return next(filter(None, map(named, (left, *others))), "")
        case ast.Call(func=ast.Attribute(value=value, attr="startswith"), args=args) if of_dialect(value):
            return next(filter(None, map(named, args)), "")
        case ast.Call(func=ast.Attribute(attr="with_variant"), args=[_, *names]):
            return next(filter(None, map(named, names)), "")
        case ast.Match(subject=subject, cases=cases) if of_dialect(subject):
            return next(filter(None, (named(n) for case in cases for n in ast.walk(case.pattern))), "")
        case _:
            return ""


def of_dialect(node: ast.AST) -> bool:
    """Whether an expression is about the engine that a script runs on, by one of its names."""
    names = (
        n.id if isinstance(n, ast.Name) else n.attr for n in ast.walk(node) if isinstance(n, ast.Name | ast.Attribute)
    )
    return any(word in name.lower() for name in names for word in ABOUT_ENGINES)


def named(node: ast.AST) -> str:
    """MySQL's name, if it is one, or among the members of what is written out."""
    parts = (n.value for n in ast.walk(node) if isinstance(n, ast.Constant))
    return next((part for part in parts if isinstance(part, str) and part in MYSQL), "")
