"""A script that cannot be analysed is a finding and exit code 3; the others are checked, and no file is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.projects import BLOCKING, UNBLOCK, USERS, Done, Project, script


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A table in production, a broken revision to come, and beside it one that must be found all the same."""
    made = Project(tmp_path).lay_out()
    made.revision("c3c3", "a1a1", BLOCKING, UNBLOCK)
    return made


def checked(project: Project, *arguments: str) -> Done:
    """The check of all but the first revision; whatever happens, it is told as a report, and no file is touched."""
    before = project.files()
    done = project.run("check", "--since", "a1a1", "--format", "json", *arguments)
    assert project.files() == before
    assert "Traceback" not in done.out + done.err
    assert done.err == ""
    return done


def found(done: Done, code: str) -> dict[str, object]:
    """The one finding of that code."""
    [only] = [f for f in done.report["findings"] if f["code"] == code]
    return dict(only)


def not_loaded(project: Project, source: str | bytes, line: int, *words: str) -> None:
    """The revision b2b2 is not loaded, which is said with its line; c3c3 is found to block."""
    path = "migrations/versions/b2b2_x.py"
    project.write(path, source)
    done = checked(project)
    assert done.code == 3
    finding = found(done, "MG001")
    assert (finding["path"], finding["line"]) == (path, line)
    assert all(word in str(finding["message"]) for word in words)
    assert "MG002" not in done.codes
    assert found(done, "MG401")["revision"] == "c3c3"
    assert [f["message"] for f in done.report["failures"]] != []


def test_a_syntax_error(project: Project) -> None:
    not_loaded(project, script("b2b2", "a1a1") + "\ndef broken(:\n    pass\n", 17, "syntax error")


def test_bytes_that_are_not_utf8(project: Project) -> None:
    source = script("b2b2", "a1a1", "op.execute('SELECT 1')").encode().replace(b"SELECT 1", b"SELECT '\xe9'")
    not_loaded(project, source, 11, "decode")


def test_a_byte_order_mark_of_another_encoding(project: Project) -> None:
    not_loaded(project, script("b2b2", "a1a1").encode("utf-16"), 1)


def test_null_bytes(project: Project) -> None:
    not_loaded(project, script("b2b2", "a1a1").encode() + b"\0", 1)


def test_another_encoding_that_the_file_names(project: Project) -> None:
    source = "# -*- coding: latin-1 -*-\n" + script("b2b2", "c3c3", "op.execute('SELECT 1')  # caf\u00e9")
    project.write("migrations/versions/b2b2_x.py", source.encode("latin-1"))
    done = checked(project)
    assert done.code == 1
    assert done.codes.isdisjoint({"MG001", "MG002"})


def test_a_file_that_cannot_be_read(project: Project) -> None:
    (project.root / "migrations/versions/b2b2_x.py").symlink_to("gone.py")
    done = checked(project)
    assert done.code == 3
    assert found(done, "MG001")["path"] == "migrations/versions/b2b2_x.py"
    assert found(done, "MG401")["revision"] == "c3c3"


def test_an_exception_at_import(project: Project) -> None:
    not_loaded(project, script("b2b2", "c3c3", top="\n1 / 0\n"), 9, "ZeroDivisionError")


def test_an_exit_at_import(project: Project) -> None:
    not_loaded(project, script("b2b2", "c3c3", top="\nimport sys\nsys.exit(0)\n"), 10, "SystemExit")


def test_the_end_of_the_process_at_import(project: Project) -> None:
    not_loaded(project, script("b2b2", "c3c3", top="\nimport os\nos._exit(0)\n"), 10, "end the process")


