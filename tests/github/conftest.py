"""A repository on the other side, a checkout of it, an interpreter with migguard, and a `gh` that remembers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.projects import BLOCKING, ENV, UNBLOCK, Project
from tests.github import runner

PER_MIGRATION = ENV.replace("connection=connection", "connection=connection, transaction_per_migration=True")
ACTION = Path(__file__).parents[2] / "action.yml"


@pytest.fixture(scope="session")
def interpreter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with pip that sees what the tests' own one has, as a user's environment with their application."""
    folder = tmp_path_factory.mktemp("interpreter") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    site = sysconfig.get_path("purelib", vars={"base": str(folder)})
    Path(site, "tests.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    return python


@dataclass
class Forge:
    """The repository `acme/shop` as GitHub has it, and a runner that checks it out and runs the action."""

    root: Path
    python: Path

    @property
    def origin(self) -> Project:
        """The repository on the other side."""
        return Project(self.root / "origin")

    @property
    def state(self) -> Path:
        """Where `gh` keeps its comments."""
        return self.root / "gh"

    def begin(self, *folders: str) -> Forge:
        """A main branch with a project in each folder, and a branch to work on."""
        self.state.mkdir()
        self.comment()
        for folder in folders or (".",):
            Project(self.origin.root / folder).lay_out(env=PER_MIGRATION)
        self.origin.commit()
        self.origin.git("switch", "--quiet", "--create", "feature")
        return self

    def blocking(self, folder: str = ".", text: str = BLOCKING) -> Forge:
        """A revision on the branch that must not be merged."""
        Project(self.origin.root / folder).revision("b2b2", "a1a1", text, UNBLOCK)
        self.origin.commit()
        return self

    def harmless(self, folder: str = ".") -> Forge:
        """A revision on the branch to which there is nothing to object."""
        up = 'op.create_table("notes", sa.Column("id", sa.BigInteger(), primary_key=True))'
        Project(self.origin.root / folder).revision("b2b2", "a1a1", up, 'op.drop_table("notes")')
        self.origin.commit()
        return self

    def comment(self, *bodies: str, own: bool = True) -> None:
        """What is written on the pull request already."""
        held = [{"databaseId": 7 + i, "body": body, "viewerDidAuthor": own} for i, body in enumerate(bodies)]
        (self.state / "comments.json").write_text(json.dumps(held), encoding="utf-8")

    @property
    def comments(self) -> list[str]:
        """What is written on the pull request."""
        return [one["body"] for one in json.loads((self.state / "comments.json").read_text(encoding="utf-8"))]

    @property
    def calls(self) -> list[dict[str, Any]]:
        """What `gh` was asked."""
        path = self.state / "calls.jsonl"
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []

    def checkout(self, commit: str, *, shallow: bool = False) -> Path:
        """What actions/checkout leaves: every branch with `fetch-depth: 0`, else the one commit alone."""
        work = Project(self.root / f"work-{len(list(self.root.iterdir()))}")
        work.root.mkdir()
        work.git("init", "--quiet", "--initial-branch=main")
        work.git("remote", "add", "origin", self.origin.root.as_uri())
        own = f"+{commit}:refs/remotes/pull/1/merge"
        if shallow:
            work.git("fetch", "--quiet", "--no-tags", "--depth=1", "origin", own)
        else:
            work.git("fetch", "--quiet", "origin", "+refs/heads/*:refs/remotes/origin/*", own)
        work.git("checkout", "--quiet", "--force", "refs/remotes/pull/1/merge")
        return work.root

    def merge_commit(self) -> str:
        """What `refs/pull/1/merge` is: the branch merged into main, beside both."""
        git = self.origin.git
        git("switch", "--quiet", "--detach", "main")
        git("merge", "--quiet", "--no-ff", "--message=merge", "feature")
        merged = git("rev-parse", "HEAD")
        git("update-ref", "refs/pull/1/merge", merged)
        git("config", "uploadpack.allowAnySHA1InWant", "true")
        git("switch", "--quiet", "feature")
        return merged

    def pull_request(self, head: str = "acme/shop", **given: str) -> runner.ActionRun:
        """Run on a pull request from `head`."""
        merged = self.merge_commit()
        source = {"sha": self.origin.git("rev-parse", "feature"), "ref": "feature", "repo": {"full_name": head}}
        payload = {"pull_request": {"number": 1, "head": source, "base": {"ref": "main"}}}
        return self.run("pull_request", payload, merged, given)

    def run(
        self, event: str, payload: Mapping[str, Any], commit: str, given: Mapping[str, str], *, shallow: bool = False
    ) -> runner.ActionRun:
        """Run on any event, in a fresh checkout. What is installed already is not built again."""
        temporary = self.root / f"temporary-{len(list(self.root.iterdir()))}"
        workspace = self.checkout(commit, shallow=shallow)
        set_by_runner = runner.environment(workspace, temporary, event, payload, commit, str(self.commands))
        cache = {"MIGGUARD_CACHE_DIR": str(temporary / "cache"), "FAKE_GH": str(self.state)}
        offline = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0", "GIT_CONFIG_GLOBAL": os.devnull}
        inputs = {"python": str(self.python), "version": "0.1.0"} | dict(given)
        return runner.run_action(
            ACTION, inputs, workspace, temporary, set_by_runner | cache | offline, token="ghs_token"
        )

    @property
    def commands(self) -> Path:
        """A folder for PATH that has `gh`."""
        folder = self.root / "commands"
        if not folder.exists():
            folder.mkdir()
            script = folder / "gh"
            script.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__).parent / "fake_gh.py"}" "$@"\n')
            script.chmod(0o755)
        return folder


@pytest.fixture(scope="session")
def installed(interpreter: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, runner.ActionRun]:
    """The interpreter after the action has put migguard into it from its own folder, and that run."""
    forge = Forge(tmp_path_factory.mktemp("first"), interpreter).begin().harmless()
    done = forge.pull_request(version="")
    return interpreter, done


@pytest.fixture
def forge(installed: tuple[Path, runner.ActionRun], tmp_path: Path) -> Forge:
    """A repository, and an interpreter that has migguard."""
    return Forge(tmp_path, installed[0])
