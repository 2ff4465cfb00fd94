"""A user's mistake is one clear line on standard error and exit code 2; nothing is printed on standard output."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.cli.projects import ENV, INI, Done, Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path).lay_out()


@pytest.fixture
def folder(tmp_path: Path) -> Project:
    return Project(tmp_path)


def refused(done: Done, *words: str) -> None:
    """The run ended with exit code 2, one line that says all these words, and at most one that says what to do."""
    assert done.code == 2, done
    assert done.out == ""
    lines = done.err.splitlines()
    assert lines[0].startswith("migguard: ")
    assert [line for line in lines[1:] if not line.startswith(" " * 10)] == []
    assert len(lines) <= 2
    for word in words:
        assert word in done.err


# --- configuration ------------------------------------------------------------------------------------------------


def test_no_configuration(folder: Project) -> None:
    refused(folder.run("check"), "there is no alembic.ini and no [tool.alembic]", "alembic init")


def test_the_named_configuration_is_not_there(folder: Project) -> None:
    refused(folder.run("check", "-c", "nope.ini"), "nope.ini")


def test_the_named_configuration_is_a_folder(project: Project) -> None:
    refused(project.run("check", "-c", "migrations"), "migrations")


def test_two_configurations_in_folders_below(folder: Project) -> None:
    folder.write("a/alembic.ini", INI)
    folder.write("b/alembic.ini", INI)
    refused(folder.run("check"), "a/alembic.ini, b/alembic.ini", "--config")


def test_no_script_location(folder: Project) -> None:
    folder.write("alembic.ini", "[alembic]\n")
    refused(folder.run("check"), "script_location")


def test_the_script_location_is_not_there(folder: Project) -> None:
    folder.write("alembic.ini", INI)
    refused(folder.run("check"), "script_location", str(folder.root / "migrations"))


def test_the_script_location_names_a_package_that_is_not_there(folder: Project) -> None:
    folder.write("alembic.ini", "[alembic]\nscript_location = no_such_package:migrations\n")
    refused(folder.run("check"), "no_such_package", "prepend_sys_path")


def test_a_section_that_is_not_there(project: Project) -> None:
    refused(project.run("check", "-n", "billing"), "no section [billing]", "it has alembic")


def test_a_broken_ini(folder: Project) -> None:
    folder.lay_out(ini="[alembic\nscript_location = migrations\n")
    refused(folder.run("check"), "alembic.ini is not a valid ini file", "line: 1")


def test_an_ini_that_refers_to_nothing(folder: Project) -> None:
    folder.lay_out(ini="[alembic]\nscript_location = %(nope)s/migrations\n")
    refused(folder.run("check"), "script_location", "nope")


def test_a_percent_sign_in_an_ini(folder: Project) -> None:
    folder.lay_out(ini=INI.replace("nobody", "no%40body"))
    refused(folder.run("check"), "'%' must be followed by", "written twice: %%")


def test_an_ini_that_is_not_utf8(folder: Project) -> None:
    folder.lay_out()
    folder.write("alembic.ini", INI.encode() + b"# caf\xe9\n")
    refused(folder.run("check"), "alembic.ini")


@pytest.mark.parametrize("name", ["migguard.toml", "pyproject.toml"])
def test_broken_toml(folder: Project, name: str) -> None:
    folder.lay_out(settings=None)
    folder.write(name, '[tool.migguard]\ndialect = "postgresql\n')
    refused(folder.run("check"), f"{name} is not valid TOML", "line 2")


def test_a_pyproject_without_a_table_of_alembics(folder: Project) -> None:
    folder.write("pyproject.toml", "[tool.black]\n")
    refused(folder.run("check", "-c", "pyproject.toml"), "has no [tool.alembic]")


def test_settings_in_two_files(project: Project) -> None:
    project.write("pyproject.toml", "[tool.migguard]\nselect = ['MG4']\n")
    refused(project.run("check"), "migguard.toml", "pyproject.toml", "keep one of them")


def test_ini_and_toml_together_are_read_as_alembic_reads_them(project: Project) -> None:
    """Alembic asks the ini file first; what only the TOML file has is taken from there."""
    project.write("alembic.ini", "[alembic]\nsqlalchemy.url = postgresql://h/d\n")
    project.write("pyproject.toml", '[tool.alembic]\nscript_location = "%(here)s/migrations"\n')
    done = project.run("check", "--format", "json")
    assert done.code == 0
    assert [r["revision"] for r in done.report["revisions"]] == ["a1a1"]
    project.write("alembic.ini", INI)
    project.write("pyproject.toml", '[tool.alembic]\nscript_location = "elsewhere"\n')
    assert project.run("check").code == 0


# --- settings -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ('server_verion = "16"', ("there is no setting 'server_verion'", "did you mean server_version?")),
        ("server-versions = '16'", ("server-versions", "did you mean server_version?")),
        ('zzz = "16"', ("there is no setting 'zzz'",)),
        ("server_version = 16", ("server_version is a whole number, and should be a text in quotes",)),
        ('dialect = "cockroach"', ("dialect is 'cockroach'", "postgresql, mysql, mariadb")),
        ('fail_on = "never"', ("fail_on is 'never'", "error, warning, notice")),
        ('select = "MG4"', ("select is a text in quotes, and should be a list",)),
        ('severity = {MG401 = "fatal"}', ("severity of MG401 is 'fatal'", "off")),
        ('severity = {MG9999 = "error"}', ("MG9999",)),
        ('ignore = ["MG9999"]', ("no rule is called 'MG9999'",)),
        ('max_lock_timeout = "soon"', ("max_lock_timeout", "'soon'", "10s")),
        ("replay_timeout = 0", ("replay_timeout",)),
        ('dialect = "mssql"\nserver_version = "2019"', ("there is no mssql 2019",)),
        ('dialect = "postgresql"\nserver_version = "160001"', ("there is no postgresql 160001",)),
        ('baseline = "nope.sql"', ("nope.sql",)),
        ('statistics = "nope.json"', ("nope.json",)),
        ('plugins = ["nope"]', ("nope",)),
    ],
)
def test_a_setting_that_cannot_be_used(folder: Project, settings: str, words: tuple[str, ...]) -> None:
    tomllib.loads(settings)
    folder.lay_out(settings=settings)
    refused(folder.run("check"), *words)


# --- options ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--dialect", "postgre"), ("--dialect is 'postgre'", "postgresql")),
        (("--server-version", "sixteen"), ("'sixteen'", "16 or 8.0.36")),
        (("--server-version", "8.2"), ("there is no postgresql 8.2",)),
        (("--select", "MG999"), ("no rule is called 'MG999'",)),
        (("--ignore", "blocking-index-bild"), ("did you mean blocking-index-build?",)),
        (("--fail-on", "none"), ("--fail-on is 'none'", "error, warning, notice")),
        (("--format", "xml"), ("no report format is called 'xml'", "text", "json")),
        (("-o", "xml=report.xml"), ("no report format is called 'xml'",)),
        (("-o", "json=nowhere/report.json"), ("cannot write the report to nowhere/report.json", "does not exist")),
        (("-o", "json=migrations"), ("cannot write the report to migrations", "folder")),
        (("-o", "json=alembic.ini/x.json"), ("cannot write the report to alembic.ini/x.json",)),
        (("--replay-timeout", "x"), ("--replay-timeout",)),
        (("--replay-timeout", "-1"), ("replay_timeout",)),
        (("zzzz",), ("there is no revision 'zzzz'",)),
        (("a1a2",), ("there is no revision 'a1a2'", "a1a1")),
        (("--since", "zzzz"), ("there is no revision 'zzzz'",)),
        (("a1a1:zzzz",), ("there is no revision 'zzzz'",)),
        (("nope@head",), ("no branch is labelled 'nope'",)),
        (("--base", "main"), ("--base main needs git", "in no repository")),
        (("--nope",), ("No such option: --nope", "migguard check --help")),
        (("--format",), ("--format", "requires an argument")),
    ],
)
def test_an_option_that_cannot_be_used(project: Project, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    before = project.files()
    refused(project.run("check", *arguments), *words)
    assert project.files() == before


def test_a_prefix_of_several_revisions(project: Project) -> None:
    project.revision("b2b21", "a1a1")
    project.revision("b2b22", "b2b21")
    refused(project.run("check", "b2b2"), "could be b2b21, b2b22", "write more of it")


def test_a_command_that_is_none(project: Project) -> None:
    refused(project.run("chek"), "No such command 'chek'", "check")


def test_no_command_shows_the_help(project: Project) -> None:
    done = project.run()
    assert done.code == 2
    assert done.out == ""
    assert "Usage: migguard" in done.err
    assert "check" in done.err


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("MG998", ("no rule is called 'MG998'",)),
        ("blocking-index-bild", ("did you mean blocking-index-build?",)),
        ("MG4", ("MG4 is a family", "migguard rules --select MG4")),
    ],
)
def test_explaining_what_is_no_rule(folder: Project, rule: str, words: tuple[str, ...]) -> None:
    refused(folder.run("explain", rule), *words)


def test_listing_what_is_no_rule(folder: Project) -> None:
    refused(folder.run("rules", "--select", "MG998"), "no rule is called 'MG998'")


def test_sql_of_what_is_no_revision(project: Project) -> None:
    refused(project.run("sql", "zzzz"), "zzzz")
    refused(project.run("sql", "zzzz:a1a1"), "zzzz")
    refused(project.run("sql", "a1a1:zzzz"), "zzzz")


# --- git ----------------------------------------------------------------------------------------------------------


def test_a_base_that_git_does_not_know(project: Project) -> None:
    project.commit()
    refused(project.run("check", "--base", "nope"), "git knows no 'nope' here", "git fetch origin nope")


def test_a_base_of_continuous_integration_that_was_not_fetched(project: Project) -> None:
    project.commit()
    refused(project.run("check", GITHUB_BASE_REF="main2"), "main2", "fetch")


def test_a_repository_without_a_commit(project: Project) -> None:
    project.git("init", "--quiet")
    refused(project.run("check", "--base", "main"), "no commit yet", "--all")


def test_a_shallow_clone(folder: Project) -> None:
    """A job that fetched one commit of each branch cannot see where they parted."""
    origin = Project(folder.root / "origin").lay_out()
    origin.commit()
    origin.git("checkout", "-q", "-b", "feature")
    origin.revision("b2b2", "a1a1")
    origin.commit()
    origin.git("checkout", "-q", "main")
    origin.write("README.md", "more")
    origin.commit()
    clone = Project(folder.root / "clone")
    origin.git("clone", "-q", "--depth=1", "--no-single-branch", origin.root.as_uri(), str(clone.root))
    clone.git("checkout", "-q", "feature")
    refused(clone.run("check", "--base", "main"), "too shallow", "fetch-depth: 0", "git fetch --unshallow")
    assert clone.run("check", "--all").code == 0


def test_histories_that_have_nothing_in_common(project: Project) -> None:
    project.commit()
    project.git("checkout", "-q", "--orphan", "other")
    project.git("commit", "-q", "-m", "another root")
    refused(project.run("check", "--base", "main"), "no history in common")


def test_a_checkout_that_belongs_to_another_user(project: Project) -> None:
    """As in containers. Silently taking everything as new would be an answer to another question."""
    project.commit()
    done = project.run("check", GIT_TEST_ASSUME_DIFFERENT_OWNER="1")
    refused(done, "belongs to another user", "safe.directory")
    assert project.run("check", "--all", GIT_TEST_ASSUME_DIFFERENT_OWNER="1").code == 0


def test_git_is_not_installed(project: Project) -> None:
    refused(project.run("check", "--base", "main", PATH="/nowhere"), "git, which is not installed")
    done = project.run("check", PATH="/nowhere")
    assert done.code == 0
    assert "Scope: all (no git): 1 revision" in done.out


# --- what is no mistake -------------------------------------------------------------------------------------------


def test_an_env_that_raises_is_a_finding_and_no_mistake(project: Project) -> None:
    project.write("migrations/env.py", "raise RuntimeError('DATABASE_URL is not set')\n" + ENV)
    done = project.run("check", "--format", "json")
    assert done.code == 0
    assert "MG010" in done.codes
