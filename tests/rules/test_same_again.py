"""What MG311 proposes in the place of a dropped restriction has all that the dropped one had."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.rules.frame import Example
from tests.rules.examples import check
from tests.rules.test_fitting_advice import told

pytestmark = pytest.mark.thorough

PARENTS = "CREATE TABLE parents (id bigint PRIMARY KEY, tenant int, UNIQUE (tenant, id))"
KEY = "FOREIGN KEY (parent_id) REFERENCES parents (id)"
RESTRICTIONS = {
    f"{KEY} ON DELETE CASCADE ON UPDATE SET NULL": ['ondelete="CASCADE"', 'onupdate="SET NULL"'],
    f"{KEY} DEFERRABLE INITIALLY DEFERRED": ["deferrable=True", 'initially="DEFERRED"'],
    f"{KEY} DEFERRABLE": ["deferrable=True"],
    "FOREIGN KEY (tenant, parent_id) REFERENCES parents (tenant, id) MATCH FULL ON DELETE RESTRICT": [
        "MATCH FULL",
        "ON DELETE RESTRICT",
    ],
    "FOREIGN KEY (tenant, parent_id) REFERENCES parents (tenant, id) ON DELETE SET NULL (parent_id)": [
        "ON DELETE SET NULL (parent_id)"
    ],
    KEY: [],
    "CHECK (a > 0 AND tenant IN (1, 2))": ["a > 0 AND tenant IN (1, 2)"],
    "CHECK (a > 0) NO INHERIT": ["CHECK (a > 0) NO INHERIT NOT VALID"],
    "UNIQUE NULLS NOT DISTINCT (a)": ["postgresql_nulls_not_distinct=True"],
    "UNIQUE (a) INCLUDE (tenant)": ['postgresql_include=["tenant"]'],
    "UNIQUE (a) DEFERRABLE INITIALLY DEFERRED": ["USING INDEX x_new DEFERRABLE INITIALLY DEFERRED"],
    "UNIQUE (a)": [],
}
OPTIONS = sorted({word for words in RESTRICTIONS.values() for word in words})


@pytest.mark.parametrize(("written", "words"), RESTRICTIONS.items(), ids=list(RESTRICTIONS))
def test_the_options_of_a_constraint_are_carried_over(written: str, words: list[str], tmp_path: Path) -> None:
    given = f"{PARENTS};CREATE TABLE t (parent_id bigint, tenant int, a int, CONSTRAINT x {written})"
    found = told(
        "MG311", Example('op.drop_constraint("x", "t")', given=given, server="postgresql 16"), tmp_path / "bad"
    )
    assert set(words) <= {word for word in OPTIONS if word in found.recipe}
    assert words or not any(word in found.recipe for word in OPTIONS)
    taken = Example(found.recipe, given=given, env=("transaction_per_migration",), server="postgresql 16")
    report = check(taken, "MG311", tmp_path / "good", "postgresql").report
    assert not {"MG002", "MG003", "MG501", "MG706"} & {f.code for f in report.findings}


def test_the_condition_of_a_unique_index_is_carried_over(tmp_path: Path) -> None:
    given = "CREATE TABLE t (a int, b int);CREATE UNIQUE INDEX x ON t (a DESC) INCLUDE (b) WHERE b > 0"
    found = told("MG311", Example('op.drop_index("x", table_name="t")', given=given), tmp_path)
    assert "a DESC" in found.recipe
    assert 'postgresql_include=["b"]' in found.recipe
    assert 'postgresql_where=sa.text("b > 0")' in found.recipe


def test_other_engines_name_the_options_too(tmp_path: Path) -> None:
    given = "CREATE TABLE p (id int PRIMARY KEY);CREATE TABLE t (a int, CONSTRAINT x FOREIGN KEY (a) REFERENCES p (id)"
    code = 'op.drop_constraint("x", "t", type_="foreignkey")'
    found = told("MG311", Example(code, given=f"{given} ON DELETE CASCADE)", server="mysql 8.0.36"), tmp_path)
    assert 'ondelete="CASCADE"' in found.recipe
