"""Where there is no verdict, the reason is one line and the exit code 3; what the user got wrong is 2."""

from __future__ import annotations

from pathlib import Path

from tests.drift.project import drift, project, said, table, users


def failures(done: object) -> str:
    """All that could not be analysed, in one text."""
    return " ".join(f["message"] for f in done.report["failures"])  # type: ignore[attr-defined]


def test_an_env_py_without_models_gives_no_verdict(tmp_path: Path) -> None:
    done, found = drift(project(tmp_path, users(), "", "", ""))
    assert (done.code, found) == (3, [])
    assert "target_metadata" in failures(done)


def test_models_that_need_a_setting_at_import_are_said_in_one_line(tmp_path: Path) -> None:
    models = f"import os\nDATABASE = os.environ['SHOP_DATABASE_URL']\n{table('users')}"
    done, found = drift(project(tmp_path, users(), models))
    assert (done.code, found) == (3, [])
    [failure] = done.report["failures"]
    assert "SHOP_DATABASE_URL" in failure["message"]
    assert "models.py:5" in failure["message"]
    assert "\n" not in failure["message"]


def test_two_declarations_of_one_table_are_said_in_one_line(tmp_path: Path) -> None:
    done, found = drift(project(tmp_path, users(), f"{table('users')}\n{table('users')}"))
    assert (done.code, found) == (3, [])
    assert "users" in failures(done)
    assert "Traceback" not in done.out + done.err


def test_modules_that_are_not_installed_are_named(tmp_path: Path) -> None:
    done, found = drift(project(tmp_path, users(), f"import a_library_nobody_has\n{table('users')}"))
    assert (done.code, found) == (3, [])
    assert "a_library_nobody_has" in failures(done)


def test_a_revision_that_fails_halfway_leaves_what_it_touches_unverified(tmp_path: Path) -> None:
    made = project(tmp_path, users(), table("users"))
    made.revision("b2b2", "a1a1", "op.add_column('users', sa.Column('email', sa.Text()))\nraise RuntimeError('stop')")
    _, found = drift(made)
    assert all(not d["verified"] for d in found)


def test_fail_on_warning_counts_unverified_differences(tmp_path: Path) -> None:
    made = project(
        tmp_path,
        "op.execute('DO $$ BEGIN PERFORM users_of(1); END $$')\n" + users(),
        table("users", "sa.Column('a', sa.Text)"),
    )
    assert drift(made)[0].code in (0, 1)
    assert drift(made, "--fail-on", "warning")[0].code == 1


def test_an_unknown_format_or_severity_is_a_mistake_of_usage(tmp_path: Path) -> None:
    made = project(tmp_path, users(), table("users"))
    assert made.run("drift", "--format", "xml").code == 2
    assert made.run("drift", "--fail-on", "sometimes").code == 2


def test_models_that_nobody_imported_are_pointed_at(tmp_path: Path) -> None:
    made = project(
        tmp_path,
        f"{users()}\nop.create_table('bills', sa.Column('id', sa.BigInteger(), primary_key=True))",
        table("users"),
    )
    made.write("app/billing.py", "class Bill(Base):\n    __tablename__ = 'bills'\n    id = 1\n")
    [found] = drift(made)[1]
    assert said([found]) == {"remove_table bills"}
    assert "app/billing.py" in found["message"]


def test_a_project_whose_models_are_all_missing_is_pointed_at_them(tmp_path: Path) -> None:
    made = project(tmp_path, users(), "")
    made.write("app/people.py", "import sqlalchemy as sa\nusers = sa.Table('users', sa.MetaData())\n")
    [found] = drift(made)[1]
    assert "app/people.py" in found["message"]