@pytest.mark.parametrize(
    "body",
    [
        "import sys; sys.exit(0)",
        "raise SystemExit",
        "exit(0)",
        "import os; os._exit(0)",
        "import os; os.abort()",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "import signal; signal.raise_signal(signal.SIGTERM)",
        "import os; os.execv('/bin/true', ['true'])",
        "raise KeyError('no such row')",
        "raise NotImplementedError",
    ],
)
def test_an_upgrade_that_ends_before_it_did_anything(project: Project, body: str) -> None:
    project.revision("b2b2", "c3c3", body)
    done = checked(project)
    assert done.code == 3
    finding = found(done, "MG002")
    assert (finding["revision"], finding["line"]) == ("b2b2", 11)
    assert found(done, "MG401")["revision"] == "c3c3"
    assert {r["revision"]: r["replay"] for r in done.report["revisions"]} == {
        "a1a1": "full",
        "c3c3": "full",
        "b2b2": "failed",
    }


def test_an_upgrade_that_ends_half_way_is_a_finding(project: Project) -> None:
    """What ran before is checked, so something was seen: that is no failure."""
    project.revision("b2b2", "c3c3", "op.drop_table('users')\nraise KeyError('no such row')")
    done = checked(project)
    assert done.code == 1
    assert {"MG002", "MG301"} <= done.codes


@pytest.mark.parametrize(
    "body",
    ["import subprocess; subprocess.run(['true'])", "import socket; socket.create_connection(('127.0.0.1', 9))"],
)
def test_what_reaches_outside_is_refused(project: Project, body: str) -> None:
    project.revision("b2b2", "c3c3", body)
    done = checked(project)
    assert done.code == 3
    assert {"MG803", "MG002"} & done.codes


@pytest.mark.parametrize("body", ["open('dump.sql', 'w').write('x')", "import os; os.remove('alembic.ini')"])
def test_a_script_that_writes_files_leaves_them_alone(project: Project, body: str) -> None:
    project.revision("b2b2", "c3c3", body)
    done = checked(project)
    assert "MG803" in done.codes


@pytest.mark.thorough
@pytest.mark.parametrize("at", ["import", "run"])
def test_an_endless_loop(project: Project, at: str) -> None:
    loop = "while True:\n    pass"
    project.revision("b2b2", "c3c3", *((loop,) if at == "run" else ()), top="\nwhile True:\n    pass\n" * (at != "run"))
    done = checked(project, "--replay-timeout", "0.2")
    assert done.code == 3
    finding = found(done, "MG009")
    assert finding["revision"] == "b2b2"
    assert finding["line"] in ((11, 12) if at == "run" else (9, 10))
    assert "0.2 s" in str(finding["message"])
    assert found(done, "MG401")["revision"] == "c3c3"


def test_a_revision_with_no_upgrade(project: Project) -> None:
    project.write("migrations/versions/b2b2_x.py", "revision = 'b2b2'\ndown_revision = 'c3c3'\n")
    done = checked(project)
    assert done.code == 3
    assert found(done, "MG002")["revision"] == "b2b2"


def test_an_id_that_only_running_the_file_tells(project: Project) -> None:
    project.write(
        "migrations/versions/b2b2_x.py", script("x", "c3c3", "op.drop_table('users')").replace("'x'", "''.join('b2b2')")
    )
    done = checked(project)
    assert done.code == 1
    assert found(done, "MG301")["revision"] == "b2b2"


def test_a_compiled_revision_without_its_source(project: Project) -> None:
    project.write("alembic.ini", (project.root / "alembic.ini").read_text() + "sourceless = true\n")
    project.write("migrations/versions/b2b2_x.pyc", b"\0")
    done = checked(project)
    assert done.code == 3
    assert "compiled" in str(found(done, "MG001")["message"])


@pytest.mark.parametrize(
    ("parents", "code"),
    [(("nope", "a1a1"), "MG103"), (("c3c3", "b2b2"), "MG105")],
    ids=["a parent that is not there", "a loop"],
)
def test_a_graph_that_cannot_be_built(project: Project, parents: tuple[str, str], code: str) -> None:
    project.revision("b2b2", parents[0])
    project.revision("c3c3", parents[1], BLOCKING, UNBLOCK)
    done = project.run("check", "--all", "--format", "json")
    assert done.code == 3
    assert code in done.codes
    assert "MG401" not in done.codes or code == "MG103"


