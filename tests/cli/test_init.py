"""`migguard init`: what it writes, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from migguard.rules.frame import Example
from migguard.settings import load_settings
from tests.cli.projects import Done, Project
from tests.rules import examples


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project without any settings."""
    examples.project(Example("pass"), tmp_path, "postgresql")
    return Project(tmp_path)


def init(project: Project, *arguments: str) -> Done:
    """Run it without a terminal."""
    return project.run("init", "--yes", *arguments)


def test_the_settings_it_writes_are_read(project: Project) -> None:
    """The dialect comes from the URL."""
    assert init(project, "--server-version", "16", "--base", "trunk").code == 0
    settings = load_settings(project.root).settings
    assert (settings.dialect, settings.server_version, settings.base) == ("postgresql", "16", "trunk")
    assert not (project.root / ".github").exists()


def test_the_workflow_fetches_the_history_and_uses_the_action(project: Project) -> None:
    """Without the history nobody could tell what is new."""
    assert init(project, "--github").code == 0
    workflow = yaml.safe_load((project.root / ".github/workflows/migrations.yml").read_text())
    [job] = workflow["jobs"].values()
    assert job["steps"][0]["with"]["fetch-depth"] == 0
    assert "migguard" in job["steps"][1]["uses"]
    assert workflow["permissions"] == {"contents": "read", "pull-requests": "write"}


def test_what_is_there_is_left_alone(project: Project) -> None:
    """Exit code 2, and with --force it is written anew; settings in pyproject.toml are never doubled."""
    (project.root / "migguard.toml").write_text('dialect = "mysql"\n')
    assert init(project).code == 2
    assert load_settings(project.root).settings.dialect == "mysql"
    assert init(project, "--force").code == 0
    assert load_settings(project.root).settings.dialect == "postgresql"
    (project.root / "migguard.toml").unlink()
    (project.root / "pyproject.toml").write_text('[tool.migguard]\ndialect = "mariadb"\n')
    assert init(project, "--force").code == 0
    assert not (project.root / "migguard.toml").exists()


def test_a_pre_commit_configuration_that_is_there_gets_no_second_one(project: Project) -> None:
    """The entry is printed for it instead."""
    (project.root / ".pre-commit-config.yaml").write_text("repos: []\n")
    done = init(project, "--pre-commit")
    assert done.code == 2
    assert "id: migguard" in done.err
    assert (project.root / ".pre-commit-config.yaml").read_text() == "repos: []\n"
