"""MG311 says which upserts need the key that is dropped, and nothing where another key takes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.rules.frame import Example
from tests.rules.test_fitting_advice import told

pytestmark = pytest.mark.thorough

GIVEN = 'CREATE TABLE t (id bigint PRIMARY KEY, a int, "B" text, CONSTRAINT uq UNIQUE (a, "B"){})'
DROP = 'op.drop_constraint("uq", "t")\n'
WIDER = 'op.add_column("t", sa.Column("c", sa.Integer()))\nop.create_unique_constraint("wider", "t", ["a", "B", "c"])'
NAMED = 'with ON CONFLICT (a, "B") fails'


@pytest.mark.parametrize("code", [DROP, DROP + WIDER, DROP + 'op.create_index("ix", "t", ["a", "B"])'])
def test_an_upsert_by_the_columns_of_a_dropped_key_fails(code: str, tmp_path: Path) -> None:
    assert NAMED in told("MG311", Example(code, given=GIVEN.format("")), tmp_path).message


def test_an_upsert_has_the_name_that_a_column_had_before_the_deployment(tmp_path: Path) -> None:
    code = f'op.alter_column("t", "a", new_column_name="z")\n{DROP}'
    assert NAMED in told("MG311", Example(code, given=GIVEN.format("")), tmp_path).message


def test_an_upsert_by_an_expression_is_told_by_the_key(tmp_path: Path) -> None:
    given = "CREATE TABLE t (a text);CREATE UNIQUE INDEX ux ON t (lower(a))"
    message = told("MG311", Example('op.drop_index("ux", "t")', given=given), tmp_path).message
    assert "the same a, and nothing replaces it." in message
    assert "names this key in ON CONFLICT fails" in message


@pytest.mark.parametrize(
    ("given", "code", "server"),
    [
        (GIVEN.format(" DEFERRABLE"), DROP, None),
        ("CREATE TABLE t (a int, CONSTRAINT uq CHECK (a > 0))", DROP, None),
        ("CREATE TABLE t (id int PRIMARY KEY, a int, CONSTRAINT uq UNIQUE (a))", DROP, "mysql 8.0"),
    ],
    ids=["a deferrable key takes none", "a check", "MySQL has no ON CONFLICT"],
)
def test_no_upsert_needs_it(given: str, code: str, server: str | None, tmp_path: Path) -> None:
    if server is not None:
        code = 'op.drop_constraint("uq", "t", type_="unique")'
    example = Example(code, given=given, server=server) if server else Example(code, given=given)
    assert "upsert" not in told("MG311", example, tmp_path).message
