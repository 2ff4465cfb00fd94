"""Advice under a time limit that env.py has set by a statement: RESET would throw it away."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.findings import Finding
from tests.rules.test_own_transactions import HANDED, ORDERS, PARTS, found
from tests.shadow.project import PLAIN

pytestmark = pytest.mark.thorough

CODES = {"MG505", "MG506", "MG511"}
BUILD = 'op.create_index("ix", "parts", ["id"], postgresql_concurrently=True)'
BLOCK = "with op.get_context().autocommit_block():\n"


def env(setting: str, text: str = PLAIN) -> str:
    """An env.py that makes that setting for the session."""
    whole = text.replace("connection=connection)", "connection=connection, transaction_per_migration=True)")
    indent = "    " if "    context.configure(" in whole else ""
    call = f'{indent}connection.exec_driver_sql("{setting}")\n{indent}connection.commit()\n'
    return whole.replace(f"{indent}context.configure(", f"{call}{indent}context.configure(", 1)


def limits(findings: list[Finding]) -> list[Finding]:
    return [f for f in findings if f.code in CODES]


@pytest.mark.parametrize("value", ["15s", "1min"])
@pytest.mark.parametrize("given", [PLAIN, HANDED], ids=["plain", "handed in"])
def test_a_limit_of_env_py_that_is_too_long_is_told_once_and_there(tmp_path: Path, given: str, value: str) -> None:
    text = env(f"SET lock_timeout = '{value}'", given)
    [finding] = limits(found(tmp_path, text, ORDERS, PARTS, ORDERS.replace('"b"', '"c"')))
    assert finding.code == "MG506"
    assert finding.origin is not None
    assert "lock_timeout" in text.splitlines()[finding.origin.line - 1]
    assert "of revision r2, and" in finding.message
    assert finding.message.endswith("The same holds in 2 later revisions.")
    assert "RESET" not in (finding.recipe or "")


@pytest.mark.parametrize(("limit", "setting"), [("5s", "lock_timeout"), ("20s", "statement_timeout")])
def test_the_advised_build_lifts_the_limit_of_env_py_and_puts_it_back(tmp_path: Path, limit: str, setting: str) -> None:
    text = env(f"SET {setting} = '{limit}'")
    [before] = [
        f for f in found(tmp_path / "a", text, 'op.create_index("ix", "parts", ["id"])', ORDERS) if f.code == "MG401"
    ]
    recipe = "\n".join(line for line in before.recipe.splitlines() if not line.startswith("#"))
    assert f"SET {setting} = '{limit}'" in recipe
    after = found(tmp_path / "b", text, recipe, ORDERS)
    assert not [f for f in after if f.code in {"MG401", "MG506", "MG511"}]
    assert ("MG505" in {f.code for f in after}) == (setting != "lock_timeout")


def test_a_build_that_is_limited_by_env_py_gets_its_limit_back(tmp_path: Path) -> None:
    text = env("SET lock_timeout = '5s'")
    [before] = limits(found(tmp_path / "a", text, f"{BLOCK}    {BUILD}", ORDERS))
    assert before.code == "MG511"
    recipe = before.recipe.replace("...  # the build", BUILD)
    assert not limits(found(tmp_path / "b", text, recipe, ORDERS))


def test_a_build_that_is_limited_by_its_revision_gets_that_back(tmp_path: Path) -> None:
    own = "op.execute(\"SET lock_timeout = '5s'\")\n"
    [before] = limits(found(tmp_path / "a", env("SELECT 1"), f"{own}{BLOCK}    {BUILD}\n{ORDERS}"))
    recipe = before.recipe.replace("...  # the build", BUILD)
    assert not limits(found(tmp_path / "b", env("SELECT 1"), f"{own}{recipe}\n{ORDERS}"))


ZERO = 'op.execute("SET lock_timeout = 0")\n'


@pytest.mark.parametrize("more", ["", BUILD], ids=["alone", "before a build"])
def test_a_short_limit_in_a_revision_leaves_that_of_env_py(tmp_path: Path, more: str) -> None:
    text = env("SET lock_timeout = '8s'")
    inner = "".join(f"    {line}\n" for line in (ZERO.strip(), ORDERS.strip(), *([more] if more else [])))
    [before] = limits(found(tmp_path / "a", text, BLOCK + inner, PARTS))[:1]
    assert before.code == "MG506"
    recipe = before.recipe.replace("...  # the build", more).splitlines()
    lines = [ORDERS.strip() if line.startswith("...") else line for line in recipe]
    assert not limits(found(tmp_path / "b", text, BLOCK + "".join(f"    {line}\n" for line in lines), PARTS))


def test_what_a_revision_puts_back_to_the_limit_of_env_py_is_still_too_long(tmp_path: Path) -> None:
    own = "op.execute(\"SET lock_timeout = '2s'\")\n" + ORDERS + "op.execute(\"SET lock_timeout = '15s'\")\n"
    [finding] = limits(found(tmp_path, env("SET lock_timeout = '15s'"), own, PARTS))
    assert (finding.code, finding.revision) == ("MG506", "r3")
