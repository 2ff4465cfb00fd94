"""What git knows of the project: the only place that runs it. Nothing is written, nothing is asked of the user."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from migguard.errors import ScopeError
from migguard.records import dataclass

TIMEOUT = 60
NO_COMMIT = "this repository has no commit yet"
DEEPER = "fetch the history: `fetch-depth: 0` for actions/checkout, GIT_DEPTH: 0 on GitLab, or `git fetch --unshallow`"


@dataclass(frozen=True, slots=True)
class Repository:
    """A work tree. `root` is its top folder."""

    root: Path

    def run(
        self, *arguments: str, feed: bytes | None = None, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run git without prompts, pagers or optional locks."""
        quiet = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
        try:
            return subprocess.run(
                ["git", "-c", "core.quotePath=false", *arguments],
                cwd=self.root,
                env=os.environ | quiet | dict(environment or {}),
                input=feed,
                stdin=None if feed is not None else subprocess.DEVNULL,
                capture_output=True,
                timeout=TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ScopeError(f"git {arguments[0]} did not answer within {TIMEOUT} s") from None

    def text(self, *arguments: str) -> str | None:
        """What git prints, without the last newline; None where it fails."""
        done = self.run(*arguments)
        return os.fsdecode(done.stdout).rstrip("\n") if done.returncode == 0 else None

    def commit(self, ref: str) -> str | None:
        """The commit that a reference means, or None."""
        return self.text("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")

    @property
    def shallow(self) -> bool:
        """Whether the clone is shallow."""
        return self.text("rev-parse", "--is-shallow-repository") == "true"

    def merge_base(self, ref: str, commit: str) -> str:
        """The commit at which the work tree's history left that of the reference. Raises ScopeError without one."""
        base = self.text("merge-base", commit, "HEAD")
        if base:
            return base
        if self.commit("HEAD") is None:
            raise ScopeError(NO_COMMIT, hint="use --all")
        if self.shallow:
            raise ScopeError(f"this clone is too shallow to see where it left {ref}", hint=DEEPER)
        raise ScopeError(
            f"HEAD and {ref} have no history in common", hint="name another --base, or use --since or --all"
        )

    def files_at(self, commit: str, folder: Path) -> dict[Path, bytes]:
        """The Python files below a folder as of a commit, by absolute path."""
        inside = self.relative(folder)
        if inside is None:
            return {}
        where = [] if inside == "." else ["--", inside + "/"]
        listed = self.run("ls-tree", "-r", "-z", commit, *where)
        entries = []
        for line in listed.stdout.split(b"\0") if listed.returncode == 0 else ():
            meta, tab, name = line.partition(b"\t")
            if tab and name.endswith(b".py") and meta.split()[1] == b"blob":
                entries.append((meta.split()[2], self.root / os.fsdecode(name)))
        if not entries:
            return {}
        done = self.run("cat-file", "--batch", feed=b"".join(o + b"\n" for o, _ in entries))
        return dict(zip((p for _, p in entries), blobs(done.stdout), strict=False))

    def renames(self, commit: str) -> list[tuple[Path, Path]]:
        """The files that the work tree has under another name than a commit: absolute paths, before and now."""
        done = self.run("diff", "--name-status", "-z", "--find-renames", "--diff-filter=R", commit, "--")
        top = Path(os.path.realpath(self.root))
        parts = [top / os.fsdecode(p) for p in done.stdout.split(b"\0")]
        return list(zip(parts[1::3], parts[2::3], strict=False))

    def changed_files(self, commit: str) -> list[Path]:
        """The files that the work tree has otherwise than a commit, untracked ones included: absolute paths."""
        changed = self.run("diff", "--name-only", "-z", commit, "--").stdout.split(b"\0")
        untracked = self.run("ls-files", "-z", "--others", "--exclude-standard").stdout.split(b"\0")
        top = Path(os.path.realpath(self.root))
        return sorted(top / os.fsdecode(name) for name in {*changed, *untracked} if name)

    def relative(self, path: Path) -> str | None:
        """A path as git names it, or None outside the work tree."""
        try:
            return Path(os.path.realpath(path)).relative_to(os.path.realpath(self.root)).as_posix()
        except ValueError:
            return None

    def unknown_files(self, folders: tuple[Path, ...]) -> tuple[frozenset[Path], frozenset[Path]]:
        """The files below the folders that git does not track, and those of them that it ignores."""
        inside = [r for f in folders if (r := self.relative(f)) is not None]
        if not inside:
            return frozenset(), frozenset()
        other = self.run("ls-files", "-z", "--others", "--exclude-standard", "--", *inside)
        ignored = self.run("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--", *inside)
        return self.listed(other.stdout), self.listed(ignored.stdout)

    def listed(self, output: bytes) -> frozenset[Path]:
        """The absolute paths in a NUL-separated list."""
        return frozenset(Path(os.path.realpath(self.root)) / os.fsdecode(n) for n in output.split(b"\0") if n)


def blobs(output: bytes) -> list[bytes]:
    """The contents in the output of `git cat-file --batch`."""
    found, at = [], 0
    while at < len(output):
        end = output.index(b"\n", at)
        size = int(output[at:end].split()[-1])
        found.append(output[end + 1 : end + 1 + size])
        at = end + 1 + size + 1
    return found


def repository(folder: Path) -> Repository | None:
    """The work tree that a folder belongs to; None without one, or where git is not installed.

    Raises ScopeError where git refuses to look, as it does in containers whose user owns nothing of the checkout.
    """
    try:
        done = Repository(folder).run("rev-parse", "--show-toplevel")
    except (FileNotFoundError, NotADirectoryError):
        return None
    if b"dubious ownership" in done.stderr:
        raise ScopeError(
            f"git does not look at {folder}: it belongs to another user",
            hint=f"git config --global --add safe.directory {folder} (or use --all, --since or name the revisions)",
        )
    root = os.fsdecode(done.stdout).rstrip("\n")
    return Repository(Path(root)) if done.returncode == 0 and root else None
