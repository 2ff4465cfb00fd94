"""One shadow database: the loop statement → changes → catalog → next answer, in the only place where it exists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field
from typing import Any, Protocol

from immutables import Map

from migguard.catalog.apply import apply, end_transaction, new_session
from migguard.catalog.copying import replace
from migguard.catalog.existence import begun, with_version_table
from migguard.catalog.foreseen import foreseen
from migguard.catalog.references import unresolved
from migguard.catalog.schema import Applied, Catalog, Refusal, RefusalKind, Server
from migguard.catalog.tables import BATCH_PREFIX
from migguard.catalog.together import together
from migguard.changes import (
    Change,
    Delete,
    Insert,
    Name,
    Opaque,
    Select,
    TransactionAction,
    TransactionControl,
    Unknown,
    Update,
)
from migguard.records import dataclass
from migguard.shadow.blocks import Unfolding, opened
from migguard.shadow.bound import with_values
from migguard.shadow.rendered_types import NAMES, TEXTS
from migguard.shadow.stated_types import Stated, of_stated, with_stated
from migguard.source import Origin
from migguard.sql.read import read_statements
from migguard.trace import Certainty, Statement, Step


@dataclass(frozen=True, slots=True)
class Answer:
    """What a cursor gives back. `refusal` is set where the script is told that the server refuses, and `code` with it:
    its SQLSTATE, where one is known.
    """

    columns: tuple[str, ...] = ()
    rows: Sequence[tuple[Any, ...]] = ()
    rowcount: int = -1
    lastrowid: int | None = None
    refusal: str | None = None
    code: str | None = None


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


ASKING = frozenset({"SELECT", "WITH", "SHOW", "VALUES", "EXPLAIN", "DESCRIBE", "DESC", "PRAGMA", "FETCH", "CALL"})
"""First words of statements that give rows back, whether or not they were understood."""


def first_word(sql: str) -> str:
    """The first word of a statement, behind brackets."""
    return sql.lstrip(" \t\r\n(").partition(" ")[0].partition("\n")[0].upper()


CODES = {
    RefusalKind.DUPLICATE: "42710",
    RefusalKind.UNKNOWN_RELATION: "42P01",
    RefusalKind.UNKNOWN_COLUMN: "42703",
    RefusalKind.UNKNOWN_CONSTRAINT: "42704",
    RefusalKind.UNKNOWN_INDEX: "42704",
    RefusalKind.UNKNOWN_TYPE: "42704",
    RefusalKind.UNKNOWN_OBJECT: "42704",
    RefusalKind.UNKNOWN_SCHEMA: "3F000",
    RefusalKind.DEPENDENTS: "2BP01",
}
"""PostgreSQL's SQLSTATEs, from the appendix of its manual."""


def said(refusal: Refusal) -> str:
    """A refusal, with the words that scripts look for in a server's."""
    if refusal.kind is RefusalKind.DUPLICATE:
        return f"{refusal.message} (already exists)"
    return f"{refusal.message} (does not exist)" if str(refusal.kind).startswith("unknown") else refusal.message


@dataclass(frozen=True, slots=True)
class State:
    """What `fork` keeps, for `restore`."""

    catalog: Catalog
    boundary: Catalog
    transaction: int
    savepoints: tuple[tuple[str, Catalog], ...]


