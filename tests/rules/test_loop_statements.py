"""A loop that sends a statement for each row is shown one statement of that kind, by its own names."""

from pathlib import Path

import pytest

from migguard.rules.frame import Example
from tests.rules import examples

pytestmark = pytest.mark.thorough

GIVEN = (
    "CREATE TABLE people (id bigint PRIMARY KEY, login text, slug text);CREATE TABLE slugs (owner bigint, slug text)"
)
LOOP = """
people = sa.table("people", sa.column("id"), sa.column("slug"))
slugs = sa.table("slugs", sa.column("owner"), sa.column("slug"))
bind = op.get_bind()
for row in bind.execute(sa.text("SELECT id, login FROM people")):
    {}
"""
TEXT = 'bind.execute(sa.text("UPDATE people SET slug = :slug WHERE id = :id"), {"slug": row.login, "id": row.id})'
CORE = "bind.execute(people.update().where(people.c.id == row.id).values(slug=row.login))"
MADE = "UPDATE people AS t SET slug = v.slug"
KINDS = {
    "an update": (TEXT, MADE),
    "an update of Core": (CORE, MADE),
    "an update with its values": (TEXT.replace("), {", ").params({").replace("})", "}))"), MADE),
    "an update by two columns": (
        CORE.replace("== row.id", "== row.id, people.c.slug == row.login"),
        "AS v (key, slug) WHERE …",
    ),
    "an insert": (
        'bind.execute(sa.text("INSERT INTO slugs (owner, slug) VALUES (:o, :s)"), {"o": row.id, "s": row.login})',
        'slugs.insert(), [{"owner": ..., "slug": ...}, ...]',
    ),
    "an insert into a schema": (
        'bind.execute(sa.text("INSERT INTO public.slugs (owner) VALUES (:o)"), {"o": row.id})',
        'slugs = sa.table("slugs", sa.column("owner"), schema="public")\nop.get_bind().execute(slugs.insert(), ',
    ),
    "an insert of Core": ("bind.execute(slugs.insert().values(owner=row.id))", 'slugs.insert(), [{"owner": ...}, ...]'),
    "a bulk insert": ('op.bulk_insert(slugs, [{"owner": row.id}])', "INSERT INTO slugs … SELECT"),
    "a delete": ('bind.execute(sa.text("DELETE FROM people WHERE id = :id"), {"id": row.id})', "WHERE id IN :keys"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_advice_is_of_the_statement_in_the_loop(kind: str, tmp_path: Path) -> None:
    sent, said = KINDS[kind]
    report = examples.check(Example(LOOP.format(sent), given=GIVEN), "MG804", tmp_path, "postgresql").report
    [found] = [f for f in report.findings if f.code == "MG804"]
    assert said in found.safe_way
    assert ("UPDATE" in found.safe_way) == ("update" in kind)


def test_a_key_that_is_written_is_given_twice_under_two_names(tmp_path: Path) -> None:
    given = "CREATE TABLE people (id bigint PRIMARY KEY, login text, key text)"
    sent = 'bind.execute(sa.text(f"UPDATE people SET key = :new WHERE key = :old"), {"new": 1, "old": row.login})'
    report = examples.check(Example(LOOP.format(sent), given=given), "MG804", tmp_path, "postgresql").report
    [found] = [f for f in report.findings if f.code == "MG804"]
    assert "AS v (old_key, key) WHERE t.key = v.old_key" in found.safe_way


@pytest.mark.parametrize("core", [True, False])
def test_names_stand_in_quotes_where_they_need_them(core: bool, tmp_path: Path) -> None:
    given = 'CREATE TABLE people (id bigint PRIMARY KEY, login text);CREATE TABLE "user" (id bigint, "Value" text)'
    table = 'sa.table("user", sa.column("id"), sa.column("Value"))'
    sent = (
        f"user = {table}\n    bind.execute(user.update().where(user.c.id == row.id).values(Value=row.login))"
        if core
        else """bind.execute(sa.text('UPDATE "user" SET "Value" = :v WHERE id = :id'), {"v": "x", "id": row.id})"""
    )
    report = examples.check(Example(LOOP.format(sent), given=given), "MG804", tmp_path, "postgresql").report
    [found] = [f for f in report.findings if f.code == "MG804"]
    assert """'UPDATE "user" AS t SET "Value" = v."Value" '""" in found.recipe
    assert 'AS v (id, "Value") WHERE t.id = v.id' in found.recipe
    compile(found.recipe, "advice", "exec")


INSERT = 'sa.text("INSERT INTO slugs (owner, slug) VALUES (:o, :s){}"), {{"o": row.id, "s": row.login}}'


def advised(body: str, root: Path) -> str:
    [found] = [
        f
        for f in examples.check(Example(body, given=GIVEN), "MG804", root, "postgresql").report.findings
        if f.code == "MG804"
    ]
    return found.safe_way


@pytest.mark.parametrize(
    "value", [":new || substring(slug FROM 2)", "(SELECT max(slug) FROM slugs WHERE owner = :new)"]
)
def test_a_value_that_is_computed_from_the_row_is_not_collected(value: str, tmp_path: Path) -> None:
    sent = (
        f'bind.execute(sa.text("UPDATE people SET slug = {value} WHERE login = :old"), {{"new": 1, "old": row.login}})'
    )
    way = advised(LOOP.format(sent), tmp_path)
    assert "SET slug = … " in way
    assert "slug = v.slug" not in way
    assert "parameters of the loop's statement" in way


@pytest.mark.parametrize(
    "sent",
    [
        f"bind.execute({INSERT.format(' ON CONFLICT DO NOTHING')})",
        "bind.execute(postgresql.insert(slugs).values(owner=row.id).on_conflict_do_nothing())",
    ],
)
def test_what_is_to_happen_with_rows_that_are_there_is_kept(sent: str, tmp_path: Path) -> None:
    top = "from sqlalchemy.dialects import postgresql\n"
    assert "ON CONFLICT of the loop's statement" in advised(top + LOOP.format(sent), tmp_path)
    assert "ON CONFLICT" not in advised(LOOP.format(KINDS["an insert"][0]), tmp_path / "other")


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (f"new = bind.execute({INSERT.format(' RETURNING owner')}).scalar()", True),
        ("new = bind.execute(slugs.insert().values(owner=row.id)).inserted_primary_key[0]", True),
        (f"bind.execute({INSERT.format('')})", False),
    ],
)
def test_a_loop_that_reads_what_its_statements_give_back(sent: str, read: bool, tmp_path: Path) -> None:
    assert ("the loop reads what each" in advised(LOOP.format(sent), tmp_path)) == read


