"""Revision files that only running them tells the place of: their ids are computed, imported, or not there at all."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from types import ModuleType
from typing import Any

from migguard.project.config import AlembicProject
from migguard.project.graph import Graph, Revision, Unread, add
from migguard.project.header import BrokenFile, Header
from migguard.settings import Settings
from migguard.shadow import guard, loader
from migguard.shadow.environment import prepared
from migguard.shadow.missing_modules import standing_in
from migguard.shadow.own_modules import surviving
from migguard.shadow.quiet import quiet
from migguard.shadow.timelimit import TimeUp, limited

LEGACY = re.compile(r"[a-f0-9]+\.py")
"""Names of files that Alembic takes for the revision's id where the file does not say it."""


def run_headers(project: AlembicProject, graph: Graph, settings: Settings) -> None:
    """Import the files whose headers could not be read, and put what they say into the graph."""
    stubs = settings.stub_missing_imports
    made: set[str] = set()
    with (
        prepared(project),
        quiet(io.StringIO()),
        guard.guarded() as watch,
        standing_in(made.add, enabled=stubs),
        surviving(project, made.add, enabled=stubs),
    ):
        for one in graph.unread:
            watch.path, watch.at_import = one.path, True
            told = header_of(one, settings.replay_timeout)
            if isinstance(told, BrokenFile):
                graph.broken.append(told)
            else:
                add(graph, Revision(str(told.revision), one.path, told, one.digest, one.location))


def header_of(one: Unread, limit: float) -> Header | BrokenFile:
    """What the file says when it is run."""
    try:
        with limited(limit):
            module = loader.load(one.path)
    except TimeUp:
        return BrokenFile(one.path, 1, 1, f"its ids are computed, and it took more than {limit:g} s to be imported")
    except (Exception, SystemExit, guard.Exiting) as error:  # noqa: BLE001  # a script may raise anything
        failure = loader.failure(one.path, error)
        return BrokenFile(one.path, failure.line, failure.column, failure.reason)
    try:
        return told(module, one)
    finally:
        loader.unload(module)


def told(module: ModuleType, one: Unread) -> Header | BrokenFile:
    """The header, as Alembic takes it from the module."""
    line = max(one.header.lines[0], 1)
    revision = getattr(module, "revision", None)
    if not hasattr(module, "revision"):
        if LEGACY.fullmatch(one.path.name) is None:
            return BrokenFile(one.path, 1, 1, "it has no `revision`, and Alembic loads every file of the folder")
        revision = one.path.stem
    if not isinstance(revision, str) or type(revision) is not str:
        return BrokenFile(one.path, line, 1, f"its revision is {revision!r}, which is no text")
    parts = [names(getattr(module, n, None)) for n in ("down_revision", "depends_on", "branch_labels")]
    for name, found in zip(("down_revision", "depends_on", "branch_labels"), parts, strict=True):
        if found is None:
            return BrokenFile(one.path, line, 1, f"its {name} is neither text, a list of texts, nor None")
    down, depends, labels = (p or () for p in parts)
    return replace(
        one.header, revision=revision, down_revisions=down, depends_on=depends, branch_labels=labels, computed=()
    )


def names(value: Any) -> tuple[str, ...] | None:
    """The names in a value of a header; None where it is none. A stand-in is none: its text is a guess."""
    if value is None:
        return ()
    parts = (value,) if isinstance(value, str) else value
    if not isinstance(parts, (tuple, list, set, frozenset)) or any(type(p) is not str for p in parts):
        return None
    return tuple(parts)
