"""The folder of the cache: small, private, written in one go, and believed where a digest vouches for the bytes."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import sys
import tempfile
from pathlib import Path

MAGIC = b"migguard 1\n"
LARGEST = 64 * 1024 * 1024
"""Bytes of one entry; more is not worth reading."""

ROOM = 256 * 1024 * 1024
"""Bytes of all entries; those that were not used for the longest time go first."""


def default_folder() -> Path:
    """Where programs of this user keep what can be made again."""
    given = os.environ.get("MIGGUARD_CACHE_DIR")
    if given:
        return Path(given)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "migguard"


class Folder:
    """Entries by name. A folder that cannot be had, or that others may write to, is one without entries."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._usable: bool | None = None

    @property
    def usable(self) -> bool:
        """Whether the folder is there, ours, and nobody else's to write to; it is made where it is missing."""
        if self._usable is None:
            try:
                self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._usable = private(self._path.lstat(), folder=True)
            except (OSError, RuntimeError):
                self._usable = False
        return self._usable

    def names(self) -> frozenset[str]:
        """The names of all entries."""
        if not self.usable:
            return frozenset()
        try:
            return frozenset(os.listdir(self._path))
        except OSError:
            return frozenset()

    def read(self, name: str) -> bytes | None:
        """An entry's content; None where there is none, or none that can be believed."""
        if not self.usable:
            return None
        try:
            with (self._path / name).open("rb") as stream:
                found = os.fstat(stream.fileno())
                if not private(found, folder=False) or found.st_size > LARGEST:
                    return None
                data = stream.read()
        except OSError:
            return None
        start = len(MAGIC) + hashlib.sha256().digest_size
        if not data.startswith(MAGIC) or hashlib.sha256(data[start:]).digest() != data[len(MAGIC) : start]:
            return None
        with contextlib.suppress(OSError):
            os.utime(self._path / name)
        return data[start:]

    def write(self, name: str, content: bytes) -> None:
        """Keep an entry. Whoever reads it meanwhile sees the old one or the new one, never half of it."""
        if not self.usable or len(content) > LARGEST:
            return
        try:
            number, temporary = tempfile.mkstemp(prefix=".new-", dir=self._path)
            try:
                with os.fdopen(number, "wb") as stream:
                    stream.write(MAGIC + hashlib.sha256(content).digest() + content)
                os.replace(temporary, self._path / name)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(temporary)
                raise
            self.make_room()
        except OSError:
            return  # a full or read-only disk: there is no entry then

    def make_room(self) -> None:
        """Delete what was not used for the longest time, until the rest is small enough."""
        with os.scandir(self._path) as entries:
            found = [(e.stat(follow_symlinks=False), e.path) for e in entries]
        size = sum(s.st_size for s, _ in found)
        for state, path in sorted(found, key=lambda f: f[0].st_mtime_ns):
            if size <= ROOM:
                return
            with contextlib.suppress(OSError):
                os.unlink(path)
            size -= state.st_size


def private(found: os.stat_result, *, folder: bool) -> bool:
    """Whether a file or folder is ours, and nobody else may write to it."""
    right = stat.S_ISDIR(found.st_mode) if folder else stat.S_ISREG(found.st_mode)
    if not hasattr(os, "geteuid"):
        return right  # the user's own profile, kept apart by the system
    return right and found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
