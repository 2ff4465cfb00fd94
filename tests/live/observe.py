"""What one statement locks, rewrites and scans, read from a live PostgreSQL server.

`observe(connect, setup, sql)` answers for a database of its own; `Bench` loads the tables once and answers for many
statements. Two ways of looking, chosen by the server's own refusal:

- Most statements run in a transaction: remember every relation's file, run the statement, read pg_locks, the files
  and pg_stat_xact_user_tables, roll back.
- What cannot run in a transaction block (CONCURRENTLY, VACUUM, REINDEX SCHEMA …) lets its locks go before anybody can
  look. So a prepared transaction holds ACCESS EXCLUSIVE on each table, and the statement has to stop and queue at
  every table it touches, where pg_locks shows what it asks for and what it holds. Each time, another session lines
  up behind it before the gate is opened, so that it stops again when it comes back for a stronger lock, or waits for
  others to leave the table.

Names are the server's, unquoted: `orders` in the schema public, `billing.Invoice` elsewhere, `pg_temp.scratch` for a
temporary table.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import psycopg
from psycopg import errors, sql

from tests.live.servers import PostgresServer

Connect = Callable[[], psycopg.Connection]

MODES = (
    ("AccessShareLock", "ACCESS SHARE"),
    ("RowShareLock", "ROW SHARE"),
    ("RowExclusiveLock", "ROW EXCLUSIVE"),
    ("ShareUpdateExclusiveLock", "SHARE UPDATE EXCLUSIVE"),
    ("ShareLock", "SHARE"),
    ("ShareRowExclusiveLock", "SHARE ROW EXCLUSIVE"),
    ("ExclusiveLock", "EXCLUSIVE"),
    ("AccessExclusiveLock", "ACCESS EXCLUSIVE"),
)
"""As pg_locks and as the documentation spell them, weakest first."""

KEEPING = ("VACUUM", "REINDEX", "CLUSTER", "ANALYZE")
"""First words of statements that leave the schema as it is."""

STRENGTH = {mode: rank for rank, (mode, _) in enumerate(MODES)}
SPELLING = dict(MODES)

TELLING = (
    "rewriting table ",
    "verifying table ",
    "building index ",
    "validating foreign key constraint ",
    "existing constraints on column ",
    "partition constraint for table ",
    "updated partition constraint for default partition ",
)
"""How the messages begin, at debug1, that say what the server does with a table. No other is a fact about one."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What the server showed. Relations that the statement itself created are left out, and so are locks on indexes.

    `locks` is the strongest mode held or awaited on each table, view and materialized view. `rewrites` are the tables
    that got a new file. `rebuilt_indexes` are the indexes that got a new file while their table kept its own;
    `recreated_indexes` the same, but dropped and made again under their old name, as a change of collation does;
    `builds` the indexes with a new name on tables that were there, those of partitions as the one index of the
    partitioned table where that is new too. `scans` are the tables of which a sequential scan read rows: to rewrite,
    to validate, to build an index, or by DML. So the tables must hold rows, and what VACUUM and ANALYZE read does
    not count. `messages` are those of the server's that begin as `TELLING` says, without their order. `error` is
    `SQLSTATE: message` of a statement that was refused; then the rest is empty.
    """

    locks: Mapping[str, str]
    rewrites: frozenset[str] = frozenset()
    rebuilt_indexes: frozenset[str] = frozenset()
    recreated_indexes: frozenset[str] = frozenset()
    builds: frozenset[str] = frozenset()
    scans: frozenset[str] = frozenset()
    messages: frozenset[str] = frozenset()
    transaction_block: bool = True
    error: str | None = None


class NeverFinishedError(Exception):
    """A statement was still waiting when our patience ended."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A table, view or index as pg_class has it.

    `table` is the oid of the table that an index is on, `parent` that of the index it is a part of.
    """

    oid: int
    schema: str
    name: str
    kind: str
    file: int
    table: int | None
    parent: int | None

    @property
    def is_index(self) -> bool:
        return self.kind in "iI"

    @property
    def spelled(self) -> str:
        return spelled(self.schema, self.name)


def spelled(schema: str, name: str) -> str:
    """A relation's name as observations write it."""
    if schema == "public":
        return name
    return f"pg_temp.{name}" if schema.startswith("pg_temp_") else f"{schema}.{name}"


