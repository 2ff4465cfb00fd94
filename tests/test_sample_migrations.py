"""The sample project: findings on the careless revisions, none on the careful ones, as its README says."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from migguard.findings import Severity
from migguard.pipeline import Checked, Request, run
from migguard.reports import text

ROOT = Path(__file__).resolve().parents[1]
RELEASED = "5d2e9a41c7f0"
CARELESS = {
    "6a31c9f50e84": {"MG401", "MG505"},
    "7b84e20d5fc9": {"MG405", "MG701"},
    "8c0f57a3e6d2": {"MG403"},
    "9d62b1c4f837": {"MG302", "MG602"},
    "a05e7d93c2b8": {"MG201", "MG309", "MG409"},
}
CAREFUL = ("b1749ce85d03", "c2da3f60b8e1")


@pytest.fixture(scope="module")
def sample() -> Checked:
    return run(Request(config=ROOT / "sample_migrations" / "alembic.ini", since=RELEASED, here=ROOT))


def test_the_gate_fails_and_everything_was_seen(sample: Checked) -> None:
    assert sample.exit_code == 1
    assert not sample.report.failures
    assert {r.replay for r in sample.report.revisions} == {"full"}
    assert {r.revision for r in sample.report.revisions if r.checked} == {*CARELESS, *CAREFUL}
    assert sample.report.understood == sample.report.statements


@pytest.mark.parametrize("revision", CARELESS)
def test_a_careless_revision_is_found(sample: Checked, revision: str) -> None:
    assert {f.code for f in sample.report.findings if f.revision == revision} >= CARELESS[revision]


@pytest.mark.parametrize("revision", CAREFUL)
def test_a_careful_revision_is_silent(sample: Checked, revision: str) -> None:
    loud = [f for f in sample.report.findings if f.revision == revision and not f.suppressed]
    assert [(f.code, f.message) for f in loud if f.severity is not Severity.NOTICE] == []


def test_a_report_that_goes_to_no_terminal_is_not_cut(sample: Checked) -> None:
    stream = io.StringIO()
    text.render(sample.report, Console(file=stream, width=80, no_color=True, soft_wrap=True), ROOT)
    for finding in sample.report.findings:
        if not finding.suppressed:
            assert finding.message in stream.getvalue()
            assert (finding.sql or "") in stream.getvalue()
