"""A commit's files in a temporary folder, and Python run on them. The user's repository is only read."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from migguard.errors import ScopeError
from migguard.project.git import Repository

LARGEST = 1_000_000
"""Bytes of a file that is no Python and that code may read while it is imported."""

ASSETS = frozenset(
    {".avif", ".bmp", ".css", ".eot", ".gif", ".gz", ".html", ".ico", ".ipynb", ".jpeg", ".jpg", ".js", ".jsx", ".less",
     ".map", ".md", ".mp3", ".mp4", ".otf", ".parquet", ".pdf", ".png", ".po", ".rst", ".sass", ".scss", ".svelte",
     ".svg", ".tar", ".ts", ".tsx", ".ttf", ".vue", ".wav", ".webm", ".webp", ".whl", ".woff", ".woff2", ".xlsx",
     ".zip"}
)  # fmt: skip
"""Ends of names that no model needs: most of a large repository."""

LOCAL = frozenset({".cfg", ".conf", ".env", ".ini", ".json", ".py", ".pyd", ".so", ".toml", ".yaml", ".yml"})
"""Ends of names of files that git ignores and that code is imported with: settings, built modules, versions."""


def check_out(git: Repository, commit: str, folder: Path) -> None:
    """Write the files of a commit that code may need. Raises ScopeError where git cannot.

    An index of its own keeps git from touching the user's, no work tree is registered anywhere, and no filter or hook
    of the repository's runs. Files that git ignores, such as `.env`, come from the work tree.
    """
    written(git, commit, folder, folder.with_name("index"))
    for path in ignored(git):
        there = folder / path
        if not there.exists() and there.parent.is_dir():
            shutil.copyfile(git.root / path, there)


def written(git: Repository, commit: str, folder: Path, index: Path) -> None:
    """Write a commit's files, those of its submodules where the work tree has them."""
    folder.mkdir(parents=True, exist_ok=True)
    listed = git.run("ls-tree", "-r", "-z", "--long", commit)
    wanted, inner = list[bytes](), list[tuple[str, str]]()
    for line in listed.stdout.split(b"\0") if listed.returncode == 0 else ():
        meta, tab, name = line.partition(b"\t")
        if not tab:
            continue
        _, kind, object_id, size = meta.split()
        path = os.fsdecode(name)
        if kind == b"commit":
            inner.append((path, os.fsdecode(object_id)))
        elif needed(path, int(size) if size.isdigit() else 0):
            wanted.append(name)
    options = ["-c", "core.fsmonitor=false", "-c", "core.sparseCheckout=false", *without_filters(git)]
    own = {"GIT_INDEX_FILE": str(index)}
    for arguments, feed in (
        (("read-tree", commit), None),
        (("checkout-index", "--force", "--stdin", "-z", f"--prefix={folder}{os.sep}"), b"\0".join(wanted)),
    ):
        done = git.run(*options, *arguments, feed=feed, environment=own)
        if done.returncode:
            said = os.fsdecode(done.stderr).strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
            raise ScopeError(f"git {arguments[0]} of {commit[:12]} failed: {said[0]}")
    for path, inside in inner:
        part = Repository(git.root / path)
        if (part.root / ".git").exists() and part.commit(inside) is not None:
            written(part, inside, folder / path, index.with_name(f"{index.name}-{len(path)}"))


def needed(path: str, size: int) -> bool:
    """Whether code may need a file when it is imported."""
    end = os.path.splitext(path)[1].lower()
    return end == ".py" or (end not in ASSETS and size <= LARGEST)


def without_filters(git: Repository) -> Iterator[str]:
    """Options that keep git from running the programs that the repository's settings name, such as git-lfs."""
    for name in dict.fromkeys((git.text("config", "--name-only", "--get-regexp", r"^filter\.") or "").splitlines()):
        driver = name.rpartition(".")[0]
        for setting in ("smudge=", "process=", "required=false"):
            yield from ("-c", f"{driver}.{setting}")


def ignored(git: Repository) -> Iterator[Path]:
    """Files beside tracked ones that git ignores and that code is imported with; not what lies in folders of such."""
    listed = git.run("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory")
    for name in listed.stdout.split(b"\0"):
        path = Path(os.fsdecode(name))
        known = path.suffix.lower() in LOCAL or path.name.startswith(".env")
        if name and not name.endswith(b"/") and known and (git.root / path).is_file():
            yield path


class Background:
    """A module of ours that runs in a process of its own, by this interpreter, while this one goes on.

    One that is `tied` finds the other end of its standard input closed when this process is gone, however it ended.
    """

    def __init__(self, module: str, arguments: Sequence[str], folder: Path, *, tied: bool = False) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the process is waited for
        self._process = subprocess.Popen(
            [sys.executable, *(["-P"] if tied else []), "-m", module, *arguments],
            cwd=folder,
            env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE if tied else subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            start_new_session=True,
        )

    def failed(self, timeout: float, waiting: Callable[[float], None] | None = None) -> str | None:
        """Wait for its end; None where it ended well, else what it said last. `waiting` hears of each second."""
        begun = time.monotonic()
        while True:
            try:
                code = self._process.wait(min(1.0, timeout) if waiting is not None else timeout)
                break
            except subprocess.TimeoutExpired:
                passed = time.monotonic() - begun
                if passed >= timeout:
                    self.stop()
                    return f"it took more than {timeout:g} s"
                if waiting is not None:
                    waiting(passed)
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, self._errors.tell() - 10_000))
        said = self._errors.read().decode(errors="replace").strip().splitlines()
        self.close()
        if code == 0:
            return None
        return said[-1] if said else f"the process ended with {code}"

    def stop(self) -> None:
        """End it and what it started, whatever they do."""
        if self._process.poll() is None:
            if os.name == "posix":
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._process.pid, signal.SIGKILL)
            self._process.kill()
        self._process.wait()
        self.close()

    def close(self) -> None:
        """Let go of what connected the two."""
        self._errors.close()
        if self._process.stdin is not None:
            self._process.stdin.close()
