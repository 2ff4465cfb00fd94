"""MG6 says of a deployment what the old code's own INSERT, SELECT, UPDATE and DELETE say of it on a real server.

Each deployment of `old_code` begins with the models' tables and a row in each. The revision runs through Alembic; then
the old models are used as before, one operation in one transaction. Where one of them fails, or a value does not come
back as it was written, MG6 must have spoken, and where none does, it must have been silent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from migguard.drift.models import Places
from migguard.pipeline import Request, run
from migguard.rules.frame import Example
from migguard.running.load import Running
from tests.live.old_code import ROLLOUTS, Rollout, Rows
from tests.live.servers import VERSIONS, PostgresServer, running
from tests.rules import examples
from tests.rules.models import declared, models

pytestmark = pytest.mark.live

VERSION = max(VERSIONS)
Names = dict[str, Any]


@pytest.fixture(scope="module")
def engine() -> Iterator[sa.Engine]:
    with running(VERSION) as server:
        yield connected(server)


def connected(server: PostgresServer) -> sa.Engine:
    return sa.create_engine("postgresql+psycopg://", creator=lambda: not_autocommit(server), pool_size=1)


def not_autocommit(server: PostgresServer) -> Any:
    connection = server.connect()
    connection.autocommit = False
    return connection


def created(names: Names) -> list[str]:
    """What makes the models' tables."""
    found: list[str] = []

    def note(statement: Any, *_: Any, **__: Any) -> None:
        found.append(str(statement.compile(dialect=mock.dialect)).strip())

    mock = sa.create_mock_engine("postgresql+psycopg://", note)
    names["metadata"].create_all(mock, checkfirst=False)
    return found


def released(rollout: Rollout, names: Names) -> str:
    """The schema before the deployment, as SQL."""
    return ";".join(s for s in (rollout.schema, *created(names), rollout.after) if s)


@contextmanager
def deployed(engine: sa.Engine, schema: str) -> Iterator[None]:
    """An empty database with the schema."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        left = connection.exec_driver_sql(
            "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_|^information_schema$'"
        )
        for name in left.scalars().all():
            connection.exec_driver_sql(f'DROP SCHEMA "{name}" CASCADE')
        connection.exec_driver_sql("CREATE SCHEMA public")
        for statement in examples.statements(schema, "postgresql"):
            connection.exec_driver_sql(statement)
    yield
    engine.dispose()


def migrate(engine: sa.Engine, code: str) -> None:
    """Run the revision through Alembic."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        with context.begin_transaction():
            exec(code, {"op": Operations(context), "sa": sa})


def insert(session: Session, names: Names, rows: Rows) -> None:
    for name, values in rows.items():
        made = names[name] if name in names else names["metadata"].tables[name]
        if isinstance(made, sa.Table):
            session.execute(sa.insert(made).values(**values))
        else:
            session.add(made(**values))
        session.flush()


def found(session: Session, names: Names, name: str) -> list[dict[str, Any]]:
    """What the code reads of a class or table, in the order of its key."""
    made = names[name] if name in names else names["metadata"].tables[name]
    if isinstance(made, sa.Table):
        return [dict(r) for r in session.execute(sa.select(made).order_by(*made.primary_key)).mappings()]
    mapper = sa.inspect(made)
    read = session.scalars(sa.select(made).order_by(*mapper.primary_key)).all()
    return [{p.key: getattr(one, p.key) for p in mapper.column_attrs} for one in read]


def compared(session: Session, names: Names, rows: Rows, place: int) -> None:
    """The values come back as they were written."""
    for name, values in rows.items():
        read = found(session, names, name)[place]
        for key, value in values.items():
            assert (type(read[key]), read[key]) == (type(value), value)


def update(session: Session, names: Names, rows: Rows, second: Rows) -> None:
    for name, values in second.items():
        made = names[name] if name in names else names["metadata"].tables[name]
        given = {k: v for k, v in values.items() if k not in ("id", "order_id", "tag_id")}
        if isinstance(made, sa.Table):
            if given:
                session.execute(sa.update(made).values(**given))
            continue
        one = session.scalars(sa.select(made).order_by(*sa.inspect(made).primary_key)).first()
        for key, value in given.items():
            setattr(one, key, value)
            flag_modified(one, key)
    session.flush()


def delete(session: Session, names: Names, rows: Rows) -> None:
    for name in reversed(list(rows)):
        made = names[name] if name in names else names["metadata"].tables[name]
        if isinstance(made, sa.Table):
            session.execute(sa.delete(made))
            continue
        session.delete(session.scalars(sa.select(made).order_by(*sa.inspect(made).primary_key)).first())
        session.flush()


def operations(names: Names, rollout: Rollout) -> dict[str, Callable[[Session], None]]:
    """What the old code does, each in a transaction that is rolled back."""

    def inserts(session: Session) -> None:
        insert(session, names, rollout.second)
        session.expire_all()
        compared(session, names, rollout.second, -1)

    return {
        "SELECT": lambda session: compared(session, names, rollout.first, 0),
        "INSERT": inserts,
        "UPDATE": lambda session: update(session, names, rollout.first, rollout.second),
        "DELETE": lambda session: delete(session, names, rollout.first),
    }


def failing(engine: sa.Engine, names: Names, rollout: Rollout) -> dict[str, str]:
    """The operations that fail, with what they say."""
    failed = {}
    for label, operation in operations(names, rollout).items():
        with Session(engine) as session:
            try:
                operation(session)
            except Exception as error:  # noqa: BLE001 - whatever it is, the old code does not go on
                failed[label] = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    return failed


@pytest.mark.parametrize("rollout", ROLLOUTS.values(), ids=[n.replace(" ", "_") for n in ROLLOUTS])
def test_mg6_speaks_where_the_old_code_fails(rollout: Rollout, engine: sa.Engine, tmp_path: Path) -> None:
    places = Places()
    names = declared(rollout.models, places)
    schema = released(rollout, names)
    with deployed(engine, schema):
        with Session(engine) as session:
            insert(session, names, rollout.first)
            session.commit()
        assert failing(engine, names, rollout) == {}, "before the deployment"
        migrate(engine, rollout.code)
        failed = failing(engine, names, rollout)
    example = Example(rollout.code, given=schema)
    since = examples.project(example, tmp_path, "postgresql")
    request = Request(
        config=tmp_path / "alembic.ini",
        here=tmp_path,
        cache=False,
        running=Running(models(rollout.models, "postgresql", names, places)),
        overrides={"dialect": "postgresql", "server_version": str(VERSION), "select": ("MG6",), "drift": "off"},
        **({"everything": True} if since == "base" else {"since": since}),
    )
    report = run(request).report
    said = {f.code: f.message for f in report.findings}
    assert report.failures == ()
    assert (bool(said), set(said)) == (bool(failed), set(rollout.codes.split())), (failed, said)
