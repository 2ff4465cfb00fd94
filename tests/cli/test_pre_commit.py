"""The hook in pre-commit's own isolated environment, which has none of the project's dependencies."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from migguard.rules.frame import Example
from tests.rules import examples

pytestmark = pytest.mark.package_index

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
from shop.models import Order
from alembic import op

def upgrade():
    op.drop_table("orders")
"""


def test_the_hook_speaks_when_a_revision_changes_and_is_skipped_otherwise(tmp_path: Path) -> None:
    """It is built from this checkout by the real pre-commit; the application that the revision imports is not there."""
    examples.project(Example(SCRIPT, given="CREATE TABLE orders (id bigint PRIMARY KEY)"), tmp_path, "postgresql")
    (tmp_path / "README.md").write_text("A shop.\n")
    environment = os.environ | {
        "PRE_COMMIT_HOME": str(tmp_path / "home"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@b.invalid",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@b.invalid",
    }

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    run("git", "init", "--quiet", "--initial-branch", "main")
    run(
        "git",
        "add",
        "--all",
        "--",
        "alembic.ini",
        "migrations/env.py",
        "migrations/versions/r1_revision.py",
        "README.md",
    )
    run("git", "commit", "--quiet", "--message", "released")
    run("git", "checkout", "--quiet", "-b", "feature")
    run("git", "config", "init.defaultBranch", "main")
    (tmp_path / "migguard.toml").write_text('base = "main"\n')
    run("git", "add", "--all")
    done = run(
        sys.executable,
        "-m",
        "pre_commit",
        "try-repo",
        str(ROOT),
        "migguard",
        "--files",
        "migrations/versions/r2_revision.py",
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "MG301 drop-table" in done.stdout
    skipped = run(sys.executable, "-m", "pre_commit", "try-repo", str(ROOT), "migguard", "--files", "README.md")
    assert skipped.returncode == 0, skipped.stdout + skipped.stderr
    assert "Skipped" in skipped.stdout
