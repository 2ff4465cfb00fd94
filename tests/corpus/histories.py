"""A project's history, run three ways through the same scripts with the same stand-ins.

`replay` is migguard's own; `deploy` runs the scripts on a real PostgreSQL server through Alembic; `render` has Alembic
write down their SQL, as `alembic upgrade --sql` does.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from migguard.catalog.start import empty
from migguard.project.config import AlembicProject, find_project
from migguard.project.graph import Graph, Revision, read_graph
from migguard.settings import Settings
from migguard.shadow import loader
from migguard.shadow.database import Database
from migguard.shadow.dialects import registry
from migguard.shadow.environment import Runner, prepared
from migguard.shadow.guard import guarded
from migguard.shadow.imports import uses_application
from migguard.shadow.missing_modules import standing_in
from migguard.shadow.own_modules import OwnFinder, surviving
from migguard.shadow.quiet import quiet
from migguard.shadow.unknown_items import told_as_unknown
from migguard.shadow.written_options import OPTIONS
from migguard.trace import Deployment
from tests.corpus.projects import Project, configuration
from tests.live.servers import PostgresServer


@dataclass
class History:
    """A project that was replayed: what was seen, and the options that its env.py gives to Alembic."""

    name: str
    project: AlembicProject
    graph: Graph
    deployment: Deployment
    database: Database
    options: dict[str, Any]


@dataclass
class Rendered:
    """The SQL that Alembic writes for a revision; `why` it does not, where it does not."""

    statements: list[str] = field(default_factory=list)
    why: str | None = None


def replay(chosen: Project) -> History:
    """Replay a project in memory, every statement kept."""
    config = configuration(chosen)
    project = find_project(config.parent, config)
    graph = read_graph(project)
    settings = Settings(dialect=chosen.dialect, server_version=str(chosen.server), session_timezone="UTC")
    runner = Runner(project, graph, frozenset(graph.revisions), settings, downgrades=False)
    [deployment] = runner.run()
    [(replayed, context)] = runner.replays
    options = {name: context.opts[name] for name in OPTIONS if context.opts.get(name) is not None}
    return History(str(chosen), project, graph, deployment, replayed.database, options)


class PercentCursor(psycopg.Cursor[Any]):
    """Takes a percent sign in a statement without parameters as it stands, as other drivers do."""

    def execute(self, query: Any, params: Any = None, **given: Any) -> PercentCursor:
        """Run a statement. What SQLAlchemy compiled has its percent signs doubled."""
        if not params and isinstance(query, str):
            return super().execute(query.replace("%%", "%"), None, **given)
        return super().execute(query, params, **given)


@contextmanager
def in_memory(history: History) -> Iterator[sa.Connection]:
    """A connection to the database that the replay left behind."""
    with (
        registry.install(lambda _url, _engine: history.database),
        sa.create_engine("postgresql://").connect() as connection,
    ):
        yield connection


@contextmanager
def on_server(server: PostgresServer, database: str) -> Iterator[sa.Connection]:
    """A connection to a database of a server."""

    def connect() -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=str(server.directory), user="postgres", dbname=database, cursor_factory=PercentCursor
        )

    engine = sa.create_engine("postgresql+psycopg://", creator=connect, poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        yield connection


def deploy(history: History, server: PostgresServer, database: str) -> dict[str, str]:
    """Run every revision on a database of a server, each in its transaction; what was raised, by revision."""
    raised: dict[str, str] = {}
    with on_server(server, database) as connection, scripts_of(history) as (environment, own):
        environment.configure(connection=connection, **{**history.options, "transaction_per_migration": True})
        context = environment.get_context()
        for name in history.graph.order:
            revision = history.graph.revisions[name]
            error = run(revision, context)
            if error is not None and uses_application(revision.path, own):
                with own.replaced():
                    again = run(revision, context)
                error = f"{error}; without the application: {again}" if again is not None else None
            if error is not None:
                raised[name] = error
    return raised


def render(history: History) -> dict[str, Rendered]:
    """What Alembic writes for every revision in its offline mode."""
    found: dict[str, Rendered] = {}
    with scripts_of(history) as (environment, _):
        for name in history.graph.order:
            found[name] = Rendered()
            environment.configure(
                dialect_name="postgresql", dialect_opts={"paramstyle": "named"}, literal_binds=True, as_sql=True,
                output_buffer=Lines(found[name].statements), **history.options,
            )  # fmt: skip
            found[name].why = run(history.graph.revisions[name], environment.get_context())
    return found


class Lines(io.TextIOBase):
    """What Alembic prints its SQL to: one statement, with its terminator and an empty line, at a time."""

    def __init__(self, into: list[str]) -> None:
        super().__init__()
        self._into = into

    def write(self, text: str) -> int:
        """Keep a statement."""
        self._into.append(text.removesuffix("\n\n").removesuffix(";"))
        return len(text)


def run(revision: Revision, context: MigrationContext) -> str | None:
    """Load a revision anew and run its upgrade(); what it raised, in words."""
    try:
        module = loader.load(revision.path)
        try:
            with Operations.context(context), context.begin_transaction(_per_migration=True):
                module.upgrade()
        finally:
            loader.unload(module)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # a published script may raise anything
        return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
    return None


@contextmanager
def scripts_of(history: History) -> Iterator[tuple[EnvironmentContext, OwnFinder]]:
    """While the block runs, the project's scripts can be imported as in a replay, and `alembic.context` answers."""
    note: Callable[[str], object] = set().add
    here = Path.cwd()
    with (
        tempfile.TemporaryDirectory() as scratch,
        prepared(history.project),
        quiet(io.StringIO()),
        standing_in(note, enabled=True),
        told_as_unknown(),
        surviving(history.project, note, enabled=True) as own,
    ):
        config = history.project.config
        scripts = ScriptDirectory(str(history.project.script_location))
        os.chdir(scratch)
        try:
            with EnvironmentContext(config, scripts, fn=lambda *_: []) as environment:
                imported_by_env(scripts, history)
                yield environment, own
        finally:
            os.chdir(here)


def imported_by_env(scripts: ScriptDirectory, history: History) -> None:
    """Run env.py, with nothing to migrate, for what it imports and registers: revisions may rest on that.

    What it raises is the replay's to report.
    """

    def unused(_url: object, _engine: object) -> Database:
        return Database(history.database.server, empty(history.database.server))

    with registry.install(unused), guarded(), suppress(Exception, SystemExit):
        scripts.run_env()
