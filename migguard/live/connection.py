"""A read-only connection to a live PostgreSQL database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from migguard.errors import UsageError

if TYPE_CHECKING:
    import psycopg

SCHEMES = ("postgresql", "postgres")
LOCK_TIMEOUT = "1s"
"""ACCESS SHARE waits for nothing but an ACCESS EXCLUSIVE lock; a look that waits longer than this gives up instead."""


@contextmanager
def reading(url: str, statement_timeout: int) -> Iterator[psycopg.Connection[Any]]:
    """Connect; all that runs is in read-only transactions, each statement limited to that many milliseconds.

    Raises UsageError where there is no driver, the URL is of another engine, or nobody answers.
    """
    try:
        import psycopg
    except ImportError:
        raise UsageError(
            "a live database needs psycopg, which is not installed", hint="pip install 'migguard[postgresql]'"
        ) from None
    try:
        connection = psycopg.connect(
            plain(url),
            connect_timeout=10,
            prepare_threshold=None,
            application_name="migguard",
        )
    except (psycopg.Error, UnicodeError) as error:
        said = " ".join(str(error).split())
        raise UsageError(
            f"cannot connect to the database: {said}", hint="check --url; it is used for reading only"
        ) from None
    with connection:
        connection.read_only = True
        connection.autocommit = True
        try:
            with connection.transaction():
                connection.execute("SELECT set_config('default_transaction_read_only', 'on', false)")
                connection.execute("SELECT set_config('statement_timeout', %s, false)", (str(statement_timeout),))
                connection.execute("SELECT set_config('lock_timeout', %s, false)", (LOCK_TIMEOUT,))
        except psycopg.Error as error:
            said = " ".join(str(error).split())
            raise UsageError(f"the database does not allow a read-only session: {said}") from None
        yield connection


def plain(url: str) -> str:
    """The URL without a SQLAlchemy driver, as libpq reads it."""
    scheme, sign, rest = url.partition("://")
    engine, _, _ = scheme.partition("+")
    if not sign:
        raise UsageError("--url is no URL", hint="write it as postgresql://user@host/database")
    if engine not in SCHEMES:
        raise UsageError(f"--url is of {engine}; live looks are for PostgreSQL only", hint="leave it out")
    return f"postgresql://{rest}"
