"""Of several tables that one statement locks, the one that it waits for first is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from migguard.pipeline import run
from tests.shadow.project import Project

pytestmark = pytest.mark.thorough

TABLES = [f"CREATE TABLE {name} (id bigint PRIMARY KEY)" for name in "abc"]
REFERRING = "CREATE TABLE n (id bigint, x bigint REFERENCES c, y bigint REFERENCES a, FOREIGN KEY (id) REFERENCES b)"
PARTITIONED = (
    "CREATE TABLE p (id bigint, x bigint REFERENCES a) PARTITION BY RANGE (id)",
    "CREATE TABLE p_rest PARTITION OF p DEFAULT",
)


@pytest.mark.parametrize(
    ("given", "statement", "locks"),
    [
        ((), REFERRING, ["c", "a", "b"]),
        ((REFERRING,), "DROP TABLE n", ["n", "b", "a", "c"]),
        (
            ("CREATE TABLE k (id bigint REFERENCES a)", "CREATE TABLE l (id bigint REFERENCES a)"),
            "DROP TABLE a CASCADE",
            ["a", "l", "k"],
        ),
        ((), "ALTER TABLE b ADD COLUMN x bigint REFERENCES c, ADD COLUMN y bigint REFERENCES a", ["b", "c", "a"]),
        (PARTITIONED, "CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (1) TO (2)", ["p", "p_rest", "a"]),
        ((), "LOCK TABLE c, a", ["c", "a"]),
        ((), "TRUNCATE b, a", ["b", "a"]),
    ],
    ids=["new table", "drop", "drop by cascade", "columns", "partition", "lock table", "truncate"],
)
def test_the_first_lock_is_the_one_that_the_server_asks_for_first(
    tmp_path: Path, given: tuple[str, ...], statement: str, locks: list[str]
) -> None:
    """The orders were seen on PostgreSQL 15, by holding each table in a session and letting one after the other go."""
    project = Project(tmp_path)
    released = project.revision("\n".join(f"op.execute({sql!r})" for sql in (*TABLES, *given)))
    project.revision(f"op.execute({statement!r})")
    report = run(replace(project.request(), everything=False, since=released, pictures=True)).report
    [view] = report.views
    assert [table for table, _ in view.locks] == locks
    [finding] = [f for f in report.findings if f.code == "MG505"]
    assert f" on {locks[0]}, is waited for" in finding.message
