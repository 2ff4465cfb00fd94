"""A history that begins on tables which it did not make."""

from __future__ import annotations

import dataclasses

import pytest

from migguard.pipeline import run
from tests.shadow.project import Project, codes, tables

POSTGRESQL = """
--
-- PostgreSQL database dump
--
SET statement_timeout = 0;
SET default_table_access_method = heap;
CREATE TABLE public.users (
    id integer NOT NULL,
    email text
);
ALTER TABLE public.users OWNER TO shop;
CREATE SEQUENCE public.users_id_seq AS integer START WITH 1 INCREMENT BY 1 NO MINVALUE NO MAXVALUE CACHE 1;
ALTER SEQUENCE public.users_id_seq OWNED BY public.users.id;
ALTER TABLE ONLY public.users ALTER COLUMN id SET DEFAULT nextval('public.users_id_seq'::regclass);
ALTER TABLE ONLY public.users ADD CONSTRAINT users_pkey PRIMARY KEY (id);
"""
MYSQL = """
/*!40101 SET character_set_client = utf8 */;
DROP TABLE IF EXISTS `users`;
CREATE TABLE `users` (
  `id` int NOT NULL AUTO_INCREMENT,
  `email` varchar(255) DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;
"""
READS = """
names = [c["name"] for c in sa.inspect(op.get_bind()).get_columns("users")]
assert names == ["id", "email"], names
op.add_column("users", sa.Column("age", sa.Integer))
"""


@pytest.mark.parametrize(("dialect", "dump"), [("postgresql", POSTGRESQL), ("mysql", MYSQL)])
def test_a_dump_of_the_schema_is_where_it_begins(project: Project, dialect: str, dump: str) -> None:
    project.file("baseline.sql", dump)
    project.overrides |= {"baseline": "baseline.sql", "dialect": dialect}
    project.revision(READS)
    assert tables(project.traced()) == {"users"}
    assert [r.replay for r in project.checked().report.revisions] == ["full"]


def since(project: Project, revision: str) -> list[str]:
    """The codes of what is found wrong with the schema after a revision."""
    found = run(dataclasses.replace(project.request(), everything=False, since=revision))
    return [f.code for f in found.report.findings if f.code in ("MG203", "MG706")]


def test_what_a_released_revision_names_has_been_there(project: Project) -> None:
    project.revision('op.create_table("notes", sa.Column("id", sa.Integer, primary_key=True))')
    first = project.revision('op.add_column("people", sa.Column("age", sa.Integer))', 'op.drop_column("people", "age")')
    project.revision('op.add_column("people", sa.Column("born", sa.Date))', 'op.drop_column("people", "born")')
    assert since(project, first) == []
    assert codes(project.checked()).count("MG706") == 2


def test_the_schema_of_a_table_that_is_taken_as_existing_was_there_too(project: Project) -> None:
    """So the table that is made in it is made, an index on it blocks nobody, and no downgrade leaves the schema."""
    project.revision(
        """
        op.create_table(
            "roles",
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("code", sa.Text),
            sa.Column("user_id", sa.Integer, sa.ForeignKey("app.users.id")),
            schema="app",
        )
        op.create_index("ix_roles_code", "roles", ["code"], unique=True, schema="app")
        """,
        'op.drop_table("roles", schema="app")',
    )
    assert set(codes(project.checked())).isdisjoint({"MG202", "MG203", "MG401", "MG610", "MG703", "MG706"})


def test_a_schema_that_is_first_worked_in_by_a_revision_is_not_left_behind_by_its_downgrade(project: Project) -> None:
    project.revision('op.add_column("people", sa.Column("age", sa.Integer))', 'op.drop_column("people", "age")')
    project.revision(
        'op.execute("CREATE FUNCTION app.one() RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 1 $$")',
        'op.execute("DROP FUNCTION app.one()")',
    )
    project.revision(
        'op.add_column("users", sa.Column("age", sa.Integer), schema="web")',
        'op.drop_column("users", "age", schema="web")',
    )
    assert "MG202" not in codes(project.checked())


def test_a_schema_that_a_revision_makes_is_left_behind_where_its_downgrade_does_not_drop_it(project: Project) -> None:
    project.revision('op.add_column("people", sa.Column("age", sa.Integer))', 'op.drop_column("people", "age")')
    project.revision('op.execute("CREATE SCHEMA app")', "op.execute('SELECT 1')")
    assert "MG202" in codes(project.checked())


def test_a_released_revision_does_not_bring_back_what_was_dropped(project: Project) -> None:
    project.revision('op.create_table("notes", sa.Column("id", sa.Integer, primary_key=True))')
    first = project.revision('op.drop_table("notes")')
    project.revision('op.add_column("notes", sa.Column("age", sa.Integer))')
    assert "MG706" in since(project, first)


def test_an_empty_first_revision_starts_on_a_database_that_was_there(project: Project) -> None:
    project.revision("pass")
    project.revision('op.create_table("notes", sa.Column("id", sa.Integer, primary_key=True))')
    project.revision('op.add_column("people", sa.Column("age", sa.Integer))')
    assert "MG706" not in codes(project.checked())


def test_a_misspelt_table_is_an_error_even_so(project: Project) -> None:
    project.revision("pass")
    project.revision('op.create_table("notes", sa.Column("id", sa.Integer, primary_key=True))')
    project.revision('op.add_column("note", sa.Column("age", sa.Integer))')
    assert "MG706" in codes(project.checked())


def test_without_one_a_table_that_was_never_made_is_taken_as_existing(project: Project) -> None:
    project.revision('op.alter_column("users", "email", nullable=False)')
    assert tables(project.traced()) == {"users"}
    assert "MG706" not in codes(project.checked())
