"""What is printed where: the report on standard output, colours on a terminal only, help that teaches."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from migguard.cli.main import app
from tests.cli.projects import BLOCKING, UNBLOCK, Project

ESCAPE = "\x1b["


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path).lay_out()
    made.revision("b2b2", "a1a1", BLOCKING, UNBLOCK)
    made.revision("c3c3", "b2b2", 'op.drop_table("users")', 'raise NotImplementedError("the rows are gone")')
    return made


# --- the text report ----------------------------------------------------------------------------------------------


def test_the_report_is_grouped_by_revision(project: Project) -> None:
    lines = project.run("check", "--since", "a1a1", "--select", "MG401,MG301").out.splitlines()
    headings = [line for line in lines if line and not line.startswith(" ")][:2]
    assert headings == [
        "b2b2  migrations/versions/b2b2_x.py  b2b2 does it.",
        "c3c3  migrations/versions/c3c3_x.py  c3c3 does it.",
    ]


def test_a_finding_shows_the_call_the_sql_the_lock_and_the_safe_way(project: Project) -> None:
    done = project.run("check", "b2b2", "--select", "MG401")
    assert done.code == 1
    head, message, source, carets, *more = done.out.splitlines()[1:]
    assert head == "  error MG401 blocking-index-build  migrations/versions/b2b2_x.py:11:5"
    assert "ix_users_email" in message
    assert "users" in message
    assert source == f"      11 │     {BLOCKING}"
    assert carets == f"         │     {'^' * len(BLOCKING)}"
    rest = "\n".join(more)
    assert "    SQL: CREATE INDEX ix_users_email ON users (email)" in rest
    assert "    lock: SHARE lock on users" in rest
    assert "wait" in rest
    assert "    safe way:" in rest
    assert "postgresql_concurrently=True" in rest


def test_a_call_of_many_lines_is_shown_from_its_first(project: Project) -> None:
    call = 'op.create_index(\n    "ix_users_email",\n    "users",\n    ["email"],\n)'
    project.revision("b2b2", "a1a1", call, UNBLOCK)
    out = project.run("check", "b2b2", "--select", "MG401").out
    assert "      11 │     op.create_index(\n         │     ^^^^^^^^^^^^^^^^\n" in out
    assert '      12 │         "ix_users_email",' in out
    assert "      15 │     )" in out


def test_the_last_line_counts_what_was_looked_at(project: Project) -> None:
    out = project.run("check", "--since", "a1a1").out
    assert out.splitlines()[-1] == "3 revisions replayed, 2 checked, 3 statements, 3 understood."
    project.revision("d4d4", "c3c3", 'op.execute("FROBNICATE")')
    out = project.run("check", "--since", "c3c3").out
    assert out.splitlines()[-1] == "4 revisions replayed, 1 checked, 4 statements, 3 understood."


def test_the_scope_is_said(project: Project) -> None:
    out = project.run("check", "--since", "a1a1").out
    assert "\nScope: since a1a1: 2 revisions (postgresql 16, alembic.ini).\n" in out


def test_quiet_shows_errors_only_and_verbose_what_was_ignored(project: Project) -> None:
    ignored = f"{BLOCKING}  # migguard: ignore[MG401] -- a small table"
    project.revision("b2b2", "a1a1", ignored, "pass")
    plain = project.run("check", "--since", "a1a1")
    assert "warning MG201" in plain.out
    assert "MG401" not in plain.out
    assert "(1 ignored)" in plain.out
    quiet = project.run("check", "--since", "a1a1", "-q")
    assert "error MG301" in quiet.out
    assert "MG201" not in quiet.out
    assert "MG401 blocking-index-build" in project.run("check", "--since", "a1a1", "-v").out
    assert quiet.code == plain.code == 1


@pytest.mark.parametrize(
    ("settings", "told"),
    [("", False), ("require_reason = true", True), ('extend_select = ["MG007"]', True), ('select = ["MG"]', False)],
)
def test_an_ignore_without_a_reason_is_told_where_the_project_asks_for_one(
    project: Project, settings: str, told: bool
) -> None:
    project.write("migguard.toml", f'dialect = "postgresql"\n{settings}\n')
    project.revision("b2b2", "a1a1", f"{BLOCKING}  # migguard: ignore[MG401]", "pass")
    assert ("MG007" in project.run("check", "b2b2", "--format", "json").codes) == told


def test_lines_are_not_cut_where_no_terminal_is(project: Project) -> None:
    name = "a_rather_long_name_of_a_column_that_goes_on_and_on"
    project.revision("d4d4", "b2b2", "\n".join(f'op.execute("ALTER TABLE users ADD {name}_{n} int")' for n in range(2)))
    out = project.run("check", "d4d4").out + project.run("sql", "d4d4").out + project.run("rules").out
    assert f"ALTER TABLE users ADD {name}_1 int" in out
    assert all(line == line.rstrip() for line in out.splitlines())


@pytest.mark.parametrize(("level", "code"), [("error", 0), ("warning", 1), ("notice", 1)])
def test_fail_on(project: Project, level: str, code: int) -> None:
    project.revision("b2b2", "a1a1", BLOCKING, "pass")
    assert project.run("check", "b2b2", "--select", "MG201", "--fail-on", level).code == code


# --- colours ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [("check",), ("sql",), ("rules",), ("explain", "MG401")])
def test_there_are_no_colours_where_no_terminal_is(project: Project, command: tuple[str, ...]) -> None:
    assert ESCAPE not in project.run(*command).out


@pytest.mark.parametrize("command", [("check",), ("sql",), ("rules",), ("explain", "MG401")])
def test_colours_can_be_forced_and_forbidden(project: Project, command: tuple[str, ...]) -> None:
    terminal = {"TERM": "xterm-256color"}
    assert ESCAPE in project.run(*command, FORCE_COLOR="1", **terminal).out
    assert ESCAPE not in project.run(*command, FORCE_COLOR="1", NO_COLOR="1", **terminal).out
    assert ESCAPE not in project.run(*command, "--no-color", FORCE_COLOR="1", **terminal).out


def test_with_colours_the_call_is_underlined_without_carets(project: Project) -> None:
    out = project.run("check", "b2b2", "--select", "MG401", FORCE_COLOR="1", TERM="xterm-256color").out
    assert re.search(r"\x1b\[(\d+;)*4m[^\x1b]*create_index", out)
    assert "^^^" not in out


# --- reports in files ---------------------------------------------------------------------------------------------


def test_reports_go_to_as_many_files_as_are_named(project: Project) -> None:
    (project.root / "out").mkdir()
    files = ("-o", "json=out/report.json", "-o", "text=out/report.txt", "-o", "again.json")
    done = project.run("check", "--since", "a1a1", *files)
    plain = project.run("check", "--since", "a1a1", "--format", "json")
    assert done.code == plain.code == 1
    assert (project.root / "out/report.txt").read_text() == done.out
    assert (project.root / "out/report.json").read_text() == plain.out
    assert (project.root / "again.json").read_text() == plain.out


def test_a_report_in_a_file_has_no_colours(project: Project) -> None:
    project.run("check", "-o", "text=report.txt", FORCE_COLOR="1", TERM="xterm")
    assert ESCAPE not in (project.root / "report.txt").read_text()


# --- sql ----------------------------------------------------------------------------------------------------------


def test_plain_sql_is_sql_and_nothing_else(project: Project) -> None:
    done = project.run("sql", "a1a1:", "--plain")
    assert (done.code, done.err) == (0, "")
    assert done.out == "CREATE INDEX ix_users_email ON users (email);\n\nDROP TABLE users;\n\n"
    assert project.run("sql", "--since", "head", "--plain").out == ""


def test_sql_tells_what_each_statement_costs(project: Project) -> None:
    done = project.run("sql", "a1a1:")
    assert done.out.splitlines() == [
        "b2b2",
        "  transaction 1",
        "    CREATE INDEX ix_users_email ON users (email)",
        "      SHARE on users; writes wait; reads all of users; builds ix_users_email",
        "",
        "c3c3",
        "  transaction 1",
        "    DROP TABLE users",
        "      ACCESS EXCLUSIVE on users; reads and writes wait",
        "",
        "Scope: named: 2 revisions. 2 statements.",
    ]


def test_sql_keeps_the_lines_of_a_statement_that_is_indented_with_tabs(project: Project) -> None:
    column = 'sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)'
    project.revision("d4d4", "c3c3", f'op.create_table("t", {column})')
    lines = project.run("sql", "d4d4").out.splitlines()
    assert "        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL" in lines


# --- help ---------------------------------------------------------------------------------------------------------


COMMANDS = sorted(get_command(app).commands)  # type: ignore[attr-defined]  # it is a group


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches_by_example(tmp_path: Path, command: str) -> None:
    done = Project(tmp_path).run(command, "--help")
    assert (done.code, done.err) == (0, "")
    assert done.out.count(f"migguard {command}") >= 2, "the usage line and an example"
    assert "Exit codes: 0 clean" in " ".join(done.out.split())


def test_help_lists_every_command_with_a_line(tmp_path: Path) -> None:
    done = Project(tmp_path).run("--help")
    for command in COMMANDS:
        assert re.search(rf"│ {command}\s+\w+", done.out)


def test_the_version(tmp_path: Path) -> None:
    assert re.fullmatch(r"migguard \d+\.\d+\.\d+\n", Project(tmp_path).run("--version").out)


@pytest.mark.thorough
def test_the_shell_that_asks_is_told_how_to_complete() -> None:
    command = f'"{sys.executable}" -m migguard --show-completion; exit $?'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "_MIGGUARD_COMPLETE=complete_bash" in done.stdout


def test_a_command_is_completed(tmp_path: Path) -> None:
    done = Project(tmp_path).run(_MIGGUARD_COMPLETE="complete_bash", COMP_WORDS="migguard ch", COMP_CWORD="1")
    assert (done.code, done.out.split()) == (0, ["check"])
