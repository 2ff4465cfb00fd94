"""What MG915 advises: the type that holds what both columns hold, and on which side."""

from pathlib import Path

import pytest

from migguard.rules.frame import Example
from tests.rules.examples import check

pytestmark = pytest.mark.thorough

WIDEN = (
    "Leave member_id as wide as it is, and widen members.id before its numbers end, by way of a column beside it "
    "(MG409).\n"
)
ADVICE = [
    ("bigint", "int", WIDEN),
    ("int", "smallint", WIDEN),
    ("int", "bigint", 'Give both one type:\nsa.Column("member_id", sa.BigInteger(), ...)'),
]


@pytest.mark.parametrize(("column", "key", "wanted"), ADVICE, ids=[f"{c} to {k}" for c, k, _ in ADVICE])
def test_the_narrower_of_two_integers_is_to_be_widened(column: str, key: str, wanted: str, tmp_path: Path) -> None:
    example = Example(
        'op.create_foreign_key("fk", "payments", "members", ["member_id"], ["id"])',
        given=f"CREATE TABLE members (id {key} PRIMARY KEY);CREATE TABLE payments (member_id {column})",
    )
    found = [f for f in check(example, "MG915", tmp_path, "postgresql").report.findings if f.code == "MG915"]
    assert [f"{f.advice}\n{f.recipe}" for f in found] == [wanted]


def test_a_key_that_is_new_itself_is_made_as_wide(tmp_path: Path) -> None:
    made = """
    op.create_table("members", sa.Column("id", sa.Integer(), primary_key=True))
    op.create_table("payments", sa.Column("member_id", sa.BigInteger(), sa.ForeignKey("members.id"), index=True))
    """
    [found] = [f for f in check(Example(made), "MG915", tmp_path, "postgresql").report.findings if f.code == "MG915"]
    assert f"{found.advice}\n{found.recipe}" == 'Widen members.id:\nsa.Column("id", sa.BigInteger(), ...)'
