"""A project's own helpers, mapped to the Alembic operations that they come down to."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from migguard.errors import UsageError
from migguard.pipeline import Request, run
from migguard.rules.frame import Example
from tests.rules import examples

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text)"
HELPER = """
from alembic import op
from shop.migrations import add_index

def upgrade():
    add_index(op, "ix_orders_email", "orders", on=["email"])
"""


def test_a_helper_that_is_not_installed_is_the_operation_that_the_setting_names(tmp_path: Path) -> None:
    """The finding stands at the line of the helper's call."""
    example = Example(
        HELPER,
        given=GIVEN,
        settings='wrappers."shop.migrations.add_index" = {operation = "create_index", rename = {on = "columns"}}',
    )
    report = examples.check(example, "MG401", tmp_path, "postgresql").report
    [finding] = [f for f in report.findings if f.code == "MG401"]
    assert finding.sql == "CREATE INDEX ix_orders_email ON orders (email)"
    assert finding.origin is not None
    assert "add_index(op" in finding.origin.path.read_text().splitlines()[finding.origin.line - 1]


def test_a_helper_may_open_its_own_autocommit_block_and_add_arguments(tmp_path: Path) -> None:
    """So a house's safe way of building an index is silent."""
    example = Example(
        HELPER,
        given=GIVEN,
        settings="""
        [wrappers."shop.migrations.add_index"]
        operation = "create_index"
        rename = {on = "columns"}
        arguments = {postgresql_concurrently = true}
        autocommit = true
        """,
        env=("transaction_per_migration",),
    )
    report = examples.check(example, "MG401", tmp_path, "postgresql").report
    assert {f.code for f in report.findings} & {"MG401", "MG501"} == set()
    assert report.statements == 2


@pytest.mark.parametrize("spelling", ["from shop_tools import add_index", "import shop_tools\nadd_index = None"])
def test_a_helper_that_is_there_is_not_run(spelling: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would do its work in another process; the operation is replayed instead."""
    (tmp_path / "shop_tools.py").write_text(
        "import subprocess\ndef add_index(name, table, columns):\n    subprocess.run(['psql'])\n"
    )
    call = "add_index" if "from" in spelling else "shop_tools.add_index"
    monkeypatch.syspath_prepend(tmp_path)
    code = f'{spelling}\n\ndef upgrade():\n    {call}("ix_orders_email", "orders", ["email"])\n'
    example = Example(code, given=GIVEN, settings='wrappers."shop_tools.add_index" = "create_index"')
    report = examples.check(example, "MG401", tmp_path, "postgresql").report
    assert {f.code for f in report.findings if f.code in ("MG401", "MG803")} == {"MG401"}


def test_an_operation_that_alembic_does_not_have_is_a_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line names the helper, the operation and the nearest that there is."""
    examples.project(Example(HELPER, given=GIVEN), tmp_path, "postgresql")
    (tmp_path / "migguard.toml").write_text(
        textwrap.dedent('wrappers."shop.migrations.add_index" = "create_indx"\ndialect = "postgresql"\n')
    )
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="create_index"):
        run(Request(here=tmp_path))
