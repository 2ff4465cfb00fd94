"""What a script states of a column is believed where nothing else is known of it, and not where the history knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.findings import Finding, Severity
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


def elsewhere(code: str, rule: str, root: Path, *released: str) -> list[Finding]:
    """What a rule says of a table that no revision made."""
    example = Example(code, released=("pass", *released))
    apart = root / str(len([*root.iterdir()]))
    return [f for f in check(example, rule, apart, "postgresql").report.findings if f.code == rule]


def required(more: str = "") -> str:
    return f'op.alter_column("old", "a", nullable=False{more})'


TEXT = 'op.alter_column("old", "a", type_=sa.Text(){})'
BATCH = 'with op.batch_alter_table("old") as batch:\n    batch.alter_column("a", type_=sa.Text(), {}nullable=False)'


def test_a_column_of_a_table_that_no_revision_made_has_the_stated_type(tmp_path: Path) -> None:
    assert not elsewhere(TEXT.format(", existing_type=sa.String(50)"), "MG409", tmp_path)
    assert not elsewhere(BATCH.format("existing_type=sa.String(50), "), "MG409", tmp_path)
    [found] = elsewhere(TEXT.format(", existing_type=sa.Integer()"), "MG409", tmp_path)
    assert "from integer to text rewrites" in found.message
    assert not found.verified


def test_a_type_that_a_statement_on_another_property_has_stated(tmp_path: Path) -> None:
    stated = 'op.alter_column("old", "a", existing_type=sa.String(50), server_default="x")'
    assert not elsewhere(TEXT.format(""), "MG409", tmp_path, stated)


def test_a_column_that_is_stated_to_be_not_null_is_not_looked_at(tmp_path: Path) -> None:
    assert not elsewhere(required(", existing_nullable=False"), "MG405", tmp_path)
    assert not elsewhere(BATCH.format("existing_nullable=False, "), "MG405", tmp_path)
    assert not elsewhere(required(), "MG405", tmp_path, TEXT.format(", existing_nullable=False"))
    assert not elsewhere(required(), "MG405", tmp_path, required())
    assert not elsewhere(required(), "MG405", tmp_path, 'op.create_primary_key("pk", "old", ["a"])')


def test_what_may_be_null_is_looked_at_in_any_case(tmp_path: Path) -> None:
    [found] = elsewhere(required(", existing_nullable=True"), "MG405", tmp_path)
    assert "not known here" not in found.message
    dropped = 'op.alter_column("old", "a", existing_nullable=False, nullable=True)'
    [found] = elsewhere(required(", existing_nullable=False"), "MG405", tmp_path, dropped)
    assert "not known here" not in found.message


def test_whether_a_column_is_not_null_already_may_not_be_known(tmp_path: Path) -> None:
    [found] = elsewhere(required(), "MG405", tmp_path)
    assert found.message.endswith("it waits, unless it is NOT NULL already, which is not known here.")
    assert found.severity is Severity.ERROR


def test_a_column_beside_another_is_not_null_as_that_is_stated_to_be(tmp_path: Path) -> None:
    big = 'op.alter_column("old", "a", existing_type=sa.Integer(), type_=sa.BigInteger(), existing_nullable={})'
    [found] = elsewhere(big.format(True), "MG409", tmp_path)
    assert "NOT NULL" not in found.recipe
    [found] = elsewhere(big.format(False), "MG409", tmp_path)
    assert "a_new IS NOT NULL" in found.recipe
    assert "may be NULL" not in found.recipe


def test_the_history_is_believed_over_a_stated_nullability(tmp_path: Path) -> None:
    [found] = told(KNOWN, 'op.alter_column("t", "a", existing_nullable=False, nullable=False)', "MG405", tmp_path)
    assert found.verified
