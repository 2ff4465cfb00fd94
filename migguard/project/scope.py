"""What is new: the revisions that a check is about."""

from __future__ import annotations

import ast
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypedDict

from migguard.errors import ScopeError
from migguard.project.config import AlembicProject
from migguard.project.git import DEEPER, NO_COMMIT, Repository, repository
from migguard.project.graph import Graph, Revision, add, wanted
from migguard.project.header import BrokenFile, Header, parse_header
from migguard.records import dataclass


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for: revisions by name, `since`, a `base` reference, or everything."""

    revisions: tuple[str, ...] = ()
    since: str | None = None
    base: str | None = None
    everything: bool = False


@dataclass(frozen=True, slots=True)
class MergedChange:
    """What happened to a revision of the merge base: `kind` is edited, reparented, renamed or deleted.

    `before` is the id that a renamed one had.
    """

    revision: str
    kind: str
    path: Path
    line: int = 1
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """The new revisions and how that was told.

    `base_heads` and `base_revisions` are those of the base branch's tip; `base_commit` is the merge base; `code` are
    the Python files that changed since then and are neither migrations nor tests.
    """

    new: frozenset[str]
    description: str
    base_heads: tuple[str, ...] | None = None
    base_commit: str | None = None
    base_revisions: frozenset[str] = frozenset()
    changed: tuple[MergedChange, ...] = ()
    untracked: tuple[Path, ...] = ()
    ignored: tuple[Path, ...] = ()
    code: tuple[Path, ...] = ()


def find_scope(
    project: AlembicProject, graph: Graph, wish: Wish, setting: str | None, environ: Mapping[str, str] = os.environ
) -> Scope:
    """The scope of a check, by the order that the documentation gives. Raises ScopeError."""
    if wish.revisions:
        chosen = [r for text in wish.revisions for r in resolved_range(graph, text)]
        return Scope(frozenset(chosen), f"named: {counted(len(set(chosen)))}")
    if wish.since is not None:
        after = since(graph, wish.since)
        return Scope(frozenset(after), said(f"since {wish.since}", len(after)))
    if wish.everything:
        return Scope(frozenset(graph.revisions), f"all: {counted(len(graph.revisions))}")
    git = repository(project.config_path.parent)
    ref = base_reference(git, wish.base, setting, environ)
    if git is None or ref is None:
        if wish.base is not None:
            raise ScopeError(
                f"--base {wish.base} needs git, and {project.config_path.parent} is in no repository"
                if shutil.which("git")
                else f"--base {wish.base} needs git, which is not installed"
            )
        why = "no git" if git is None else "no base branch"
        return Scope(
            frozenset(graph.revisions), f"all ({why}): {counted(len(graph.revisions))}", **unknown(git, project)
        )
    return against_base(project, graph, git, ref)


def counted(number: int) -> str:
    """`1 revision`, `3 revisions`."""
    return f"{number} revision{'' if number == 1 else 's'}"


def said(where: str, number: int) -> str:
    """The scope in words; nothing new is said outright."""
    return f"{where}: {counted(number)}" if number else f"{where}: no new revisions"


def resolved_range(graph: Graph, text: str) -> list[str]:
    """The revisions of a word, or of `FIRST:LAST` (those after FIRST, up to and with LAST)."""
    first, colon, last = text.partition(":")
    if not colon:
        return graph.resolve(text)
    upper = graph.walk(graph.resolve(last or "heads"), "up")
    lower = graph.walk(graph.resolve(first), "up") if first else set()
    return [r for r in graph.order if r in upper - lower]


def since(graph: Graph, text: str) -> list[str]:
    """What an upgrade of a database at that revision runs: its descendants and what these need; all for `base`.

    A branch that was begun before it and is merged behind it runs then, too, as in Alembic's own upgrade.
    """
    start = graph.resolve(text)
    if not start:
        return list(graph.order)
    after = graph.walk(graph.walk(start, "down"), "up") - graph.walk(start, "up")
    return [r for r in graph.order if r in after]


def base_reference(
    git: Repository | None, wished: str | None, setting: str | None, environ: Mapping[str, str]
) -> str | None:
    """The reference to compare with."""
    if wished is not None:
        return wished
    for name in ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"):
        if environ.get(name):
            return environ[name]
    event = read_event(environ)
    before = event_base(event)
    if before is not None:
        return before
    if setting is not None:
        return setting
    if git is not None and git.commit("refs/remotes/origin/HEAD") is not None:
        return "origin/HEAD"
    return default_branch(event)


def read_event(environ: Mapping[str, str]) -> dict[str, Any]:
    """On GitHub, for pushes and merge queues: what happened; nothing elsewhere."""
    path = environ.get("GITHUB_EVENT_PATH")
    if not path or environ.get("GITHUB_EVENT_NAME") not in ("push", "merge_group"):
        return {}
    try:
        event = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ScopeError(f"the event file {path} cannot be read: {error}") from None
    return event if isinstance(event, dict) else {}


def default_branch(event: Mapping[str, Any]) -> str | None:
    """The repository's default branch, where something else was pushed: a checkout on GitHub has no origin/HEAD."""
    repository = event.get("repository")
    name = repository.get("default_branch") if isinstance(repository, dict) else None
    return name if isinstance(name, str) and event.get("ref") != f"refs/heads/{name}" else None


