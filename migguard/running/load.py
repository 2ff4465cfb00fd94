"""The models of the commit at which the branch began: loaded in a process of its own, and kept by commit."""

from __future__ import annotations

import hashlib
import os
import site
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from migguard import __version__
from migguard.cache.folder import Folder, default_folder
from migguard.models import Models
from migguard.project.checkout import Background
from migguard.project.config import AlembicProject
from migguard.project.git import Repository
from migguard.records import dataclass
from migguard.settings import Settings

CHECKOUT = 60
"""Seconds that writing a commit's files may take, beside what env.py may."""


class Request(msgspec.Struct):
    """What the child process is to load. `paths` are where this process imports from."""

    repository: str
    commit: str
    config: str
    folder: str
    section: str
    scratch: str
    paths: list[str]
    settings: Settings


class Loaded(msgspec.Struct):
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
        self, project: AlembicProject, git: Repository, commit: str, settings: Settings, *, cache: bool = True
    ) -> None:
        self._commit = commit
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._timeout = CHECKOUT + 4 * settings.replay_timeout
        inside, here = git.relative(project.config_path), git.relative(Path.cwd()) or "."
        self._known: Loaded | None = None
        self._folder: Folder | None = None
        if inside is None:
            self._known = Loaded(problem=f"{project.config_path} is outside the repository")
            return
        if cache:
            self._folder = Folder(default_folder() / "models")
            self._name = f"{key(git, commit, inside, here, project.section, settings)}.json"
            self._known = read(self._folder.read(self._name))
        if self._known is None:
            self._scratch = tempfile.TemporaryDirectory(prefix="migguard-models-", ignore_cleanup_errors=True)
            scratch = Path(self._scratch.name)
            self._output = scratch / "models.json"
            request = Request(
                str(git.root), commit, inside, here, project.section, str(scratch), list(sys.path), settings
            )
            (scratch / "request.json").write_bytes(msgspec.json.encode(request))
            self._child = Background("migguard.running.child", [str(scratch / "request.json")], scratch, tied=True)

    def finish(self, waiting: Callable[[float], None] | None = None) -> Running:
        """The models. Whatever kept them from being loaded is said, and nothing is assumed in their place."""
        if self._scratch is not None:
            with self._scratch:
                failed = self._child.failed(self._timeout, waiting)
                self._known = Loaded(problem=failed) if failed else whole(self._output)
            if self._folder is not None and self._known.problem is None:
                self._folder.write(self._name, msgspec.json.encode(self._known))
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


def whole(output: Path) -> Loaded:
    """What the child left."""
    try:
        return msgspec.json.decode(output.read_bytes(), type=Loaded)
    except (OSError, msgspec.DecodeError) as error:
        return Loaded(problem=f"the process that loads them left no answer: {error}")


def key(git: Repository, commit: str, inside: str, here: str, section: str, settings: Settings) -> str:
    """What the answer depends on: the commit, the project in it, and the environment that the models import from."""
    outside = [p for p in sys.path if os.path.isdir(p) and git.relative(Path(p)) is None]
    stamps = [str(os.stat(p).st_mtime_ns) for p in (*site.getsitepackages(), *outside) if os.path.isdir(p)]
    chosen = (settings.dialect, settings.server_version, settings.stub_missing_imports, sorted(settings.wrappers))
    words: list[Any] = [git.root, commit, inside, here, section, chosen, __version__, sys.version, sys.prefix, *stamps]
    return hashlib.sha256("\0".join(str(w) for w in words).encode()).hexdigest()[:40]


def read(content: bytes | None) -> Loaded | None:
    """What was kept, if it is there and of this version's shape."""
    try:
        return msgspec.json.decode(content, type=Loaded) if content is not None else None
    except msgspec.DecodeError:
        return None
