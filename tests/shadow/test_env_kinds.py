"""What env.py may look like, and what is said where it cannot be run."""

from __future__ import annotations

import pytest

from migguard.trace import Environment
from tests.shadow.project import ONLINE, PLAIN, Project, codes, sql, tables, upgrade

CREATE = 'op.create_table("a", sa.Column("id", sa.Integer, primary_key=True))'
ASYNC = """
import asyncio
from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

def do(connection):
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()

async def main(engine):
    async with engine.connect() as connection:
        await connection.run_sync(do)
    await engine.dispose()

asyncio.run(main({engine}))
"""
FLASK = """
from flask import current_app
from alembic import context

database = current_app.extensions["migrate"].db
with database.get_engine().connect() as connection:
    context.configure(
        connection=connection, target_metadata=database.metadata, **current_app.extensions["migrate"].configure_args
    )
    with context.begin_transaction():
        context.run_migrations()
"""
MULTIDB = """
from alembic import context
import sqlalchemy as sa

for name in ("orders", "stock"):
    with sa.create_engine(f"postgresql+psycopg://host/{name}").connect() as connection:
        context.configure(connection=connection, upgrade_token=f"{name}_up", downgrade_token=f"{name}_down")
        with context.begin_transaction():
            context.run_migrations(engine_name=name)
"""


def environment(project: Project) -> Environment:
    """What was seen of env.py; the one revision was replayed in full either way."""
    project.revision(CREATE)
    traced = project.traced()
    assert tables(traced) == {"a"}
    return traced.deployments[0].environment


def test_alembics_plain_template_runs(project: Project) -> None:
    assert environment(project).ran


def test_an_engine_with_a_creator_of_its_own_gets_a_shadow_and_the_creator_is_not_called(project: Project) -> None:
    project.env(ONLINE + 'run(sa.create_engine("postgresql+psycopg://", creator=lambda: 1 / 0))')
    assert environment(project).ran


def test_an_engine_with_a_pool_of_its_own_gets_a_shadow(project: Project) -> None:
    project.env(
        ONLINE + "from sqlalchemy.pool import QueuePool\n"
        'run(sa.create_engine("postgresql+psycopg://", pool=QueuePool(lambda: 1 / 0)))'
    )
    assert environment(project).ran


def test_a_raw_connection_of_a_driver_in_c_is_refused_and_explained(project: Project) -> None:
    project.env(ONLINE + 'import psycopg\npsycopg.connect("host=127.0.0.1 port=1")\nrun(sa.create_engine("sqlite://"))')
    found = environment(project)
    assert not found.ran
    assert "psycopg.connect()" in found.why
    assert found.origin is not None
    assert found.origin.line == 11


@pytest.mark.parametrize(
    "engine",
    [
        'create_async_engine("postgresql+asyncpg://h/d")',
        'create_async_engine("postgresql+psycopg://h/d")',
        'create_async_engine("postgresql://h/d")',
        'AsyncEngine(create_engine("postgresql://h/d"))',
        'create_async_engine("postgresql+asyncpg://", async_creator=lambda: 1 / 0)',
    ],
)
def test_asynchronous_engines_run_whatever_driver_their_url_names(project: Project, engine: str) -> None:
    project.env(ASYNC.format(engine=engine))
    assert environment(project).ran


def test_flask_migrates_env_runs_without_flask_and_without_an_application_context(project: Project) -> None:
    project.env(FLASK)
    assert environment(project).ran


def test_each_database_of_the_multidb_template_has_a_schema_of_its_own(project: Project) -> None:
    project.env(MULTIDB)
    name = project.script(
        "r1",
        """
        def upgrade(engine_name):
            globals()[f"upgrade_{engine_name}"]()

        def upgrade_orders():
            op.create_table("orders", sa.Column("id", sa.Integer, primary_key=True))

        def upgrade_stock():
            op.create_table("stock", sa.Column("id", sa.Integer, primary_key=True))
        """,
    )
    deployments = project.traced().deployments
    assert [[k[1] for k in d.final.tables] for d in deployments if d.final] == [["orders"], ["stock"]]
    assert all(d.summaries[name].outcome.value == "full" for d in deployments)