def event_base(event: Mapping[str, Any]) -> str | None:
    """The commit that was there before."""
    if event.get("forced"):  # it is on no branch any more, and in no clone
        return None
    group = event.get("merge_group")
    base = group.get("base_sha") if isinstance(group, dict) else event.get("before")
    return base if isinstance(base, str) and base.strip("0") else None


def located_commit(git: Repository, ref: str) -> tuple[str, str]:
    """The reference as it exists here (a pull request's checkout knows `origin/main` only), and its commit."""
    names = (ref,) if ref.startswith(("origin/", "refs/")) else (ref, f"origin/{ref}")
    if os.environ.get("GITHUB_BASE_REF") == ref or os.environ.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME") == ref:
        names = (f"origin/{ref}", ref)
    for name in names:
        commit = git.commit(name)
        if commit is not None:
            return name, commit
    if git.commit("HEAD") is None:
        raise ScopeError(NO_COMMIT, hint="use --all")
    if git.shallow:
        raise ScopeError(f"this shallow clone does not have {ref}", hint=DEEPER)
    raise ScopeError(f"git knows no {ref!r} here", hint=f"fetch it (git fetch origin {ref}), or name another --base")


def against_base(project: AlembicProject, graph: Graph, git: Repository, ref: str) -> Scope:
    """The scope against a base: what its merge base with HEAD does not have."""
    name, commit = located_commit(git, ref)
    merge_base = git.merge_base(name, commit)
    folders = (*project.version_locations, *moved_from(project, git, merge_base))
    before, sources = graph_at(project, git, merge_base, graph, folders)
    tip = before if merge_base == commit else graph_at(project, git, commit, graph, folders)[0]
    changed = changes(graph, before, sources)
    known = before.revisions.keys() | {c.revision for c in changed}
    new = [r for r in graph.order if r not in known]
    return Scope(
        frozenset(new),
        said(f"since the merge base with {name} ({merge_base[:8]})", len(new)),
        base_heads=tuple(tip.heads),
        base_commit=merge_base,
        base_revisions=frozenset(tip.revisions),
        changed=tuple(changed),
        code=tuple(p for p in git.changed_files(merge_base) if application_code(p, project)),
        **unknown(git, project),
    )


def application_code(path: Path, project: AlembicProject) -> bool:
    """Whether a file is code of the application: no migration, no test, no setup."""
    if path.suffix != ".py" or any(p in ("tests", "test", "docs") for p in path.parts):
        return False
    if path.name.startswith("test_") or path.name.endswith("_test.py") or path.name in ("conftest.py", "setup.py"):
        return False
    migrations = (project.script_location, *project.version_locations)
    return not within(Path(os.path.realpath(path)), [Path(os.path.realpath(m)) for m in migrations])


