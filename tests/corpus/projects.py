"""Published projects with Alembic histories: downloaded once, by pinned version, and kept unpacked in a cache.

Only the projects themselves are had, none of what they depend on, as in an environment that has migguard and nothing
else. `MIGGUARD_CORPUS` names the cache; a project that lies there unpacked is not asked for again.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

KEPT = (".py", ".mako", ".sql", ".json")


class Project(NamedTuple):
    """A release with a history, and the version of the server that has the extensions it asks for."""

    name: str
    version: str
    dialect: str
    script_location: str
    version_locations: str = ""
    server: int = 18

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


PROJECTS = (
    Project("ckan", "2.12.0", "postgresql", "ckan/migration"),
    Project("argilla-server", "2.8.0", "postgresql", "argilla_server/alembic"),
    Project("arize-phoenix", "20.26.1", "postgresql", "phoenix/db/migrations"),
    Project("optuna", "5.0.0", "postgresql", "optuna/storages/_rdb/alembic"),
    Project("langflow-base", "1.13.0", "postgresql", "langflow/alembic"),
    Project(
        "prefect",
        "3.9.1",
        "postgresql",
        "prefect/server/database/_migrations",
        "prefect/server/database/_migrations/versions/postgresql",
        server=15,
    ),
)


def cache() -> Path:
    """Where the projects are kept."""
    named = os.environ.get("MIGGUARD_CORPUS")
    return Path(named) if named else Path.home() / ".cache" / "migguard-corpus"


def unpacked(project: Project) -> Path:
    """The folder of a project's release. Where it cannot be had the test is skipped, or fails on CI."""
    root = cache() / f"{project.name}-{project.version}"
    if not root.is_dir():
        cache().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache()) as folder:
            wheel = downloaded(project, Path(folder))
            made = Path(folder, "unpacked")
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(made, [name for name in archive.namelist() if name.endswith(KEPT)])
            try:
                made.rename(root)
            except OSError:
                if not root.is_dir():  # else another process was faster
                    raise
    return root


def downloaded(project: Project, folder: Path) -> Path:
    """The project's wheel."""
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
         "--dest", str(folder), f"{project.name}=={project.version}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        said = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["pip said nothing"]
        missing(f"{project} could not be downloaded: {said[0]}")
    return wheels[0]


def missing(why: str) -> None:
    """Skip a test that lacks what it needs; on CI it fails."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{why}; CI must have it")
    pytest.skip(why)


def configuration(project: Project) -> Path:
    """An alembic.ini for a project, in its folder. Its URL leads nowhere."""
    root = unpacked(project)
    path = root / f"{project.dialect}.{project.script_location.replace('/', '.')}.ini"
    lines = ["[alembic]", f"script_location = {root / project.script_location}", "path_separator = newline"]
    if project.version_locations:
        lines.append(f"version_locations = {root / project.version_locations}")
    else:
        lines.append("recursive_version_locations = true")
    lines.append(f"sqlalchemy.url = {project.dialect}://nobody@127.0.0.1:1/none")
    text = "\n".join(lines) + "\n"
    if not path.is_file() or path.read_text() != text:
        with tempfile.NamedTemporaryFile("w", dir=root, suffix=".partial", delete=False) as file:
            file.write(text)
        Path(file.name).replace(path)
    return path
