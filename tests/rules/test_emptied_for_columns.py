"""What is said of a table that is emptied so that a NOT NULL column without a default can be added."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.findings import Finding, Severity
from migguard.rules.frame import Example
from tests.rules.examples import check

pytestmark = pytest.mark.thorough

GIVEN = "CREATE TABLE calls (id bigint PRIMARY KEY)"
DELETE = 'op.execute("DELETE FROM calls")\n'
ADD = 'op.add_column("calls", sa.Column("kind", sa.Text(), nullable=False{more}))\n'
RENAMED = 'op.rename_table("calls", "tasks")\n' + ADD.replace('"calls"', '"tasks"')


def told(code: str, rule: str, root: Path, engine: str = "postgresql", **more: tuple[str, ...]) -> Finding:
    found = check(Example(code, given=GIVEN, **more), rule, root, engine).report.findings  # type: ignore[arg-type]
    [one] = [f for f in found if f.code == rule]
    return one


@pytest.mark.parametrize("after", [ADD, RENAMED], ids=["there", "under a new name"])
def test_rows_that_a_column_has_no_value_for_are_to_be_kept_and_not_picked(tmp_path: Path, after: str) -> None:
    found = told(DELETE + after.format(more=""), "MG305", tmp_path)
    assert found.advice.startswith("A WHERE clause would not do: with a row left, line ")
    assert found.recipe.endswith('sa.Column("kind", ..., nullable=True))')


@pytest.mark.parametrize("more", [', server_default="x"', ", nullable=True"], ids=["a default", "nullable"])
def test_where_no_such_column_comes_the_rows_that_are_meant_are_to_be_named(tmp_path: Path, more: str) -> None:
    code = ADD.replace(", nullable=False", "") if "nullable" in more else ADD
    assert told(DELETE + code.format(more=more), "MG305", tmp_path).advice.startswith("Name the rows")


def test_what_the_running_code_puts_in_meanwhile_is_a_warning(tmp_path: Path) -> None:
    found = told(DELETE + RENAMED.format(more=""), "MG701", tmp_path)
    assert found.severity is Severity.WARNING
    assert "if the running code puts a row into tasks after line" in found.message
    assert found.origin is not None
    assert found.message.endswith(f"before line {found.origin.line - 1} has its lock.")


def test_no_query_finds_today_what_comes_after_the_table_was_emptied(tmp_path: Path) -> None:
    found = told(DELETE + ADD.format(more=""), "MG701", tmp_path)
    assert found.probe is None
    assert found.message.endswith("before this statement has its lock.")
    assert told(ADD.format(more=""), "MG701", tmp_path / "rows").probe == "SELECT 1 FROM calls LIMIT 1"


def test_an_earlier_revision_that_emptied_the_table_is_named(tmp_path: Path) -> None:
    found = told(ADD.format(more=""), "MG701", tmp_path, earlier=(DELETE,))
    assert " of revision " in found.message