class Bench:
    """The tables of a setup, loaded once into a server, to observe many statements on.

    `session` is run in each connection that a statement is run in: what a template database cannot hold, such as
    temporary tables.
    """

    def __init__(self, server: PostgresServer, setup: Iterable[str], session: Iterable[str] = ()) -> None:
        self.server = server
        self._session = tuple(session)
        self._template = server.create_database()
        with server.connect(self._template) as connection:
            load(connection, setup)
        self._database = server.create_database(self._template)
        self._connection = server.connect(self._database)
        load(self._connection, self._session)
        self._relations = _relations(self._connection)
        self._kept: str | None = None

    def observe(self, statement: str, session: Iterable[str] = ()) -> Observation:
        """What the statement does to the tables of the setup, which are as before afterwards.

        `session` are settings that are made before it.
        """
        session = tuple(session)
        try:
            return observe_in_transaction(self._connection, statement, session, self._relations)
        except errors.ActiveSqlTransaction:
            pass
        session = (*self._session, *session)
        if statement.startswith(KEEPING):
            # One database for all of these: they change no schema, and what they rewrite stays what it is.
            kept = self._kept = self._kept or self.server.create_database(self._template)
            return observe_alone(lambda: self.server.connect(kept), statement, session)
        database = self.server.create_database(self._template)
        try:
            return observe_alone(lambda: self.server.connect(database), statement, session)
        finally:
            self.server.drop_database(database)

    def close(self) -> None:
        self._connection.close()
        if self._kept is not None:
            self.server.drop_database(self._kept)
        self.server.drop_database(self._database)
        self.server.drop_database(self._template)


def observe(connect: Connect, setup: Iterable[str], statement: str) -> Observation:
    """What the statement does after the setup, in the database `connect` leads to, which is the caller's to drop."""
    with connect() as connection:
        load(connection, setup)
        try:
            return observe_in_transaction(connection, statement)
        except errors.ActiveSqlTransaction:
            pass
    return observe_alone(connect, statement)


def load(connection: psycopg.Connection, setup: Iterable[str]) -> None:
    """Run the setup, and hand in the statistics that it caused."""
    for statement in setup:
        connection.execute(statement)
    connection.execute("SELECT pg_stat_force_next_flush()")


def observe_in_transaction(
    connection: psycopg.Connection,
    statement: str,
    session: Iterable[str] = (),
    relations: Mapping[int, Relation] | None = None,
) -> Observation:
    """Run it in a transaction, look, roll back. Raises ActiveSqlTransaction for what refuses to run in one.

    `relations` are those that there are, where they are known already.
    """
    connection.execute("BEGIN")
    try:
        for setting in session:
            connection.execute(setting)
        with Look(connection, relations) as look:
            connection.execute(statement)
            return look.observation()
    except errors.ActiveSqlTransaction:
        raise
    except psycopg.Error as error:
        return Observation({}, error=f"{error.sqlstate}: {error.diag.message_primary}")
    finally:
        connection.execute("ROLLBACK")


class Look:
    """What a transaction has done since it was begun to be looked at; the locks are all that it holds."""

    def __init__(self, connection: psycopg.Connection, relations: Mapping[int, Relation] | None = None) -> None:
        self.relations = _relations(connection) if relations is None else relations
        self._connection = connection
        self._read = _rows_read(connection, "pg_stat_xact_user_tables")
        self._messages: list[str] = []

    def __enter__(self) -> Look:
        self._connection.add_notice_handler(self._listen)
        self._connection.execute("SET LOCAL client_min_messages = debug1")
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.remove_notice_handler(self._listen)

    def _listen(self, diagnostic: psycopg.errors.Diagnostic) -> None:
        self._messages.append(diagnostic.message_primary or "")

    def observation(self) -> Observation:
        """What there is to see now."""
        self._connection.execute("SET LOCAL client_min_messages = warning")
        locks = _strongest(_locks_held(self._connection), self.relations)
        scans = _scanned(self.relations, self._read, _rows_read(self._connection, "pg_stat_xact_user_tables"))
        return _compared(self.relations, _relations(self._connection), locks, scans, self._messages)


