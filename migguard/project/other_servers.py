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

About = Callable[[ast.AST], bool]
"""Whether an expression is about the engine that a script runs on."""


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
    if url.startswith(SQLITE):
        return (SQLITE,)
    return first_sign(paths, SIGNS, lambda node, about: batch_sign(node) or sign(node, frozenset({SQLITE}), about))


def mysql_signs(url: str, paths: Iterable[Path]) -> tuple[str, ...]:
    """The same for MySQL and MariaDB."""
    if url.startswith(tuple(MYSQL)):
        return (url.partition(":")[0],)
    return first_sign(paths, tuple(name.encode() for name in MYSQL), lambda node, about: sign(node, MYSQL, about))


def first_sign(
    paths: Iterable[Path], words: tuple[bytes, ...], read: Callable[[ast.AST, About], str]
) -> tuple[str, ...]:
    """The first part of a script that shows something; only those that have one of the words are parsed."""
    for path in paths:
        try:
            source = path.read_bytes()
            tree = ast.parse(source) if any(word in source for word in words) else None
        except (OSError, SyntaxError, ValueError):
            continue
        if tree is None:
            continue
        nodes = list(nodes_of(tree))
        about = partial(of_dialect, kept_in(nodes))
        if (first := next(filter(None, (read(node, about) for node in nodes)), "")) != "":
            return (first,)
    return ()


def batch_sign(node: ast.AST) -> str:
    """What only a history for SQLite has need of."""
    match node:
        case ast.keyword(arg="render_as_batch", value=ast.Constant(value=True)):
            return RENDERED
        case ast.Call(func=ast.Attribute(attr="batch_alter_table")):
            return BATCH
        case _:
            return ""


def sign(node: ast.AST, engine: frozenset[str], about: About) -> str:
    """What a part of a script shows, by an engine's names: what it takes from it, gives an argument for, or asks a
    dialect for; empty for nothing.

    The name alone is none: applications that connect to databases of others have it among their values.
    """
    match node:
        case ast.alias(name=str(name)) if name in engine:
            return name
        case ast.keyword(arg=str(arg)) if arg.partition("_")[0] in engine and "_" in arg:
            return arg.partition("_")[0]
        case ast.Compare(left=left, comparators=others) if any(map(about, (left, *others))):
            return named((left, *others), engine)
        case ast.Call(func=ast.Attribute(attr="with_variant"), args=[_, *names]):
            return named(names, engine)
        case ast.Call(func=func, args=args) if about(func):  # dialect.startswith("…"), is_dialect("…")
            return named(args, engine)
        case ast.Match(subject=subject, cases=cases) if about(subject):
            return named((case.pattern for case in cases), engine)
        case _:
            return ""


def kept_in(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """The names under which a script keeps which engine it runs on."""
    kept = (n.targets for n in nodes if isinstance(n, ast.Assign) and of_dialect(frozenset(), n.value))
    return frozenset(target.id for targets in kept for target in targets if isinstance(target, ast.Name))


def of_dialect(kept: frozenset[str], node: ast.AST) -> bool:
    """Whether an expression is about the engine that a script runs on, by one of its names or what it is kept in."""
    names = (
        n.id if isinstance(n, ast.Name) else n.attr for n in ast.walk(node) if isinstance(n, ast.Name | ast.Attribute)
    )
    return any(name in kept or any(word in name.lower() for word in ABOUT_ENGINES) for name in names)


def named(nodes: Iterable[ast.AST], engine: frozenset[str]) -> str:
    """The first of an engine's names that is written out in there."""
    parts = (n.value for node in nodes for n in ast.walk(node) if isinstance(n, ast.Constant))
    return next((part for part in parts if isinstance(part, str) and part in engine), "")