def test_an_env_that_a_program_hands_its_connection_is_handed_one(project: Project) -> None:
    project.env(
        """
        from alembic import context
        connection = context.config.attributes.get("connection", None)
        if connection is None:
            raise RuntimeError("call me from the application")
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
        """
    )
    assert environment(project).ran
    project.revision('op.execute("VACUUM")')
    [finding] = [f for f in project.checked().report.findings if f.code == "MG501"]
    assert "unless the program hands env.py a connection in autocommit" in finding.message
    assert not finding.verified


@pytest.mark.parametrize("options", ['isolation_level="AUTOCOMMIT"', ""])
def test_a_connection_of_a_missing_module_is_in_autocommit_where_env_says_so(project: Project, options: str) -> None:
    """What a script then catches does not end its transaction."""
    project.env(
        f"""
        from alembic import context
        from not_installed_here import engine
        with engine.connect() as connection:
            connection = connection.execution_options({options})
            context.configure(connection=connection)
            with context.begin_transaction():
                context.run_migrations()
        """
    )
    again = 'try:\n    op.execute("CREATE TABLE t (id int)")\nexcept Exception:\n    pass'
    project.revision(f'op.execute("CREATE TABLE t (id int)")\n{again}')
    assert ("MG706" in codes(project.checked())) is not bool(options)


def test_a_log_file_of_env_is_not_opened_and_does_not_stop_it(project: Project) -> None:
    log = project.root / "alembic.log"
    handler = f"logging.FileHandler({str(log)!r})"
    project.env(f"import logging\nlogging.getLogger('alembic').addHandler({handler})\n{BY_PROGRAM}{ENGINE}")
    assert environment(project).ran
    assert not log.exists()


def test_a_log_file_of_a_script_is_told(project: Project) -> None:
    log = project.root / "script.log"
    project.revision(f"import logging; logging.FileHandler({str(log)!r})")
    assert [f.code for f in project.checked().report.findings if f.code == "MG803"] == ["MG803"]
    assert not log.exists()


def test_scripts_find_the_options_of_their_own_that_env_hands_on(project: Project) -> None:
    project.env(
        """
        from alembic import context
        import sqlalchemy as sa
        with sa.create_engine("postgresql://").connect() as one:
            context.configure(connection=one, profile=context.config.attributes["profile"], compare_type=False)
            with context.begin_transaction():
                context.run_migrations()
        """
    )
    project.revision('folder = op.get_context().opts["profile"].folder\nop.execute("CREATE TABLE t (id int)")')
    [deployment] = project.traced().deployments
    assert [one.outcome.value for one in deployment.upgrades] == ["full"]


BY_PROGRAM = """
from alembic import context
import sqlalchemy as sa
config = context.config
target_metadata = None
def go(connection):
    context.configure(connection=connection, target_metadata=target_metadata)
    with context.begin_transaction():
        context.run_migrations()
"""
ENGINE = 'with sa.create_engine("postgresql://").connect() as one:\n    go(one)\n'


