"""The public Python API."""

from __future__ import annotations

from pathlib import Path

import pytest

import migguard
from migguard.errors import UsageError
from migguard.findings import Severity
from migguard.rules.frame import Example
from tests.rules import examples


def test_a_check_gives_the_report_that_the_command_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice in one process, and with settings as they are written in the configuration."""
    since = examples.project(
        Example('op.drop_table("orders")', given="CREATE TABLE orders (id bigint PRIMARY KEY)"), tmp_path, "postgresql"
    )
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        report = migguard.check(since=since, dialect="postgresql", severity={"MG301": "warning"})
        assert {f.code: f.severity for f in report.findings}["MG301"] is Severity.WARNING
        assert report.exit_code(Severity.WARNING) == 1
    assert [f.code for f in migguard.check("r2", config="alembic.ini", select=("MG301",)).findings] == ["MG301"]


def test_a_mistake_is_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the sentence that the command prints."""
    examples.project(Example("pass"), tmp_path, "postgresql")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="dialect"):
        migguard.check(dialect="postgres")
