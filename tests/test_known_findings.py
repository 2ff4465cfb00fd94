"""The baseline of accepted findings: what it silences, for how long, and what it says when it is not needed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from migguard.cli.main import app
from migguard.pipeline import Request, run
from migguard.rules.frame import Example
from tests.rules import examples

TWO = Example(
    'op.drop_column("orders", "fax")\nop.drop_table("legacy")',
    given="CREATE TABLE orders (id bigint PRIMARY KEY, fax text); CREATE TABLE legacy (id bigint PRIMARY KEY)",
    settings='dialect = "postgresql"\nselect = ["MG709", "MG912", "MG006", "MG201"]\n',
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with findings, and the current directory in it."""
    examples.project(TWO, tmp_path, "postgresql")
    (tmp_path / "migguard.toml").write_text(TWO.settings)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def codes(root: Path) -> list[str]:
    """What a check of everything says aloud."""
    return [f.code for f in run(Request(here=root, cache=False, everything=True)).report.findings if not f.suppressed]


def baseline(*arguments: str) -> int:
    """The exit code of `migguard baseline`."""
    return CliRunner().invoke(app, ["baseline", *arguments], catch_exceptions=True).exit_code


def test_what_is_accepted_is_silent_also_when_its_lines_move(project: Path) -> None:
    """Fingerprints hold on to what a statement is, not to where it stands."""
    assert codes(project) != []
    assert baseline() == 0
    assert codes(project) == []
    for script in (project / "migrations" / "versions").glob("*.py"):
        script.write_text(f"# a line more\n\n{script.read_text()}")
    assert codes(project) == []


def test_what_is_new_is_told(project: Path) -> None:
    """A baseline silences what it names and nothing else."""
    baseline()
    (project / "migrations" / "versions" / "r9.py").write_text(
        'revision = "r9"\ndown_revision = "r2"\nfrom alembic import op\n\n'
        'def upgrade():\n    op.execute("DROP TABLE orders")\n'
    )
    assert codes(project) == ["MG201"]


def test_an_entry_without_use_is_reported_and_pruned(project: Path) -> None:
    """What was mended has no place in the baseline any more."""
    baseline()
    kept = json.loads((project / "migguard-baseline.json").read_text())["findings"]
    [script] = (project / "migrations" / "versions").glob("r2*.py")
    script.write_text(
        script.read_text().replace("def downgrade():\n    pass", "def downgrade():\n    op.execute('SELECT 1')")
    )
    assert codes(project) == ["MG006"]
    assert baseline("--prune") == 0
    assert codes(project) == []
    assert len(json.loads((project / "migguard-baseline.json").read_text())["findings"]) == len(kept) - 1


def test_a_baseline_is_not_overwritten_by_accident(project: Path) -> None:
    """Whoever means it says --force."""
    assert baseline() == 0
    assert baseline() != 0
    assert baseline("--force") == 0
