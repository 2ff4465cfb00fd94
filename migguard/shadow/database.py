"""One shadow database: the loop statement → changes → catalog → next answer, in the only place where it exists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import Any, Protocol

from migguard.catalog.apply import apply, end_transaction
from migguard.catalog.schema import Catalog, Server
from migguard.catalog.together import together
from migguard.changes import Change, Delete, Insert, Opaque, Select, TransactionAction, TransactionControl, Update
from migguard.records import dataclass
from migguard.source import Origin
from migguard.sql.read import read
from migguard.trace import Certainty, Statement, Step


@dataclass(frozen=True, slots=True)
class Answer:
    """What a cursor gives back. `refusal` is set where the script is told that the server refuses."""

    columns: tuple[str, ...] = ()
    rows: Sequence[tuple[Any, ...]] = ()
    rowcount: int = -1
    lastrowid: int | None = None
    refusal: str | None = None


class Recorder(Protocol):
    """Who listens to the statements."""

    def origin(self) -> Origin | None:
        """The place in the revision's file that caused the statement at hand."""

    def record(self, statement: Statement) -> None:
        """A statement was run."""

    def guessed(self, sql: str, origin: Origin | None) -> None:
        """A question about rows was answered as an empty database would."""

    def ended(self, *, committed: bool) -> None:
        """A transaction was ended by a call on the connection."""


@dataclass(frozen=True, slots=True)
class State:
    """What `fork` keeps, for `restore`."""

    catalog: Catalog
    boundary: Catalog
    transaction: int
    savepoints: tuple[tuple[str, Catalog], ...]


@dataclass(slots=True)
class Database:
    """A database that is only a schema. `catalog` is its state now; `statements` counts those it was sent."""

    server: Server
    catalog: Catalog
    recorder: Recorder | None = None
    certainty: Certainty = Certainty.RAN
    transaction: int = 1
    transactional_ddl: bool = True
    version_rows: list[str] = field(default_factory=list)
    version_table: str = "alembic_version"
    savepoints: list[tuple[str, Catalog]] = field(default_factory=list)
    _boundary: Catalog | None = None
    _dirty: bool = False

    def __post_init__(self) -> None:
        self._boundary = self.catalog

    # --- statements ---

    def execute(self, sql: str, parameters: Any = None, *, executions: int = 1, autocommit: bool = False) -> Answer:
        """Run one text: read it, apply it, record it, answer it."""
        changes = read(sql, self.server.engine)
        recorder = self.recorder
        origin = recorder.origin() if recorder is not None else None
        number = self.transaction
        if autocommit:
            self.transaction += 1
            number = self.transaction
            self.transaction += 1
        statement = Statement(sql, origin, number, autocommit, parameters, executions, self.certainty)
        catalog = self.catalog
        refusal: str | None = None
        for change in together(catalog, changes):
            if isinstance(change, TransactionControl):
                self.control(change)
                catalog = self.catalog
                statement.steps.append(Step(statement, change, catalog, catalog))
                continue
            made = apply(catalog, change)
            statement.steps.append(
                Step(statement, change, catalog, made.catalog, made.refusal, made.verified, made.cascaded)
            )
            catalog = made.catalog
            if made.refusal is not None and refusal is None:
                refusal = made.refusal.message
        if catalog is not self.catalog:
            self._dirty = True
        before, self.catalog = self.catalog, end_transaction(catalog) if autocommit else catalog
        if recorder is not None:
            recorder.record(statement)
        if refusal is not None and self.savepoints:
            return Answer(refusal=refusal)
        return self.answer(sql, parameters, changes, before, origin)

    def answer(
        self, sql: str, parameters: Any, changes: tuple[Change, ...], before: Catalog, origin: Origin | None
    ) -> Answer:
        """What the statement gives back."""
        for change in changes:
            if isinstance(change, (Select, Opaque)):
                from migguard.shadow.answers.select import answer_query

                found = answer_query(self, sql, parameters)
                if found.guessed and self.recorder is not None:
                    self.recorder.guessed(sql, origin)
                return Answer(found.columns, found.rows, len(found.rows))
            if isinstance(change, (Insert, Update, Delete)) and change.returning:
                from migguard.shadow.answers.returning import returned

                return returned(self, sql, change, before)
            if isinstance(change, Insert):
                return Answer(rowcount=change.rows if change.rows is not None else 0, lastrowid=self.next_row())
            if isinstance(change, (Update, Delete)):
                return Answer(rowcount=0)
        return Answer()

    _last_row: int = 0

    def next_row(self) -> int:
        """The number that a generated key would have."""
        self._last_row += 1
        return self._last_row

    # --- transactions ---

    def control(self, change: TransactionControl) -> None:
        """BEGIN, COMMIT and savepoints as SQL."""
        match change.action:
            case TransactionAction.SAVEPOINT:
                self.savepoints.append((change.name or "", self.catalog))
            case TransactionAction.RELEASE:
                self._drop_savepoints(change.name)
            case TransactionAction.ROLLBACK_TO:
                for name, catalog in reversed(self.savepoints):
                    if name == change.name:
                        self.catalog = catalog
                        break
                self._drop_savepoints(change.name)
            case TransactionAction.COMMIT | TransactionAction.PREPARE:
                self.end()
            case TransactionAction.ROLLBACK:
                self.undo()
            case TransactionAction.BEGIN:
                pass

    def _drop_savepoints(self, name: str | None) -> None:
        while self.savepoints:
            if self.savepoints.pop()[0] == name:
                return

    def commit(self) -> None:
        """The connection's commit()."""
        if self.recorder is not None:
            self.recorder.ended(committed=True)
        self.end()

    def rollback(self) -> None:
        """The connection's rollback()."""
        if self.recorder is not None:
            self.recorder.ended(committed=False)
        self.undo()

    def end(self) -> None:
        """A transaction ends, and another begins."""
        self.boundary()

    def undo(self) -> None:
        """What was done since the transaction began is taken back, where the engine can do that."""
        if self._dirty and self.transactional_ddl and self._boundary is not None:
            self.catalog = self._boundary
        self.boundary()

    def boundary(self) -> None:
        """A deployment's transaction ends here: settings made for it are gone, what follows is in another one."""
        self.savepoints.clear()
        self.catalog = end_transaction(self.catalog)
        self._boundary = self.catalog
        self._dirty = False
        self.transaction += 1

    def at_version(self, revision: str) -> None:
        """Alembic's version table says so now."""
        self.version_rows = [revision]

    def fork(self) -> State:
        """The state to come back to."""
        return State(self.catalog, self._boundary or self.catalog, self.transaction, tuple(self.savepoints))

    def restore(self, state: State) -> None:
        """Come back to a state."""
        self.catalog, self._boundary, self.transaction = state.catalog, state.boundary, state.transaction
        self.savepoints = list(state.savepoints)
        self._dirty = False