@pytest.mark.parametrize(
    ("env", "of_program", "handed_in"),
    [
        ('go(config.attributes["conn"])', "config.attributes['conn']", True),
        ('one = config.attributes.get("conn")\nif one is not None:\n    go(one)', "config.attributes['conn']", True),
        ('if "conn" in config.attributes:\n    go(config.attributes["conn"])', "config.attributes['conn']", True),
        ("go(config.our_connection)", "config.our_connection", True),
        ('with config.attributes.get("engine").connect() as one:\n    go(one)', "config.attributes['engine']", True),
        ("with sa.create_engine(config.shop.url).connect() as one:\n    go(one)", "config.shop", False),
        (
            'with sa.create_engine(config.attributes["url"]).connect() as one:\n    go(one)',
            "config.attributes['url']",
            False,
        ),
        ('target_metadata = config.attributes["models"].metadata\n' + ENGINE, "config.attributes['models']", False),
        ('tables = config.attributes.get("tables", ())\n' + ENGINE, None, False),
        ('tables = config.attributes.get("tables")\n' + ENGINE, None, False),
        ('tables = getattr(config, "tables", None)\n' + ENGINE, None, False),
    ],
)
def test_what_a_program_sets_before_it_runs_env_is_stood_in_for(
    project: Project, env: str, of_program: str | None, *, handed_in: bool
) -> None:
    project.env(BY_PROGRAM + env)
    project.revision(CREATE)
    found = environment(project)
    assert (found.ran, found.of_program, found.handed_in) == (True, (of_program,) if of_program else (), handed_in)
    told = [f.message for f in project.checked().report.findings if f.code == "MG005"]
    assert any(f"{of_program} from the program that runs it" in m for m in told) == (of_program is not None)
    assert found.unknown_names == ("models" in (of_program or ""))


@pytest.mark.parametrize(
    "env",
    [
        'with sa.create_engine(config.get_main_optoin("sqlalchemy.url")).connect() as one:\n    go(one)',
        "with sa.create_engine(sa.nothing.url).connect() as one:\n    go(one)",
        "import os\nlevel = config.attributes.get('level', 3)\nos.environ['SHOP_DATABASE']\n" + ENGINE,
    ],
)
def test_a_mistake_of_env_is_not_what_a_program_sets(project: Project, env: str) -> None:
    project.env(BY_PROGRAM + env)
    found = environment(project)
    assert not found.ran
    assert "program" not in found.why


def test_what_a_program_sets_is_named_where_env_cannot_run_for_want_of_it(project: Project) -> None:
    project.env(BY_PROGRAM + 'class Own(type(config.attributes["engine"])):\n    x = 1 / 0\n')
    assert "config.attributes['engine'] is set by the program that runs it" in environment(project).why
    project.overrides["stub_missing_imports"] = False
    project.env(BY_PROGRAM + 'go(config.attributes["engine"])')
    assert "config.attributes['engine'] is set by the program that runs it" in environment(project).why


@pytest.mark.parametrize(
    ("env", "why"),
    [
        ('raise RuntimeError("no settings")', "RuntimeError: no settings"),
        ('import os\nos.environ["SHOP_DATABASE_URL"]', "SHOP_DATABASE_URL"),
        ("import sys\nsys.exit(4)", "SystemExit"),
        ("import os\nos._exit(4)", "end the process"),
        ("x = 1", "never calls context.run_migrations()"),
        ('open("/tmp/migguard-never", "w")', "opening /tmp/migguard-never for writing"),
        ("def broken(:\n", "SyntaxError"),
    ],
)
def test_an_env_that_cannot_run_is_done_without_and_mg010_says_why(project: Project, env: str, why: str) -> None:
    project.env(env)
    project.revision(CREATE)
    report = project.checked().report
    [finding] = [f for f in report.findings if f.code == "MG010"]
    assert why in finding.message
    assert [r.replay for r in report.revisions] == ["full"]


def test_a_refusal_that_env_survives_is_not_given_as_the_reason(project: Project) -> None:
    project.env(
        "import subprocess\ntry:\n    subprocess.run(['git'])\nexcept OSError:\n    pass\n"
        "raise ValueError('of its own')"
    )
    assert environment(project).why == "ValueError: of its own"


def test_what_an_env_that_raises_would_have_configured_is_read_from_it(project: Project) -> None:
    project.env("from alembic import context\nraise KeyError\ncontext.configure(transaction_per_migration=True)")
    found = environment(project)
    assert not found.ran
    assert found.transaction_per_migration


