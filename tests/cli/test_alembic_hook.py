"""Alembic's post-write hooks: a new revision is checked when it is written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from migguard.rules.frame import Example
from tests.rules import examples

pytestmark = pytest.mark.thorough

HOOK = """
[post_write_hooks]
hooks = migguard
migguard.type = console_scripts
migguard.entrypoint = migguard
migguard.options = check --quiet REVISION_SCRIPT_FILENAME
"""
TEMPLATE = '''"""${message}"""
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
from alembic import op


def upgrade():
    op.drop_table("orders")


def downgrade():
    raise NotImplementedError("gone")
'''


def test_a_revision_is_checked_as_alembic_writes_it(tmp_path: Path) -> None:
    """`alembic revision` shows the findings of what it has just made."""
    examples.project(Example("pass", given="CREATE TABLE orders (id bigint PRIMARY KEY)"), tmp_path, "postgresql")
    config = tmp_path / "alembic.ini"
    config.write_text(config.read_text() + HOOK)
    (tmp_path / "migrations" / "script.py.mako").write_text(TEMPLATE)
    done = subprocess.run(
        [sys.executable, "-m", "alembic", "revision", "-m", "no more orders"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "MG301 drop-table" in done.stdout
    assert "1 checked" in done.stdout