def test_batches_of_rows_that_are_put_in_can_be_run_again(tmp_path: Path) -> None:
    made = 'import os\nfrom sqlalchemy.orm import Session\nsession = Session(bind=os.environ.get("E"))\n'
    body = KINDS["an insert"][0] + "\n    session.commit()"
    assert "a second run begins at the first row again" in advised(made + LOOP.format(body), tmp_path)
    other = TEXT + "\n    session.commit()"
    assert "a second run" not in advised(made + LOOP.format(other), tmp_path / "other")


TWO = """
people = sa.table("people", sa.column("id"), sa.column("slug"))
slugs = sa.table("slugs", sa.column("owner"), sa.column("slug"))


def upgrade():
    bind = op.get_bind()
    send = people.update().values(slug=None)
    bind.execute(send)


def downgrade():
    bind = op.get_bind()
    for row in bind.execute(sa.text("SELECT id FROM people")):
        send = slugs.insert().values(owner=row.id)
        bind.execute(send)
"""


def test_two_functions_may_call_two_statements_alike(tmp_path: Path) -> None:
    assert "INSERT INTO slugs" in advised(TWO, tmp_path)


def test_an_update_with_many_parameter_sets_is_not_shown(tmp_path: Path) -> None:
    """A driver sends it once for each of them."""
    report = examples.check(Example(LOOP.format(CORE), given=GIVEN), "MG804", tmp_path, "postgresql").report
    [found] = [f for f in report.findings if f.code == "MG804"]
    assert "FROM unnest(" in found.safe_way
    assert "[{" not in found.safe_way


