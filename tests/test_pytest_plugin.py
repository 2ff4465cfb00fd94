"""`pytest --migguard` in projects of its users, run by their own pytest in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.projects import BLOCKING, UNBLOCK, Project, environment

pytestmark = pytest.mark.thorough

EMAIL = 'op.add_column("users", sa.Column("name", sa.Text()))'
OWN_TEST = "def test_own():\n    pass\n"
MODELS = """
from sqlalchemy import MetaData, Table, Column, BigInteger, Text

metadata = MetaData()
Table("users", metadata, Column("id", BigInteger, primary_key=True), Column("email", Text), Column("name", Text))
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """main has a1a1; the branch adds b2b2, which is fine, and c3c3, which blocks writes."""
    made = Project(tmp_path / "shop").lay_out()
    made.write("pytest.ini", "[pytest]\naddopts = --strict-markers\n")
    made.write("test_own.py", OWN_TEST)
    made.commit()
    made.git("checkout", "--quiet", "-b", "feature")
    made.revision("b2b2", "a1a1", EMAIL, 'op.drop_column("users", "name")')
    made.revision("c3c3", "b2b2", BLOCKING, UNBLOCK)
    return made


def run(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rA", *arguments],
        cwd=project.root,
        env=environment(project.cache),
        capture_output=True,
        text=True,
        check=False,
    )


