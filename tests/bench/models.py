"""A project in git with models: as many mapped classes as one likes, their history, and a branch with one revision."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.bench.project import ASPECTS, ENV_PY, INI, SUBJECTS

COLUMNS = (
    ("status", "str", "sa.String(50)"),
    ("amount", "Decimal", "sa.Numeric(12, 2)"),
    ("title", "str", "sa.Text()"),
    ("position", "int", "sa.Integer()"),
    ("made_at", "datetime", "sa.DateTime(timezone=True)"),
    ("active", "bool", "sa.Boolean()"),
    ("code", "str", "sa.String(20)"),
)
HEAD = """\
from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass
"""
SCRIPT = '''\
"""r"""
from alembic import op
import sqlalchemy as sa

revision = "{revision}"
down_revision = {parent!r}


def upgrade():
    {upgrade}


def downgrade():
    {downgrade}
'''


def write_models(folder: Path, count: int) -> None:
    """Write the project: main has the models and a revision for each, the branch that is checked out has one more."""
    names = [f"{subject}_{aspect}" for subject in SUBJECTS for aspect in ASPECTS][:count]
    versions = folder / "migrations" / "versions"
    versions.mkdir(parents=True)
    (folder / "app").mkdir()
    (folder / "app" / "__init__.py").touch()
    (folder / "alembic.ini").write_text(INI.replace("[alembic]\n", "[alembic]\nprepend_sys_path = .\n"))
    env = ENV_PY.replace("target_metadata = None", "from app.models import Base\ntarget_metadata = Base.metadata")
    (folder / "migrations" / "env.py").write_text(env)
    models = "\n\n".join([HEAD, *(model(name, names[n - 1] if n else None) for n, name in enumerate(names))])
    (folder / "app" / "models.py").write_text(models)
    for number, name in enumerate(names):
        parent = names[number - 1] if number else None
        write(versions, number, create(name, parent), f'op.drop_table("{name}")')
    git(folder, "init", "--initial-branch=main")
    git(folder, "add", ".")
    git(folder, "commit", "--message=released")
    git(folder, "checkout", "-b", "feature")
    first = f'    __tablename__ = "{names[0]}"\n'
    more = f"{first}    extra: Mapped[str | None] = mapped_column(sa.Text())\n"
    (folder / "app" / "models.py").write_text(models.replace(first, more))
    add = f'op.add_column("{names[0]}", sa.Column("extra", sa.Text()))'
    write(versions, count, add, f'op.drop_column("{names[0]}", "extra")')
    git(folder, "add", ".")
    git(folder, "commit", "--message=one more column")


def model(name: str, parent: str | None) -> str:
    """A mapped class."""
    lines = [
        f"\nclass {class_of(name)}(Base):",
        f'    __tablename__ = "{name}"',
        "    id: Mapped[int] = mapped_column(sa.BigInteger(), primary_key=True)",
        *(f"    {column}: Mapped[{kind} | None] = mapped_column({sql})" for column, kind, sql in COLUMNS),
    ]
    if parent is not None:
        lines += [
            f'    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("{parent}.id"), index=True)',
            f"    parent: Mapped[{class_of(parent)} | None] = relationship()",
        ]
    return "\n".join(lines)


def class_of(name: str) -> str:
    """The class of a table."""
    return "".join(word.title() for word in name.split("_"))


def create(name: str, parent: str | None) -> str:
    """The call that makes a model's table, and its index."""
    columns = ['sa.Column("id", sa.BigInteger(), primary_key=True)']
    columns += [f'sa.Column("{column}", {sql})' for column, _, sql in COLUMNS]
    if parent is None:
        return f'op.create_table("{name}", {", ".join(columns)})'
    columns.append(f'sa.Column("parent_id", sa.BigInteger(), sa.ForeignKey("{parent}.id"))')
    index = f'op.create_index("ix_{name}_parent_id", "{name}", ["parent_id"])'
    return f'op.create_table("{name}", {", ".join(columns)})\n    {index}'


def write(versions: Path, number: int, upgrade: str, downgrade: str) -> None:
    """Write a revision."""
    parent = f"r{number - 1}" if number else None
    script = SCRIPT.format(revision=f"r{number}", parent=parent, upgrade=upgrade, downgrade=downgrade)
    (versions / f"r{number}.py").write_text(script)


def git(folder: Path, *arguments: str) -> None:
    """Run git."""
    identity = ("-c", "user.name=bench", "-c", "user.email=bench@example.org")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)
