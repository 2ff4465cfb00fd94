"""The models of the commit at which the branch began: loaded in a process of its own, and kept by commit."""

from __future__ import annotations

import contextlib
import hashlib
import os
import site
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from migguard import __version__
from migguard.cachefolder import cache_folder
from migguard.errors import ScopeError
from migguard.models import Models
from migguard.project.checkout import checked_out, run_module
from migguard.project.config import AlembicProject
from migguard.project.git import Repository
from migguard.records import dataclass

TIMEOUT = 120
"""Seconds that importing an application may take."""


class Written(msgspec.Struct):
    """What the child process leaves."""

    models: Models
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """The running code's models, or why they are not known."""

    models: Models | None
    why: str = ""


def running_models(
    project: AlembicProject, git: Repository, commit: str, dialect: str | None, *, cache: bool = True
) -> Running:
    """The models at a commit. Whatever keeps them from being loaded is said, and nothing is assumed in its place."""
    inside = git.relative(project.config_path)
    if inside is None:
        return Running(None, f"{project.config_path} is outside the repository")
    kept = cache_folder("models") / f"{key(git, commit, inside, project.section, dialect)}.json" if cache else None
    if kept is not None and (known := read(kept)) is not None:
        return Running(msgspec.structs.replace(known.models, commit=commit))
    try:
        found = loaded(project, git, commit, inside, dialect)
    except ScopeError as error:
        return Running(None, error.message)
    if isinstance(found, str):
        return Running(None, found)
    if found.problem is not None:
        return Running(None, found.problem)
    if kept is not None:
        keep(kept, found)
    return Running(msgspec.structs.replace(found.models, commit=commit))


def loaded(project: AlembicProject, git: Repository, commit: str, inside: str, dialect: str | None) -> Written | str:
    """Check the commit out and load its models in a child process; or why that failed."""
    with checked_out(git, commit) as folder, tempfile.TemporaryDirectory() as scratch:
        config = folder / inside
        if not config.is_file():
            return f"{inside} was not there yet"
        output = Path(scratch, "models.json")
        here = git.relative(Path.cwd())
        start = folder / here if here is not None and (folder / here).is_dir() else config.parent
        arguments = [str(folder), str(git.root), str(config), project.section, str(output)]
        failed = run_module("migguard.running.child", [*arguments, *([dialect] if dialect else [])], start, TIMEOUT)
        if failed is not None:
            return failed
        return msgspec.json.decode(output.read_bytes(), type=Written)


def key(git: Repository, commit: str, *parts: str | None) -> str:
    """What the answer depends on: the commit, the project in it, and the environment that the models import from."""
    stamps = [str(os.stat(p).st_mtime_ns) for p in site.getsitepackages() if os.path.isdir(p)]
    words: list[Any] = [git.root, commit, *parts, __version__, sys.version, sys.prefix, *stamps]
    return hashlib.sha256("\0".join(str(w) for w in words).encode()).hexdigest()[:40]


def read(path: Path) -> Written | None:
    """What was kept, if it is there and whole."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Written)
    except (OSError, msgspec.DecodeError):
        return None  # not there, or another process' half-written file: it is loaded anew


def keep(path: Path, found: Written) -> None:
    """Keep an answer. A cache that cannot be written is none."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(msgspec.json.encode(found))
        os.replace(file.name, path)
