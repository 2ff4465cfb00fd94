"""What MG915 advises: the type that holds what both columns hold, and on which side."""

from pathlib import Path

import pytest

from migguard.rules.frame import Example
from tests.rules.examples import check

pytestmark = pytest.mark.thorough

ADVICE = [
    ("bigint", "int", 'Widen members.id:\nsa.Column("id", sa.BigInteger(), ...)'),
    ("int", "smallint", 'Widen members.id:\nsa.Column("id", sa.Integer(), ...)'),
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
