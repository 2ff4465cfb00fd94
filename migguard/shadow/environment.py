"""Run the project's env.py on shadow databases, or do without it and say why."""

from __future__ import annotations

import inspect
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import field
from typing import Any

import sqlalchemy as sa
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine.url import URL

from migguard.catalog.schema import Catalog, Server
from migguard.catalog.start import empty
from migguard.changes import Engine
from migguard.errors import AnalysisError
from migguard.project.config import AlembicProject
from migguard.project.graph import Graph
from migguard.records import dataclass
from migguard.settings import Settings, default_server_version, parse_version
from migguard.shadow import guard
from migguard.shadow.connections import ASKING, Watcher, isolation_of
from migguard.shadow.database import Database
from migguard.shadow.dialects import registry
from migguard.shadow.engines import guess, named_elsewhere
from migguard.shadow.env_uses import EnvUses, missing_behind, not_installed, with_missing
from migguard.shadow.memory import Memory, Stretch
from migguard.shadow.missing_modules import DIALECT, is_stand_in, listening, standing_in, with_known_names
from migguard.shadow.origin import caller
from migguard.shadow.own_modules import OwnFinder, itself, own_roots, surviving
from migguard.shadow.program import Program, chain
from migguard.shadow.quiet import quiet
from migguard.shadow.required import asks_for_older
from migguard.shadow.session import Listener, Progress, Replay
from migguard.shadow.sharing import Sharing
from migguard.shadow.timelimit import TimeUp, limited, paused
from migguard.shadow.unknown_items import told_as_unknown
from migguard.shadow.wrappers import replaced
from migguard.shadow.written_options import hands_over_metadata, imported_at, spread_into_configure, written_options
from migguard.shadow.written_transaction import connection_as_written
from migguard.source import Origin
from migguard.trace import Deployment, Environment, Given, Note, NoteKind

PATIENCE = 3
"""How many times the limit of a revision env.py may take for itself: it may import a whole application."""
TRANSACTIONAL = {Engine.POSTGRESQL, Engine.SQLITE, Engine.MSSQL}


@dataclass(frozen=True, slots=True)
class Start:
    """A state to begin at: the schema after some revisions, which are then not replayed."""

    catalog: Catalog
    revisions: frozenset[str]


class Step:
    """The one step that Alembic is given: it runs all revisions."""

    info = None
    doc = "all revisions"
    name = "replay"

    def __init__(self, run: Callable[..., None]) -> None:
        self.migration_fn = run
        self.insert_version_num = "replayed"

    def should_delete_branch(self, _: Any) -> bool:
        """It deletes no branch."""
        return False

    def should_create_branch(self, _: Any) -> bool:
        """It is the first."""
        return True

    def __str__(self) -> str:
        return "replay"


def taking_stand_ins(
    context: EnvironmentContext, fallback: Engine, configured: Callable[[Any, Any, bool], None]
) -> EnvironmentContext:
    """The context, with a `configure` that replaces a connection of a module that is not installed by a shadow's.

    `configured` is told the connection and the MetaData before Alembic is, and whether a program hands the former over.

    Alembic binds `alembic.context` to its own class, so this cannot be a class beside it.
    """
    strict = context.configure
    known = inspect.signature(strict).parameters

    def configure(connection: Any = None, *arguments: Any, **given: Any) -> None:
        handed = is_stand_in(connection) and connection._path.startswith("config.")
        if is_stand_in(connection):
            level = isolation_of(connection)
            connection = sa.create_engine(f"{fallback.value}://").connect()
            connection = connection.execution_options(isolation_level=level) if level else connection
        configured(connection, given.get("target_metadata"), handed)
        given["target_metadata"] = with_known_names(given.get("target_metadata"))
        # what Alembic does not know is for the scripts: op.get_context().opts
        strict(connection, *arguments, **{k: v for k, v in given.items() if k not in known or not is_stand_in(v)})

    context.configure = configure  # type: ignore[method-assign]  # see above
    return context


