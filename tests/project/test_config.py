"""A project's configuration, in all the ways Alembic can be told it, held against Alembic's own reading."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from migguard.errors import ProjectError
from migguard.project.config import AlembicProject, find_project
from migguard.project.graph import read_graph

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the old spellings are read all the same


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def revision(folder: Path, name: str, parent: str | None = None, file: str | None = None) -> None:
    source = f"revision = {name!r}\ndown_revision = {parent!r}\ndef upgrade(): pass\ndef downgrade(): pass\n"
    write(folder / (file or f"{name}_x.py"), source)


def alembics(project: AlembicProject) -> set[str]:
    """The ids of the files that Alembic itself loads for the same configuration."""
    scripts = ScriptDirectory.from_config(project.config)
    return {script.revision for script in scripts.walk_revisions()}


def ids(project: AlembicProject) -> set[str]:
    graph = read_graph(project)
    assert graph.broken == []
    assert graph.unread == []
    return set(graph.revisions)


def same_as_alembic(root: Path, ini: str, wanted: set[str], section: str = "alembic") -> AlembicProject:
    write(root / "alembic.ini", ini)
    project = find_project(root, section=section)
    assert ids(project) == wanted
    assert alembics(project) == wanted
    return project


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with scripts in `migrations`, and one more in `more`."""
    write(tmp_path / "migrations/env.py", "")
    revision(tmp_path / "migrations/versions", "a1")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("location", ["migrations", "%(here)s/migrations", "./migrations/"])
def test_the_script_location_is_a_path(root: Path, location: str) -> None:
    same_as_alembic(root, f"[alembic]\nscript_location = {location}\n", {"a1"})


