"""Projects with models: what is written down is one revision, the models, and how env.py compares them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.cli.projects import INI, Done, Project

ENV = """\
from alembic import context
from sqlalchemy import create_engine, pool

{imports}

url = context.config.get_main_option("sqlalchemy.url")
with create_engine(url, poolclass=pool.NullPool).connect() as connection:
    context.configure(connection=connection, {options})
    with context.begin_transaction():
        context.run_migrations()
"""
SETTINGS = 'dialect = "postgresql"\nserver_version = "18"\n'
MODELS = "import sqlalchemy as sa\n\nmetadata = sa.MetaData()\n"


def project(
    root: Path,
    migration: str,
    models: str,
    options: str = "target_metadata=metadata",
    imports: str = "from models import metadata",
    env: str = ENV,
    ini: str = INI,
) -> Project:
    """A project of one revision, and `models.py` which begins with a `metadata`."""
    made = Project(root)
    made.write("alembic.ini", ini.replace("[alembic]\n", "[alembic]\nprepend_sys_path = .\npath_separator = os\n", 1))
    made.write("migrations/env.py", env.format(imports=imports, options=options) if env is ENV else env)
    made.write("migguard.toml", SETTINGS)
    made.write("models.py", f"{MODELS}{models}\n")
    made.revision("a1a1", None, migration)
    return made


def drift(made: Project, *arguments: str) -> tuple[Done, list[dict[str, Any]]]:
    """Run `migguard drift`; what it says, and the differences."""
    done = made.run("drift", "--format", "json", *arguments)
    return done, done.report["differences"] if done.out else []


def said(differences: list[dict[str, Any]]) -> set[str]:
    """Kind and place of each difference in one word each."""
    return {
        " ".join([d["kind"], ".".join(p for p in (d["schema"], d["table"], d["object"]) if p)]) for d in differences
    }


def users(*more: str) -> str:
    """A call of `create_table` in a revision."""
    columns = ["sa.Column('id', sa.BigInteger(), primary_key=True)", *more]
    return f"op.create_table('users', {', '.join(columns)})"


def table(name: str, *more: str, metadata: str = "metadata") -> str:
    """A table of the models with the key `id`."""
    columns = ["sa.Column('id', sa.BigInteger, primary_key=True)", *more]
    return f"sa.Table({name!r}, {metadata}, {', '.join(columns)})"
