"""action.yml and the workflows are what GitHub's schemas ask for, and the README's workflow runs."""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import yaml

from tests.cli.projects import Project
from tests.github import runner
from tests.github.conftest import ACTION, Forge

pytestmark = pytest.mark.thorough

ROOT = ACTION.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"\./|[\w.-]+/[\w./-]+@[0-9a-f]{40}")


def readme_workflow() -> str:
    """The README's workflow for users."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("## In CI")[2]
    return section.partition("```yaml\n")[2].partition("```")[0]


def validate(schema: str, path: Path) -> None:
    """Hold a file against one of the schemas that check-jsonschema has."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_action_is_one() -> None:
    validate("github-actions", ACTION)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_is_one_and_pins_what_it_uses(path: Path) -> None:
    validate("github-workflows", path)
    described = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert described["permissions"] == {"contents": "read"}
    used = [s["uses"] for job in described["jobs"].values() for s in job["steps"] if "uses" in s]
    assert used
    for one in used:
        assert PINNED.fullmatch(one), one


def test_no_script_of_the_action_holds_an_expression() -> None:
    steps = yaml.safe_load(ACTION.read_text(encoding="utf-8"))["runs"]["steps"]
    assert not [step["id"] for step in steps if "${{" in step["run"]]
    assert ["GH_TOKEN" in step["env"] for step in steps] == [False, False, True]


def test_the_readme_workflow_is_short_and_runs(forge: Forge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing said about Python an environment of its own is made; here its packages come from the tests' own."""
    text = readme_workflow()
    assert len(text.splitlines()) <= 12
    path = tmp_path / "migrations.yml"
    path.write_text(text, encoding="utf-8")
    validate("github-workflows", path)
    described = yaml.safe_load(text)
    assert described["permissions"]["pull-requests"] == "write"
    checkout, action = described["jobs"]["migrations"]["steps"]
    assert checkout["with"]["fetch-depth"] == 0
    forge.begin().blocking()
    (forge.commands / "python3").symlink_to(sys.executable)
    temporary, merged = tmp_path / "temporary", forge.merge_commit()
    workspace = forge.checkout(merged)
    head = {"sha": forge.origin.git("rev-parse", "feature"), "ref": "feature", "repo": {"full_name": "acme/shop"}}
    payload = {"pull_request": {"number": 1, "head": head, "base": {"ref": "main"}}}
    environment = runner.environment(workspace, temporary, "pull_request", payload, merged, str(forge.commands))
    environment |= {"FAKE_GH": str(forge.state), "PYTHONPATH": sysconfig.get_path("purelib")}
    environment |= {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"}
    done = runner.run_action(ACTION, action["with"], workspace, temporary, environment, token="ghs_token")
    assert Path(done.steps["install"].outputs["python"]).is_relative_to(temporary), done.everything
    assert done.outputs["exit-code"] == "1", done.everything
    assert len(forge.comments) == 1
    assert Project(workspace).git("status", "--porcelain", "--ignored") == ""