@dataclass(slots=True)
class Runner:
    """One run of a project."""

    project: AlembicProject
    graph: Graph
    new: frozenset[str]
    settings: Settings
    progress: Progress | None = None
    start: Start | None = None
    downgrades: bool = True
    baseline: Callable[[Catalog], Catalog] | None = None
    memory: Memory | None = None
    sharing: Sharing | None = None
    printed: io.StringIO = field(default_factory=io.StringIO)
    listening: Callable[[MigrationContext, Replay], Listener | None] | None = None
    replayed: Callable[[MigrationContext, Replay], None] | None = None
    options: dict[str, Any] = field(default_factory=dict)
    own: OwnFinder | None = None
    databases: dict[str, Database] = field(default_factory=dict)
    replays: list[tuple[Replay, MigrationContext]] = field(default_factory=list)
    query: tuple[Origin | None] | None = None
    called: Origin | None = None
    brought: dict[int, tuple[tuple[Given, ...], tuple[Origin | None, ...]]] = field(default_factory=dict)
    unknown_names: bool = False
    unknown_models: bool = False
    models_from: Origin | None = None
    uses: EnvUses | None = None
    program: Program = field(default_factory=Program)

    @property
    def engine(self) -> Engine:
        """The engine that is configured; PostgreSQL where nothing says which."""
        return Engine(self.settings.dialect or guess(self.project.url) or Engine.POSTGRESQL)

    def server(self, engine: Engine) -> Server:
        """The server that is configured, or the default one of that engine."""
        version = self.settings.server_version
        chosen = self.settings.dialect
        same = chosen is None or chosen == engine.value
        known = version is not None and same
        number = parse_version(version) if version is not None and same else default_server_version(engine.value)
        return Server(
            engine,
            number,
            timezone=self.settings.session_timezone,
            foreign_keys=self.settings.sqlite_foreign_keys,
            configured=known,
        )

    def resolve(self, url: URL | None, engine: Engine) -> Database:
        """The shadow database of a URL: one for each database that env.py names."""
        if self.settings.dialect is not None and {engine.value, self.settings.dialect} <= {"mysql", "mariadb"}:
            engine = Engine(self.settings.dialect)
        key = f"{engine}:{url.database if url is not None else ''}:{url.host if url is not None else ''}"
        if key not in self.databases:
            self.databases[key] = self.make(engine)
        driver = url.drivername.partition("+")[2] if url is not None else ""
        self.databases[key].begins_again = driver in ASKING
        return self.databases[key]

    def make(self, engine: Engine) -> Database:
        """A new shadow database."""
        server = self.server(engine)
        catalog = self.start.catalog if self.start is not None else empty(server)
        if self.baseline is not None and self.start is None:
            catalog = self.baseline(catalog)
        made: Database
        if engine is Engine.SQLITE:
            from migguard.shadow.sqlite_database import SqliteDatabase

            made = SqliteDatabase(server, catalog)
        else:
            made = Database(server, catalog)
        made.transactional_ddl = engine in TRANSACTIONAL
        made.watcher = Watcher(self.project.env_py)
        return made

    def run(self) -> list[Deployment]:
        """Replay the project: through env.py, or without it."""
        printed = self.printed
        with (
            prepared(self.project),
            quiet(printed),
            registry.install(self.resolve, self.engine, forced=self.settings.dialect is not None),
            replaced(self.settings.wrappers),
            guard.guarded() as watch,
        ):
            made: set[str] = set()
            stubs = self.settings.stub_missing_imports
            with (
                standing_in(made.add, enabled=stubs),
                told_as_unknown(),
                surviving(self.project, made.add, enabled=stubs) as self.own,
            ):
                self.program.runs(self.project.config, self.connected, stand_ins=stubs)
                environment = self.through_env(watch, made)
                if environment.ran and not self.replays:
                    missing = not_installed(made)
                    swallowed = self.uses.swallowed(made) if self.uses is not None else ""
                    why = "it never calls context.run_migrations()"
                    why = f"{why}: {swallowed}" if swallowed else with_missing(why, missing)
                    environment = Environment(False, why, origin=environment.origin, missing=missing)
                    if environment.origin is not None:
                        self.options = written_options(None, environment.origin.path)
                if not self.replays:
                    self.without_env(watch, made)
            if self.sharing is not None:
                self.sharing.print(printed)  # the other processes stand in the scratch folder until then
            for replay, _ in self.replays:
                if replay.ending is not None and not (self.sharing is not None and self.sharing.pieces):
                    replay.ending.settle()  # else what was printed stands elsewhere than it was noted
        lines = [line for line in printed.getvalue().splitlines() if line.strip()]
        return [replay.finish(self.described(replay, context, environment), lines) for replay, context in self.replays]

    def connected(self) -> sa.Connection:
        """A connection to a shadow of the engine that is configured."""
        return sa.create_engine(f"{self.engine.value}://").connect()

    # --- through env.py ---

    def through_env(self, watch: guard.Watch, made: set[str]) -> Environment:
        """Run env.py; what came of it."""
        place = Origin(self.project.env_py, 1)
        limit = PATIENCE * self.settings.replay_timeout
        self.uses = EnvUses(self.project.env_py)
        try:
            scripts = self.scripts()
            with self.environment(scripts, watch, made), limited(limit), listening(self.uses, beside=True):
                scripts.run_env()
        except TimeUp as error:
            if self.replays and not self.replays[-1][0].complete:
                raise AnalysisError(
                    f"{place.path.name} took more than {limit:g} s, and not all revisions were replayed",
                    hint="nothing was judged; raise replay_timeout, or let fewer programs run beside the check",
                ) from error
            if self.replays:
                return Environment(True, f"after the revisions it took more than {limit:g} s", origin=place)
            self.options = written_options(error, place.path)
            return Environment(False, f"it took more than {limit:g} s", origin=line_in(error, place))
        except (Exception, SystemExit, guard.Exiting) as error:
            if self.replays and not self.replays[-1][0].complete:
                raise  # not env.py, but the replay itself: no report may come of it
            if self.replays:
                return Environment(True, f"after the revisions it raised {reason(error)}", origin=place)
            if self.program.gives(error):
                return self.through_env(watch, made)
            self.options = written_options(error, place.path)
            missing, told = missing_behind(error, made), refused(error)
            why = told or self.program.with_reason(with_missing(reason(error), missing))
            install = () if told else itself(error, self.own) + missing
            return Environment(False, why, origin=line_in(error, place), missing=install)
        if not self.replays and self.program.gives():
            return self.through_env(watch, made)
        return Environment(True, origin=place)

    def replay(self, context: MigrationContext, watch: guard.Watch, made: set[str], given: dict[str, Any]) -> None:
        """Run all revisions in the context that env.py configured."""
        connection = context.connection
        assert connection is not None
        dialect = connection.dialect
        if not hasattr(dialect, "database"):
            raise TypeError("env.py connects by other means than create_engine()")
        DIALECT["name"] = dialect.database.server.engine.value
        replay = self.new_replay(dialect.database, watch, made)
        replay.memory = self.remembered if self.memory is not None else None
        replay.listener = self.listening(context, replay) if self.listening is not None else None
        replay.database.keep_versions_in(context.version_table)
        replay.database.transactional_ddl = bool(context.impl.transactional_ddl)
        replay.memo = context.impl.memo
        if self.unknown_names:
            replay.database.names_are_unknown()
        self.replays.append((replay, context))
        if self.sharing is not None:
            replay.later = self.sharing.later(replay, self.printed)

        def ready() -> None:
            held = context.connection
            if held is not None and not held.closed and held.invalidated:
                # a script was interrupted within SQLAlchemy, which gives such a connection up
                begun = held.get_transaction()
                if begun is not None:
                    begun.rollback()
            if context.connection is not None and context.connection.closed:
                fresh = context.connection.engine.connect()
                context.connection = context.impl.connection = fresh
            mine = context._transaction
            if mine is not None and not mine.is_active and context.connection is not None:
                # a script rolled back Alembic's transaction, where a real upgrade would have ended
                context._transaction = context.connection.get_transaction() or context.connection.begin()

        watcher = replay.database.watcher
        if isinstance(watcher, Watcher):
            options = (Given(name, value) for name, value in replay.database.settings.items())
            taken = tuple(origin for n, origin in watcher.advisory if n == replay.database.transaction)
            self.brought[id(replay)] = (*options, *watcher.given), taken
        replay.query = self.query
        per_migration = bool(context.opts.get("transaction_per_migration")) and replay.query is None
        with paused():
            replay.run(per_migration=per_migration, connection=ready, **given)
            ready()
        if self.replayed is not None:
            self.replayed(context, replay)

    def remembered(self, replay: Replay, arguments: dict[str, Any], per_migration: bool) -> Stretch:
        """What is remembered of the released revisions."""
        assert self.memory is not None
        return self.memory.of(replay, arguments, per_migration, self.printed)

    def new_replay(self, database: Database, watch: guard.Watch, made: set[str]) -> Replay:
        """A replay on a database."""
        return Replay(
            self.project,
            self.graph,
            self.new,
            self.settings,
            database,
            watch,
            lambda: set(made),
            self.own,
            self.progress,
            self.start.revisions if self.start is not None else frozenset(),
            self.downgrades,
        )

    def scripts(self) -> ScriptDirectory:
        """Alembic's own view of the project, which env.py may ask for."""
        config = self.project.config
        config.set_main_option("script_location", str(self.project.script_location).replace("%", "%%"))
        return ScriptDirectory.from_config(config)

    def environment(self, scripts: ScriptDirectory, watch: guard.Watch, made: set[str]) -> EnvironmentContext:
        """What `alembic.context` stands for while the block runs; its one step replays everything."""

        def steps(_heads: Any, context: MigrationContext) -> list[Step]:
            return [Step(lambda **given: self.replay(context, watch, made, given))]

        plain = EnvironmentContext(
            self.project.config,
            scripts,
            fn=steps,
            as_sql=False,
            starting_rev=None,
            destination_rev="head",
            dont_mutate=True,
        )
        return taking_stand_ins(plain, self.engine, self.configured)

    def configured(self, connection: Any, metadata: Any, handed: bool) -> None:
        """Note where it is called, whether the connection is in a transaction already and what began it, and whether
        the MetaData is known."""
        env_py = str(self.project.env_py)
        self.called = caller(lambda file: file == env_py or (self.own is not None and self.own.own(file)))
        self.query = None
        self.program.connected |= handed
        listed = metadata if isinstance(metadata, (list, tuple)) else [metadata]
        self.unknown_models = any(map(is_stand_in, listed))
        self.models_from = imported_at(self.project.env_py, listed)
        self.unknown_names = any(is_stand_in(with_known_names(one)) for one in listed)
        if not isinstance(connection, sa.Connection) or not connection.in_transaction():
            return
        database = getattr(connection.dialect, "database", None)
        if isinstance(database, Database) and connection.get_isolation_level() != "AUTOCOMMIT":
            watcher = database.watcher
            last = watcher.last if isinstance(watcher, Watcher) else None
            self.query = (last[1] if last is not None and last[0] == database.transaction else None,)

    # --- without it ---

    def without_env(self, watch: guard.Watch, made: set[str]) -> None:
        """Replay with an engine of our own, as an env.py of Alembic's plainest template would."""
        with (
            self.environment(self.scripts(), watch, made) as context,
            connection_as_written(sa.create_engine(f"{self.engine.value}://"), self.project.env_py) as connection,
        ):
            context.configure(connection=connection, **self.options)
            if "target_metadata" not in self.options:
                self.unknown_models = self.unknown_names = hands_over_metadata(self.project.env_py)
            with context.begin_transaction():
                context.run_migrations()

    def described(self, replay: Replay, context: MigrationContext, environment: Environment) -> Environment:
        """What env.py set, as rules ask for it."""
        options = context.opts
        start = replay.start
        settings = {**start.defaults, **start.variables, **start.local_variables} if start is not None else {}
        metadata = options.get("target_metadata")
        listed = metadata if isinstance(metadata, (list, tuple)) else [metadata]
        given, advisory = self.brought.get(id(replay), ((), ()))
        spread, alone = spread_into_configure(self.project.env_py)
        return Environment(
            ran=environment.ran,
            why=environment.why,
            transaction_per_migration=bool(options.get("transaction_per_migration")),
            transactional_ddl=bool(context.impl.transactional_ddl),
            compare_type=options.get("compare_type") is not False,
            naming_convention=any(
                len(getattr(m, "naming_convention", ()) or ()) > 1 for m in listed if isinstance(m, sa.MetaData)
            ),
            conventions=tuple(found for m in listed if isinstance(m, sa.MetaData) and (found := convention(m))),
            has_metadata=any(isinstance(m, sa.MetaData) for m in listed),
            listed_metadata=listed is metadata,
            unknown_names=self.unknown_names,
            unknown_models=self.unknown_models,
            models_from=self.models_from,
            named_engine=named_elsewhere(self.project.url, self.settings.dialect, self.databases.values()),
            variables=tuple(sorted(settings.items())),
            notes=(Note(NoteKind.QUERY_BEFORE_CONFIGURE, replay.query[0]),) if replay.lost and replay.query else (),
            shared_transaction=replay.query is not None,
            handed_in=self.program.connected,
            of_program=tuple(self.program.stood_in) if environment.ran else (),
            origin=environment.origin,
            missing=environment.missing,
            given=given,
            advisory=advisory,
            without_not_valid=asks_for_older(self.project.config_path.parent, NOT_VALID),
            configured=self.called,
            spread=spread,
            spread_alone=alone,
        )


