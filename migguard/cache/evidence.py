"""What a replay rested on, and whether all of it is still so: files, folders, variables, installed distributions."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import migguard


def digest(*parts: str | bytes) -> str:
    """A name for the parts: equal for equal ones only."""
    made = hashlib.blake2b(digest_size=20)
    for part in parts:
        data = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        made.update(len(data).to_bytes(8, "big"))
        made.update(data)
    return made.hexdigest()


def of_file(path: str) -> str:
    """A file's content; whether it is missing is a fact too."""
    try:
        return digest(Path(path).read_bytes())
    except OSError as error:
        return type(error).__name__


def of_folder(path: str) -> str:
    """The names in a folder."""
    try:
        return digest(*sorted(os.listdir(path)))
    except OSError as error:
        return type(error).__name__


def of_variables(names: Iterable[str], variables: Mapping[str, str]) -> str:
    """The values of variables; `*` means all there are."""
    wanted = set(names)
    chosen = sorted(variables) if "*" in wanted else sorted(wanted)
    return digest(*(f"{n}={variables[n]}" if n in variables else n for n in chosen))


def libraries() -> tuple[str, ...]:
    """The folders of the interpreter and of installed distributions: their content goes by its versions."""
    paths = [os.path.dirname(os.__file__), os.path.dirname(migguard.__file__)]
    paths += [p for p in sys.path if p.endswith(("site-packages", "dist-packages"))]
    every = dict.fromkeys(f for p in paths for f in (os.path.abspath(p), os.path.realpath(p)))
    return tuple(f"{p}{os.sep}" for p in every if p and p != os.sep)


def own_files(paths: Iterable[str], besides: tuple[str, ...]) -> list[str]:
    """The files that belong neither to libraries nor to the folders that are named besides."""
    passed = (*libraries(), *besides, "/proc/", "/sys/")
    found = {os.path.abspath(source_of(p)) for p in paths if p}
    return sorted(p for p in found if not p.startswith(passed) and not device(p))


def device(path: str) -> bool:
    """Whether it is a device; what lies in memory below /dev/shm is a file like any other."""
    return path.startswith("/dev/") and not path.startswith("/dev/shm/")


def source_of(path: str) -> str:
    """The source of a compiled file; any other path as it is."""
    if path.endswith(".pyc") and f"{os.sep}__pycache__{os.sep}" in path:
        try:
            return importlib.util.source_from_cache(path)
        except ValueError:
            return path
    return path


def loaded_files() -> list[str]:
    """The files of the modules that are loaded."""
    files = (getattr(m, "__dict__", {}).get("__file__") for n, m in list(sys.modules.items()) if n != "__main__")
    return [f for f in files if isinstance(f, str)]


def installed() -> str:
    """The distributions that can be imported, by their versions, and the interpreter; our own code by its files."""
    parts = [sys.version, sys.platform, *sys.path]
    for folder in dict.fromkeys(sys.path):
        if folder.endswith(("site-packages", "dist-packages")):
            try:
                parts += sorted(n for n in os.listdir(folder) if n.endswith((".dist-info", ".egg-info", ".pth")))
            except OSError:
                continue
    return digest(*parts, *code_of_ours())


def code_of_ours() -> list[str]:
    """Every file of this package with its size and time: it may be a checkout that somebody works on."""
    found, waiting = [], [os.path.dirname(os.path.abspath(migguard.__file__))]
    for folder in waiting:  # it grows while it is walked
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir():
                    if entry.name != "__pycache__":
                        waiting.append(entry.path)
                else:
                    state = entry.stat()
                    found.append(f"{entry.path} {state.st_size} {state.st_mtime_ns}")
    return sorted(found)
