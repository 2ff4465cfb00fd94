"""SQLite's shadow is SQLite itself, in memory: statements run there, and on the catalog beside it."""

from __future__ import annotations

import sqlite3
from dataclasses import field
from typing import Any

from migguard.records import dataclass
from migguard.shadow.database import Answer, Database, State
from migguard.shadow.guard import trusted


@dataclass(frozen=True, slots=True)
class SqliteState(State):
    """The catalog's state, and the database's own bytes."""

    content: bytes = b""


def connect() -> sqlite3.Connection:
    """A database in memory, without transactions of its own accord."""
    with trusted():
        return sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)


def quoted(name: str) -> str:
    """A name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


@dataclass(slots=True)
class SqliteDatabase(Database):
    """A shadow database that is SQLite."""

    real: sqlite3.Connection = field(default_factory=connect)

    def __post_init__(self) -> None:
        Database.__post_init__(self)
        self.real.execute(f"PRAGMA foreign_keys={'ON' if self.server.foreign_keys else 'OFF'}")

    def execute(self, sql: str, parameters: Any = None, *, executions: int = 1, autocommit: bool = False) -> Answer:
        """Run one text on the catalog, for the record, and on SQLite, for the answer."""
        found = Database.execute(self, sql, parameters, executions=executions, autocommit=autocommit)
        try:
            with trusted():
                if executions != 1 or isinstance(parameters, list):
                    cursor = self.real.executemany(sql, parameters or [])
                elif parameters:
                    cursor = self.real.execute(sql, parameters)
                else:
                    cursor = self.real.execute(sql)
                columns = tuple(d[0] for d in cursor.description or ())
                rows = cursor.fetchall() if columns else []
        except sqlite3.Error as error:
            refused = str(error)
            return Answer(refusal=refused) if self.raises(refused) else found
        return Answer(columns, rows, cursor.rowcount if not columns else len(rows), cursor.lastrowid)

    @property
    def forks(self) -> bool:
        """Each state of it is a whole copy, so nothing is kept for later."""
        return False

    def raises(self, message: str) -> bool:
        """Whether SQLite's own refusal is raised: it is the real server, and the script sees what it says."""
        del message
        return True

    def answer(self, *_: Any) -> Answer:
        """SQLite answers itself."""
        return Answer()

    def keep_versions_in(self, table: str) -> None:
        """Alembic's version table is a real one here."""
        Database.keep_versions_in(self, table)
        self.real.execute(
            f"CREATE TABLE IF NOT EXISTS {quoted(table)} (version_num VARCHAR(32) NOT NULL, "
            f"CONSTRAINT {quoted(f'{table}_pkc')} PRIMARY KEY (version_num))"
        )

    def at_version(self, revision: str) -> None:
        """Its row is a real one too."""
        Database.at_version(self, revision)
        self.keep_versions_in(self.version_table)
        self.real.execute(f"DELETE FROM {quoted(self.version_table)}")
        self.real.execute(f"INSERT INTO {quoted(self.version_table)} VALUES (?)", (revision,))

    def fork(self) -> SqliteState:
        """The state to come back to."""
        state = Database.fork(self)
        written = self.real.execute("PRAGMA page_count").fetchone()[0]
        content = self.real.serialize() if written else b""
        return SqliteState(state.catalog, state.boundary, state.transaction, state.savepoints, content)

    def restore(self, state: State) -> None:
        """Come back to a state."""
        Database.restore(self, state)
        if isinstance(state, SqliteState):
            keys = self.real.execute("PRAGMA foreign_keys").fetchone()[0]
            with trusted():
                self.real = connect()
                if state.content:
                    self.real.deserialize(state.content)
                self.real.execute(f"PRAGMA foreign_keys={keys}")
