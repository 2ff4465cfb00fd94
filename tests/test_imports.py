"""Importing is the largest cost of a short run: what a plain project does not need is not imported for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.project import write_project

UNNEEDED = {
    "libcst",
    "psycopg",
    "pydantic",
    "pymysql",
    "rich.markdown",
    "sqlalchemy.ext.asyncio",
    "sqlalchemy.orm",
    "sqlglot.executor",
}
SCRIPT = """
import sys
from migguard.cli.main import main
sys.argv = ["migguard", "check", "--all", "--format", "json"]
try:
    main()
except SystemExit:
    pass
print("\\n".join(sorted(sys.modules)), file=sys.stderr)
"""


@pytest.mark.thorough
def test_a_check_imports_only_what_it_needs(tmp_path: Path) -> None:
    write_project(tmp_path / "project", 20)
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=tmp_path / "project", capture_output=True, text=True)
    loaded = set(done.stderr.split())
    assert "sqlalchemy.sql" in loaded, done.stderr
    assert not loaded & UNNEEDED
