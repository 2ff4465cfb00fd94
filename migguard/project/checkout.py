"""A commit's files in a temporary folder, and Python run on them. The user's repository is only read."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from migguard.errors import ScopeError
from migguard.project.git import Repository


@contextmanager
def checked_out(git: Repository, commit: str) -> Iterator[Path]:
    """The files of a commit in a folder that is gone afterwards. Raises ScopeError where git cannot write them.

    An index of its own keeps git from touching the user's, and no work tree is registered anywhere.
    """
    with tempfile.TemporaryDirectory(prefix="migguard-base-") as scratch:
        folder = Path(scratch, "files")
        folder.mkdir()
        index = {"GIT_INDEX_FILE": str(Path(scratch, "index"))}
        for arguments in (("read-tree", commit), ("checkout-index", "--all", "--force", f"--prefix={folder}/")):
            done = git.run(*arguments, environment=index)
            if done.returncode:
                said = os.fsdecode(done.stderr).strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
                raise ScopeError(f"git {arguments[0]} of {commit[:12]} failed: {said[0]}")
        yield folder


class Background:
    """A module of ours that runs in a process of its own, by this interpreter, while this one goes on."""

    def __init__(self, module: str, arguments: Sequence[str], folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=folder,
            env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def failed(self, timeout: float) -> str | None:
        """Wait for its end; None where it ended well, else what it said last."""
        try:
            _, errors = self._process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            self.stop()
            return f"it took more than {timeout:g} s"
        if self._process.returncode == 0:
            return None
        said = errors.decode(errors="replace").strip().splitlines()
        return said[-1] if said else f"the process ended with {self._process.returncode}"

    def stop(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.communicate()
