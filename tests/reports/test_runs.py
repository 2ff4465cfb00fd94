"""A run ends in the same way in every format, and writes the report and nothing else to standard output."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.reports.formats import FORMATS
from tests.cli.projects import BLOCKING, ENV, UNBLOCK, Project

pytestmark = pytest.mark.thorough

LOUD_ENV = f"import os, sys\nprint('from env.py')\nsys.stdout.write('again')\nos.write(1, b'beyond Python')\n{ENV}"
NOISE = "print('from a script')\n"
BROKEN = "raise RuntimeError('it fell over')"


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Project]:
    """A project for each exit code; all of them print what they can."""
    made = {}
    for code, up in {0: "pass", 1: BLOCKING, 3: BROKEN}.items():
        project = Project(tmp_path_factory.mktemp(f"code{code}")).lay_out(env=LOUD_ENV)
        project.revision("b2b2", "a1a1", NOISE + up, UNBLOCK, top=NOISE)
        made[code] = project
    return made


@pytest.mark.parametrize("code", [0, 1, 3])
@pytest.mark.parametrize("form", FORMATS)
def test_a_format_changes_neither_the_exit_code_nor_what_a_file_gets(
    form: str, code: int, projects: dict[int, Project], tmp_path: Path
) -> None:
    path = tmp_path / "report"
    done = projects[code].spawn(
        "check", "--since", "a1a1", "--ignore", "MG8,MG5,MG2", "--format", form, "-o", f"{form}={path}"
    )
    assert done.code == code, done.err
    assert done.out == path.read_text(encoding="utf-8")
    for noise in ("from env.py", "from a script", "beyond Python"):
        assert noise not in done.out


@pytest.mark.parametrize("form", FORMATS)
def test_a_mistake_leaves_standard_output_empty(form: str, projects: dict[int, Project]) -> None:
    done = projects[0].spawn("check", "--since", "nowhere", "--format", form)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("migguard: ")


def test_one_run_writes_all_formats(projects: dict[int, Project], tmp_path: Path) -> None:
    outputs = [word for form in FORMATS for word in ("-o", f"{form}={tmp_path / form}")]
    done = projects[1].run("check", "--since", "a1a1", *outputs)
    assert done.code == 1
    for form in FORMATS:
        alone = projects[1].run("check", "--since", "a1a1", "--format", form)
        assert alone.code == 1
        assert alone.out == (tmp_path / form).read_text(encoding="utf-8")
