"""Where Alembic can write SQL without a database, the replay runs the same DDL, statement for statement."""

from __future__ import annotations

import pytest

from migguard.changes import Delete, Engine, Insert, Select, TransactionControl, Update
from migguard.sql.read import read
from tests.corpus.histories import render, replay
from tests.corpus.projects import PROJECTS, Project

pytestmark = pytest.mark.corpus

NOT_DDL = (Select, Insert, Update, Delete, TransactionControl)
"""Alembic writes values into DML that the replay is given as parameters, and BEGIN and COMMIT that are calls there."""

ASKS_THE_DATABASE = {"langflow-base": {"67cc006d50bf"}}
"""Revisions that catch what Alembic raises when they ask for the schema, and then do nothing."""


def ddl(statements: list[str]) -> list[str]:
    """The DDL among statements, without what whitespace and the end of a statement differ in.

    Alembic creates the indexes of a new table in the order of a set: those that stand side by side are sorted.
    """
    found: list[str] = []
    for statement in statements:
        text = " ".join(statement.split()).rstrip("; ")
        if not text.startswith("--") and not all(isinstance(c, NOT_DDL) for c in read(statement, Engine.POSTGRESQL)):
            found.append(text)
    made: list[str] = []
    indexes: list[str] = []
    for text in [*found, ""]:
        if text.startswith(("CREATE INDEX", "CREATE UNIQUE INDEX")):
            indexes.append(text)
        else:
            made += [*sorted(indexes, key=lambda t: t.partition("INDEX")[2]), text]
            indexes = []
    return made[:-1]


@pytest.mark.parametrize("project", PROJECTS, ids=str)
def test_the_replay_runs_the_ddl_that_alembic_writes_offline(project: Project) -> None:
    history = replay(project)
    rendered = render(history)
    ran = {t.revision: [s.sql for s in t.statements] for t in history.deployment.upgrades}
    comparable = {name for name, made in rendered.items() if made.why is None}
    different = {
        name: (ddl(rendered[name].statements), ddl(ran[name]))
        for name in comparable - ASKS_THE_DATABASE.get(project.name, set())
        if ddl(rendered[name].statements) != ddl(ran[name])
    }
    assert comparable
    assert not different