def observe_alone(connect: Connect, statement: str, session: Iterable[str] = (), patience: float = 20.0) -> Observation:
    """Run it outside a transaction, with a gate before every table. What it does to the database stays.

    `session` is run first in the connection that it is run in.
    """
    messages: list[str] = []
    with ExitStack() as stack:
        watcher = stack.enter_context(connect())
        runner = stack.enter_context(connect())
        load(runner, session)
        relations = _relations(watcher)
        scanned = _rows_read(watcher, "pg_stat_user_tables")
        runner.execute("SET client_min_messages = debug1")
        runner.add_notice_handler(lambda diagnostic: messages.append(diagnostic.message_primary or ""))
        gates = stack.enter_context(Gates(connect, watcher, runner.info.backend_pid, relations))
        pool = stack.enter_context(ThreadPoolExecutor(max_workers=1))
        future: Future[object] = pool.submit(runner.execute, statement)
        deadline = time.monotonic() + patience
        while not future.done():
            gates.look_and_let_through()
            if time.monotonic() > deadline:
                runner.cancel_safe()
                raise NeverFinishedError(f"{statement} waits for {gates.blockers()}")
            time.sleep(0.001)
        if isinstance(error := future.exception(), psycopg.Error):
            return Observation({}, transaction_block=False, error=f"{error.sqlstate}: {error.diag.message_primary}")
        future.result()
        runner.execute("SET client_min_messages = warning")
        runner.execute("SELECT pg_stat_force_next_flush()")
        locks = _strongest(gates.seen, relations)
        scans = _scanned(relations, scanned, _rows_read(watcher, "pg_stat_user_tables"))
        return _compared(relations, _relations(watcher), locks, scans, messages, transaction_block=False)


class Gates:
    """A prepared transaction with ACCESS EXCLUSIVE on each table, for one session to run into, one after the other."""

    def __init__(
        self,
        connect: Connect,
        watcher: psycopg.Connection,
        runner: int,
        relations: Mapping[int, Relation],
    ) -> None:
        self.seen: set[tuple[int, str]] = set()
        self._connect = connect
        self._watcher = watcher
        self._runner = runner
        self._relations = relations
        self._closed: set[int] = set()
        self._followers: dict[int, psycopg.Connection] = {}

    def __enter__(self) -> Gates:
        for relation in self._relations.values():
            if relation.kind in "rpm" and not relation.schema.startswith("pg_temp_"):
                name = sql.Identifier(relation.schema, relation.name)
                # LOCK TABLE takes no materialized view; a change of owner to the owner locks it and changes nothing.
                lock = (
                    sql.SQL("ALTER MATERIALIZED VIEW {} OWNER TO CURRENT_USER").format(name)
                    if relation.kind == "m"
                    else sql.SQL("LOCK TABLE ONLY {} IN ACCESS EXCLUSIVE MODE").format(name)
                )
                prepare = sql.SQL("PREPARE TRANSACTION {}").format(self._gate(relation.oid))
                self._watcher.execute(sql.SQL("; ").join([sql.SQL("BEGIN"), lock, prepare]))
                self._closed.add(relation.oid)
        return self

    def __exit__(self, *_: object) -> None:
        for oid in list(self._closed):
            self._open(oid)
        for pid in list(self._followers):
            self._send_away(pid)

    def _gate(self, oid: int) -> sql.Literal:
        return sql.Literal(f"gate {self._watcher.info.backend_pid} {oid}")

    def blockers(self) -> list[int]:
        """The process ids that the statement waits for; 0 stands for a prepared transaction."""
        row = self._watcher.execute("SELECT pg_blocking_pids(%s)", [self._runner]).fetchone()
        return list(row[0]) if row else []

    def look_and_let_through(self) -> None:
        """Note the locks that the statement holds and awaits, and open what it waits for."""
        # The blockers first: what waits for one of ours goes on waiting, so the locks read next are those of its wait.
        blockers = self.blockers()
        rows = self._watcher.execute(LOCKS_OF, [self._runner]).fetchall()
        self.seen.update((oid, mode) for oid, mode, _ in rows)
        if not blockers:
            return
        for oid, mode, granted in rows:
            if not granted and oid in self._relations:
                self._line_up(oid, mode)
                if oid in self._closed:
                    self._open(oid)
        for pid in blockers:
            if pid in self._followers:
                self._send_away(pid)

    def _line_up(self, oid: int, awaited: str) -> None:
        """Another session asks for a lock, behind the statement, and has got in line when this returns.

        It asks for the strongest that goes with what the statement awaits, so that anything stronger stops at it.
        """
        relation = self._relations[oid]
        weak = STRENGTH[awaited] < STRENGTH["ShareUpdateExclusiveLock"]
        follower = self._connect()
        follower.execute("BEGIN")
        lock = sql.SQL(FOLLOWING[relation.kind == "m", weak]).format(sql.Identifier(relation.schema, relation.name))
        follower.pgconn.send_query(lock.as_bytes(follower))
        pid = follower.info.backend_pid
        self._followers[pid] = follower
        while oid not in {row[0] for row in self._watcher.execute(LOCKS_OF, [pid])}:
            time.sleep(0.001)

    def _open(self, oid: int) -> None:
        self._closed.discard(oid)
        self._watcher.execute(sql.SQL("ROLLBACK PREPARED {}").format(self._gate(oid)))

    def _send_away(self, pid: int) -> None:
        follower = self._followers.pop(pid)
        self._watcher.execute("SELECT pg_terminate_backend(%s)", [pid])
        follower.close()


