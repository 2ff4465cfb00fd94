"""What shows that a history is written for SQLite too."""

from pathlib import Path

import pytest

from migguard.project.other_servers import mysql_signs, of_another, signs

SIGNS = {
    "a batch": ('with op.batch_alter_table("t") as batch:\n    pass', "batch_alter_table"),
    "the dialect": ('if op.get_bind().dialect.name != "sqlite":\n    pass', "sqlite"),
    "an argument": ('op.create_index("ix", "t", ["a"], sqlite_where=sa.text("a > 1"))', "sqlite"),
    "a variant": ('sa.Column("a", sa.BigInteger().with_variant(sa.Integer(), "sqlite"))', "sqlite"),
    "its dialect": ("from sqlalchemy.dialects import sqlite", "sqlite"),
    "of env.py": ("context.configure(render_as_batch=True)", "render_as_batch"),
    "not of env.py": ("context.configure(render_as_batch=False)", ""),
    "a comment": ("pass  # not on sqlite, nor by batch_alter_table", ""),
    "no Python": ("sqlite batch_alter_table", ""),
    "a name that keeps it": ('name = op.get_bind().dialect.name\nif name == "sqlite":\n    pass', "sqlite"),
    "a function that is asked": ('if is_dialect("sqlite"):\n    pass', "sqlite"),
    "a value among others": ('sa.Enum("sqlite", "mongodb", name="kinds")', ""),
    "a comparison with a value": ('if row.kind == "sqlite":\n    pass', ""),
    "nothing": ('op.drop_table("t")', ""),
}


@pytest.mark.parametrize(("code", "sign"), SIGNS.values(), ids=list(SIGNS))
def test_a_script_shows_that_it_runs_on_sqlite_too(code: str, sign: str, tmp_path: Path) -> None:
    script = tmp_path / "one.py"
    script.write_text(code)
    assert signs("postgresql://", [tmp_path / "absent.py", script]) == ((sign,) if sign else ())


def test_a_project_that_is_configured_for_sqlite_runs_there(tmp_path: Path) -> None:
    assert signs("sqlite:///app.db", [tmp_path / "absent.py"]) == ("sqlite",)
    assert signs("", []) == ()


@pytest.mark.parametrize(
    ("path", "other"),
    [("versions/postgresql/one.py", True), ("mysql/versions/one.py", True), ("pg_app/versions/one.py", False)],
)
def test_a_folder_may_have_the_name_of_the_only_engine_that_its_scripts_are_for(path: str, other: bool) -> None:
    assert of_another(Path(path)) is other


@pytest.mark.parametrize(
    ("code", "sign"),
    [
        ('if op.get_bind().dialect.name == "mysql":\n    pass', ("mysql",)),
        ("from sqlalchemy.dialects import mysql", ("mysql",)),
        ('op.create_index("ix", "t", ["a"], mysql_length=10)', ("mysql",)),
        ('if bind.dialect.name in ("mysql", "mariadb"):\n    pass', ("mysql",)),
        ('if dialect.startswith("mysql"):\n    pass', ("mysql",)),
        ('match dialect:\n    case "sqlite" | "mysql":\n        pass', ("mysql",)),
        ('sa.Column("a", sa.Text().with_variant(sa.Text(99), "mysql"))', ("mysql",)),
        ('op.execute("CREATE TYPE kinds AS ENUM (1)")\nKINDS = ["mysql", "mongodb"]', ()),
        ('sa.Enum("mysql", "mongodb", name="kinds")', ()),
        ('if row.kind == "mysql":\n    pass', ()),
        ("pass  # mysql", ()),
    ],
)
def test_a_script_shows_that_it_runs_on_mysql_too(code: str, sign: tuple[str, ...], tmp_path: Path) -> None:
    script = tmp_path / "one.py"
    script.write_text(code)
    assert mysql_signs("postgresql://", [script]) == sign
    assert mysql_signs("mysql+pymysql://", []) == ("mysql+pymysql",)
