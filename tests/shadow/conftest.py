"""The project that each test here writes."""

from pathlib import Path

import pytest

from tests.shadow.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project with Alembic's plainest env.py."""
    return Project(tmp_path)
