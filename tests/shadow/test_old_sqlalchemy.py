"""Revisions that were written for SQLAlchemy 1.4."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from migguard.pipeline import run
from migguard.shadow.legacy import legacy, patches, within
from migguard.shadow.required import asks_for_older, wants_old_sqlalchemy
from migguard.trace import NoteKind, Outcome
from tests.shadow.project import Project, codes, notes, sql, summary, tables, upgrade

CREATE = """
op.create_table("a", sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Enum("x", name="kind")))
t = sa.table("a", sa.column("id"))
"""
PIN = '[project]\nname = "shop"\ndependencies = ["alembic", "sqlalchemy>=1.4,<2"]\n'


@pytest.mark.parametrize(
    "old",
    [
        'op.get_bind().execute("UPDATE a SET id = 1")',
        'op.get_bind().execute("UPDATE a SET id = %s", (1,))',
        'op.get_bind().engine.execute("UPDATE a SET id = 1")',
        't = sa.Table("a", sa.MetaData(bind=op.get_bind()), autoload=True)\nop.execute(t.update().values(id=1))',
        'op.execute(t.update(t.c.id == sa.select([sa.func.max(t.c.id)]).as_scalar(), {"id": 1}))',
        'op.get_bind().execute(sa.select([t.c.id], t.c.id > 1)).fetchall()\nop.execute("UPDATE a SET id = 1")',
        'assert op.get_bind().execute("SELECT 1 AS one").first()["one"] == 1\nop.execute("UPDATE a SET id = 1")',
        "op.execute(t.update().values(id=sa.case([(t.c.id > 1, 1)], else_=2)))",
    ],
)
def test_they_run_as_they_did_where_the_project_pins_it(project: Project, old: str) -> None:
    """The type that the first, stricter attempt made is made again."""
    project.file("pyproject.toml", PIN)
    name = project.revision(f"{CREATE}\n{old}")
    traced = project.traced()
    found = upgrade(traced, name)
    assert summary(traced, name).outcome is Outcome.FULL
    assert notes(found, NoteKind.STUBBED) == ["SQLAlchemy 1.4"]
    assert sql(found)[0] == "CREATE TYPE kind AS ENUM ('x')"
    assert sql(found)[-1].startswith("UPDATE a SET")
    assert tables(traced) == {"a"}


def test_a_downgrade_alone_may_be_an_old_one(project: Project) -> None:
    """What only the downgrade needs is said of the revision all the same."""
    project.file("pyproject.toml", PIN)
    name = project.revision(
        CREATE, 'op.get_bind().execute("DELETE FROM a")\nop.drop_table("a")\nop.execute("DROP TYPE kind")'
    )
    traced = project.traced()
    assert notes(upgrade(traced, name), NoteKind.STUBBED) == ["SQLAlchemy 1.4"]
    checked = project.checked()
    assert "MG203" not in codes(checked)
    [said] = [f.message for f in checked.report.findings if f.code == "MG005"]
    assert said.startswith("It was replayed as SQLAlchemy 1.4 runs it")
    assert said.endswith("refuses what it calls in line 14.")


def test_the_line_that_the_installed_one_refuses_is_told(project: Project) -> None:
    project.file("pyproject.toml", PIN)
    name = project.revision(f'{CREATE}\nop.get_bind().execute("UPDATE a SET id = 1")')
    lines = (project.versions / f"{name}_x.py").read_text().splitlines()
    [found] = [f for f in project.checked().report.findings if f.code == "MG005"]
    assert found.origin is not None
    assert "UPDATE a" in lines[found.origin.line - 1]
    assert found.message.endswith(f"in line {found.origin.line}.")


def test_a_line_that_raises_for_another_reason_is_not_told_as_refused(project: Project) -> None:
    """The application's code raises there once its library is missing, and 1.4 is needed further below."""
    project.file("pyproject.toml", PIN)
    project.file("shop/__init__.py", "import house_kinds\n\n\ndef table(name):\n    raise LookupError(name)\n")
    name = project.revision(
        f'{CREATE}\nop.execute("UPDATE a SET id = 2")\nop.get_bind().execute("UPDATE a SET id = 1")',
        top="import shop\nKIND = shop.table('a')",
    )
    lines = (project.versions / f"{name}_x.py").read_text().splitlines()
    found = next(f for f in project.checked().report.findings if f.code == "MG005" and f.revision == name)
    assert "It was replayed as SQLAlchemy 1.4 runs it" in found.message
    line = next(n for n, text in enumerate(lines, 1) if "SET id = 1" in text)
    assert found.message.endswith(f"refuses what it calls in line {line}.")


