"""A table without a primary key whose rows a unique key tells apart."""

from pathlib import Path

import pytest

from migguard.findings import Severity
from migguard.rules.frame import Example
from tests.rules import examples

pytestmark = pytest.mark.thorough


@pytest.mark.parametrize(
    ("null", "severity"), [("False", Severity.NOTICE), ("True", Severity.WARNING)], ids=["never NULL", "may be NULL"]
)
def test_the_message_agrees_with_its_advice(null: str, severity: Severity, tmp_path: Path) -> None:
    """Where the advice names a key, the message does not say that there is none."""
    made = f'op.create_table("visits", sa.Column("page", sa.Text(), nullable={null}))'
    example = Example('op.create_index("ux_visits", "visits", ["page"], unique=True)', earlier=(made,))
    checked = examples.check(example, "MG912", tmp_path, "postgresql")
    [found] = [f for f in checked.report.findings if f.code == "MG912"]
    assert found.severity is severity
    assert ("nothing tells" in found.message) is (null == "True")
    assert ("ux_visits" in found.message) is ("which is unique" in found.advice) is (null == "False")
    later = 'op.create_primary_key("pk_visits", "visits", ["page"])'  # its rows may be loaded in between
    assert found.recipe.startswith(later) is (null == "False")


@pytest.mark.parametrize("name", ["id", "page"])
def test_a_column_that_is_called_id_is_to_be_the_key(name: str, tmp_path: Path) -> None:
    """A second column of that name could not be made."""
    made = f'op.create_table("visits", sa.Column("{name}", sa.Integer()))'
    [found] = [
        f for f in examples.check(Example(made), "MG912", tmp_path, "postgresql").report.findings if f.code == "MG912"
    ]
    assert ('sa.PrimaryKeyConstraint("id", name="pk_visits")' in found.recipe) is (name == "id")
    assert ('sa.Column("id", ' in found.recipe) is (name != "id")
