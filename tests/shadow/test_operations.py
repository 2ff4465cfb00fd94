"""Alembic's operations beyond the plain ones, and those that libraries and env.py add."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic.autogenerate import comparators

from migguard.changes import AlterColumnType
from migguard.trace import Outcome
from tests.shadow.project import PLAIN, Project, codes, sql, summary, tables, upgrade


@pytest.fixture
def comparators_stay() -> Iterator[None]:
    """A library that the test imports compares nothing in the tests after it."""
    kept = dict(comparators._registry)
    yield
    comparators._registry.clear()
    comparators._registry.update(kept)


CREATE = 'op.create_table("a", sa.Column("id", sa.Integer, primary_key=True))'


def test_a_batch_without_recreation_alters_in_place(project: Project) -> None:
    project.revision(CREATE)
    name = project.revision(
        'with op.batch_alter_table("a") as batch:\n    batch.add_column(sa.Column("b", sa.Integer))'
    )
    assert sql(upgrade(project.traced(), name)) == ["ALTER TABLE a ADD COLUMN b INTEGER"]


def test_on_sqlite_a_batch_reflects_the_table_and_copies_it(project: Project) -> None:
    project.overrides["dialect"] = "sqlite"
    project.revision('op.create_table("a", sa.Column("id", sa.Integer, primary_key=True), sa.Column("b", sa.Text))')
    name = project.revision(
        'with op.batch_alter_table("a") as batch:\n    batch.alter_column("b", nullable=False, existing_type=sa.Text())'
    )
    found = sql(upgrade(project.traced(), name))
    assert "CREATE TABLE _alembic_tmp_a ( id INTEGER NOT NULL, b TEXT NOT NULL, PRIMARY KEY (id) )" in found
    assert found[-1] == "ALTER TABLE _alembic_tmp_a RENAME TO a"


def test_on_sqlite_a_batch_with_copy_from_believes_what_it_is_told(project: Project) -> None:
    project.overrides["dialect"] = "sqlite"
    project.revision('op.create_table("a", sa.Column("id", sa.Integer, primary_key=True), sa.Column("b", sa.Text))')
    name = project.revision(
        """
        told = sa.Table("a", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True))
        with op.batch_alter_table("a", copy_from=told, recreate="always") as batch:
            batch.add_column(sa.Column("c", sa.Integer))
        """
    )
    traced = project.traced()
    assert sql(upgrade(traced, name))[0].startswith("CREATE TABLE _alembic_tmp_a ( id INTEGER NOT NULL, c INTEGER,")
    final = traced.deployments[0].final
    assert final is not None
    assert [c.name for c in next(iter(final.tables.values())).columns] == ["id", "c"]


def test_op_get_context_knows_the_dialect(project: Project) -> None:
    name = project.revision(f"assert op.get_context().dialect.name == 'postgresql'\n{CREATE}")
    assert summary(project.traced(), name).outcome is Outcome.FULL


def test_op_run_async_is_seen_at_its_line(project: Project) -> None:
    project.env(
        """
        import asyncio
        from alembic import context
        from sqlalchemy.ext.asyncio import async_engine_from_config

        def do(connection):
            context.configure(connection=connection)
            with context.begin_transaction():
                context.run_migrations()

        async def main():
            engine = async_engine_from_config(context.config.get_section("alembic"), prefix="sqlalchemy.")
            async with engine.connect() as connection:
                await connection.run_sync(do)

        asyncio.run(main())
        """
    )
    project.revision(CREATE)
    name = project.revision(
        """
        async def add(connection):
            await connection.execute(sa.text("ALTER TABLE a ADD COLUMN b int"))
        op.run_async(add)
        """
    )
    [statement] = upgrade(project.traced(), name).statements
    assert statement.sql == "ALTER TABLE a ADD COLUMN b int"
    assert statement.origin is not None
    assert statement.origin.line == 10


def test_operations_that_env_registers_are_replayed(project: Project) -> None:
    project.env(
        """
        from alembic.operations import MigrateOperation, Operations

        @Operations.register_operation("make_sequence")
        class MakeSequence(MigrateOperation):
            def __init__(self, name):
                self.name = name

            @classmethod
            def make_sequence(cls, operations, name):
                return operations.invoke(cls(name))

        @Operations.implementation_for(MakeSequence)
        def make(operations, operation):
            operations.execute(f"CREATE SEQUENCE {operation.name}")
        """.replace("\n        ", "\n")
        + PLAIN
    )
    name = project.revision('op.make_sequence("numbers")')
    assert sql(upgrade(project.traced(), name)) == ["CREATE SEQUENCE numbers"]


def test_entities_of_alembic_utils_are_replayed(project: Project) -> None:
    project.revision(CREATE)
    name = project.revision(
        """
        view = PGView("public", "v", "SELECT id FROM a")
        op.create_entity(view)
        op.replace_entity(PGView("public", "v", "SELECT id, 1 AS one FROM a"))
        op.drop_entity(view)
        op.create_entity(PGFunction("public", "f()", "RETURNS integer AS $$ SELECT 1 $$ LANGUAGE sql"))
        """,
        top="from alembic_utils.pg_function import PGFunction\nfrom alembic_utils.pg_view import PGView",
    )
    traced = project.traced()
    found = upgrade(traced, name)
    assert all(s.understood for s in found.statements)
    final = traced.deployments[0].final
    assert final is not None
    assert not final.views
    assert ("public", "f") in final.functions


def test_sync_enum_values_changes_the_type_of_every_column_that_uses_the_enum(
    project: Project, comparators_stay: None
) -> None:
    project.revision(
        """
        kind = sa.Enum("x", "y", name="kind")
        op.create_table("a", sa.Column("id", sa.Integer, primary_key=True), sa.Column("k", kind))
        op.create_table("b", sa.Column("id", sa.Integer, primary_key=True), sa.Column("k", kind))
        """
    )
    name = project.revision(
        """
        op.sync_enum_values(
            enum_schema="public", enum_name="kind", new_values=["x", "z"], enum_values_to_rename=[],
            affected_columns=[
                TableReference(table_schema="public", table_name="a", column_name="k"),
                TableReference(table_schema="public", table_name="b", column_name="k"),
            ],
        )
        """,
        top="import alembic_postgresql_enum\nfrom alembic_postgresql_enum import TableReference",
    )
    traced = project.traced()
    found = upgrade(traced, name)
    assert all(s.understood for s in found.statements)
    changed = [s.change.table.name for s in found.steps() if isinstance(s.change, AlterColumnType)]
    assert changed == ["a", "b"]
    final = traced.deployments[0].final
    assert final is not None
    assert [getattr(t, "labels", None) for t in final.types.values()] == [("x", "z")]


def test_models_can_be_created_by_their_metadata(project: Project) -> None:
    project.revision('sa.Table("a", m := sa.MetaData(), sa.Column("id", sa.Integer))\nm.create_all(op.get_bind())')
    assert tables(project.traced()) == {"a"}


def test_an_operation_of_a_missing_library_is_told_as_not_seen(project: Project) -> None:
    """The rest of the script is replayed, and what the operation does is not passed over."""
    project.env(
        PLAIN.replace("from alembic import context", "from alembic import context\nimport operations_not_there")
    )
    project.revision(CREATE)
    name = project.revision('op.sync_colours("a")\nop.add_column("a", sa.Column("b", sa.Integer))')
    traced = project.traced()
    assert summary(traced, name).outcome is Outcome.PARTIAL
    assert "alembic.op.sync_colours()" in upgrade(traced, name).unseen
    assert sql(upgrade(traced, name)) == ["ALTER TABLE a ADD COLUMN b INTEGER"]
    assert "MG002" in codes(project.checked())


def test_an_operation_that_nothing_can_have_registered_is_a_mistake(project: Project) -> None:
    project.revision(CREATE)
    name = project.revision('op.add_colunm("a", sa.Column("b", sa.Integer))')
    assert summary(project.traced(), name).outcome is Outcome.FAILED