def test_the_script_location_is_a_folder_of_a_package(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(root / "src/shop_of_the_test/__init__.py", "")
    write(root / "src/shop_of_the_test/db/migrations/env.py", "")
    revision(root / "src/shop_of_the_test/db/migrations/versions", "p1")
    monkeypatch.syspath_prepend(str(root / "src"))
    ini = "[alembic]\nscript_location = shop_of_the_test:db/migrations\nprepend_sys_path = src\n"
    project = same_as_alembic(root, ini, {"p1"})
    assert project.script_location == root / "src/shop_of_the_test/db/migrations"


def test_a_package_is_found_by_prepend_sys_path_alone(root: Path) -> None:
    """Nothing is imported to find it: its __init__ may need settings that are not here."""
    write(root / "src/shop_not_installed/__init__.py", "raise RuntimeError('no settings')")
    write(root / "src/shop_not_installed/migrations/env.py", "")
    revision(root / "src/shop_not_installed/migrations/versions", "p1")
    write(
        root / "alembic.ini", "[alembic]\nscript_location = shop_not_installed:migrations\nprepend_sys_path = . src\n"
    )
    assert ids(find_project(root)) == {"p1"}


def test_the_configuration_is_elsewhere(root: Path) -> None:
    write(root / "deploy/alembic.ini", "[alembic]\nscript_location = %(here)s/../migrations\n")
    assert ids(find_project(root, Path("deploy/alembic.ini"))) == {"a1"}
    assert ids(find_project(root)) == {"a1"}, "the only one in the folders below"


def test_the_environment_names_the_configuration(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(root / "conf/db.ini", "[alembic]\nscript_location = %(here)s/../migrations\n")
    monkeypatch.setenv("ALEMBIC_CONFIG", "conf/db.ini")
    assert find_project(root).config_path == root / "conf/db.ini"


def test_a_section_of_its_own(root: Path) -> None:
    write(root / "billing/env.py", "")
    revision(root / "billing/versions", "b1")
    ini = (
        "[DEFAULT]\nplace = billing\n[alembic]\nscript_location = migrations\n[billing]\nscript_location = %(place)s\n"
    )
    same_as_alembic(root, ini, {"b1"}, section="billing")
    assert ids(find_project(root)) == {"a1"}


@pytest.mark.parametrize(
    ("separator", "sign"),
    [
        ("path_separator = space\n", " "),
        ("path_separator = newline\n", "\n    "),
        ("path_separator = os\n", os.pathsep),
        ("path_separator = :\n", ":"),
        ("path_separator = ;\n", ";"),
        ("version_path_separator = space\n", " "),
        ("version_path_separator = os\n", os.pathsep),
        ("version_path_separator = ;\n", ";"),
    ],
)
def test_version_locations_with_every_separator(root: Path, separator: str, sign: str) -> None:
    revision(root / "more", "m1", "a1")
    ini = f"[alembic]\nscript_location = migrations\n{separator}version_locations = migrations/versions{sign}more\n"
    same_as_alembic(root, ini, {"a1", "m1"})


def test_version_locations_without_a_separator_are_split_as_ever(root: Path) -> None:
    revision(root / "more", "m1", "a1")
    ini = "[alembic]\nscript_location = migrations\nversion_locations = %(here)s/more, %(here)s/migrations/versions\n"
    same_as_alembic(root, ini, {"a1", "m1"})


def test_a_version_location_in_a_package(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(root / "src/shop_versions/__init__.py", "")
    revision(root / "src/shop_versions/versions", "p1", "a1")
    monkeypatch.syspath_prepend(str(root / "src"))
    ini = (
        "[alembic]\nscript_location = migrations\nprepend_sys_path = src\npath_separator = space\n"
        "version_locations = migrations/versions shop_versions:versions\n"
    )
    same_as_alembic(root, ini, {"a1", "p1"})


def test_files_below_a_version_location_count_only_where_the_project_says_so(root: Path) -> None:
    revision(root / "migrations/versions/2026/01", "r1", "a1")
    revision(root / "migrations/versions/__pycache__", "never")
    plain = "[alembic]\nscript_location = migrations\n"
    same_as_alembic(root, plain, {"a1"})
    same_as_alembic(root, plain + "recursive_version_locations = true\n", {"a1", "r1"})


@pytest.mark.parametrize(
    "file",
    [
        "2026_01_31_1200-b2_add_email.py",
        "b2.py",
        "add-email.py",
        "add email.py",
        "0002_b2.py",
        "_b2.py",
        "b2.v1.py",
        "été.py",
    ],
)
def test_a_file_may_have_any_name(root: Path, file: str) -> None:
    revision(root / "migrations/versions", "b2", "a1", file)
    same_as_alembic(root, "[alembic]\nscript_location = migrations\n", {"a1", "b2"})


def test_what_alembic_passes_over_is_no_revision(root: Path) -> None:
    for name in ("__init__.py", "__init__old.py", ".#a1_x.py", "README", "notes.txt", "a1_x.py.orig", "dump.sql"):
        write(root / "migrations/versions" / name, "this is no Python")
    same_as_alembic(root, "[alembic]\nscript_location = migrations\n", {"a1"})


def test_pyproject_alone(root: Path) -> None:
    revision(root / "more", "m1", "a1")
    write(
        root / "pyproject.toml",
        '[tool.alembic]\nscript_location = "%(here)s/migrations"\n'
        'version_locations = ["%(here)s/migrations/versions", "%(here)s/more"]\nprepend_sys_path = ["."]\n',
    )
    project = find_project(root)
    assert project.config_path == root / "pyproject.toml"
    assert ids(project) == alembics(project) == {"a1", "m1"}


def test_pyproject_says_that_locations_are_recursive(root: Path) -> None:
    revision(root / "migrations/versions/2026", "r1", "a1")
    write(
        root / "pyproject.toml",
        '[tool.alembic]\nscript_location = "migrations"\nrecursive_version_locations = true\n',
    )
    assert ids(find_project(root)) == {"a1", "r1"}


def test_the_ini_file_has_the_url_and_pyproject_the_rest(root: Path) -> None:
    write(root / "alembic.ini", "[alembic]\nsqlalchemy.url = mysql://h/d\n")
    write(root / "pyproject.toml", '[tool.alembic]\nscript_location = "migrations"\n')
    project = find_project(root)
    assert project.url == "mysql://h/d"
    assert ids(project) == {"a1"}


def test_one_of_several_version_locations_may_not_be_there_yet(root: Path) -> None:
    """Git keeps no empty folders, and Alembic makes it with the first revision."""
    locations = "path_separator = space\nversion_locations = migrations/versions later\n"
    same_as_alembic(root, f"[alembic]\nscript_location = migrations\n{locations}", {"a1"})


def test_the_only_version_location_has_to_be_there(root: Path) -> None:
    write(root / "alembic.ini", "[alembic]\nscript_location = migrations\nversion_locations = %(here)s/versoins\n")
    with pytest.raises(ProjectError, match="versoins"):
        find_project(root)
