"""Small Alembic projects on disk, and `migguard` run in them."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from migguard.cli.main import main

URL = "postgresql+psycopg://nobody@127.0.0.1:1/none"
INI = f"""\
[alembic]
script_location = %(here)s/migrations
sqlalchemy.url = {URL}
"""
ENV = f"""\
from alembic import context
from sqlalchemy import create_engine, pool

url = context.config.get_main_option("sqlalchemy.url") or "{URL}"
with create_engine(url, poolclass=pool.NullPool).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
SETTINGS = 'dialect = "postgresql"\nserver_version = "16"\nlock_timeout_set_elsewhere = true\n'
USERS = 'op.create_table("users", sa.Column("id", sa.BigInteger(), primary_key=True), sa.Column("email", sa.Text()))'
BLOCKING = 'op.create_index("ix_users_email", "users", ["email"])'
UNBLOCK = 'op.drop_index("ix_users_email", "users")'
NO_ENVIRONMENT = ("GITHUB_", "CI", "GITLAB", "GIT_", "ALEMBIC_", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "MIGGUARD_")
"""Variables of whoever runs the tests that would say something to migguard or git."""


def script(revision: str, parent: str | None, up: str = "pass", down: str = "pass", top: str = "") -> str:
    """The source of a revision file."""
    bodies = "".join(
        f"\n\ndef {name}():\n" + "".join(f"    {line}\n" for line in body.splitlines())
        for name, body in (("upgrade", up), ("downgrade", down))
    )
    return (
        f'"""{revision} does it."""\n\nimport sqlalchemy as sa\nfrom alembic import op\n\n'
        f"revision = {revision!r}\ndown_revision = {parent!r}\n{top}{bodies}"
    )


@dataclass(frozen=True, slots=True)
class Done:
    """What a run left behind."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> Any:
        """The JSON report on standard output, and nothing else may be there."""
        return json.loads(self.out)

    @property
    def codes(self) -> set[str]:
        """The codes of all findings."""
        return {f["code"] for f in self.report["findings"]}


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a run: no word of continuous integration, of a user's git or of colours."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(NO_ENVIRONMENT)}
    identity = {f"GIT_{who}_{what}": "t@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CEILING_DIRECTORIES": "/"}
    return kept | identity | own | dict(extra or {})


@dataclass(frozen=True, slots=True)
class Project:
    """A project in a folder; `root` is where migguard is started."""

    root: Path

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file, and the folders above it."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def lay_out(self, ini: str = INI, env: str = ENV, settings: str | None = SETTINGS) -> Project:
        """A project whose one revision makes a table."""
        self.write("alembic.ini", ini)
        self.write("migrations/env.py", env)
        if settings is not None:
            self.write("migguard.toml", settings)
        self.revision("a1a1", None, USERS, 'op.drop_table("users")')
        return self

    def revision(self, revision: str, parent: str | None, up: str = "pass", down: str = "pass", top: str = "") -> Path:
        """A revision file."""
        return self.write(f"migrations/versions/{revision}_x.py", script(revision, parent, up, down, top))

    def git(self, *arguments: str) -> str:
        """Run git in the project."""
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, env=environment(), capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self) -> None:
        """Commit everything there is."""
        if not (self.root / ".git").exists():
            self.git("init", "--quiet", "--initial-branch=main")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message=x")

    def files(self) -> dict[str, bytes]:
        """Every file, without git's own."""
        found = (p for p in self.root.rglob("*") if p.is_file() and ".git" not in p.relative_to(self.root).parts)
        return {p.relative_to(self.root).as_posix(): p.read_bytes() for p in found}

    @property
    def cache(self) -> dict[str, str]:
        """Where earlier replays are kept: beside the project, and not with the user's."""
        return {"MIGGUARD_CACHE_DIR": str(self.root.parent / f"{self.root.name}-cache")}

    def run(self, *arguments: str, **variables: str) -> Done:
        """Run `migguard` in this process: the same entry point, another working directory, output caught."""
        out, err = io.StringIO(), io.StringIO()
        here = Path.cwd()
        with (
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            mock.patch.dict(os.environ, environment(self.cache | variables), clear=True),
            mock.patch.object(sys, "argv", ["migguard", *arguments]),
        ):
            os.chdir(self.root)
            try:
                main()
                code = 0
            except SystemExit as done:
                code = done.code if isinstance(done.code, int) else 0 if done.code is None else 1
            finally:
                os.chdir(here)
        return Done(code, out.getvalue(), err.getvalue())

    def spawn(self, *arguments: str, **variables: str) -> Done:
        """Run `migguard` as a process of its own, where that is what the test is about."""
        command = [sys.executable, "-c", "from migguard.cli.main import main; main()", *arguments]
        done = subprocess.run(
            command,
            cwd=self.root,
            env=environment(self.cache | variables),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return Done(done.returncode, done.stdout, done.stderr)