def outcomes(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """The outcome of each test, as the short summary says it."""
    words = (line.split() for line in done.stdout.splitlines())
    return {w[1]: w[0] for w in words if len(w) > 1 and w[0] in ("PASSED", "FAILED", "ERROR")}


def test_each_new_revision_is_a_test_that_fails_with_its_findings(project: Project) -> None:
    done = run(project, "--migguard", "--migguard-base", "main")
    assert outcomes(done) == {
        "test_own.py::test_own": "PASSED",
        "migguard::b2b2": "PASSED",
        "migguard::c3c3": "FAILED",
        "migguard::history": "PASSED",
        "migguard::project": "PASSED",
        "migguard::analysis": "PASSED",
    }, done.stdout + done.stderr
    assert done.returncode == 1
    assert "error MG401 blocking-index-build  migrations/versions/c3c3_x.py:" in done.stdout
    assert "Building ix_users_email blocks every read and write of users until it ends." in done.stdout
    assert "Traceback" not in done.stdout
    assert "2 of 3 revisions checked" in done.stdout


def test_nothing_is_collected_or_imported_without_the_option(project: Project) -> None:
    project.write(
        "test_own.py",
        "import sys\n\ndef test_own():\n"
        "    loaded = {m for m in sys.modules if m.startswith('migguard')}\n"
        "    assert loaded == {'migguard', 'migguard.pytest_plugin'}\n"
        "    assert not {'alembic', 'sqlalchemy', 'sqlglot', 'rich', 'msgspec'} & set(sys.modules)\n",
    )
    (project.root / "alembic.ini").write_text("no configuration at all")
    done = run(project)
    assert outcomes(done) == {"test_own.py::test_own": "PASSED"}, done.stdout


def test_workers_share_one_check(project: Project) -> None:
    project.write(
        "migrations/env.py",
        f"open({str(project.root.parent / 'replays')!r}, 'a').close()\n"
        + (project.root / "migrations" / "env.py").read_text(),
    )
    done = run(project, "--migguard", "--migguard-base", "main", "-n", "2")
    assert outcomes(done)["migguard::c3c3"] == "FAILED", done.stdout + done.stderr
    assert outcomes(done)["migguard::b2b2"] == "PASSED"
    assert outcomes(done)["test_own.py::test_own"] == "PASSED"
    assert len(outcomes(done)) == 6


def test_a_revision_is_chosen_by_its_name_and_all_by_their_marker(project: Project) -> None:
    done = run(project, "--migguard", "--migguard-base", "main", "-k", "b2b2")
    assert outcomes(done) == {"migguard::b2b2": "PASSED"}, done.stdout
    done = run(project, "--migguard", "--migguard-base", "main", "-m", "not migguard")
    assert outcomes(done) == {"test_own.py::test_own": "PASSED"}


def test_the_fixture_is_the_report_with_and_without_the_option(project: Project) -> None:
    project.write(
        "test_own.py",
        "def test_own(migguard):\n    assert ['c3c3'] == [f.revision for f in migguard.findings if f.code == 'MG401']\n"
        "    assert [r.revision for r in migguard.revisions if r.checked] == ['b2b2', 'c3c3']\n",
    )
    for options in ((), ("--migguard",), ("--migguard", "-n", "2")):
        done = run(project, *options, "--migguard-base", "main")
        assert outcomes(done)["test_own.py::test_own"] == "PASSED", done.stdout


def test_what_is_wrong_with_the_project_fails_its_own_tests(project: Project) -> None:
    released = project.root / "migrations" / "versions" / "a1a1_x.py"
    released.write_text(released.read_text().replace("sa.Text()", "sa.String(40)"))
    done = run(project, "--migguard", "--migguard-base", "main")
    found = outcomes(done)
    assert found["migguard::history"] == "FAILED", done.stdout
    assert found["migguard::b2b2"] == "PASSED"
    assert "error MG106" in done.stdout


def test_a_revision_of_which_nothing_was_seen_fails(project: Project) -> None:
    project.write("migrations/versions/d4d4_x.py", 'revision = "d4d4"\ndown_revision = "c3c3"\n\ndef upgrade(:\n')
    done = run(project, "--migguard", "--migguard-base", "main")
    found = outcomes(done)
    assert found["migguard::analysis"] == "FAILED", done.stdout
    assert "d4d4_x.py could not be loaded" in done.stdout


def test_models_are_compared_where_there_are_any(project: Project) -> None:
    done = run(project, "--migguard", "-k", "drift")
    assert "SKIPPED" in done.stdout
    assert "there are no models to compare with the migrations" in done.stdout
    project.write("models.py", MODELS)
    env = (project.root / "migrations" / "env.py").read_text()
    project.write(
        "migrations/env.py",
        "from models import metadata\n" + env.replace("=connection)", "=connection, target_metadata=metadata)"),
    )
    project.write("alembic.ini", (project.root / "alembic.ini").read_text() + "prepend_sys_path = .\n")
    done = run(project, "--migguard", "-k", "drift")
    assert "MG90" in done.stdout, done.stdout
    assert "ix_users_email" in done.stdout


def test_a_mistake_ends_the_session_in_one_line(project: Project) -> None:
    for options in ((), ("-n", "2")):
        done = run(project, "--migguard", "--migguard-config", "nothing.ini", *options)
        assert done.returncode == pytest.ExitCode.USAGE_ERROR, done.stdout + done.stderr
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR: migguard:")]
        assert len(said) == 1
        assert "nothing.ini" in said[0]
        assert "Traceback" not in done.stdout + done.stderr


def test_the_modules_that_tests_have_loaded_stay_as_they_are(project: Project) -> None:
    """The replay is a process of its own: env.py and its side effects do not reach the tests."""
    project.write("shared.py", "seen = []\n")
    env = (project.root / "migrations" / "env.py").read_text()
    project.write("migrations/env.py", "import shared\nshared.seen.append(1)\n" + env)
    project.write("alembic.ini", (project.root / "alembic.ini").read_text() + "prepend_sys_path = .\n")
    project.write(
        "test_own.py",
        "import shared\nfrom sqlalchemy.dialects import registry\n\ndef test_own(migguard):\n"
        "    assert shared.seen == []\n    assert migguard.revisions\n"
        "    assert not registry.load('postgresql.psycopg').__module__.startswith('migguard')\n",
    )
    done = run(project, "--migguard", "--migguard-base", "main", "-k", "test_own")
    assert outcomes(done) == {"test_own.py::test_own": "PASSED"}, done.stdout
