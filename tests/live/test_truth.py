"""The harness sees what is known: every case of the truth file, observed again on every server."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.live.observe import Bench, Observation
from tests.live.recorded import for_version
from tests.live.servers import PostgresServer

pytestmark = pytest.mark.live

REPOSITORY = Path(__file__).parents[2]
SHARED = Path(os.environ.get("MIGGUARD_SHARED", REPOSITORY.parent / "shared"))
TRUTH_FILE = SHARED / "truth" / "postgresql.json"
TRUTH: Mapping[str, Any] = json.loads(TRUTH_FILE.read_text()) if TRUTH_FILE.exists() else {"setup": [], "cases": []}


@pytest.fixture(scope="module")
def truth_bench(server: PostgresServer) -> Iterator[Bench]:
    bench = Bench(server, TRUTH["setup"])
    yield bench
    bench.close()


def as_the_file_writes(observation: Observation) -> dict[str, object]:
    return {
        "locks": dict(observation.locks),
        "rewrites": sorted(observation.rewrites),
        "rebuilt_indexes": sorted(observation.rebuilt_indexes),
        "scans": sorted(observation.scans),
    }


@pytest.mark.skipif(not TRUTH_FILE.exists(), reason=f"{TRUTH_FILE} is not here")
@pytest.mark.parametrize("case", TRUTH["cases"], ids=[case["sql"] for case in TRUTH["cases"]])
def test_a_statement_does_what_the_truth_file_says(truth_bench: Bench, case: Mapping[str, Any]) -> None:
    observation = truth_bench.observe(case["sql"])
    assert observation.error is None
    assert as_the_file_writes(observation) == for_version(case["observed"], truth_bench.server.version)
