"""The guard in env.py of a database that is no PostgreSQL."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.live.test_upgrade_guard import ENV, FIRST

pytestmark = pytest.mark.thorough


@pytest.mark.parametrize(("given", "warns"), [('lock_timeout="2s"', True), ("lock_timeout=None", False)])
def test_a_lock_timeout_that_is_not_set_is_said(tmp_path: Path, given: str, warns: bool) -> None:
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    (tmp_path / "migrations" / "env.py").write_text(ENV.replace('lock_timeout="300ms"', f"{given}, check=False"))
    (tmp_path / "alembic.ini").write_text(
        "[alembic]\nscript_location = %(here)s/migrations\nsqlalchemy.url = sqlite:///shop.db\n"
    )
    (versions / "r1.py").write_text(FIRST)
    command = [sys.executable, "-m", "alembic", "upgrade", "head"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert ("not on sqlite" in done.stderr) == warns
    with sqlite3.connect(tmp_path / "shop.db") as database:
        assert database.execute("SELECT name FROM sqlite_master WHERE name = 'orders'").fetchall() == [("orders",)]
