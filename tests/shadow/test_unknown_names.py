"""What a script means by a name that a naming convention made, where the MetaData is not there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from migguard.effects.dispatch import effect_of_statement
from migguard.pipeline import Checked, run
from migguard.trace import Step
from tests.shadow.project import ONLINE, Project, codes, upgrade

UNKNOWN = ONLINE + (
    'from shop.models import Base\nrun(sa.create_engine("postgresql://"), target_metadata=Base.metadata)\n'
)
GIVEN = """
op.create_table("people", sa.Column("id", sa.BigInteger(), primary_key=True))
op.create_table(
    "orders",
    sa.Column("id", sa.BigInteger(), primary_key=True),
    sa.Column("code", sa.Text(), unique=True),
    sa.Column("state", sa.Text(), index=True),
    sa.Column("total", sa.Integer()),
    sa.Column("buyer_id", sa.BigInteger(), sa.ForeignKey("people.id")),
    sa.Column("payer_id", sa.BigInteger(), sa.ForeignKey("people.id")),
    sa.CheckConstraint("total > 0", name="paid"),
    sa.CheckConstraint("total < 1000", name="not_paid"),
)
"""


@pytest.fixture
def unknown(project: Project) -> Project:
    """A project whose models cannot be imported, and whose first revision makes two tables."""
    project.env(UNKNOWN)
    project.revision(GIVEN)
    return project


def checked(project: Project) -> Checked:
    """The report on all but the first revision."""
    return run(replace(project.request(), everything=False, since="r1"))


def steps(project: Project, name: str) -> Sequence[Step]:
    """The steps of a revision."""
    return list(upgrade(project.traced(), name).steps())


MEANT = {
    "fk_orders_buyer_id_people": "orders_buyer_id_fkey",
    "orders_payer_id_people_fkey": "orders_payer_id_fkey",
    "uq_orders_code": "orders_code_key",
    "pk_orders": "orders_pkey",
    "ck_orders_paid": "paid",
    "ck_orders_not_paid": "not_paid",
}


@pytest.mark.parametrize(("name", "here"), MEANT.items(), ids=list(MEANT))
def test_a_name_means_the_one_constraint_that_it_can_be(unknown: Project, name: str, here: str) -> None:
    before = {c.name: c.oid for c in steps(unknown, "r1")[-1].after.tables["public", "orders"].constraints}
    revision = unknown.revision(f'op.drop_constraint("{name}", "orders")')
    [step] = steps(unknown, revision)
    left = {c.oid for c in step.after.tables["public", "orders"].constraints}
    assert (step.refusal, step.verified) == (None, True)
    assert set(before.values()) - left == {before[here]}
    [lock] = [one for one in effect_of_statement(step.statement).locks if one.target]
    assert (lock.table[1], lock.mode.spelling if lock.mode else "") == ("orders", "ACCESS EXCLUSIVE")


def test_a_name_that_two_constraints_may_have_leaves_the_table_in_doubt_and_takes_the_lock(unknown: Project) -> None:
    revision = unknown.revision('op.drop_constraint("fk_orders_person", "orders")\nop.drop_column("orders", "total")')
    drop, after = steps(unknown, revision)
    assert (drop.refusal, drop.verified, after.verified) == (None, False, False)
    assert [(one.table[1], one.blocks.value) for one in effect_of_statement(drop.statement).locks] == [
        ("orders", "reads-and-writes")
    ]


def test_what_is_asked_for_only_if_it_is_there_is_not_guessed(unknown: Project) -> None:
    revision = unknown.revision(
        'op.execute("ALTER TABLE orders DROP CONSTRAINT IF EXISTS ck_orders_other")\n'
        'op.execute("ALTER TABLE orders DROP CONSTRAINT IF EXISTS ck_orders_paid")'
    )
    first, second = steps(unknown, revision)
    assert len(first.after.tables["public", "orders"].constraints) == 6
    assert len(second.after.tables["public", "orders"].constraints) == 5


def test_an_index_is_found_by_its_table_and_columns(unknown: Project) -> None:
    revision = unknown.revision('op.drop_index("ix_orders_by_state", "orders")')
    [step] = steps(unknown, revision)
    assert (step.refusal, step.verified) == (None, True)
    assert [i.name for i in step.after.tables["public", "orders"].indexes if i.constraint is None] == []


def test_an_index_that_nobody_knows_has_no_known_cost(unknown: Project) -> None:
    [step] = steps(unknown, unknown.revision('op.drop_index("some_index", "orders")'))
    assert (step.refusal, step.verified) == (None, False)
    assert not effect_of_statement(step.statement).known


def test_a_name_that_the_convention_has_not_given_is_free(unknown: Project) -> None:
    [step] = steps(unknown, unknown.revision('op.execute("ALTER TABLE orders ADD CONSTRAINT paid CHECK (total > 1)")'))
    assert (step.refusal, step.verified) == (None, False)
    assert effect_of_statement(step.statement).scans


def test_a_downgrade_that_gives_it_back_is_complete(unknown: Project) -> None:
    unknown.revision(
        'op.drop_constraint("fk_orders_buyer_id_people", "orders")\nop.drop_index("ix_orders_by_state", "orders")',
        'op.create_index("ix_orders_by_state", "orders", ["state"])\n'
        'op.create_foreign_key("fk_orders_buyer_id_people", "orders", "people", ["buyer_id"], ["id"])',
    )
    unknown.revision(
        'op.create_unique_constraint(None, "orders", ["total"])', 'op.drop_constraint("uq_orders_total", "orders")'
    )
    assert not {"MG202", "MG203", "MG706"} & set(codes(checked(unknown)))


def test_a_downgrade_that_gives_another_back_is_said_to_but_not_for_sure(unknown: Project) -> None:
    unknown.revision(
        'op.drop_constraint("ck_orders_paid", "orders")',
        'op.execute("ALTER TABLE orders ADD CONSTRAINT ck_orders_paid CHECK (total > 7)")',
    )
    found = [f for f in checked(unknown).report.findings if f.code == "MG202"]
    assert [f.verified for f in found] == [False]
    assert "ck_orders_paid of orders may differ" in found[0].message


def test_what_is_lost_for_sure_is_said_for_sure(unknown: Project) -> None:
    unknown.revision(
        'op.drop_constraint("ck_orders_paid", "orders")\nop.add_column("orders", sa.Column("note", sa.Text()))',
        'op.drop_column("orders", "note")',
    )
    found = [f for f in checked(unknown).report.findings if f.code == "MG202"]
    assert [f.verified for f in found] == [True]
    assert "is lost" in found[0].message


def test_where_names_are_known_a_wrong_one_is_refused(project: Project) -> None:
    project.revision(GIVEN)
    [step] = steps(project, project.revision('op.drop_constraint("fk_orders_buyer_id_people", "orders")'))
    assert step.refusal is not None


CONFIGURE = """
from alembic import context
{before}
context.configure({given})
"""


@pytest.mark.parametrize(
    ("env", "known"),
    [
        ("raise ValueError", False),
        ("def broken(:", False),
        (CONFIGURE.format(before="raise ValueError", given="target_metadata=Base.metadata"), False),
        (CONFIGURE.format(before="raise ValueError", given="**options"), False),
        (CONFIGURE.format(before="raise ValueError", given=""), True),
        (
            CONFIGURE.format(
                before="target_metadata = None\nraise ValueError", given="target_metadata=target_metadata"
            ),
            True,
        ),
        (CONFIGURE.format(before="raise ValueError", given="target_metadata=None"), True),
    ],
    ids=["elsewhere", "unreadable", "its own", "some options", "no options", "a name for none", "none"],
)
def test_without_env_names_are_known_only_where_it_hands_over_no_metadata(
    project: Project, env: str, *, known: bool
) -> None:
    project.env(env)
    project.revision(GIVEN)
    [step] = steps(project, project.revision('op.drop_constraint("uq_orders_code", "orders")'))
    assert (step.refusal is not None) == known