FOLLOWING = {
    (False, True): "LOCK TABLE ONLY {} IN SHARE UPDATE EXCLUSIVE MODE",
    (False, False): "LOCK TABLE ONLY {} IN ROW EXCLUSIVE MODE",
    # Nothing else locks a materialized view in SHARE UPDATE EXCLUSIVE, or in less and whether or not it is populated.
    (True, True): "COMMENT ON MATERIALIZED VIEW {} IS NULL",
    (True, False): "EXPLAIN TABLE {}",
}
"""How to get in line behind a session, by whether it is at a materialized view and whether it awaits a weak lock."""

LOCKS_OF = """
    SELECT relation::int8, mode, granted FROM pg_locks
    WHERE pid = %s AND locktype = 'relation'
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""

RELATIONS = """
    SELECT c.oid::int8, n.nspname, c.relname, c.relkind::text, c.relfilenode::int8, i.indrelid::int8, h.inhparent::int8
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.oid
        LEFT JOIN pg_inherits h ON h.inhrelid = c.oid AND c.relkind IN ('i', 'I')
    WHERE c.relkind IN ('r', 'p', 'm', 'v', 'f', 'i', 'I')
      AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND n.nspname !~ '^pg_toast_temp'
    ORDER BY c.oid
"""


def _relations(connection: psycopg.Connection) -> dict[int, Relation]:
    return {row[0]: Relation(*row) for row in connection.execute(RELATIONS)}


def _rows_read(connection: psycopg.Connection, view: str) -> dict[int, int]:
    query = sql.SQL("SELECT relid::int8, seq_tup_read FROM {}").format(sql.Identifier(view))
    return dict(connection.execute(query).fetchall())


def _locks_held(connection: psycopg.Connection) -> set[tuple[int, str]]:
    rows = connection.execute(LOCKS_OF, [connection.info.backend_pid])
    return {(oid, mode) for oid, mode, _ in rows}


def _strongest(locks: Iterable[tuple[int, str]], relations: Mapping[int, Relation]) -> dict[str, str]:
    strongest: dict[str, str] = {}
    for oid, mode in sorted(locks, key=lambda lock: STRENGTH[lock[1]]):
        relation = relations.get(oid)
        if relation is not None and not relation.is_index:
            strongest[relation.spelled] = SPELLING[mode]
    return dict(sorted(strongest.items()))


def _scanned(relations: Mapping[int, Relation], before: Mapping[int, int], after: Mapping[int, int]) -> frozenset[str]:
    return frozenset(
        relations[oid].spelled for oid, count in after.items() if oid in relations and count > before.get(oid, 0)
    )


def _compared(
    before: Mapping[int, Relation],
    after: Mapping[int, Relation],
    locks: Mapping[str, str],
    scans: frozenset[str],
    messages: Iterable[str],
    *,
    transaction_block: bool = True,
) -> Observation:
    refiled = {oid for oid, now in after.items() if oid in before and now.file != before[oid].file}
    rewritten = {oid for oid in refiled if not after[oid].is_index}
    names = {relation.spelled for relation in before.values()}
    files = {relation.file for relation in before.values()}
    new = [r for r in after.values() if r.kind == "i" and r.oid not in before and r.table in before]
    return Observation(
        locks=locks,
        rewrites=frozenset(before[oid].spelled for oid in rewritten),
        rebuilt_indexes=frozenset(
            before[oid].spelled for oid in refiled - rewritten if after[oid].table not in rewritten
        ),
        recreated_indexes=frozenset(
            r.spelled for r in new if r.spelled in names and r.file not in files and r.table not in rewritten
        ),
        builds=frozenset(_whole(r, before, after).spelled for r in new if r.spelled not in names),
        scans=scans,
        messages=frozenset(
            m.removesuffix(" serially") for m in messages if m.startswith(TELLING) and "pg_toast" not in m
        ),
        transaction_block=transaction_block,
    )


def _whole(index: Relation, before: Mapping[int, Relation], after: Mapping[int, Relation]) -> Relation:
    """The index that a new index is a part of, where that is new too."""
    while index.parent is not None and index.parent not in before:
        index = after[index.parent]
    return index