def test_what_an_env_that_runs_no_migrations_would_have_configured_is_read_from_it(project: Project) -> None:
    project.env(
        """
        from alembic import context

        def run(connection):
            context.configure(connection=connection, transaction_per_migration=True)
            context.run_migrations()
        """
    )
    found = environment(project)
    assert (found.ran, found.transaction_per_migration) == (False, True)


def test_names_are_unknown_where_the_metadata_is_not_installed(project: Project) -> None:
    project.env(
        ONLINE + 'from shop.models import Base\nrun(sa.create_engine("postgresql://"), target_metadata=Base.metadata)\n'
    )
    assert environment(project).unknown_names


def test_the_import_that_brings_such_metadata_is_told(project: Project) -> None:
    project.env(
        ONLINE + 'from shop.models import Base\nrun(sa.create_engine("postgresql://"), target_metadata=Base.metadata)\n'
    )
    project.revision('op.create_table("a", sa.Column("k", sa.Text))')
    [told] = [f for f in project.checked().report.findings if f.code == "MG005"]
    assert told.origin is not None
    assert "import Base" in (project.root / "migrations/env.py").read_text().splitlines()[told.origin.line - 1]


@pytest.mark.parametrize("put", ["models = Base.metadata\nmodels.naming_convention", "Base.metadata.naming_convention"])
def test_a_naming_convention_that_env_puts_on_such_metadata_is_read(project: Project, put: str) -> None:
    handed = "models" if put.startswith("models") else "Base.metadata"
    project.env(
        f"{ONLINE}from shop.models import Base\n{put} = {{'uq': 'one_%(table_name)s', 'pk': 'pk_%(table_name)s'}}\n"
        f'run(sa.create_engine("postgresql://"), target_metadata={handed})\n'
    )
    name = project.revision('op.create_table("a", sa.Column("k", sa.Text, unique=True))')
    found = environment(project)
    assert (found.unknown_names, found.unknown_models, found.naming_convention) == (False, True, True)
    assert found.conventions == ((("uq", "one_%(table_name)s"), ("pk", "pk_%(table_name)s")),)
    assert "one_a" in sql(upgrade(project.traced(), name))[-1]
    [told] = [f.message for f in project.checked().report.findings if f.code == "MG005" and "MetaData" in f.message]
    assert told.endswith("which models there are is not known.")


def test_a_revision_that_is_not_replayed_through_env_still_has_its_lines(project: Project) -> None:
    project.env("raise ValueError")
    name = project.revision(CREATE)
    [statement] = upgrade(project.traced(), name).statements
    assert statement.origin is not None
    assert statement.origin.line == 9


def test_the_offline_side_of_env_and_scripts_is_not_taken(project: Project) -> None:
    project.env("from alembic import context\nassert not context.is_offline_mode()\n" + PLAIN)
    name = project.revision(
        """
        from alembic import context
        op.execute("SELECT 'offline'" if context.is_offline_mode() else "SELECT 'online'")
        """
    )
    assert sql(upgrade(project.traced(), name)) == ["SELECT 'online'"]


@pytest.mark.parametrize(
    ("url", "dialect", "said"),
    [
        ("postgresql+psycopg://app@db/shop", None, True),
        ("postgresql://app@db/shop", "postgresql", False),
        ("postgresql://app@db/shop", "sqlite", False),
        ("sqlite:///shop.db", None, False),
        ("driver://user:pass@localhost/dbname", None, False),
    ],
)
def test_an_env_that_falls_back_on_another_engine_than_the_url_names_is_told(
    project: Project, url: str, dialect: str | None, said: bool
) -> None:
    """An application connects to its default where no setting is made, and all would be judged for that."""
    project.env(f"{BY_PROGRAM}with sa.create_engine('sqlite://').connect() as one:\n    go(one)\n")
    project.revision('op.create_index("ix", "orders", ["id"])')
    project.url, project.overrides = url, {"dialect": dialect} if dialect is not None else {}
    found = project.checked().report.findings
    told = [f for f in found if f.code == "MG010"]
    assert bool(told) is said
    assert all(f.message.startswith("env.py connects to sqlite, and the configuration's") for f in told)


