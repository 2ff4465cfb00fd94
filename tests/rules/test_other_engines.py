"""What a script does on another engine is not this deployment's."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.rules.frame import Example
from tests.rules import examples

pytestmark = pytest.mark.thorough

LOOP = """for row in op.get_bind().execute(sa.text("SELECT id FROM people")):
    op.get_bind().execute(sa.text(f"UPDATE people SET slug = '{row.slug}' WHERE id = 1"))
"""
GIVEN = "CREATE TABLE people (id bigint PRIMARY KEY, slug text)"


def inside(condition: str, body: str) -> str:
    return f"{condition}\n" + "".join(f"    {line}\n" for line in body.splitlines())


def codes(code: str, tmp_path: Path) -> set[str]:
    report = examples.check(Example(code, given=GIVEN), "MG801", tmp_path, "postgresql").report
    return {f.code for f in report.findings} & {"MG801", "MG804"}


@pytest.mark.parametrize(
    "condition",
    [
        'if op.get_bind().dialect.name == "mysql":',
        'if op.get_context().dialect.name in ("sqlite", "mysql"):',
        'if op.get_bind().dialect.name != "postgresql":',
        'if op.get_bind().dialect.name == "postgresql":\n    pass\nelse:',
    ],
)
def test_a_side_for_another_engine_is_not_judged(condition: str, tmp_path: Path) -> None:
    assert codes(inside(condition, LOOP), tmp_path) == set()


@pytest.mark.parametrize(
    "condition",
    ['if op.get_bind().dialect.name == "postgresql":', 'if op.get_bind().dialect.name != "mysql":', "if True:"],
)
def test_the_side_for_this_engine_is(condition: str, tmp_path: Path) -> None:
    assert codes(inside(condition, LOOP), tmp_path) == {"MG801", "MG804"}


@pytest.mark.parametrize(("also", "expected"), [("", set()), ("\n    fill()", {"MG801", "MG804"})])
def test_so_is_a_function_that_only_another_engine_calls(also: str, expected: set[str], tmp_path: Path) -> None:
    body = inside("def fill():", LOOP) + "\n\ndef upgrade():\n    if op.get_bind().dialect.name == 'mysql':\n"
    assert codes(f"{body}        fill(){also}\n", tmp_path) == expected
