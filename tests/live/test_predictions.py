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


@cache
def foretold(version: int) -> Foretold:
    return Foretold(version, [*setup_for(version), *SESSION])


def complaints(version: int, statement: Statement) -> list[str]:
    """What the model says otherwise than the server of that version showed."""
    prediction = foretold(version).of(statement.sql, statement.session)
    observation = recorded(version)[statement.name]
    if not prediction.understood:
        return ["it is not understood"]
    if observation.error is not None:
        return []
    if prediction.refusal is not None:
        return [f"a refusal is foretold that did not come: {prediction.refusal}"]
    return [str(one) for one in disagreements(prediction, observation, statement.unseen)]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_model_says_what_the_servers_showed(version: int) -> None:
    """Locks, rewrites, scans, builds and transaction blocks; no refusal is foretold that does not come."""
    wrong = {one.name: said for one in statements_for(version) if (said := complaints(version, one))}
    assert wrong == {}


def test_hardly_anything_is_unknown_to_the_model() -> None:
    """Of statements that are accepted, only blocks that run texts are unknown, and what is unknown says so."""
    for version in VERSIONS:
        for statement in statements_for(version):
            prediction = foretold(version).of(statement.sql, statement.session)
            if recorded(version)[statement.name].error is None and not prediction.known:
                assert statement.sql.startswith("DO ")
                assert prediction.effect.reasons