@dataclass(slots=True)
class Database:
    """A database that is only a schema. `catalog` is its state now.

    `beside` is the number of the connection that a script has opened itself, while that one is used: its transactions,
    of which there were `apart` so far, are not Alembic's.

    `left` says that a COMMIT or ROLLBACK in SQL ended the transaction and the driver has not begun another (psycopg2
    and asyncpg do not notice; `begins_again` is for drivers that ask the server). `begun` says that a BEGIN in SQL
    opened one where the driver would not have. `pending` is set while the revisions are not yet committed. `watcher`
    listens to what runs outside of revisions; `settings` are those that the connection itself brings. `released` is set
    while a revision runs that has run in production. `absent` is told of tables that are denied though nobody knows,
    and whether the history works on others that it never made. `too_long` is a name in the next statement that
    SQLAlchemy refuses to render; `stated` what its script says of a column, `stated_table` of what table an index is.
    `ready` says whether the script would catch an error. `raised` are those that it was told of, with their statements.
    """

    server: Server
    catalog: Catalog
    recorder: Recorder | None = None
    absent: Callable[[Name, bool], None] | None = None
    ready: Callable[[], bool] | None = None
    raised: list[tuple[Exception, Statement]] = field(default_factory=list)
    certainty: Certainty = Certainty.RAN
    transaction: int = 1
    transactional_ddl: bool = True
    version_rows: list[str] = field(default_factory=list)
    version_table: str = "alembic_version"
    savepoints: list[tuple[str, Catalog]] = field(default_factory=list)
    begins_again: bool = False
    left: bool = False
    begun: bool = False
    pending: bool = False
    released: bool = False
    watcher: Recorder | None = None
    settings: Map[str, str] = field(default_factory=lambda: Map())
    beside: int = 0
    apart: int = 0
    too_long: str = ""
    stated: Stated | None = None
    stated_table: Name | None = None
    _refused: Statement | None = None
    _boundary: Catalog | None = None
    _dirty: bool = False

    def __post_init__(self) -> None:
        self._boundary = self.catalog

    # --- statements ---

    def execute(self, sql: str, parameters: Any = None, *, executions: int = 1, autocommit: bool = False) -> Answer:
        """Run one text, statement by statement: read it, apply it, record it, answer it.

        `autocommit` is the connection's mode. Several statements in one text are one transaction even so.
        """
        recorder = self.recorder or self.watcher
        origin = recorder.origin() if recorder is not None else None
        pieces = read_statements(sql, self.server.engine)
        alone = (autocommit or self.left) and not self.begun and not self.beside
        if alone:
            self.boundary()
        refusal: Refusal | None = None
        self._refused = None
        if len(NAMES) != len(self.catalog.assumed_types):
            self.catalog = replace(self.catalog, assumed_types=frozenset(NAMES))
        if not self.catalog.stood_in >= TEXTS:
            self.catalog = replace(self.catalog, stood_in=self.catalog.stood_in | TEXTS)
        spoken, self.stated = self.stated, None
        owner, self.stated_table = self.stated_table, None
        start = self.catalog
        for text, changes in pieces:
            control = next((c for c in changes if isinstance(c, TransactionControl)), None)
            single = autocommit if control is not None or self.beside else alone and len(pieces) == 1
            number = self.transaction if not self.beside else -(self.next_beside() if autocommit else self.beside)
            statement = Statement(text, origin, number, single, parameters, executions, self.certainty)
            statement.asked, statement.beside = autocommit, bool(self.beside)
            if control is not None and self.beside:
                pass
            elif control is not None:
                self.control(control, autocommit=autocommit)
                statement.steps.append(Step(statement, control, self.catalog, self.catalog))
            else:
                refused = self.run(statement, tuple(of_stated(c, owner) for c in changes), spoken)
                if refused is not None:
                    refusal, self._refused = refused, statement
            if recorder is not None:
                recorder.record(statement)
        if alone and not self.begun:
            self.boundary()
        if refusal is not None and (
            self.savepoints or (self.goes_on(alone) and self.ready is not None and self.ready())
        ):
            return Answer(refusal=said(refusal), code=CODES.get(refusal.kind))
        changes = tuple(c for _, made in pieces for c in made)
        return self.answer(sql, parameters, changes, start, origin)

    def longer_than_allowed(self, sql: str) -> Refusal | None:
        """The refusal of a statement with a name that SQLAlchemy does not render."""
        name, self.too_long = self.too_long, ""
        if not name or name not in sql:
            return None
        return Refusal(RefusalKind.TOO_LONG, f"SQLAlchemy refuses the name {name}, of {len(name)} characters", name)

    def goes_on(self, alone: bool) -> bool:
        """Whether the next statement can work after one that was refused, outside of a savepoint."""
        return alone or not self.transactional_ddl

    def raise_to(self, error: Exception) -> None:
        """The refusal of the last statement is raised: nobody knows yet whether the script gets over it."""
        if self._refused is not None:
            self.raised.append((error, self._refused))

    def run(self, statement: Statement, changes: tuple[Change, ...], said: Stated | None = None) -> Refusal | None:
        """Apply the changes of one statement, a block's own among them; the first refusal, if there is one.

        `said` is what its script says of the column that it changes.
        """
        refusal: Refusal | None = None
        catalog = self.catalog
        for change in together(catalog, changes):
            change = opened(catalog, change)
            misnamed, believed = self.longer_than_allowed(statement.sql), False
            misnamed = misnamed or (None if self.released else unresolved(catalog, change))
            if misnamed is not None:
                made = Applied(catalog, misnamed)
            else:
                valued = with_values(change, statement.parameters)
                known, made = foreseen(catalog, valued, ran=self.released)
                catalog = with_stated(known, said)  # whose table may have been met only now
                believed = catalog is not known
                if believed:
                    catalog, made = foreseen(catalog, valued, ran=self.released)
            statement.steps.append(
                Step(
                    statement,
                    change,
                    catalog,
                    made.catalog,
                    made.refusal,
                    made.verified and not believed,
                    made.cascaded,
                )
            )
            catalog, refused = made.catalog, made.refusal
            if isinstance(change, Opaque) and change.inside:
                block = Unfolding(statement, catalog, self.holds, self.told)
                block.run(change.inside)
                if block.unresolved:
                    seen = replace(change, complete=False, doubtful=block.doubtful)
                    statement.steps[-1] = replace(statement.steps[-1], change=seen, verified=False)
                    block.catalog = apply(block.catalog, seen).catalog
                statement.steps += block.steps
                catalog, refused = block.catalog, refused or block.refusal
            if refused is not None and refusal is None:
                refusal = refused
        if catalog is not self.catalog:
            self._dirty = True
            self.catalog = catalog
        return refusal

    @property
    def seen(self) -> Catalog:
        """The schema as a script sees it: with Alembic's version table, once revisions run."""
        return with_version_table(self.catalog) if self.recorder is not None or self.version_rows else self.catalog

    def denied(self, name: Name) -> None:
        """It is said that there is no such table. That may be a guess unless the history has made and dropped it.

        What a script does where it is there tells whether it is one. The copy that an Alembic batch works on is never
        asked for in earnest: only a batch that was broken off leaves it.
        """
        if name.name.startswith(BATCH_PREFIX):
            return
        key = (name.schema or self.catalog.default_schema, name.name)
        if self.absent is not None and key not in self.catalog.dropped:
            self.absent(name, bool(self.catalog.assumed))

    def holds(self, catalog: Catalog, condition: str) -> bool | None:
        """Whether a condition holds on a schema; None where that rests on rows, or cannot be told."""
        from migguard.shadow.answers.select import answer_query

        kept, self.catalog = self.catalog, catalog
        try:
            found = answer_query(self, f"SELECT {condition}", None)
        finally:
            self.catalog = kept
        if found.guessed or len(found.rows) != 1:
            return None
        return bool(found.rows[0][0])

    def told(self, catalog: Catalog, query: str) -> list[dict[str, Any]] | None:
        """The rows of a query about the schema; None where they are not known, or cannot be told."""
        from migguard.shadow.answers.select import answer_query

        kept, self.catalog = self.catalog, catalog
        try:
            found = answer_query(self, query, None)
        finally:
            self.catalog = kept
        return None if found.guessed else [dict(zip(found.columns, row, strict=True)) for row in found.rows]

    def answer(
        self, sql: str, parameters: Any, changes: tuple[Change, ...], before: Catalog, origin: Origin | None
    ) -> Answer:
        """What the statement gives back: its last part does, those of a WITH come before it."""
        for change in reversed(changes):
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
            if isinstance(change, Unknown) and first_word(change.sql) in ASKING:
                if self.recorder is not None:
                    self.recorder.guessed(sql, origin)
                return Answer(("?column?",), [], 0)
        return Answer()

    _last_row: int = 0

    def next_row(self) -> int:
        """The number that a generated key would have."""
        self._last_row += 1
        return self._last_row

    @property
    def forks(self) -> bool:
        """Whether a forked process can go on with it."""
        return True

    @property
    def unsettled(self) -> bool:
        """Whether it stands in the middle of something that `fork` does not keep."""
        return self.left or self.begun or bool(self.savepoints)

    @property
    def counted(self) -> tuple[tuple[str, ...], int, bool]:
        """What `resume` takes besides a state: the version table's rows, the last key given out, what is open."""
        return tuple(self.version_rows), self._last_row, self._dirty

    def resume(self, rows: Sequence[str], last_row: int, *, dirty: bool) -> None:
        """After `restore`: be where another replay stood."""
        self.version_rows, self._last_row, self._dirty = list(rows), last_row, dirty

    # --- sessions ---

    def connected(self, settings: dict[str, str]) -> int:
        """A session begins; where a revision connects beside the session that it runs in, that connection's number."""
        if self.recorder is not None:
            return self.next_beside()
        self.settings = Map(settings)
        self.catalog = new_session(self.catalog, self.settings)
        self._boundary = self.catalog
        return 0

    def next_beside(self) -> int:
        """The number of another transaction that is not Alembic's."""
        self.apart += 1
        return self.apart

    def deploy(self, start: Catalog) -> None:
        """The deployment begins in a session of its own, with what env.py had set in it before the first revision."""
        self.boundary()
        self.apart = 0
        fresh = new_session(self.catalog, self.settings)
        self.catalog = self._boundary = replace(
            fresh, variables=start.variables, local_variables=start.local_variables, search_path=start.search_path
        )

    # --- transactions ---

    def control(self, change: TransactionControl, *, autocommit: bool = False) -> None:
        """BEGIN, COMMIT and savepoints as SQL."""
        match change.action:
            case TransactionAction.SAVEPOINT:
                self.savepoints.append((change.name or "", self.catalog))
            case TransactionAction.RELEASE:
                self._drop_savepoints(change.name)
            case TransactionAction.ROLLBACK_TO:
                for place in range(len(self.savepoints) - 1, -1, -1):
                    if self.savepoints[place][0] == change.name:
                        self.catalog = self.savepoints[place][1]
                        del self.savepoints[place + 1 :]
                        break
            case TransactionAction.COMMIT | TransactionAction.PREPARE:
                self.end()
                self.left, self.begun = not autocommit and not self.begins_again, False
            case TransactionAction.ROLLBACK:
                self.undo()
                self.left, self.begun = not autocommit and not self.begins_again, False
            case TransactionAction.BEGIN:
                self.begun = autocommit or self.left

    def _drop_savepoints(self, name: str | None) -> None:
        while self.savepoints:
            if self.savepoints.pop()[0] == name:
                return

    def commit(self, *, quiet: bool = False) -> None:
        """The connection's commit(); `quiet` where there is no transaction of Alembic's that it could end."""
        if self.recorder is not None and not quiet:
            self.recorder.ended(committed=True)
        self.left = self.begun = self.pending = False
        self.end()

    def rollback(self, *, quiet: bool = False) -> None:
        """The connection's rollback()."""
        if self.recorder is not None and not quiet:
            self.recorder.ended(committed=False)
        self.left = self.begun = False
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

    def names_are_unknown(self) -> None:
        """Constraints and indexes may be called as a naming convention says that nobody knows."""
        self.catalog = replace(self.catalog, unknown_names=True)
        if not self._dirty:
            self._boundary = self.catalog

    def keep_versions_in(self, table: str) -> None:
        """Alembic's version table has that name."""
        self.version_table = table
        if table != self.catalog.version_table:
            self.catalog = self._boundary = replace(self.catalog, version_table=table)

    def at_version(self, revision: str) -> None:
        """Alembic's version table says so now."""
        if not self.version_rows and not begun(self.catalog):
            self.catalog = replace(self.catalog, stamped=True)
        self.version_rows = [revision]

    def fork(self) -> State:
        """The state to come back to."""
        return State(self.catalog, self._boundary or self.catalog, self.transaction, tuple(self.savepoints))

    def restore(self, state: State) -> None:
        """Come back to a state."""
        self.catalog, self._boundary, self.transaction = state.catalog, state.boundary, state.transaction
        self.savepoints = list(state.savepoints)
        self.left = self.begun = False
        self._dirty = False
