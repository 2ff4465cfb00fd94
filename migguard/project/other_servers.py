"""Whether a history is written for SQLite too: its scripts or env.py name it, or alter tables as only SQLite has to."""

import ast
import hashlib
from collections.abc import Iterable
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


def for_sqlite(project: AlembicProject, revisions: Iterable[Revision]) -> Late[str]:
    """What shows that the history runs on SQLite too, looked for when it is asked for: one sign, or nothing."""
    known, url = list(revisions), project.url or ""
    if known and not url.startswith(SQLITE) and all(of_another(r.path) for r in known):
        return Late()
    try:
        own = hashlib.blake2b(project.env_py.read_bytes(), digest_size=16).hexdigest()
    except OSError:
        own = ""
    evidence = " ".join((url.partition(":")[0], own, *(r.digest for r in known)))
    return Late(partial(signs, url, [project.env_py, *(r.path for r in known)]), evidence)


def of_another(path: Path) -> bool:
    """Whether a script lies in a folder that has the name of another engine, or in one below it."""
    return not ENGINES.isdisjoint(folder.name.lower() for folder in path.parents[:2])


def signs(url: str, paths: Iterable[Path]) -> tuple[str, ...]:
    """The first sign that is found; a comment is none."""
    if url.startswith(SQLITE):
        return (SQLITE,)
    for path in paths:
        try:
            source = path.read_bytes()
            tree = ast.parse(source) if any(sign in source for sign in SIGNS) else None
        except (OSError, SyntaxError, ValueError):
            continue
        found = (sign(node) for node in nodes_of(tree)) if tree is not None else ()
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