def test_the_loops_other_statements_are_told_of(tmp_path: Path) -> None:
    body = LOOP.format("bind.execute(slugs.insert().values(owner=row.id))\n    " + CORE)
    report = examples.check(Example(body, given=GIVEN), "MG804", tmp_path, "postgresql").report
    [found] = [f for f in report.findings if f.code == "MG804"]
    assert found.safe_way.endswith("# and so for the other statements of the loop")


@pytest.mark.parametrize("body", ["session.commit()", TEXT + "\n    session.commit()"])
def test_batches_take_what_a_loop_computes(tmp_path: Path, body: str) -> None:
    """A condition on what is not done yet, which an UPDATE with LIMIT needs, is nothing that a loop tells of."""
    made = 'import os\nfrom sqlalchemy.orm import Session\nsession = Session(bind=os.environ.get("E"))\n'
    report = examples.check(Example(made + LOOP.format(body), given=GIVEN), "MG804", tmp_path, "postgresql").report
    [found] = [f for f in report.findings if f.code == "MG804"]
    compile(found.safe_way.partition("\n")[2].replace("…", "x"), "advice", "exec")
    assert "WHERE id > :last ORDER BY id LIMIT" in found.safe_way
    assert "FROM unnest(" in found.safe_way


@pytest.mark.parametrize("schema", ["", "app."])
def test_a_column_of_arrays_is_not_taken_from_a_list_that_is_taken_apart(tmp_path: Path, schema: str) -> None:
    """unnest() of an array of arrays gives their elements: such values go over as rows of JSON."""
    given = (
        "CREATE SCHEMA app;CREATE TABLE app.people (id bigint, slug text);CREATE TABLE people (id bigint, slug text[])"
    )
    sent = TEXT.replace("UPDATE people", f"UPDATE {schema}people")
    report = examples.check(Example(LOOP.format(sent), given=given), "MG804", tmp_path, "postgresql").report
    [found] = [f for f in report.findings if f.code == "MG804"]
    rows = 'FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS v (id …, slug …[]) WHERE t.id = v.id"\n'
    assert (rows in found.recipe) == (not schema)
    assert ("unnest(" in found.recipe) == bool(schema)
    assert ('{"rows": json.dumps([{"id": ..., "slug": [...]}, ...], default=str)}' in found.recipe) == (not schema)


@pytest.mark.parametrize(("table", "unknown"), [("people", False), ("others", True)])
def test_a_column_that_is_not_known_may_be_of_arrays(tmp_path: Path, table: str, unknown: bool) -> None:
    example = Example(LOOP.format(TEXT.replace("UPDATE people", f"UPDATE {table}")), given=GIVEN)
    report = examples.check(example, "MG804", tmp_path, "postgresql").report
    [found] = [f for f in report.findings if f.code == "MG804"]
    assert "FROM unnest(" in found.recipe
    assert ("# unnest() takes arrays apart" in found.recipe) == unknown


@pytest.mark.parametrize("sqlite", [True, False])
def test_what_only_postgresql_has_is_kept_from_sqlite(tmp_path: Path, sqlite: bool) -> None:
    other = 'if op.get_bind().dialect.name == "sqlite":\n    pass' if sqlite else "pass"
    example = Example(LOOP.format(CORE), given=GIVEN, released=(other,))
    [found] = [f for f in examples.check(example, "MG804", tmp_path, "postgresql").report.findings if f.code == "MG804"]
    assert found.recipe.count("SQLite cannot do this") == sqlite