class Unknown(TypedDict):
    """The revision files that git does not know, and those that it ignores."""

    untracked: tuple[Path, ...]
    ignored: tuple[Path, ...]


def unknown(git: Repository | None, project: AlembicProject) -> Unknown:
    """The revision files that git does not track; none where there is no git."""
    if git is None:
        return {"untracked": (), "ignored": ()}
    untracked, ignored = git.unknown_files(project.version_locations)
    return {"untracked": tuple(sorted(untracked)), "ignored": tuple(sorted(ignored))}


def graph_at(
    project: AlembicProject, git: Repository, commit: str, now: Graph, folders: tuple[Path, ...]
) -> tuple[Graph, dict[str, bytes]]:
    """The graph as of a commit, read from git's objects, and each revision's source.

    What was not run then cannot be run now: a file whose ids are computed has those it has now.
    """
    graph = Graph()
    sources: dict[str, bytes] = {}
    known = {Path(os.path.realpath(r.path)): r.header for r in now.revisions.values()}
    for location in dict.fromkeys(folders):
        for path, source in sorted(git.files_at(commit, location).items()):
            if not project.recursive and path.parent != Path(os.path.realpath(location)):
                continue
            if not wanted([path.name], sourceless=False):
                continue
            header = parse_header(source, path)
            if isinstance(header, Header) and (header.computed or header.revision is None):
                header = known.get(path, header)
            if not isinstance(header, BrokenFile) and header.revision is not None:
                add(graph, Revision(header.revision, path, header, "", location))
                sources.setdefault(header.revision, source)
    return graph, sources


def moved_from(project: AlembicProject, git: Repository, commit: str) -> list[Path]:
    """Folders that files of the version locations were in, where those were elsewhere as of a commit."""
    locations = [Path(os.path.realpath(v)) for v in project.version_locations]
    moves = git.renames(commit)
    return [old.parent for old, new in moves if within(new, locations) and not within(old, locations)]


def within(path: Path, folders: list[Path]) -> bool:
    """Whether a path is below one of the folders."""
    return any(path.is_relative_to(folder) for folder in folders)


def changes(graph: Graph, before: Graph, sources: Mapping[str, bytes]) -> list[MergedChange]:
    """What was done to the revisions of the merge base."""
    found = []
    added = [r for r in graph.revisions.values() if r.id not in before.revisions]
    for revision, old in before.revisions.items():
        now = graph.revisions.get(revision)
        if now is None:
            twin = next((a for a in added if same_but_id(a, old, sources[revision])), None)
            if twin is not None:
                found.append(MergedChange(twin.id, "renamed", twin.path, twin.header.lines[0] or 1, revision))
            elif not any(b.path.name == old.path.name for b in graph.broken):
                found.append(MergedChange(revision, "deleted", old.path))
        elif set(now.parents) != set(old.parents):
            found.append(MergedChange(revision, "reparented", now.path, now.header.lines[1] or 1))
        elif shape(now.path.read_bytes()) != shape(sources[revision]):
            found.append(MergedChange(revision, "edited", now.path))
    return found


def same_but_id(one: Revision, old: Revision, source: bytes) -> bool:
    """Whether a revision does what one of the merge base did, after the same parents, under another id."""
    return set(one.parents) == set(old.parents) and shape(one.path.read_bytes(), but="revision") == shape(
        source, but="revision"
    )


def shape(source: bytes, but: str | None = None) -> str | bytes:
    """A source without comments, docstrings and formatting, and without the assignment to the name `but`."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return source
    tree.body = [n for n in tree.body if but is None or but not in assigned(n)]
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            first = node.body[0] if node.body else None
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                node.body = node.body[1:]
    return ast.dump(tree)


def assigned(node: ast.stmt) -> set[str]:
    """The names that a statement assigns to."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {t.id for t in targets if isinstance(t, ast.Name)}
