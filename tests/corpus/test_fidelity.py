"""The schema that a replay in memory arrives at is the one that a real server has after the same revisions."""

from __future__ import annotations

import sys

import pytest

from migguard.trace import Outcome
from tests.corpus.histories import deploy, in_memory, on_server, replay
from tests.corpus.projects import PROJECTS, Project, missing
from tests.corpus.reflection import facts
from tests.corpus.spelling import differing
from tests.live.servers import ServerMissingError, running

pytestmark = [pytest.mark.live, pytest.mark.corpus]

EQUAL = 0.999
"""The share of the facts that have to be equal."""


@pytest.mark.parametrize("project", PROJECTS, ids=str)
def test_a_history_replayed_in_memory_gives_the_schema_that_the_server_has(project: Project) -> None:
    history = replay(project)
    try:
        started = running(project.server)
        with started as server:
            database = server.create_database()
            raised = deploy(history, server, database)
            with on_server(server, database) as connection:
                real = facts(connection)
                with in_memory(history) as shadow:
                    ours = facts(shadow)
                different = differing(real, ours, connection)
    except ServerMissingError as error:
        missing(str(error))
    names = real.keys() | ours.keys()
    lines = [f"{n}:\n  the server says {real.get(n)}\n  the replay {ours.get(n)}" for n in different]
    share = 1 - len(different) / len(names)
    sys.stdout.write("\n".join([f"{project}: {len(names)} facts, {share:.3%} equal", *lines]))
    assert len(names) > 100
    assert share >= EQUAL, "\n".join(lines)
    incomplete = {t.revision for t in history.deployment.upgrades if t.outcome is not Outcome.FULL}
    assert raised.keys() <= incomplete, {name: why for name, why in raised.items() if name not in incomplete}
