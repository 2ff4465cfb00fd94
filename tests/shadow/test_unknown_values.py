"""Values of modules that are not installed, inside checks, defaults and labels: they are never taken for known."""

from __future__ import annotations

import pytest

from migguard.findings import Finding
from tests.shadow.project import Project, sql, upgrade

TOP = "from shop.kinds import Kind, SIZE"
MADE = 'op.create_table("a", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("kind", sa.Text()))'


def told(project: Project) -> list[Finding]:
    """The findings."""
    return [f for f in project.checked().report.findings if f.code == "MG003"]


@pytest.mark.parametrize(
    "body",
    [
        'op.create_check_constraint("kinds", "a", sa.column("kind").in_([Kind.NEW, Kind.OLD]))',
        'op.create_check_constraint("size", "a", SIZE)',
        'op.add_column("a", sa.Column("new", sa.Text(), server_default=Kind.NEW))',
        'op.add_column("a", sa.Column("new", sa.Integer(), server_default=SIZE))',
        'op.alter_column("a", "kind", server_default=Kind.to_string(Kind.NEW))',
        'sa.Enum(Kind.to_string(Kind.NEW), Kind.to_string(Kind.OLD), name="kind").create(op.get_bind())',
        'op.add_column("a", sa.Column("new", sa.Enum(Kind, name="kind", native_enum=False, create_constraint=True)))',
    ],
)
def test_a_value_of_a_missing_module_in_the_schema_is_not_understood(project: Project, body: str) -> None:
    project.revision(MADE)
    project.revision(body, top=TOP)
    [found] = told(project)
    assert "is not known, since its module is not installed here" in found.message
    assert not found.verified
    assert "MG706" not in {f.code for f in project.checked().report.findings}


def test_a_check_on_values_of_a_missing_module_implies_nothing(project: Project) -> None:
    project.overrides["check_downgrades"] = True
    project.revision(MADE)
    name = project.revision('op.create_check_constraint("kinds", "a", sa.column("kind") == SIZE)', top=TOP)
    [statement] = upgrade(project.traced(), name).statements
    assert "«" in sql(upgrade(project.traced(), name))[0]
    assert not statement.steps[0].change.constraint.expression.readable  # type: ignore[union-attr]


def test_the_table_of_a_model_that_nobody_knows_is_said_to_be_unknown(project: Project) -> None:
    project.revision(
        'op.create_table(Order.__tablename__, sa.Column("id", sa.Integer()))', top="from shop import Order"
    )
    [found] = [f for f in project.checked().report.findings if f.code == "MG005"]
    assert "Which table «Order» stands for in its statements is not known" in found.message
