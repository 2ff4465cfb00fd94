"""What a script is told when it asks."""

from __future__ import annotations

import pytest

from migguard.trace import NoteKind, Outcome
from tests.shadow.project import Project, notes, summary, upgrade

GIVEN = """
op.create_table(
    "a",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(20), nullable=False, server_default="x"),
    sa.Column("kind", sa.Enum("one", "two", name="kinds")),
    sa.UniqueConstraint("name", name="uq_name"),
)
op.create_index("ix_kind", "a", ["kind"])
"""


def answered(project: Project, body: str) -> list[str]:
    """Run assertions in a script; the notes on branches that its questions are the ground of."""
    project.revision(GIVEN)
    name = project.revision("bind = op.get_bind()\n" + body)
    traced = project.traced()
    found = upgrade(traced, name)
    assert summary(traced, name).outcome is Outcome.FULL, [n.detail for n in found.notes]
    return notes(found, NoteKind.BRANCH)


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("SELECT count(*) FROM a", 0),
        ("SELECT count(*) FROM never_made WHERE x = 1", 0),
        ("SELECT count(*) > 0 FROM a", False),
        ("SELECT count(*) FROM (SELECT a.id AS b FROM a) AS anon_1", 0),
        ("SELECT EXISTS (SELECT 1 FROM a)", False),
        ("SELECT id FROM a", None),
        ("SELECT coalesce(max(id), 0) + 1 FROM a", 1),
        ("SELECT current_schema()", "public"),
        ("SELECT unnest(enum_range(NULL::kinds))", "one"),
        ("SELECT max(v) FROM unnest(enum_range(NULL::kinds)::text[]) AS v", "two"),
        ("SELECT enum_last(NULL::kinds)", "two"),
        ("SHOW server_version_num", "160000"),
        ("SHOW statement_timeout", "0"),
        ("SELECT setting FROM pg_settings WHERE name = 'statement_timeout'", "0"),
        ("SELECT 1 FROM information_schema.columns WHERE table_name = 'a' AND column_name = 'name'", 1),
        ("SELECT 1 FROM information_schema.columns WHERE table_name = 'a' AND column_name = 'nope'", None),
        ("SELECT is_nullable FROM information_schema.columns WHERE table_name = 'a' AND column_name = 'name'", "NO"),
        (
            "SELECT constraint_name FROM information_schema.table_constraints WHERE constraint_type = 'UNIQUE'",
            "uq_name",
        ),
        ("SELECT indexname FROM pg_indexes WHERE indexname LIKE 'ix%'", "ix_kind"),
        ("SELECT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'kinds')", True),
        (
            "SELECT enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid WHERE typname = 'kinds' ORDER BY 1",
            "one",
        ),
        ("SELECT to_regclass('a') IS NOT NULL", True),
        ("SELECT to_regclass('b') IS NULL", True),
    ],
)
def test_a_question_has_the_servers_answer(project: Project, query: str, value: object) -> None:
    project.overrides["server_version"] = "16"
    assert (
        answered(project, f"found = bind.execute(sa.text({query!r})).scalar()\nassert found == {value!r}, found") == []
    )


def test_a_setting_that_the_script_made_is_told_in_the_units_of_pg_settings(project: Project) -> None:
    answered(
        project,
        """
        op.execute("SET statement_timeout = '5s'")
        query = "SELECT setting FROM pg_settings WHERE name = 'statement_timeout'"
        assert bind.execute(sa.text(query)).scalar() == "5000"
        """.replace("\n        ", "\n"),
    )


def test_reflection_tells_the_schema_of_the_moment(project: Project) -> None:
    answered(
        project,
        """
        inspector = sa.inspect(bind)
        assert [c["name"] for c in inspector.get_columns("a")] == ["id", "name", "kind"]
        assert inspector.get_columns("a")[1]["type"].length == 20
        assert inspector.get_unique_constraints("a")[0]["name"] == "uq_name"
        op.drop_column("a", "kind")
        assert sa.inspect(bind).get_indexes("a")[0]["name"] == "uq_name"
        """.replace("\n        ", "\n"),
    )


