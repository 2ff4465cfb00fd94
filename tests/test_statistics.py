"""The statistics file: what it says of a table, and what that does to findings."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.errors import UsageError
from migguard.findings import Severity
from migguard.rules.frame import Example
from migguard.statistics import Statistics, TableStatistics, encoded, read_statistics
from tests.rules import examples

INDEX = Example(
    'op.create_index("ix_orders_email", "orders", ["email"])\nop.execute("REINDEX TABLE orders")',
    given="CREATE TABLE orders (id bigint PRIMARY KEY, email text)",
    settings='statistics = "sizes.json"',
)


def written(root: Path, **tables: TableStatistics) -> None:
    """A statistics file with those tables of the schema public."""
    taken = Statistics(
        "2026-11-20T10:00:00+00:00", "shop", "16", "public", {f"public.{n}": t for n, t in tables.items()}
    )
    (root / "sizes.json").write_bytes(encoded(taken))


@pytest.mark.parametrize(
    ("table", "severity"),
    [
        (TableStatistics(41_000_000, 12 * 2**30), Severity.ERROR),
        (TableStatistics(900_000, 200 * 2**20), Severity.ERROR),
        (TableStatistics(500, 65_536), Severity.NOTICE),
        (TableStatistics(None, 65_536), Severity.ERROR),
    ],
)
def test_a_finding_that_grows_is_weighed_by_the_size(
    table: TableStatistics, severity: Severity, tmp_path: Path
) -> None:
    """Small is a notice; unknown rows are not small."""
    written(tmp_path, orders=table)
    [finding] = [f for f in examples.check(INDEX, "MG401", tmp_path, "postgresql").report.findings if f.code == "MG401"]
    assert finding.severity is severity


def test_the_message_says_how_large_the_table_is(tmp_path: Path) -> None:
    """Rows, size and the day of the snapshot follow the sentence; the fingerprint does not depend on them."""
    written(tmp_path, orders=TableStatistics(41_000_000, 12 * 2**30, writes_per_second=350.0))
    findings = examples.check(INDEX, "MG401", tmp_path, "postgresql").report.findings
    [finding] = [f for f in findings if f.code == "MG401"]
    assert finding.message.endswith("orders has about 41 M rows, 12 GB, 350 writes a second (2026-11-20).")


def test_a_warning_about_a_large_table_is_an_error(tmp_path: Path) -> None:
    """What grows with tens of millions of rows stops a deployment, whatever the rule's own severity is."""
    written(tmp_path, orders=TableStatistics(41_000_000, 12 * 2**30))
    findings = examples.check(INDEX, "MG413", tmp_path, "postgresql").report.findings
    [finding] = [f for f in findings if f.code == "MG413"]
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is no statistics file"),
        ('{"tables": {}}', "is no statistics file"),
        (
            '{"taken_at": "", "database": "", "server_version": "", "default_schema": "", "tables": {},'
            ' "schema_version": 9}',
            "schema_version 9",
        ),
    ],
)
def test_a_file_that_is_none_is_a_mistake_in_one_line(content: str, said: str, tmp_path: Path) -> None:
    """It names the file and what is wrong with it."""
    (tmp_path / "sizes.json").write_text(content)
    with pytest.raises(UsageError, match=said):
        read_statistics(tmp_path / "sizes.json", tmp_path)


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    """The hint is the command."""
    with pytest.raises(UsageError, match="migguard stats"):
        read_statistics(Path("sizes.json"), tmp_path)
