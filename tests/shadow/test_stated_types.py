"""`existing_type` is believed where nothing else is known of a column's type, and not where the history knows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.findings import Finding
from migguard.rules.frame import Example
from tests.rules.examples import check

ABSENT = "from nowhere_to_be_found import Label\n"
MADE = ABSENT + 'op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("a", Label(50)))'
KNOWN = MADE.replace("Label(50)", "sa.Integer()")


def told(made: str, code: str, rule: str, root: Path) -> list[Finding]:
    example = Example(code, released=(made,))
    return [f for f in check(example, rule, root, "postgresql").report.findings if f.code == rule]


def alter(new: str, old: str) -> str:
    return f'op.alter_column("t", "a", existing_type={old}, type_={new})'


def test_a_change_that_rewrites_nothing_by_the_stated_type_is_no_rewrite(tmp_path: Path) -> None:
    assert not told(MADE, alter("sa.Text()", "sa.String(50)"), "MG409", tmp_path)


def test_what_rests_on_the_stated_type_is_not_verified(tmp_path: Path) -> None:
    [found] = told(MADE, alter("sa.BigInteger()", "sa.Integer()"), "MG409", tmp_path)
    assert "from integer to bigint rewrites" in found.message
    assert not found.verified


def test_values_that_the_stated_type_has_room_for_are_lost(tmp_path: Path) -> None:
    [found] = told(MADE, alter("sa.String(20)", "sa.String(50)"), "MG307", tmp_path)
    assert "from character varying(50) to character varying(20)" in found.message
    assert not found.verified


@pytest.mark.parametrize(
    "code",
    [
        'op.alter_column("t", "a", type_=sa.Text())',
        'op.execute("ALTER TABLE t ALTER a TYPE text")',
        ABSENT + alter("sa.Text()", "Label(50)"),
        alter("sa.Text()", "sa.String(50)").replace('"a"', '"b"').replace("op.", 'op.execute("SELECT 1")\nop.')
        + '\nop.execute("ALTER TABLE t ALTER a TYPE text")',
    ],
    ids=["nothing is stated", "SQL", "a stand-in is stated", "it is stated of another column"],
)
def test_nothing_is_known_where_the_script_does_not_say_it(code: str, tmp_path: Path) -> None:
    made = MADE.replace("Label(50)))", 'Label(50)), sa.Column("b", sa.String(50)))')
    [found] = told(made, code, "MG409", tmp_path)
    assert "which is not known here" in found.message


def test_the_history_is_believed_over_what_is_stated(tmp_path: Path) -> None:
    [found] = told(KNOWN, alter("sa.BigInteger()", "sa.BigInteger()"), "MG409", tmp_path)
    assert "from integer to bigint rewrites" in found.message
    assert found.verified
