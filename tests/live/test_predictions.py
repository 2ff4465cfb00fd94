"""What the effects model says of each statement is what the servers showed.

No server is needed: `test_statements` holds the recording against the servers, this holds the model against the
recording. So neither can move away from the servers unseen.
"""

from __future__ import annotations

from functools import cache

import pytest

from tests.live.predicted import Foretold, disagreements
from tests.live.recorded import recorded
from tests.live.servers import VERSIONS
from tests.live.statement import Statement
from tests.live.statements import SESSION, setup_for, statements_for

CASES = [
    pytest.param(version, statement, id=f"{version}-{statement.name}")
    for version in VERSIONS
    for statement in statements_for(version)
]


@cache
def foretold(version: int) -> Foretold:
    return Foretold(version, [*setup_for(version), *SESSION])


@pytest.mark.parametrize(("version", "statement"), CASES)
def test_the_model_says_what_the_servers_showed(version: int, statement: Statement) -> None:
    """Locks, rewrites, scans, builds and transaction blocks; no refusal is foretold that does not come."""
    prediction = foretold(version).of(statement.sql, statement.session)
    observation = recorded(version)[statement.name]
    assert prediction.understood
    if observation.error is None:
        assert prediction.refusal is None
        assert disagreements(prediction, observation, statement.unseen) == []


def test_hardly_anything_is_unknown_to_the_model() -> None:
    """Of statements that are accepted, only blocks that run texts are unknown, and what is unknown says so."""
    for version in VERSIONS:
        for statement in statements_for(version):
            prediction = foretold(version).of(statement.sql, statement.session)
            if recorded(version)[statement.name].error is None and not prediction.known:
                assert statement.sql.startswith("DO ")
                assert prediction.effect.reasons
