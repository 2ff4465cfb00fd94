"""Values that are turned into others in their own column are not to be turned in batches."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.rules.frame import Example
from tests.rules.examples import check

pytestmark = pytest.mark.thorough

GIVEN = "CREATE TABLE jobs (id bigint PRIMARY KEY, idle boolean, number int, extras jsonb)"
RENAMED = 'op.alter_column("jobs", "{0}", new_column_name="{1}")\n'


def advices(update: str, renamed: str, tmp_path: Path) -> dict[str, str]:
    """What MG503 and MG513 advise about an UPDATE behind a lock; MG514 tells how to do each row once."""
    code = f'{renamed}op.execute("UPDATE jobs SET {update}")'
    findings = check(Example(code, given=GIVEN), "MG503", tmp_path, "postgresql").report.findings
    return {f.code: f.advice for f in findings if f.code in ("MG503", "MG513")}


@pytest.mark.parametrize(
    ("update", "instead"),
    [
        ("busy = NOT busy", "leave out the rename of line "),
        ("busy = NOT busy", ", add busy as a new column, and fill it from idle, in batches"),
        ("number = number * 100", "fill a new column from number instead"),
        ("number = -number", "fill a new column from number instead"),
    ],
)
def test_what_reads_the_column_would_see_both_kinds(update: str, instead: str, tmp_path: Path) -> None:
    """A column that the deployment has renamed is there for running code under its old name alone."""
    said = advices(update, RENAMED.format("idle", "busy"), tmp_path)
    assert said.keys() == {"MG503", "MG513"}
    for advice in said.values():
        assert advice.startswith("A commit in between, or batches, would leave rows of both kinds, and nothing tells")
        assert instead in advice


@pytest.mark.parametrize(
    "update",
    [
        "number = 3",
        "number = coalesce(number, 0)",
        "extras = extras - 'hash'",
        "number = number * 100 WHERE number < 100",
    ],
)
def test_what_can_be_told_or_done_again_goes_in_batches(update: str, tmp_path: Path) -> None:
    said = advices(update, RENAMED.format("idle", "busy"), tmp_path)
    assert len(said) == 2
    assert not any("rows of both kinds" in advice for advice in said.values())