NOT_VALID = (1, 4, 32)
"""The SQLAlchemy that has `postgresql_not_valid` (https://docs.sqlalchemy.org/en/14/dialects/postgresql.html)."""

KINDS = {
    sa.Index: "ix",
    sa.UniqueConstraint: "uq",
    sa.CheckConstraint: "ck",
    sa.ForeignKeyConstraint: "fk",
    sa.PrimaryKeyConstraint: "pk",
}


def convention(metadata: sa.MetaData) -> tuple[tuple[str, str], ...]:
    """The templates of a MetaData's naming convention by kind (`fk`); none where it has only SQLAlchemy's own."""
    given: dict[Any, Any] = dict(metadata.naming_convention or {})
    if given == dict(sa.MetaData().naming_convention):
        return ()
    return tuple(
        (kind, template)
        for key, template in given.items()
        if isinstance(template, str)
        and isinstance(kind := KINDS.get(key, key) if isinstance(key, type) else key, str)
        and kind in KINDS.values()
    )


def refused(error: BaseException) -> str | None:
    """What the guard refused env.py, in words, where that is what it raised or what led to it."""
    link = next((one for one in chain(error) if isinstance(one, guard.Refused)), None)
    if link is None:
        return None
    return f"it does what a replay refuses ({link.what}), so the database it would connect to was not asked"


def reason(error: BaseException) -> str:
    """An exception in one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}{f': {text[:200]}' if text else ''}"


def line_in(error: BaseException, place: Origin) -> Origin:
    """The line of env.py that an exception passed through."""
    trace: Any = error.__traceback__
    line = place.line
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(place.path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return Origin(place.path, line)


@contextmanager
def prepared(project: AlembicProject) -> Iterator[None]:
    """The project's own folders on sys.path, and afterwards everything that was imported from them forgotten."""
    path, modules = list(sys.path), set(sys.modules)
    first = [str(p) for p in project.prepend_sys_path]
    roots = tuple(dict.fromkeys((*first, *map(str, own_roots(project)))))
    sys.path[:] = [*first, *path, *(r for r in roots if r not in first and r not in path)]
    try:
        yield
    finally:
        sys.path[:] = path
        for name in set(sys.modules) - modules:
            file = vars(sys.modules[name]).get("__file__") or ""
            if str(file).startswith(roots) and "site-packages" not in str(file):
                sys.modules.pop(name, None)
