"""Projects in git whose base has models, and a branch with a revision and no commit yet."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tests.cli.projects import INI, Done, Project

ENV = """\
from alembic import context
from sqlalchemy import create_engine, pool

{imports}

with create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none", poolclass=pool.NullPool).connect() as connection:
    context.configure(connection=connection, {options})
    with context.begin_transaction():
        context.run_migrations()
"""
SETTINGS = 'dialect = "postgresql"\nserver_version = "18"\n'
BASE = """\
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id = sa.Column(sa.BigInteger, primary_key=True)
    {column}
"""
USERS = (
    'op.create_table("users", sa.Column("id", sa.BigInteger(), primary_key=True), sa.Column("fax", sa.Text()), '
    'sa.Column("old", sa.Text()))'
)
DROP = 'op.drop_column("users", "fax")\nop.drop_column("users", "old")'
FAX = "fax = sa.Column(sa.Text)"


def released(
    root: Path,
    files: dict[str, str] | None = None,
    imports: str = "from app.models import Base",
    options: str = "target_metadata=Base.metadata",
    env: str | None = None,
    prepend: str = ".",
    ini: str = INI,
    settings: str = SETTINGS,
) -> Project:
    """A committed project on main whose models know `users.fax`; `users.old` is in the schema alone."""
    made = Project(root)
    made.write("alembic.ini", ini.replace("[alembic]\n", f"[alembic]\nprepend_sys_path = {prepend}\n", 1))
    made.write("migrations/env.py", env if env is not None else ENV.format(imports=imports, options=options))
    made.write("migguard.toml", settings)
    made.write(".gitignore", "__pycache__/\n")
    for name, content in ({"app/__init__.py": "", "app/models.py": BASE.format(column=FAX)} | (files or {})).items():
        made.write(name, content)
    made.revision("a1a1", None, USERS)
    made.commit()
    return made


def branch(made: Project, code: str = DROP, models: str | None = BASE.format(column="pass")) -> None:
    """Work on it: a new revision, and models that go with it."""
    made.revision("b2b2", "a1a1", code)
    if models is not None:
        made.write("app/models.py", models)


def check(made: Project, *arguments: str, **variables: str) -> Done:
    return made.run("check", "--base", "main", "--format", "json", *arguments, **variables)


def spoken(done: Done, *codes: str) -> dict[str, str]:
    """The findings of those codes: how severe, by what they are about."""
    found: list[dict[str, Any]] = done.report["findings"]
    return {f"{f['code']} {f['message'].split()[1].rstrip('.,:')}": f["severity"] for f in found if f["code"] in codes}


DECIDED = {
    "MG302 users.fax": "error",
    "MG302 users.old": "notice",
    "MG603 users.fax": "error",
}
"""What is said where the models of the base are known."""

UNDECIDED = {"MG302 users.fax": "error", "MG302 users.old": "error"}
"""What is said where they are not."""


def decided(made: Project, *arguments: str, **variables: str) -> dict[str, str]:
    return spoken(check(made, *arguments, **variables), "MG302", "MG603")


def why(made: Project, **variables: str) -> str:
    """What a report for people says of the models."""
    done = made.run("check", "--base", "main", "--no-color", **variables)
    text = " ".join(done.out.split())
    start = text.find("The models of the running code are not known")
    return text[start : text.find("falls back", start)] if start >= 0 else ""


def leftovers(folder: Path) -> set[str]:
    return {name for name in os.listdir(folder) if name.startswith("migguard-")}
