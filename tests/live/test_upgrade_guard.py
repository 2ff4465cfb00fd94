"""The guard in env.py, with real Alembic on real servers: what it refuses to run, and how it waits for locks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.live.servers import PostgresServer

pytestmark = [pytest.mark.live, pytest.mark.parametrize("server", [18], indirect=True, ids=["postgresql18"])]

UPGRADE = [sys.executable, "-m", "alembic", "upgrade", "head"]

ENV = """
import logging, sys
import migguard
from alembic import context
from sqlalchemy import create_engine, pool

logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
with create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=pool.NullPool).connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    migguard.guard(context, lock_timeout="300ms", retries=4, backoff=0.3).run_migrations()
"""
FIRST = """
revision = "r1"
down_revision = None
from alembic import op

def upgrade():
    op.execute("CREATE TABLE orders (id bigint PRIMARY KEY, note text)")

def downgrade():
    op.execute("DROP TABLE orders")
"""
SECOND = """
revision = "r2"
down_revision = "r1"
import sqlalchemy as sa
from alembic import op

def upgrade():
    {call}

def downgrade():
    op.execute("SELECT 1")
"""


@pytest.fixture
def project(server: PostgresServer, database: str, tmp_path: Path) -> Path:
    """A project whose env.py is guarded, its first revision deployed."""
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    (tmp_path / "migrations" / "env.py").write_text(ENV)
    (tmp_path / "migrations" / "script.py.mako").write_text("")
    (tmp_path / "alembic.ini").write_text(
        "[alembic]\nscript_location = %(here)s/migrations\n"
        f"sqlalchemy.url = postgresql+psycopg://postgres@/{database}?host={server.directory}\n"
    )
    (tmp_path / "migguard.toml").write_text("lock_timeout_set_elsewhere = true\n")
    (versions / "r1.py").write_text(FIRST)
    done = upgrade(tmp_path)
    assert done.returncode == 0, done.stderr
    return tmp_path


def upgrade(root: Path) -> subprocess.CompletedProcess[str]:
    """`alembic upgrade head`, as a deployment runs it."""
    return subprocess.run(UPGRADE, cwd=root, capture_output=True, text=True, check=False)


def add(root: Path, call: str) -> None:
    """Write the second revision."""
    (root / "migrations" / "versions" / "r2.py").write_text(SECOND.format(call=call))


def columns(server: PostgresServer, database: str) -> list[str]:
    """The columns of orders."""
    with server.connect(database) as connection:
        rows = connection.execute("SELECT attname FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attnum > 0")
        return [name for (name,) in rows]


def test_a_revision_with_an_error_is_not_run(project: Path, server: PostgresServer, database: str) -> None:
    """The message names the rule; the database is as it was."""
    add(project, 'op.drop_column("orders", "note")')
    done = upgrade(project)
    assert done.returncode != 0
    assert "MG302 drop-column" in done.stderr
    assert columns(server, database) == ["id", "note"]


def test_a_revision_that_was_let_through_is_run(project: Path, server: PostgresServer, database: str) -> None:
    """An ignore comment with its reason counts here too."""
    add(project, 'op.drop_column("orders", "note")  # migguard: ignore[MG302, MG204] -- nobody reads it')
    done = upgrade(project)
    assert done.returncode == 0, done.stderr
    assert "note" not in columns(server, database)


def test_a_lock_is_waited_for_in_turns_and_its_holder_is_told(
    project: Path, server: PostgresServer, database: str
) -> None:
    """The migration gives up its place in the queue, tells who is in its way, and succeeds when that is gone."""
    add(project, 'op.add_column("orders", sa.Column("total", sa.Integer()))')
    with server.connect(database) as holder:
        holder.autocommit = False
        holder.execute("SELECT 'a long report' FROM orders")
        deployment = subprocess.Popen(UPGRADE, cwd=project, stderr=subprocess.PIPE, text=True)
        assert deployment.stderr is not None
        said = ""
        while "a lock was not to be had" not in said:
            line = deployment.stderr.readline()
            assert line, said
            said += line
        holder.rollback()
        deployment.communicate()
    assert deployment.returncode == 0
    assert "a long report" in said
    assert "total" in columns(server, database)


def test_a_lock_that_never_comes_ends_the_deployment(project: Path, server: PostgresServer, database: str) -> None:
    """After the last try the server's own error is raised, and nothing is half done."""
    env = project / "migrations" / "env.py"
    env.write_text(env.read_text().replace("retries=4", "retries=1"))
    add(project, 'op.add_column("orders", sa.Column("total", sa.Integer()))')
    with server.connect(database) as holder:
        holder.autocommit = False
        holder.execute("LOCK TABLE orders IN ACCESS SHARE MODE")
        done = upgrade(project)
        holder.rollback()
    assert done.returncode != 0
    assert "lock timeout" in done.stderr
    assert columns(server, database) == ["id", "note"]
