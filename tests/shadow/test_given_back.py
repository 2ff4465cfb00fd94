"""What a column was before its change, where only the downgrade of the same revision tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.findings import Finding
from migguard.rules.frame import Example
from tests.rules.examples import check

STOOD_IN = (
    "from nowhere_to_be_found import Label\n"
    'op.create_table("old", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("a", Label(50)))'
)
TYPE = 'op.alter_column("old", "a", type_={})'
SQL = 'op.execute("ALTER TABLE old ALTER a TYPE numeric({0}) USING a::numeric({0})")'


def found(code: str, downgrade: str, rule: str, root: Path, made: str = "pass") -> list[Finding]:
    """What a rule says of a change of a column of which the history does not tell."""
    example = Example(code, released=(made,), downgrade=downgrade)
    report = check(example, rule, root / str(len([*root.iterdir()])), "postgresql").report
    return [f for f in report.findings if f.code == rule and f.direction == "upgrade"]


@pytest.mark.parametrize("made", ["pass", STOOD_IN], ids=["a table that no revision made", "a type of a stand-in"])
def test_a_change_that_rewrites_nothing_by_the_type_that_comes_back_is_no_rewrite(made: str, tmp_path: Path) -> None:
    assert not found(TYPE.format("sa.String(60)"), TYPE.format("sa.String(30)"), "MG409", tmp_path, made)
    assert not found(SQL.format("11, 2"), SQL.format("8, 2"), "MG409", tmp_path, made)
    assert not found(SQL.format("11, 2"), SQL.format("8, 2"), "MG503", tmp_path, made)


@pytest.mark.parametrize("made", ["pass", STOOD_IN], ids=["a table that no revision made", "a type of a stand-in"])
def test_a_rewrite_says_that_the_downgrade_tells_the_type(made: str, tmp_path: Path) -> None:
    [one] = found(TYPE.format("sa.BigInteger()"), TYPE.format("sa.Integer()"), "MG409", tmp_path, made)
    assert "Changing old.a from integer to bigint rewrites" in one.message
    assert one.message.endswith("it waits, unless its type is another than downgrade() gives it back.")
    assert not one.verified


@pytest.mark.parametrize("made", ["pass", STOOD_IN], ids=["a table that no revision made", "a type of a stand-in"])
def test_values_that_the_type_which_comes_back_has_room_for_are_lost(made: str, tmp_path: Path) -> None:
    [one] = found(TYPE.format("sa.String(20)"), TYPE.format("sa.String(50)"), "MG307", tmp_path, made)
    assert "from character varying(50) to character varying(20)" in one.message
    assert not one.verified
    using = 'sa.Integer(), postgresql_using="a::integer"'
    [one] = found(TYPE.format(using), TYPE.format("sa.Text()"), "MG705", tmp_path, made)
    assert "old.a from text to integer fails if a row holds" in one.message
    assert not one.verified


def test_a_column_that_is_renamed_along_is_known_by_its_old_name(tmp_path: Path) -> None:
    code = 'op.alter_column("old", "{}", new_column_name="{}", type_=sa.String({}))'
    assert not found(code.format("a", "b", 60), code.format("b", "a", 30), "MG409", tmp_path)


@pytest.mark.parametrize(
    "downgrade",
    [
        "pass",
        TYPE.format("sa.String(60)"),
        TYPE.format("sa.String(30)").replace('"a"', '"b"'),
        TYPE.format("sa.String(30)").replace('"old"', '"other"'),
        "from nowhere_to_be_found import Label\n" + TYPE.format("Label(3)"),
    ],
    ids=["nothing", "the same type", "another column", "another table", "a type that is not known"],
)
def test_nothing_is_known_where_the_downgrade_gives_nothing_else_back(downgrade: str, tmp_path: Path) -> None:
    [one] = found(TYPE.format("sa.String(60)"), downgrade, "MG409", tmp_path)
    assert "which is not known here" in one.message


def test_what_the_script_states_is_believed_first(tmp_path: Path) -> None:
    stated = TYPE.format("sa.BigInteger(), existing_type=sa.Integer()")
    [one] = found(stated, TYPE.format("sa.BigInteger()"), "MG409", tmp_path)
    assert "from integer to bigint rewrites" in one.message
    assert "downgrade" not in one.message


def test_a_column_that_may_be_null_again_was_so_before(tmp_path: Path) -> None:
    code = 'op.alter_column("old", "a", nullable={})'
    [one] = found(code.format(False), code.format(True), "MG405", tmp_path)
    assert "not known here" not in one.message
    [one] = found(code.format(False), "pass", "MG405", tmp_path)
    assert "not known here" in one.message
