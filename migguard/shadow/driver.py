"""A PEP 249 driver whose database is only a schema."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from migguard.shadow.database import Answer, Database

apilevel = "2.0"
threadsafety = 1
paramstyle = "named"


class Warning(Exception):
    """An important warning."""


class Error(Exception):
    """The base of the driver's errors."""

    pgcode: str | None = None
    sqlstate: str | None = None


class InterfaceError(Error):
    """Wrong use of the driver."""


class DatabaseError(Error):
    """The database refuses something."""


class DataError(DatabaseError):
    """A value does not fit."""


class OperationalError(DatabaseError):
    """The database cannot go on."""


class IntegrityError(DatabaseError):
    """A constraint is violated."""


class InternalError(DatabaseError):
    """The database is broken."""


class ProgrammingError(DatabaseError):
    """The statement is wrong."""


class NotSupportedError(DatabaseError):
    """The database cannot do that."""


sqlite_version_info = sqlite3.sqlite_version_info
sqlite_version = sqlite3.sqlite_version
Binary = bytes
STRING, BINARY, NUMBER, DATETIME, ROWID = str, bytes, int, object, int


class Cursor:
    """A cursor. Its answers come from the database at once."""

    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.description: list[tuple[Any, ...]] | None = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.statusmessage: str | None = None
        self._rows: list[tuple[Any, ...]] = []
        self._at = 0

    def execute(self, statement: str | bytes, parameters: Any = None, *_: Any, **__: Any) -> Cursor:
        """Run a statement."""
        text = statement.decode() if isinstance(statement, bytes) else str(statement)
        self._take(self.connection.run(text, parameters, 1))
        return self

    def executemany(self, statement: str, parameters: Sequence[Any], *_: Any, **__: Any) -> None:
        """Run a statement for each set of parameters: recorded once, with how often."""
        sets = list(parameters)
        self._take(self.connection.run(statement, sets, len(sets)))

    def _take(self, answer: Answer) -> None:
        self._rows, self._at = list(answer.rows), 0
        self.rowcount = answer.rowcount
        self.lastrowid = answer.lastrowid
        self.description = [(c, None, None, None, None, None, None) for c in answer.columns] if answer.columns else None

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row."""
        if self._at >= len(self._rows):
            return None
        self._at += 1
        return self._rows[self._at - 1]

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        """The next rows."""
        start = self._at
        self._at = min(len(self._rows), start + (size or self.arraysize))
        return self._rows[start : self._at]

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows that are left."""
        start, self._at = self._at, len(self._rows)
        return self._rows[start:]

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        while (row := self.fetchone()) is not None:
            yield row

    def __enter__(self) -> Cursor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Forget the rows."""
        self._rows = []

    def callproc(self, name: str, parameters: Sequence[Any] = ()) -> Sequence[Any]:
        """Call a procedure."""
        self.execute(f"CALL {name}()")
        return parameters

    def setinputsizes(self, *_: Any, **__: Any) -> None:
        """Nothing to set."""

    setoutputsize = setinputsizes

    def mogrify(self, statement: str, parameters: Any = None) -> bytes:
        """The statement as it would be sent; parameters are not put in."""
        del parameters
        return str(statement).encode()

    def copy_expert(self, statement: str, *_: Any, **__: Any) -> None:
        """COPY with a file: the statement counts, the rows do not."""
        self.execute(statement)

    def copy_from(self, _file: Any, table: str, *_: Any, **__: Any) -> None:
        """COPY into a table."""
        self.execute(f"COPY {table} FROM STDIN")

    async def _async_soft_close(self) -> None:
        """SQLAlchemy's async results close their cursor so."""

    def nextset(self) -> bool | None:
        """There is only one set of rows."""
        return None


class Connection:
    """A connection to a shadow database."""

    encoding = "UTF8"
    closed = 0

    def __init__(self, database: Database, beside: int = 0) -> None:
        self.database = database
        self.beside = beside
        self.notices: list[str] = []
        self._autocommit = False

    @property
    def autocommit(self) -> bool:
        """Whether every statement is a transaction of its own."""
        return self._autocommit

    @autocommit.setter
    def autocommit(self, value: bool) -> None:
        self._autocommit = bool(value)

    def run(self, statement: str, parameters: Any, executions: int) -> Answer:
        """Run a statement; a refusal is raised where the script may be ready for it and can go on after it."""
        self.database.beside = self.beside
        try:
            answer = self.database.execute(statement, parameters, executions=executions, autocommit=self._autocommit)
        finally:
            self.database.beside = 0
        if answer.refusal is not None:
            error = ProgrammingError(answer.refusal)
            error.pgcode = error.sqlstate = answer.code
            self.database.raise_to(error)
            raise error
        return answer

    def cursor(self, *_: Any, **__: Any) -> Cursor:
        """A new cursor."""
        return Cursor(self)

    def execute(self, statement: str, parameters: Any = None) -> Cursor:
        """Run a statement on a new cursor."""
        return Cursor(self).execute(statement, parameters)

    def commit(self) -> None:
        """End the transaction, if it is Alembic's."""
        if self.beside:
            return
        self.database.commit(quiet=self._autocommit)

    def rollback(self) -> None:
        """End the transaction, and undo it, if it is Alembic's."""
        if self.beside:
            return
        self.database.rollback(quiet=self._autocommit)

    def close(self) -> None:
        """Nothing is open."""

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.commit()

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *_, **__: None


def connect(*_: Any, database: Database | None = None, beside: int = 0, **__: Any) -> Connection:
    """Connect to a shadow database; `beside` numbers the connections that a script opens itself."""
    if database is None:
        raise InterfaceError("a shadow connection needs a shadow database")
    return Connection(database, beside)
