"""What counts as the application: what lies in the project or env.py migrates, and nothing for not being installed."""

from __future__ import annotations

import pytest

from migguard.trace import NoteKind
from tests.shadow.project import PLAIN, Project, upgrade

CREATE = 'op.create_table("a", sa.Column("id", sa.Integer, primary_key=True))'


def applications(project: Project, module: str) -> list[str]:
    """The modules of the application that a revision with this import is said to take from."""
    name = project.revision(CREATE, top=f"from {module} import Thing")
    return [n.subject for n in upgrade(project.traced(), name).notes if n.kind is NoteKind.APP_IMPORT]


def test_a_library_that_is_not_installed_is_not_the_application(project: Project) -> None:
    project.file("shop/__init__.py", "")
    assert applications(project, "house_language.models") == []


@pytest.mark.parametrize(
    "file",
    ["shop/models.py", "src/shop/models.py", "backend/shop/models.py", "backend/src/shop/models.py", "shop.py"],
)
def test_a_package_in_the_project_is_the_application(project: Project, file: str) -> None:
    """Whether Python finds it, as from a src folder that is not on the path, or not."""
    project.file(file, "from house_language import Base\nclass Thing(Base):\n    pass\n")
    assert applications(project, "shop.models" if "/" in file else "shop")


@pytest.mark.parametrize("folder", [".venv/lib/site-packages/shop", "node_modules/shop", "data/shop"])
def test_a_folder_without_sources_of_the_project_is_no_package(project: Project, folder: str) -> None:
    project.file("store/__init__.py", "")
    project.file(f"{folder}/{'models.py' if 'data' not in folder else 'rows.csv'}", "")
    assert applications(project, "shop.models") == []


def test_what_env_py_has_its_tables_from_is_the_application(project: Project) -> None:
    """It may lie in another repository."""
    project.env("from shop.base import Base\ntarget_metadata = Base.metadata\n" + PLAIN)
    assert applications(project, "shop.models") == ["shop.models"]


@pytest.mark.parametrize("there", [True, False])
def test_it_stays_open_whose_a_module_is_that_is_nowhere(project: Project, there: bool) -> None:
    """Such a base may be a library's."""
    if there:
        project.file("shop/base.py", "")
    project.env("from shop.base import Base\ntarget_metadata = Base.metadata\n" + PLAIN if not there else PLAIN)
    name = project.revision(CREATE, top="from shop.models import Thing")
    notes = [n for n in upgrade(project.traced(), name).notes if n.kind is NoteKind.APP_IMPORT]
    assert [bool(n.detail) for n in notes] == [not there]


def test_what_env_py_only_uses_is_not(project: Project) -> None:
    project.file("store/__init__.py", "")
    project.env("from house_logging import setup\nsetup()\n" + PLAIN)
    assert applications(project, "house_logging.models") == []


def test_the_migrations_are_not_the_application(project: Project) -> None:
    assert applications(project, "migrations.missing") == []


@pytest.mark.parametrize("beside", ["", "tests/__init__.py"])
def test_what_migrations_lack_that_lie_by_themselves_is_the_application(project: Project, beside: str) -> None:
    """There is nothing else that it could be."""
    if beside:
        project.file(beside, "")
    assert applications(project, "shop.models") == ["shop.models"]


def test_a_library_of_column_types_is_none_there_either(project: Project) -> None:
    column = 'op.create_table("a", sa.Column("at", Shape("POINT")), sa.Column("on", shapes.Line()))'
    name = project.revision(column, top="from shapes import Shape\nimport shapes")
    assert not [n for n in upgrade(project.traced(), name).notes if n.kind is NoteKind.APP_IMPORT]
