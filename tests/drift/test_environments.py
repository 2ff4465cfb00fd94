"""However env.py hands over the models and steers the comparison, what it says holds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.projects import INI, environment
from tests.drift.project import drift, project, said, table, users


def test_models_and_migrations_that_agree_are_no_difference(tmp_path: Path) -> None:
    done, found = drift(project(tmp_path, users(), table("users")))
    assert (done.code, found) == (0, [])


def test_a_column_that_no_revision_makes_is_an_error_with_its_place(tmp_path: Path) -> None:
    models = table("users", "\n    sa.Column('email', sa.Text)")
    done, [found] = drift(project(tmp_path, users(), models))
    assert done.code == 1
    assert (found["code"], found["kind"], found["path"], found["line"]) == ("MG901", "add_column", "models.py", 5)
    assert found["revision"] == "a1a1"


def test_several_metadata_objects_are_compared_together(tmp_path: Path) -> None:
    models = f"more = sa.MetaData()\n{table('users')}\n{table('orders', metadata='more')}"
    made = project(tmp_path, users(), models, "target_metadata=[metadata, more]", "from models import metadata, more")
    done, found = drift(made)
    assert said(found) == {"add_table orders"}
    assert (done.code, found[0]["path"]) == (1, "models.py")


def test_a_hook_that_empties_the_directives_changes_nothing(tmp_path: Path) -> None:
    hook = (
        "from models import metadata\n"
        "def empty(context, revision, directives):\n"
        "    if directives[0].upgrade_ops.is_empty():\n"
        "        directives[:] = []\n"
    )
    options = "target_metadata=metadata, process_revision_directives=empty"
    assert drift(project(tmp_path / "same", users(), table("users"), options, hook))[0].code == 0
    other = table("users", "sa.Column('email', sa.Text)")
    assert said(drift(project(tmp_path / "other", users(), other, options, hook))[1]) == {"add_column users.email"}


def test_include_object_and_include_name_hide_what_they_hide_from_alembic(tmp_path: Path) -> None:
    hooks = (
        "from models import metadata\n"
        "def include_object(o, name, type_, reflected, compare_to):\n"
        "    return name != 'hidden'\n"
        "def include_name(name, type_, parents):\n"
        "    return not (type_ == 'table' and name == 'legacy')\n"
    )
    migration = f"{users()}\nop.create_table('legacy', sa.Column('id', sa.Integer()))\n"
    models = table("users", "sa.Column('hidden', sa.Text)", "sa.Column('shown', sa.Text)")
    options = "target_metadata=metadata, include_object=include_object, include_name=include_name"
    assert said(drift(project(tmp_path, migration, models, options, hooks))[1]) == {"add_column users.shown"}


def test_other_schemas_count_where_env_py_includes_them(tmp_path: Path) -> None:
    migration = f"{users()}\nop.execute('CREATE SCHEMA billing')\nop.execute('CREATE TABLE billing.bills (id int)')"
    without = drift(project(tmp_path / "a", migration, table("users")))[1]
    included = drift(
        project(tmp_path / "b", migration, table("users"), "target_metadata=metadata, include_schemas=True")
    )
    assert (without, said(included[1])) == ([], {"remove_table billing.bills"})


def test_autogenerate_plugins_of_env_py_take_part(tmp_path: Path) -> None:
    migration = users("sa.Column('age', sa.Integer())", "sa.CheckConstraint('age > 0', name='ck_age')")
    models = table("users", "sa.Column('age', sa.Integer)")
    plain = drift(project(tmp_path / "a", migration, models))[1]
    options = (
        "target_metadata=metadata, "
        "autogenerate_plugins=['alembic.autogenerate.*', 'alembic.ext.checkconstraint_byname']"
    )
    compared = drift(project(tmp_path / "b", migration, models, options))[1]
    assert (plain, said(compared)) == ([], {"remove_constraint users.ck_age"})


def test_a_plugin_that_is_not_installed_is_said_in_one_line(tmp_path: Path) -> None:
    options = "target_metadata=metadata, autogenerate_plugins=['alembic.autogenerate.*', 'nobody.knows']"
    done, _ = drift(project(tmp_path, users(), table("users"), options))
    assert done.code == 3
    assert "nobody.knows" in done.out
    assert "Traceback" not in done.out + done.err


def test_the_schema_public_may_be_written_in_the_models(tmp_path: Path) -> None:
    orders = "sa.Column('id', sa.BigInteger(), primary_key=True), sa.Column('user_id', sa.BigInteger()"
    migration = f"{users()}\nop.create_table('orders', {orders}, sa.ForeignKey('users.id')))"
    models = (
        "sa.Table('users', metadata, sa.Column('id', sa.BigInteger, primary_key=True), schema='public')\n"
        f"sa.Table('orders', metadata, {orders}), sa.Column('new', sa.Text), "
        "sa.ForeignKeyConstraint(['user_id'], ['public.users.id']), schema='public')"
    )
    made = project(tmp_path, migration, models, "target_metadata=metadata, include_schemas=True")
    found = drift(made)[1]
    assert all(d["schema"] is None for d in found)
    assert "add_column orders.new" in said(found)


ASYNC = """\
import asyncio
from alembic import context
from sqlalchemy.ext.asyncio import async_engine_from_config
from models import metadata


