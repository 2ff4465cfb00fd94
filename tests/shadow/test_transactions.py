"""Which transaction a statement runs in, and what is undone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migguard.pipeline import trace
from tests.shadow.project import Project, sql, summary, upgrade

CREATE = 'op.create_table("a", sa.Column("id", sa.Integer, primary_key=True))'


def numbers(project: Project, name: str) -> list[int]:
    """The transactions of a revision's statements, counted from the first."""
    found = [s.transaction for s in upgrade(project.traced(), name).statements]
    order = list(dict.fromkeys(found))
    return [order.index(n) for n in found]


def columns(project: Project, table: str = "a") -> list[str]:
    """A table's columns in the end."""
    final = project.traced().deployments[0].final
    assert final is not None
    return [c.name for c in final.tables["public", table].columns]


def test_a_savepoint_that_fails_is_undone_and_the_script_goes_on(project: Project) -> None:
    project.revision(CREATE)
    name = project.revision(
        """
        bind = op.get_bind()
        try:
            with bind.begin_nested():
                bind.execute(sa.text("ALTER TABLE a ADD COLUMN lost integer"))
                bind.execute(sa.text("ALTER TABLE a ADD COLUMN id integer"))
        except sa.exc.DBAPIError:
            op.add_column("a", sa.Column("kept", sa.Integer))
        """
    )
    assert columns(project) == ["id", "kept"]
    assert summary(project.traced(), name).outcome.value == "full"


def test_an_autocommit_block_ends_a_transaction_and_begins_another(project: Project) -> None:
    name = project.revision(
        f"""
        {CREATE}
        with op.get_context().autocommit_block():
            op.create_index("ix", "a", ["id"], postgresql_concurrently=True)
        op.add_column("a", sa.Column("b", sa.Integer))
        """
    )
    statements = upgrade(project.traced(), name).statements
    assert [s.autocommit for s in statements] == [False, True, False]
    assert numbers(project, name) == [0, 1, 2]


def test_the_isolation_level_autocommit_makes_each_statement_a_transaction(project: Project) -> None:
    project.revision(CREATE)
    name = project.revision(
        """
        with op.get_bind().engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("CREATE INDEX CONCURRENTLY one ON a (id)"))
            connection.execute(sa.text("CREATE INDEX CONCURRENTLY two ON a (id)"))
        """
    )
    assert [s.autocommit for s in upgrade(project.traced(), name).statements] == [True, True]
    assert numbers(project, name) == [0, 1]


def test_commit_as_sql_ends_the_transaction(project: Project) -> None:
    name = project.revision(f'{CREATE}\nop.execute("COMMIT")\nop.add_column("a", sa.Column("b", sa.Integer))')
    first, _, last = numbers(project, name)
    assert first < last


def test_two_revisions_share_a_transaction_unless_env_says_otherwise(project: Project) -> None:
    first, second = project.revision(CREATE), project.revision('op.drop_table("a")')
    traced = project.traced()
    [one] = upgrade(traced, first).statements
    [two] = upgrade(traced, second).statements
    assert one.transaction == two.transaction
    env = project.root / "migrations" / "env.py"
    env.write_text(
        env.read_text().replace("connection=connection", "connection=connection, transaction_per_migration=True")
    )
    traced = project.traced()
    [one] = upgrade(traced, first).statements
    [two] = upgrade(traced, second).statements
    assert one.transaction < two.transaction


def test_an_orm_session_on_alembics_connection_runs_on_the_shadow(project: Project) -> None:
    project.revision(CREATE)
    name = project.revision(
        """
        from sqlalchemy.orm import Session, declarative_base

        class A(declarative_base()):
            __tablename__ = "a"
            id = sa.Column(sa.Integer, primary_key=True)

        session = Session(bind=op.get_bind())
        assert session.query(A).all() == []
        session.add(A())
        session.flush()
        session.execute(sa.update(A).values(id=2))
        session.commit()
        """
    )
    traced = project.traced()
    assert summary(traced, name).outcome.value == "full"
    assert [s.split()[0] for s in sql(upgrade(traced, name))] == ["SELECT", "INSERT", "UPDATE"]


def test_the_downgrade_runs_from_where_the_upgrade_ended_and_leaves_no_trace(project: Project) -> None:
    first = project.revision(
        'op.create_table("a", sa.Column("k", sa.Enum("x", name="kind")))',
        'op.drop_table("a")\nop.execute("DROP TYPE kind")',
    )
    second = project.revision('op.drop_table("a")', 'op.create_table("a", sa.Column("k", sa.Enum("x", name="kind2")))')
    deployment = project.traced().deployments[0]
    assert sql(deployment.downgrades[first]) == ["DROP TABLE a", "DROP TYPE kind"]
    assert sql(deployment.downgrades[second])[0] == "CREATE TYPE kind2 AS ENUM ('x')"
    assert deployment.final is not None
    assert not deployment.final.tables


@pytest.mark.parametrize("first", [0, 1], ids=["the one branch", "the other"])
def test_a_released_branch_ran_before_the_deployment_of_another(project: Project, first: int) -> None:
    base = project.revision(CREATE)
    heads = []
    for _ in range(2):
        project._last = base  # a branch
        heads.append(project.revision("with op.get_context().autocommit_block():\n    pass"))
    released, new = heads[first], heads[1 - first]
    traced = trace(replace(project.request(), everything=False, revisions=(new,)))
    [deployment] = traced.deployments
    assert [u.revision for u in deployment.upgrades] == [new]
    assert list(deployment.summaries) == [base, released, new]


def test_revisions_that_need_a_new_one_stay_behind_it(project: Project) -> None:
    names = [project.revision(CREATE), project.revision("pass"), project.revision("pass")]
    [deployment] = trace(replace(project.request(), everything=False, revisions=(names[1],))).deployments
    assert list(deployment.summaries) == names