def test_rows_that_the_script_inserted_are_read_back(project: Project) -> None:
    answered(
        project,
        """
        table = sa.table("a", sa.column("id", sa.Integer), sa.column("name", sa.String))
        op.bulk_insert(table, [{"id": 1, "name": "x"}, {"id": 2, "name": "y"}])
        op.execute("INSERT INTO a (id, name) VALUES (3, 'z')")
        rows = bind.execute(sa.select(table.c.id, table.c.name).order_by(table.c.id)).all()
        assert rows == [(1, "x"), (2, "y"), (3, "z")], rows
        """.replace("\n        ", "\n"),
    )


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO a (name) VALUES ('x') RETURNING id",
        "WITH one AS (SELECT 1) INSERT INTO a (name) VALUES ('x') RETURNING id",
        "WITH made AS (INSERT INTO a (name) SELECT 'x') UPDATE a SET name = 'y' RETURNING id",
        "DELETE FROM a RETURNING id",
    ],
)
def test_returning_gives_rows_that_can_be_fetched(project: Project, statement: str) -> None:
    answered(project, f"rows = bind.execute(sa.text({statement!r})).all()\nassert len(rows) in (0, 1)")


def test_a_query_that_was_not_understood_has_an_empty_answer_and_counts_as_a_guess(project: Project) -> None:
    project.revision(GIVEN)
    name = project.revision(
        """
        if op.get_bind().execute(sa.text("SELECT 1 FROM a ~~~~ ((")).first():
            op.drop_table("a")
        """
    )
    found = upgrade(project.traced(), name)
    assert found.outcome is Outcome.FULL
    assert notes(found, NoteKind.BRANCH) == [""]


@pytest.mark.parametrize("table", ["alembic_version", "versions_of_shop"])
@pytest.mark.parametrize("url", ["postgresql+psycopg://", "mysql+pymysql://", "sqlite://", "mssql+pyodbc://"])
def test_alembics_version_table_is_there_from_the_first_revision_on(project: Project, url: str, table: str) -> None:
    """Alembic makes it before it runs the first one."""
    project.url, project.overrides = url, {"dialect": url.partition("+")[0].partition(":")[0]}
    project.env(
        f"""
        from alembic import context
        from sqlalchemy import engine_from_config

        engine = engine_from_config(context.config.get_section("alembic"), prefix="sqlalchemy.")
        with engine.connect() as connection:
            context.configure(connection=connection, version_table={table!r})
            with context.begin_transaction():
                context.run_migrations()
        """
    )
    body = f"""
    found = sa.inspect(op.get_bind())
    assert found.has_table({table!r}) and {table!r} in found.get_table_names()
    assert [c["name"] for c in found.get_columns({table!r})] == ["version_num"]
    assert found.get_pk_constraint({table!r})["constrained_columns"] == ["version_num"]
    """
    first, second = project.revision(body), project.revision(body)
    traced = project.traced()
    assert {summary(traced, name).outcome for name in (first, second)} == {Outcome.FULL}


@pytest.mark.parametrize(
    "query",
    ["SELECT split_part('a,b', ',', -5)", r"SELECT 'abc' ~ '\mabc'", "SELECT 1 ORDER BY 3", "SELECT 1 / 0"],
)
def test_a_query_that_cannot_be_evaluated_is_a_guess(project: Project, query: str) -> None:
    """The server has an answer, or an error of its own: the script goes on, and what hangs on it is told (MG008)."""
    name = project.revision(
        f"if op.get_bind().execute(sa.text({query!r})).scalar():\n    op.create_table('b', sa.Column('id', sa.Integer))"
    )
    found = upgrade(project.traced(), name)
    assert summary(project.traced(), name).outcome is Outcome.FULL
    assert notes(found, NoteKind.BRANCH) == [""]