def run(connection):
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()


async def main():
    section = context.config.get_section(context.config.config_ini_section)
    engine = async_engine_from_config(section, prefix="sqlalchemy.")
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()


asyncio.run(main())
"""


def test_an_asynchronous_env_py_is_compared(tmp_path: Path) -> None:
    ini = INI.replace("+psycopg:", "+asyncpg:")
    made = project(tmp_path, users(), table("users", "sa.Column('email', sa.Text)"), env=ASYNC, ini=ini)
    done, found = drift(made)
    assert (done.code, said(found)) == (1, {"add_column users.email"})


MULTIDB = """\
from alembic import context
from sqlalchemy import create_engine
from models import metadata, audit

targets = {"main": metadata, "audit": audit}
for name, target in targets.items():
    with create_engine(f"postgresql+psycopg://nobody@127.0.0.1:1/{name}").connect() as connection:
        context.configure(
            connection=connection, target_metadata=target,
            upgrade_token=f"{name}_upgrades", downgrade_token=f"{name}_downgrades",
        )
        with context.begin_transaction():
            context.run_migrations(engine_name=name)
"""


def test_each_database_is_compared_with_its_own_models(tmp_path: Path) -> None:
    entries = table("entries", "sa.Column('at', sa.DateTime)", metadata="audit")
    models = f"audit = sa.MetaData()\n{table('users')}\n{entries}"
    made = project(tmp_path, "", models, env=MULTIDB)
    source = made.revision("a1a1", None).read_text()
    head = source.partition("def upgrade")[0]
    made.write(
        "migrations/versions/a1a1_x.py",
        f"{head}def upgrade(engine_name):\n    globals()[f'upgrade_{{engine_name}}']()\n\n\n"
        "def downgrade(engine_name):\n    pass\n\n\n"
        f"def upgrade_main():\n    {users()}\n\n\n"
        "def upgrade_audit():\n    op.create_table('entries', sa.Column('id', sa.BigInteger(), primary_key=True))\n",
    )
    done, found = drift(made)
    assert (done.code, said(found)) == (1, {"add_column entries.at"})


@pytest.mark.thorough
def test_entities_of_alembic_utils_are_compared_as_alembic_does(tmp_path: Path) -> None:
    imports = (
        "from alembic_utils.pg_view import PGView\n"
        "from alembic_utils.replaceable_entity import register_entities\n"
        "from models import metadata\n"
        "register_entities([PGView(schema='public', signature='names', definition='SELECT id FROM users')])"
    )
    made = project(tmp_path, users(), table("users", "sa.Column('email', sa.Text)"), imports=imports)
    done = subprocess.run(  # what it registers stays registered in the process
        [sys.executable, "-m", "migguard", "drift", "--format", "json"],
        cwd=made.root, env=environment(made.cache), capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = json.loads(done.stdout)["differences"]
    assert done.returncode == 1
    assert said(found) == {"add_column users.email", "create_entity PGView: public.names"}
    assert {d["kind"]: d["verified"] for d in found} == {"add_column": True, "create_entity": False}


def test_two_classes_on_one_table_are_one_table(tmp_path: Path) -> None:
    mapped = table("users", "sa.Column('kind', sa.Text)")
    models = (
        "from sqlalchemy.orm import registry\n"
        "reg = registry(metadata=metadata)\n"
        f"t = {mapped}\n"
        "class User: pass\n"
        "class Admin: pass\n"
        "reg.map_imperatively(User, t)\n"
        "reg.map_imperatively(Admin, t)\n"
    )
    done, found = drift(project(tmp_path, users(), models))
    assert (done.code, said(found)) == (1, {"add_column users.kind"})
