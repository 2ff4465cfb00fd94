"""`migguard drift --strict` says what Alembic does not, beside what it does, each graded and with its cure."""

from __future__ import annotations

from pathlib import Path

from tests.drift.project import drift, project, said, table, users

ENUM = users("sa.Column('mood', sa.Enum('sad', 'ok', name='mood'))")
MORE = table("users", "sa.Column('mood', sa.Enum('sad', 'ok', 'happy', name='mood'))")


def test_enum_values_are_compared_only_where_it_is_asked_for(tmp_path: Path) -> None:
    made = project(tmp_path, ENUM, MORE)
    assert drift(made)[1] == []
    done, [found] = drift(made, "--strict")
    assert (done.code, found["kind"], found["strict"], found["object"], found["table"]) == (
        1,
        "modify_enum",
        True,
        "mood",
        None,
    )
    assert found["cure"] == "op.execute(\"ALTER TYPE mood ADD VALUE 'happy' AFTER 'ok'\")"
    assert (found["revision"], found["path"], found["line"]) == ("a1a1", "models.py", 4)


def test_what_alembic_says_is_not_said_again(tmp_path: Path) -> None:
    made = project(
        tmp_path,
        users("sa.Column('age', sa.Integer())", "sa.Column('name', sa.String(20))"),
        table("users", "sa.Column('age', sa.BigInteger)", "sa.Column('name', sa.String(30))"),
    )
    plain, strict = drift(made)[1], drift(made, "--strict")[1]
    assert said(plain) == {"modify_type users.age", "modify_type users.name"}
    assert strict == plain


def test_types_are_left_alone_where_env_py_does_not_compare_them(tmp_path: Path) -> None:
    made = project(
        tmp_path,
        users("sa.Column('name', sa.String())"),
        table("users", "sa.Column('name', sa.String(30))"),
        "target_metadata=metadata, compare_type=False",
    )
    assert drift(made, "--strict")[1] == []


def test_what_include_object_hides_is_hidden_from_strict_too(tmp_path: Path) -> None:
    hide = (
        "from models import metadata\n"
        "def shown(o, name, type_, reflected, compare_to):\n"
        "    return not (type_ == 'check_constraint' and name == 'ck') and name != 'audit'\n"
    )
    columns = ("sa.Column('age', sa.Integer())", "sa.CheckConstraint('age > {}', name='ck')")
    migration = (
        users(*(c.format(0) for c in columns))
        + "\n"
        + users("sa.Column('n', sa.Integer())").replace("'users'", "'audit'")
    )
    models = (
        table("users", *(c.format(1) for c in columns))
        + "\n"
        + table("audit", "sa.Column('n', sa.Integer, server_default='1')")
    )
    seen = drift(project(tmp_path / "a", migration, models), "--strict")[1]
    hidden = project(tmp_path / "b", migration, models, "target_metadata=metadata, include_object=shown", hide)
    assert said(seen) == {"modify_check users.ck", "modify_server_default audit.n"}
    assert drift(hidden, "--strict")[1] == []


def test_a_wider_column_is_a_notice_and_a_narrower_one_an_error(tmp_path: Path) -> None:
    wide, narrow = "sa.Column('v', sa.String())", "sa.Column('v', sa.String(9))"
    [wider] = drift(project(tmp_path / "a", users(wide), table("users", narrow)), "--strict")[1]
    [narrower] = drift(project(tmp_path / "b", users(narrow), table("users", wide)), "--strict")[1]
    assert (wider["severity"], narrower["severity"]) == ("notice", "error")


def test_the_plugin_of_env_py_says_the_same_without_the_option(tmp_path: Path) -> None:
    options = "target_metadata=metadata, autogenerate_plugins=['alembic.autogenerate.*', 'migguard.strict']"
    made = project(tmp_path, ENUM, MORE, options)
    named, asked = drift(made)[1], drift(made, "--strict")[1]
    assert said(named) == said(asked) == {"modify_enum mood"}
    assert all(d["strict"] for d in [*named, *asked])


def test_models_that_no_server_would_take_give_no_verdict_on_themselves(tmp_path: Path) -> None:
    models = table("users", "sa.Column('x', sa.Integer)", "sa.ForeignKeyConstraint(['x'], ['users.x'])")
    migration = users("sa.Column('x', sa.Integer())")
    done, found = drift(project(tmp_path, migration, models), "--strict")
    assert done.code == 3
    assert "the models cannot be made" in done.report["failures"][0]["message"]
    assert said(found) == {"add_fk users"}


def test_a_revision_that_attaches_to_the_models_does_not_change_them(tmp_path: Path) -> None:
    made = project(tmp_path, ENUM, MORE.replace("'happy', ", ""))
    source = (
        "import models\nmodels.metadata.tables['users'].append_constraint(sa.CheckConstraint('id > 0', name='late'))"
    )
    made.revision("b2b2", "a1a1", source)
    assert drift(made, "--strict")[1] == []


def test_a_sequence_that_only_the_migrations_make_may_be_named_by_a_default(tmp_path: Path) -> None:
    column = "sa.Column('number', sa.BigInteger(), server_default=sa.text(\"nextval('numbers')\"))"
    made = project(tmp_path, f"op.execute('CREATE SEQUENCE numbers')\n{users(column)}", table("users", column))
    done, found = drift(made, "--strict")
    assert (done.code, found) == (0, [])


def test_serial_or_identity_is_one_warning(tmp_path: Path) -> None:
    models = "sa.Table('users', metadata, sa.Column('id', sa.BigInteger, sa.Identity(), primary_key=True))"
    done, [found] = drift(project(tmp_path, users(), models), "--strict")
    assert (done.code, found["kind"], found["severity"]) == (0, "modify_identity", "warning")
