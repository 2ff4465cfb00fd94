"""Values of modules that are not installed, inside checks, defaults and labels: they are never taken for known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migguard.catalog.schema import RefusalKind
from migguard.effects.dispatch import effect_of_statement
from migguard.findings import Finding
from migguard.pipeline import run
from tests.shadow.project import Project, sql, upgrade

pytestmark = pytest.mark.thorough

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


NAMES = "from shop.names import COLUMN, INDEX, ORDERS, PREFIX, SIZE, sql, states"
TABLE = """
op.create_table("orders", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("state", sa.String(20)))
op.create_index("ix_orders_state", "orders", ["state"])
"""


SPELLED = "ALTER TABLE «ORDERS» DROP COLUMN id"


def since_first(project: Project) -> dict[str, Finding]:
    """The findings on all but the first revision, by their codes."""
    found = run(replace(project.request(), everything=False, since="r1")).report.findings
    return {f.code: f for f in found}


@pytest.mark.parametrize(
    ("body", "written"),
    [
        ('op.execute(f"ALTER TABLE {ORDERS} DROP COLUMN id")', SPELLED),
        ('op.execute("ALTER TABLE " + ORDERS + " DROP COLUMN id")', SPELLED),
        ('op.execute("ALTER TABLE %s DROP COLUMN id" % ORDERS)', SPELLED),
        ('op.execute("ALTER TABLE %s DROP COLUMN %s" % (ORDERS, "id"))', SPELLED),
        ('op.execute("ALTER TABLE {} DROP COLUMN id".format(ORDERS))', SPELLED),
        ('op.execute(" ".join(["ALTER TABLE", ORDERS, "DROP COLUMN id"]))', SPELLED),
        (
            'op.execute(sa.text("ALTER TABLE " + str(ORDERS) + " DROP COLUMN id"))',
            SPELLED,
        ),
        ('op.execute(f"ALTER TABLE {PREFIX}_orders DROP COLUMN id")', "ALTER TABLE «PREFIX»_orders DROP COLUMN id"),
        ('op.execute(f"ALTER TABLE {sql.orders.name} DROP COLUMN id")', "ALTER TABLE «orders» DROP COLUMN id"),
        ("op.drop_column(ORDERS, 'id')", 'ALTER TABLE "«ORDERS»" DROP COLUMN id'),
    ],
)
def test_a_table_that_nobody_knows_is_judged_under_its_placeholder(project: Project, body: str, written: str) -> None:
    project.revision(TABLE)
    name = project.revision(body, top=NAMES)
    found = since_first(project)
    assert sql(upgrade(project.traced(), name)) == [written]
    assert "MG706" not in found
    assert not found["MG302"].verified
    assert "Which table" in found["MG005"].message


@pytest.mark.parametrize(
    "body",
    [
        'op.drop_column("orders", COLUMN)',
        'op.alter_column("orders", COLUMN, nullable=False)',
        'op.alter_column("orders", "state", new_column_name=COLUMN)',
        'op.add_column("orders", sa.Column(COLUMN, sa.Text()))',
        'op.create_index("ix", "orders", [COLUMN])',
        'op.create_unique_constraint("uq", "orders", [COLUMN])',
        'op.create_foreign_key("fk", "orders", ORDERS, [COLUMN], ["id"])',
        'op.create_table("more", sa.Column("id", sa.Integer), sa.ForeignKeyConstraint([COLUMN], [f"{ORDERS}.id"]))',
        'op.create_table("more", sa.Column("id", sa.Integer, sa.ForeignKey(ORDERS)))',
        'op.create_table("more", sa.Column("id", sa.Integer), sa.UniqueConstraint(COLUMN))',
        'op.create_index(INDEX, "orders", ["id"])',
        'op.drop_index(INDEX, "orders")',
        'op.drop_index(f"ix_{INDEX}")',
        'op.drop_constraint(INDEX, "orders")',
        'op.execute(f"DROP INDEX {INDEX}")',
        'op.execute(f"UPDATE orders SET {COLUMN} = 1")',
        'op.alter_column("orders", "state", type_=sa.String(SIZE))',
        'op.alter_column("orders", "id", type_=sa.Numeric(SIZE, 2))',
        'op.rename_table("orders", ORDERS)',
        "op.execute(sql.everything())",
        "op.execute(sql)",
    ],
)
def test_a_name_that_nobody_knows_is_not_understood(project: Project, body: str) -> None:
    project.revision(TABLE)
    name = project.revision(body, top=NAMES)
    assert all(s.refusal is None for s in upgrade(project.traced(), name).steps())
    found = since_first(project)
    assert "MG706" not in found
    assert not found["MG003"].verified


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ('op.add_column("orders", sa.Column(COLUMN, sa.Text()))', 'op.drop_column("orders", "note")'),
        ('op.alter_column("orders", "id", new_column_name=COLUMN)', 'op.drop_column("orders", "number")'),
        ('op.drop_column("orders", COLUMN)', 'op.create_index("ix", "orders", ["note"])'),
        ('op.create_index(f"ix_{INDEX}", "orders", ["id"])', 'op.drop_index("ix_orders_id", "orders")'),
        ('op.create_check_constraint(INDEX, "orders", "id > 0")', 'op.drop_constraint("positive", "orders")'),
        ('op.drop_index(f"ix_{INDEX}", "orders")', 'op.create_index("ix_orders_state", "orders", ["state"])'),
        ("op.create_table(ORDERS, sa.Column('id', sa.Integer))", 'op.drop_table("purchases")'),
        ('op.rename_table("orders", ORDERS)', 'op.drop_table("purchases")'),
    ],
)
def test_what_later_revisions_name_may_be_what_nobody_knew(project: Project, first: str, then: str) -> None:
    project.revision(TABLE)
    project.revision(first, top=NAMES)
    last = project.revision(then)
    assert all(s.refusal is None for s in upgrade(project.traced(), last).steps())


@pytest.mark.parametrize(
    ("first", "then", "kind"),
    [
        ('op.add_column("orders", sa.Column(COLUMN, sa.Text()))', 'op.drop_column("parts", "note")', "unknown column"),
        (
            'op.create_index(f"ix_{INDEX}", "orders", ["id"])',
            'op.drop_index("uq_orders_id", "orders")',
            "unknown index",
        ),
        ('op.create_index("ix", "orders", [COLUMN])', 'op.drop_index("other", "orders")', "unknown index"),
        ('op.add_column("orders", sa.Column("size", sa.String(SIZE)))', 'op.drop_table("gone")', "unknown relation"),
        (
            "op.execute(f\"COMMENT ON TABLE orders IS '{states}'\")",
            'op.drop_column("orders", "note")',
            "unknown column",
        ),
    ],
)
def test_what_cannot_be_what_nobody_knew_is_refused(project: Project, first: str, then: str, kind: str) -> None:
    project.revision(TABLE + 'op.create_table("parts", sa.Column("id", sa.Integer()))')
    project.revision(first, top=NAMES)
    last = project.revision(then)
    [step] = upgrade(project.traced(), last).steps()
    assert step.refusal is not None
    assert (step.refusal.kind, step.verified) == (RefusalKind(kind), True)


def test_something_done_to_a_table_that_nobody_knows_may_have_been_done_to_any(project: Project) -> None:
    """A later statement on a table that is known may find what was made there: what it is refused for is no fact."""
    project.revision(TABLE)
    project.revision("op.add_column(ORDERS, sa.Column('note', sa.Text))", top=NAMES)
    project.revision('op.drop_column("orders", "note")')
    assert not since_first(project)["MG706"].verified


def test_a_table_in_a_schema_that_nobody_knows_is_one_table(project: Project) -> None:
    top = "from shop.names import SCHEMA"
    project.revision('op.create_table("t", sa.Column("id", sa.Integer), schema=SCHEMA)', top=top)
    name = project.revision('op.add_column("t", sa.Column("x", sa.Text), schema=SCHEMA)', top=top)
    last = project.revision('op.drop_column("t", "y", schema=SCHEMA)', top=top)
    traced = project.traced()
    assert sql(upgrade(traced, name)) == ['ALTER TABLE "«SCHEMA»".t ADD COLUMN x TEXT']
    assert [s.verified for s in upgrade(traced, name).steps()] == [True]
    [step] = upgrade(traced, last).steps()
    assert step.refusal is not None


@pytest.mark.parametrize("value", ["Kind.NEW.value", "Kind.NEW.name", "SIZE"])
def test_a_value_that_is_put_into_rows_changes_nothing_of_what_a_statement_does(project: Project, value: str) -> None:
    project.revision(MADE)
    name = project.revision(f"op.execute(f\"UPDATE a SET kind = '{{{value}}}' WHERE kind <> '{{{value}}}'\")", top=TOP)
    assert "«" in sql(upgrade(project.traced(), name))[0]
    found = since_first(project)
    assert "MG003" not in found
    assert "MG514" in found


def test_a_length_that_nobody_knows_may_be_shorter(project: Project) -> None:
    project.revision(TABLE)
    name = project.revision('op.alter_column("orders", "state", type_=sa.String(SIZE))', top=NAMES)
    [statement] = upgrade(project.traced(), name).statements
    assert "VARCHAR(«SIZE»)" in statement.sql
    assert effect_of_statement(statement).rewrites
    found = since_first(project)
    assert not found["MG307"].verified
    assert not found["MG409"].verified


def test_a_query_with_a_name_or_a_value_that_nobody_knows_is_not_offered(project: Project) -> None:
    project.revision(TABLE)
    project.revision('op.create_foreign_key("fk", "orders", ORDERS, ["id"], ["id"])', top=NAMES)
    project.revision('op.create_check_constraint("ck", "orders", f"state <> \'{SIZE}\'")', top=NAMES)
    found = run(replace(project.request(), everything=False, since="r1")).report.findings
    assert {f.revision for f in found if f.code == "MG704"} == {"r2", "r3"}
    assert not any(f.probe for f in found if f.code == "MG704")