def test_a_plain_env_gives_no_mg010(project: Project) -> None:
    project.revision(CREATE)
    assert "MG010" not in codes(project.checked())


@pytest.mark.parametrize(
    "helper",
    [
        "from house_threads import run_in_thread\n",
        "import house_threads\nfrom functools import partial\n"
        "def run_in_thread(work):\n    return house_threads.run_in_thread(partial(work))\n",
        "import house_threads\n"
        "def run_in_thread(work):\n    async def inner():\n        work()\n"
        "    return house_threads.run_in_thread(inner())\n",
        "import house_threads\n"
        "def run_in_thread(work):\n    def inner():\n        work()\n    house_threads.run_in_thread(inner)\n",
    ],
)
def test_a_call_of_a_missing_module_that_takes_the_revisions_along_is_named(project: Project, helper: str) -> None:
    project.file("shop/__init__.py", "")
    project.file("shop/threads.py", helper)
    project.env(
        ONLINE
        + "from shop.threads import run_in_thread\n\ndef migrate():\n    run(sa.create_engine('postgresql://'))\n\n"
        + "run_in_thread(migrate)\n"
    )
    project.revision(CREATE)
    [finding] = [f for f in project.checked().report.findings if f.code == "MG010"]
    assert "migrate() is handed to house_threads.run_in_thread(), which never calls it" in finding.message
    assert finding.advice.startswith("Install house_threads beside migguard")


@pytest.mark.parametrize(
    ("asked", "advised"),
    [
        ("shop.__version__", "Install the application itself beside"),
        ("shop.version", ""),
        ("house_colours.red; shop.__version__", "Install the application itself and house_colours beside"),
    ],
)
def test_what_the_installed_application_has_is_advised_to_install(project: Project, asked: str, advised: str) -> None:
    project.file("shop/__init__.py", "")
    project.env(f"import shop\n{'import house_colours' if 'house' in asked else ''}\n{asked}\n")
    project.revision(CREATE)
    [finding] = [f for f in project.checked().report.findings if f.code == "MG010"]
    assert (advised or "Run migguard where the application") in finding.advice


def test_an_env_that_raises_for_what_is_missing_names_it(project: Project) -> None:
    """Only what the code used that raised, where that can be told."""
    project.file("shop/__init__.py", "")
    project.file(
        "shop/settings.py",
        "from house_settings import Settings\nclass Own(Settings):\n    url = None\nsettings = Own()\n",
    )
    project.env("import house_colours\nfrom shop.settings import settings\nsettings.url.lower()\n")
    project.revision(CREATE)
    [finding] = [f for f in project.checked().report.findings if f.code == "MG010"]
    assert "house_settings is not installed here" in finding.message
    assert "house_colours" not in finding.message
    assert "house_settings" in finding.advice


@pytest.mark.parametrize(
    ("url", "description"),
    [
        ("postgresql://", "postgresql+psycopg2"),
        ("postgresql+psycopg://", "postgresql+psycopg"),
        ("mysql+pymysql://", "mysql+pymysql"),
        ("sqlite://", "sqlite+pysqlite"),
    ],
)
def test_scripts_that_ask_for_the_driver_find_the_one_of_the_url(project: Project, url: str, description: str) -> None:
    """Which is SQLAlchemy's own where the URL names none."""
    project.overrides = {}
    project.env(f"{BY_PROGRAM}with sa.create_engine('{url}').connect() as one:\n    go(one)\n")
    asks = (
        f'if op.get_bind().dialect.dialect_description == "{description}":\n    op.execute("CREATE TABLE t (id int)")'
    )
    project.revision(asks)
    assert "t" in tables(project.traced())