def test_two_files_of_one_id(project: Project) -> None:
    project.write("migrations/versions/c3c3_y.py", script("c3c3", "a1a1"))
    done = project.run("check", "--all", "--format", "json")
    assert done.code in (1, 3)
    assert "MG104" in done.codes


def test_findings_and_failures_together_are_exit_code_3_and_both_are_told(project: Project) -> None:
    project.write("migrations/versions/b2b2_x.py", script("b2b2", "c3c3", top="1 / 0\n"))
    done = project.run("check", "--since", "a1a1")
    assert done.code == 3
    assert "error MG401 blocking-index-build" in done.out
    assert "error MG001 revision-not-loaded" in done.out
    assert "not analysed  b2b2_x.py could not be loaded" in done.out
    assert done.out.rstrip().splitlines()[-1].startswith("2 of 3 revisions replayed, 2 checked, ")


def test_sql_says_what_it_could_not_see(project: Project) -> None:
    project.write("migrations/versions/b2b2_x.py", script("b2b2", "c3c3", top="1 / 0\n"))
    done = project.run("sql", "a1a1:", "--plain")
    assert done.code == 3
    assert done.out.startswith("CREATE INDEX ix_users_email ON users (email);\n")
    assert done.err.startswith("migguard: b2b2_x.py could not be loaded")


def test_what_scripts_print_is_no_part_of_the_report(project: Project) -> None:
    noise = (
        "print('on stdout')\nimport sys; sys.stderr.write('on stderr')\nimport warnings; warnings.warn('a warning')\n"
    )
    project.revision("b2b2", "c3c3", noise + "op.drop_table('users')", top=noise)
    project.write("migrations/env.py", noise + (project.root / "migrations/env.py").read_text())
    assert checked(project).code == 1
    loud = project.run("check", "--since", "a1a1", "--format", "json", "-v")
    assert "MG301" in loud.codes
    assert "What the scripts printed:" in loud.err
    assert "on stdout" in loud.err


def test_a_missing_env_is_said(project: Project) -> None:
    (project.root / "migrations/env.py").unlink()
    done = checked(project)
    assert done.code == 1
    assert "MG010" in done.codes
    assert found(done, "MG401")["revision"] == "c3c3"


def test_an_env_that_ends_the_process(project: Project) -> None:
    project.write("migrations/env.py", "import os\nos._exit(0)\n")
    done = checked(project)
    assert done.code == 1
    assert {"MG010", "MG401"} <= done.codes


@pytest.mark.thorough
def test_an_env_that_never_ends(project: Project) -> None:
    project.write("migrations/env.py", "while True:\n    pass\n")
    done = checked(project, "--replay-timeout", "0.2")
    assert done.code in (1, 3)
    assert {"MG010", "MG401"} <= done.codes


def test_zero_new_revisions_are_said_in_words(tmp_path: Path) -> None:
    project = Project(tmp_path).lay_out()
    done = project.run("check", "--since", "head")
    assert done.code == 0
    assert "No findings." in done.out
    assert "no new revisions checked" in done.out
    project.commit()
    assert "no new revisions" in project.run("check", "--base", "main").out


def test_a_project_without_revisions(tmp_path: Path) -> None:
    project = Project(tmp_path).lay_out()
    (project.root / "migrations/versions/a1a1_x.py").unlink()
    done = project.run("check")
    assert done.code == 0
    assert "0 revisions replayed, no new revisions checked" in done.out


def test_the_first_revision_alone(tmp_path: Path) -> None:
    project = Project(tmp_path).lay_out()
    done = project.run("check", "--format", "json")
    assert done.code == 0
    assert done.report["summary"]["statements"] == 1
    assert USERS.split("(")[0] == "op.create_table"
