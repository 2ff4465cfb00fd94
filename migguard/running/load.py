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
from migguard.models import Models
from migguard.project.checkout import Background
from migguard.project.config import AlembicProject
from migguard.project.git import Repository
from migguard.records import dataclass

TIMEOUT = 120
"""Seconds that importing an application may take."""


class Written(msgspec.Struct):
    """What the child process leaves."""

    models: Models = Models()
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """The running code's models, or why they are not known."""

    models: Models | None
    why: str = ""


class Loading:
    """Models on their way: the child works while this process replays. `finish` waits for them."""

    def __init__(
        self, project: AlembicProject, git: Repository, commit: str, dialect: str | None, *, cache: bool = True
    ) -> None:
        self._commit = commit
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        inside, here = git.relative(project.config_path), git.relative(Path.cwd()) or "."
        self._known: Written | None = None
        self._kept: Path | None = None
        if inside is None:
            self._known = Written(problem=f"{project.config_path} is outside the repository")
            return
        if cache:
            self._kept = cache_folder("models") / f"{key(git, commit, inside, here, project.section, dialect)}.json"
            self._known = read(self._kept)
        if self._known is None:
            self._scratch = tempfile.TemporaryDirectory(prefix="migguard-models-")
            self._output = Path(self._scratch.name, "models.json")
            arguments = [str(git.root), commit, inside, here, project.section, str(self._output)]
            self._child = Background("migguard.running.child", [*arguments, *([dialect] if dialect else [])], git.root)

    def finish(self) -> Running:
        """The models. Whatever kept them from being loaded is said, and nothing is assumed in their place."""
        if self._scratch is not None:
            with self._scratch:
                failed = self._child.failed(TIMEOUT)
                self._known = Written(problem=failed) if failed else whole(self._output)
            if self._kept is not None and self._known.problem is None:
                keep(self._kept, self._known)
            self._scratch = None
        assert self._known is not None
        if self._known.problem is not None:
            return Running(None, self._known.problem)
        return Running(msgspec.structs.replace(self._known.models, commit=self._commit))

    def stop(self) -> None:
        """Nobody will ask."""
        if self._scratch is not None:
            self._child.stop()
            self._scratch.cleanup()
            self._scratch = None


def whole(output: Path) -> Written:
    """What the child left."""
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