def test_where_the_project_is_on_sqlalchemy_2_they_fail_as_they_will(project: Project) -> None:
    project.file("pyproject.toml", PIN.replace(">=1.4,<2", ">=2"))
    project.revision(f'{CREATE}\nop.get_bind().execute("UPDATE a SET id = 1")')
    assert "MG002" in codes(project.checked())


def test_where_nothing_is_said_and_all_is_installed_they_fail_as_they_will(project: Project) -> None:
    project.revision(f'{CREATE}\nop.get_bind().execute("UPDATE a SET id = 1")')
    assert "MG002" in codes(project.checked())


@pytest.mark.parametrize(
    ("file", "text", "old"),
    [
        ("requirements.txt", "alembic\nSQLAlchemy==1.4.54\n", True),
        ("requirements/base.txt", "sqlalchemy[asyncio]~=2.0 ; python_version > '3'\n", False),
        ("pyproject.toml", '[tool.poetry.dependencies]\nSQLAlchemy = {extras = ["a"], version = "^1.4"}\n', True),
        ("setup.py", "setup(install_requires=['sqlalchemy-utils<1', 'sqlalchemy<2', 'x==1'])\n", True),
        ("uv.lock", '[[package]]\nname = "sqlalchemy"\nversion = "2.0.44"\n', False),
        ("requirements.txt", "flask-sqlalchemy==2.5\nsqlalchemy\n", None),
    ],
)
def test_what_a_project_asks_for_is_read_from_its_files(tmp_path: Path, file: str, text: str, old: bool | None) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text)
    assert wants_old_sqlalchemy(tmp_path) is old


@pytest.mark.parametrize(
    ("text", "older"),
    [
        ("==1.4.27", True), ("==1.4.32", False), ("==1.3.*", True), ("==1.4.*", False), ("~=1.4.10", False),
        ("~=1.3.24", True), (">=1.3,<1.4.32", True), (">=1.3,<2", False), ("<=1.4.31", True), (">=1.3", False),
        ("", False), ("==2.0.1", False), ("!=1.4.27", False), ("==1.4.27.dev1", True),
    ],
)  # fmt: skip
def test_a_project_that_asks_for_a_sqlalchemy_before_1_4_32_is_told_that_it_has_no_not_valid(
    project: Project, text: str, older: bool
) -> None:
    project.file("requirements.txt", f"alembic==1.8.1\nSQLAlchemy{text}\n")
    released = project.revision(CREATE)
    project.revision('op.create_check_constraint("ck", "a", "id > 0")')
    report = run(replace(project.request(), everything=False, since=released)).report
    [found] = [f for f in report.findings if f.code == "MG404"]
    assert "postgresql_not_valid=True" in found.recipe
    assert ("# postgresql_not_valid came with SQLAlchemy 1.4.32" in found.recipe) == older


@pytest.mark.parametrize(
    ("file", "text", "older"),
    [
        ("pyproject.toml", '[tool.poetry.dependencies]\nSQLAlchemy = "^1.3.2"\n', False),
        ("pyproject.toml", '[tool.poetry.dependencies]\nSQLAlchemy = "~1.3.2"\n', True),
        ("pyproject.toml", '[tool.poetry.dependencies]\nSQLAlchemy = "^0.9"\n', True),
        ("poetry.lock", '[[package]]\nname = "sqlalchemy"\nversion = "1.4.31"\n', True),
        ("Pipfile.lock", '{"default": {"sqlalchemy": {"hashes": [], "version": "==1.4.41"}}}', False),
    ],
)
def test_what_is_older_than_a_release_is_read_from_its_files(tmp_path: Path, file: str, text: str, older: bool) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / file).write_text(text)
    assert asks_for_older(tmp_path, (1, 4, 32)) is older


def test_sqlalchemy_is_afterwards_what_it_was() -> None:
    owners = [(owner, name) for owner, name, _ in (*within(), *patches())]
    before = [vars(owner).get(name) for owner, name in owners]
    with legacy():
        assert sa.MetaData.__init__ is not before
    assert [vars(owner).get(name) for owner, name in owners] == before
