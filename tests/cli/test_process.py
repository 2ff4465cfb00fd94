"""The facts that only a process of its own shows: pipes, terminals, its exit code, what is left behind."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.projects import BLOCKING, UNBLOCK, Project, environment

pytestmark = pytest.mark.thorough

COMMAND = [sys.executable, "-c", "from migguard.cli.main import main; main()"]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path).lay_out()
    made.revision("b2b2", "a1a1", BLOCKING, UNBLOCK)
    return made


def test_a_report_goes_to_standard_output_and_nothing_besides(project: Project) -> None:
    """Libraries that a project loads write past Python; so do its scripts."""
    loud = "import os, sys, logging; os.write(1, b''); print('x'); sys.__stdout__.write('y'); logging.warning('z')\n"
    project.write("migrations/env.py", loud + (project.root / "migrations/env.py").read_text())
    before = project.files()
    done = project.spawn("check", "--since", "a1a1", "--format", "json")
    assert done.code == 1
    assert "MG401" in done.codes
    assert done.err == ""
    assert project.files() == before


def test_a_mistake_is_exit_code_2(project: Project) -> None:
    done = project.spawn("check", "--nope")
    assert (done.code, done.out) == (2, "")


def test_a_script_that_kills_its_process_does_not(project: Project) -> None:
    project.revision("c3c3", "b2b2", "import os; os._exit(0)")
    done = project.spawn("check", "--since", "b2b2", "--format", "json")
    assert done.code == 3
    assert "MG002" in done.codes


def test_the_first_stand_in_may_be_of_what_a_program_sets(project: Project) -> None:
    """Stand-ins bring SQLAlchemy's ORM along, whose own import comes to the names that are watched for stand-ins."""
    asks = "\nfrom alembic import context\ncontext.config.shop_settings\n"
    env = (project.root / "migrations/env.py").read_text()
    project.write("migrations/env.py", f"{asks}{env}")
    done = project.spawn("check", "--since", "a1a1", "--format", "json")
    assert done.code == 1
    assert "MG401" in done.codes


def test_a_reader_that_goes_away_is_no_finding(project: Project) -> None:
    """Exit code 1 would say that there are findings, and 0 that somebody saw there are none."""
    reading, writing = os.pipe()
    os.close(reading)
    started = subprocess.Popen(
        [*COMMAND, "check", "--since", "a1a1"],
        cwd=project.root,
        env=environment(project.cache),
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writing)
    _, err = started.communicate(timeout=120)
    assert (started.returncode, err) == (3, "")


def test_a_terminal_gets_colours(project: Project) -> None:
    ours, theirs = pty.openpty()
    started = subprocess.Popen(
        [*COMMAND, "check", "--since", "a1a1"],
        cwd=project.root,
        env=environment(project.cache | {"TERM": "xterm-256color"}),
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the other side is closed
            break
        if not part:
            break
        shown += part
    os.close(ours)
    assert started.wait(timeout=120) == 1
    assert b"\x1b[1;31merror" in shown


def test_a_current_directory_that_is_gone(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    code = f"import os; os.chdir({str(gone)!r}); os.rmdir({str(gone)!r}); from migguard.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "check"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("migguard: the current directory does not exist any more\n")
