"""An advice fits what it is about: the work, the lock, the script and the names that it meets."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from migguard.findings import Finding, Severity
from migguard.pipeline import run
from migguard.rules.facts.advice.instead_of_imports import instead
from migguard.rules.facts.scripts.imported_names import Taken, taken
from migguard.rules.frame import Example
from migguard.source import Script
from tests.rules.examples import check
from tests.shadow.project import PLAIN, Project

pytestmark = pytest.mark.thorough

TABLES = "CREATE TABLE orders (id bigint PRIMARY KEY, email text);CREATE TABLE people (id bigint PRIMARY KEY, age int)"
COLUMN = 'op.add_column("people", sa.Column("note", sa.Text()))\n'
INDEX = 'op.create_index("ix_people_age", "people", ["age"])\n'


def told(code: str, example: Example, root: Path) -> Finding:
    """The one finding of a rule."""
    [found] = [f for f in check(example, code, root, "postgresql").report.findings if f.code == code]
    return found


WORK = {
    "rows": ('op.execute("UPDATE orders SET email = lower(email)")', True),
    "an index": ('op.create_index("ix_orders_email", "orders", ["email"])', False),
    "a check": ('op.execute("ALTER TABLE orders VALIDATE CONSTRAINT ck")', False),
}


@pytest.mark.parametrize(("work", "batches"), WORK.values(), ids=list(WORK))
def test_only_rows_are_to_be_written_in_batches(work: str, batches: bool, tmp_path: Path) -> None:
    given = f"{TABLES};ALTER TABLE orders ADD CONSTRAINT ck CHECK (id > 0) NOT VALID"
    found = told("MG503", Example(COLUMN + work, given=given), tmp_path)
    assert found.advice.startswith("Commit in between: a revision of its own")
    assert ("batches" in found.advice, bool(found.recipe)) == (batches, batches)


AGES = 'op.execute("UPDATE people SET age = 3")\n'


def test_a_revision_without_a_lock_of_its_own_is_not_to_be_split(tmp_path: Path) -> None:
    """All that it needs is its transaction; rows of a later line are named by that."""
    foreign = told("MG503", Example(INDEX, given=TABLES, earlier=(COLUMN,)), tmp_path / "foreign")
    own = told("MG503", Example(COLUMN + INDEX + AGES, given=TABLES), tmp_path / "own")
    assert foreign.advice.startswith("Commit in between, with transaction_per_migration=True")
    assert not foreign.recipe
    assert "; and the rows of line " in own.advice
    assert own.advice.endswith(" in batches:")


def test_rows_that_an_update_no_longer_finds_can_be_written_in_batches(tmp_path: Path) -> None:
    """A WHERE over what is written may be false for the rows that are done, also where there is no number to go by."""
    update = "UPDATE flags SET label = md5(label)"
    given = "CREATE TABLE flags (name uuid PRIMARY KEY, label text)"
    every = told("MG514", Example(f'op.execute("{update}")', given=given), tmp_path / "every")
    some = told("MG514", Example(f'op.execute("{update} WHERE label <> md5(label)")', given=given), tmp_path / "some")
    assert not every.recipe
    assert "Nothing in a row says that it is done" in every.advice
    assert "false for rows that are done" in some.recipe
    assert "LIMIT 5000" in some.recipe


SECOND = 'op.create_index("ix_orders_email", "orders", ["email"])'
HELD = {
    "nobody reads what is held": (COLUMN, SECOND, "every write to orders and all queries on people queue up"),
    "reads go on": (INDEX, SECOND, "every write to orders and all writes to people queue up"),
    "nobody reads what is waited for": (
        INDEX,
        'op.add_column("orders", sa.Column("note", sa.Text()))',
        "every query on orders and all writes to people queue up",
    ),
}


@pytest.mark.parametrize(("first", "second", "words"), HELD.values(), ids=list(HELD))
def test_who_waits_is_said_by_the_locks(first: str, second: str, words: str, tmp_path: Path) -> None:
    assert words in told("MG504", Example(f"{first}{second}", given=TABLES), tmp_path).message


@pytest.mark.parametrize(
    ("code", "words"),
    [(SECOND, "every write to orders then waits"), (COLUMN, "every query on people then waits")],
    ids=["reads go on", "nobody reads"],
)
def test_who_waits_without_a_limit_is_said_by_the_lock(code: str, words: str, tmp_path: Path) -> None:
    set_to_none = 'op.execute("SET lock_timeout = 0")\n'
    assert words in told("MG506", Example(set_to_none + code, given=TABLES), tmp_path).message


NEW_KEY = """
op.add_column("orders", sa.Column("person_id", sa.BigInteger(){default}))
{between}
op.create_foreign_key("fk_person", "orders", "people", ["person_id"], ["id"])
"""
ON_IT = 'op.create_index("ix", "orders", ["person_id"])'


@pytest.mark.parametrize("between", ["", ON_IT], ids=["no index", "an index on it"])
def test_a_new_key_that_is_null_everywhere_is_checked_row_by_row(between: str, tmp_path: Path) -> None:
    """A new column has no statistics: the planner takes nearly all of its rows for filled, and reads the table."""
    found = told("MG403", Example(NEW_KEY.format(default="", between=between), given=TABLES), tmp_path)
    assert found.severity is Severity.ERROR
    assert "checks every row of orders" in found.message


def test_what_an_autocommit_block_commits_is_said(tmp_path: Path) -> None:
    block = (
        "with op.get_context().autocommit_block():\n"
        '    op.create_index("ix", "orders", ["email"], postgresql_concurrently=True)\n'
    )
    rows = "op.execute(\"UPDATE orders SET email = '' WHERE email IS NULL\")\n"
    said = {"the rows written before it": rows, "the schema changes before it": COLUMN}
    for words, code in said.items():
        assert words in told("MG515", Example(code + block, given=TABLES), tmp_path / words[4:8]).message


def test_no_view_is_advised_where_a_type_is_altered_later(tmp_path: Path) -> None:
    """PostgreSQL alters no type of a column that a view uses, not even to what it is."""
    rename = 'op.rename_table("people", "persons")\n'
    later = 'op.alter_column("persons", "age", existing_type=sa.Integer(), type_=sa.Integer())'
    assert "CREATE VIEW" in told("MG601", Example(rename, given=TABLES), tmp_path / "a").recipe
    assert "CREATE VIEW" not in told("MG601", Example(rename + later, given=TABLES), tmp_path / "b").recipe


def test_no_batches_are_advised_where_a_second_round_would_undo_the_first(tmp_path: Path) -> None:
    given = "CREATE TABLE flags (name text PRIMARY KEY, shown boolean)"
    turned = told("MG514", Example('op.execute("UPDATE flags SET shown = NOT shown")', given=given), tmp_path)
    assert not turned.recipe
    assert "Nothing in a row says that it is done" in turned.advice


def test_json_stays_portable_where_the_script_is(tmp_path: Path) -> None:
    variant = 'with_variant(postgresql.JSONB(), "postgresql")'
    kinds = {
        'sa.Column("p", sa.JSON())': True,
        'sa.Column("p", JSON())': False,
    }
    for number, (column, portable) in enumerate(kinds.items()):
        code = f'from sqlalchemy.dialects.postgresql import JSON\nop.add_column("orders", {column})'
        assert (variant in told("MG918", Example(code, given=TABLES), tmp_path / str(number)).recipe) == portable


def test_an_empty_revision_may_stay_with_a_reason(tmp_path: Path) -> None:
    said = told("MG110", Example("pass", given=TABLES), tmp_path / "bad").advice
    assert "migguard: ignore[MG110] -- why" in said


QUERIES = {
    "in from_select": (
        "query = session.query(people.c.id).filter(people.c.age > 3)\n"
        'op.execute(orders.insert().from_select(["id"], query))',
        True,
    ),
    "in a condition": (
        "op.execute(orders.delete().where(orders.c.id == session.query(people.c.id).as_scalar()))",
        True,
    ),
    "among values": ("op.execute(orders.delete().where(orders.c.id.in_(session.query(people.c.id))))", True),
    "loaded": ("rows = session.query(people.c.id).all()", False),
    "looped over": ("query = session.query(people.c.id)\nfor row in query:\n    pass", False),
    "beside a flush": ("op.execute(session.query(people.c.id).statement)\nsession.commit()", False),
}
SESSION = """
from sqlalchemy.orm import Session
people = sa.table("people", sa.column("id"), sa.column("age"))
orders = sa.table("orders", sa.column("id"))
session = Session(bind=op.get_bind())
"""


@pytest.mark.parametrize(("code", "built"), QUERIES.values(), ids=list(QUERIES))
def test_a_query_that_is_only_built_loads_and_writes_nothing(code: str, built: bool, tmp_path: Path) -> None:
    found = told("MG805", Example(SESSION + code, given=TABLES), tmp_path)
    assert ("builds its SELECTs" in found.message, "sa.select(" in found.recipe) == (built, built)


@pytest.mark.parametrize("own", [True, False])
def test_mapped_classes_of_the_script_itself_do_not_go_on_changing(own: bool, tmp_path: Path) -> None:
    """Their flushes are what the script does not spell out."""
    made = "class Order(Base):\n    pass\n" if own else "from shop.models import Order\n"
    code = f"from shop.models import Base\n{made}{SESSION}for one in session.query(Order).all():\n    one.age = 1"
    found = told("MG805", Example(code, given=TABLES), tmp_path)
    assert ("mapped classes" in found.message) is not own


MADE = "from sqlalchemy.orm import Session, sessionmaker\nsession = Session(bind=op.get_bind())\n"
ROWS = 'people = sa.table("people", sa.column("id"), sa.column("age"))\n'
SENT = {
    "its own statements": (MADE + ROWS + "session.execute(people.update().values(age=1))", "nothing to flush"),
    "a query of a table": (MADE + ROWS + "rows = session.query(people).all()\nsession.close()", "nothing to flush"),
    "a query of a class": (
        MADE + "from shop import Person\nrows = session.query(Person).all()",
        "what is written through them",
    ),
    "a select of a class": (
        MADE + "from shop import Person, fill\nfill(session.scalars(sa.select(Person)).all())",
        "the ORM's queries",
    ),
    "a select of a table": (MADE + ROWS + "session.execute(sa.select(people.c.id))", "nothing to flush"),
    "nothing": (MADE + "op.execute('SELECT 1')\nsession.commit()", "sends nothing through it"),
    "an object": (MADE + "from shop import Person\nsession.add(Person(age=1))", "flushes"),
    "an object of a maker's": (
        "from sqlalchemy.orm import sessionmaker\nmake = sessionmaker(bind=op.get_bind())\nown = make()\nown.add(1)",
        "flushes",
    ),
    "an element of an object": (
        MADE + "from shop import Person\nfor p in session.query(Person):\n    p.settings['a'] = 1",
        "flushes",
    ),
    "a collection of an object": (
        MADE + "from shop import Person\nfor p in session.query(Person):\n    p.friends.append(p)",
        "flushes",
    ),
    "mappings in bulk": (
        MADE + "from shop import Person\nsession.bulk_update_mappings(Person, [{'id': 1, 'age': 2}])\nsession.commit()",
        "mapped classes, which go on changing, decide what its bulk calls write",
    ),
    "a session that a list keeps": (MADE + "kept = [session]\nkept[0].add(1)", "flushes"),
    "a function of another module": (MADE + "from shop import fill\nfill(session)", "hands its session to fill"),
    "a method of a name like the script's own function": (
        MADE + "from shop import Charts\nCharts.upgrade(session)",
        "hands its session to Charts.upgrade",
    ),
}


@pytest.mark.parametrize(("code", "said"), SENT.values(), ids=list(SENT))
def test_flushes_are_spoken_of_only_where_something_may_be_flushed(code: str, said: str, tmp_path: Path) -> None:
    found = told("MG805", Example(code, given=TABLES), tmp_path)
    assert said in found.message


TAKEN = {
    "from shop.models import Order\nop.execute(sa.select(Order.id))": "TABLE",
    "from shop.models import Order\nop.execute(Order.__table__.delete())": "TABLE",
    "from shop.kinds import Kind\nop.add_column('t', sa.Column('k', sa.Enum(Kind)))": "LABELS",
    "from shop.kinds import Kind\nop.execute(Kind.NEW.value)": "MEMBER",
    "from shop.kinds import Kind\nop.execute(Kind.to_string(Kind.NEW))": "MEMBER",
    "from shop.kinds import Kind\nfor one in Kind:\n    op.execute(one.value)": "ENUM",
    "from shop.models import Order\nop.execute(Order.__tablename__)": "NAME",
    "from shop.models import Order\nop.execute(Order.__tablename__)\nsa.select(Order)": "TABLE",
    "from shop.models import Order\nsession.query(Order).all()": "ROWS",
    "from shop.models import Base\nclass Order(Base):\n    __tablename__ = 'orders'": "TABLE",
    "from shop.models import orders\norders.__table__.create(op.get_bind())": "CREATED",
    "from shop.conf import CONFIG\nprint(CONFIG.security.key)": "SETTING",
    "from shop.conf import settings\nprint(settings.DATABASE_URL)": "SETTING",
    "from shop.conf import conf\nconf.getint('migrations', 'size')": "SETTING",
    "from shop.conf import API_KEY\nprint(API_KEY)": "SETTING",
    "from shop.text import now\nop.add_column('t', sa.Column('k', sa.DateTime(), server_default=now()))": "SQL",
    "from shop.text import now\nop.add_column('t', sa.Column('k', sa.DateTime(), default=now))": "DEFAULT",
    "from shop.text import names\nprint(names['a'])": "VALUE",
    "from shop import orm\nrules = orm.meta.rules\nop.drop_column('t', 'k', rules=orm.meta.rules)": "VALUE",
    "from shop.text import ShopError\nraise ShopError('a')": "EXCEPTION",
    "from shop.log import get_logger\nlog = get_logger()": "LOGGER",
    "from shop.base import db_engine_specs\ndb_engine_specs.find('a')": "FUNCTION",
    "from shop.kinds import STATES\nop.execute(STATES[0])": "VALUE",
    "from shop.text import slug\nop.execute(slug('a'))": "FUNCTION",
    "import shop.text\nop.execute(shop.text.slug('a'))": "FUNCTION",
    "from shop import text\nop.execute(text.slug('a'))": "FUNCTION",
    "from shop import models\nop.execute(sa.select(models.Order))": "TABLE",
    "from shop import parts\nop.execute(parts.kinds.State.NEW.value)": "MEMBER",
    "from shop.kinds import Price\nop.add_column('t', sa.Column('p', Price(3)))": "TYPE",
    "from shop.kinds import Price\nop.add_column('t', sa.Column('p', Price))": "TYPE",
    "from shop.kinds import NAME\nop.add_column('t', sa.Column(NAME, sa.Text()))": "VALUE",
    "from shop import kinds\nop.alter_column('t', 'p', type_=kinds.Price())": "TYPE",
    "from shop.base import db\ndb.session.commit()": "SESSION",
    "from shop.base import get_session\nget_session().commit()": "SESSION",
}


@pytest.mark.parametrize(("code", "kind"), TAKEN.items(), ids=[c.splitlines()[0] + str(n) for n, c in enumerate(TAKEN)])
def test_what_is_taken_from_the_application_is_told_by_its_use(code: str, kind: str) -> None:
    script = Script(Path("r1.py"), code)
    modules = ("shop.models", "shop.kinds", "shop.text", "shop.base", "shop.conf", "shop.log", "shop")
    [one] = taken(script, modules)
    assert one.what is Taken[kind]
    ast.parse(instead(script, one))


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("from shop.base import kinds\nop.add_column('t', sa.Column('p', kinds.create(sa.String(9))))", "kinds.create"),
        ("from shop import kinds\nop.alter_column('t', 'p', type_=kinds.Price())", "kinds.Price"),
        ("import shop.kinds\nop.alter_column('t', 'p', type_=shop.kinds.Price())", "shop.kinds.Price"),
        ("from shop.kinds import Price\nop.add_column('t', sa.Column('p', Price))", "Price"),
    ],
)
def test_a_type_is_named_in_full_and_what_the_database_has_is_left_open(code: str, name: str) -> None:
    script = Script(Path("r1.py"), code)
    [one] = taken(script, ("shop", "shop.base", "shop.kinds"))
    assert (one.name, one.what) == (name, Taken.TYPE)
    assert instead(script, one).startswith(f"...  # in the place of {name}")


@pytest.mark.parametrize(
    "code",
    [
        "from shop import json\nrow = json.loads('{}')",
        "from shop import parts\nparts.json.loads('{}')",
        "import shop\nshop.parts.json.loads('{}')",
        "from shop import json\njson.loads('{}')\nread(json)",
    ],
)
def test_a_module_of_the_application_is_no_function(code: str) -> None:
    found = taken(Script(Path("r1.py"), code), ("shop",))
    assert [(one.name, one.what) for one in found] == [("loads", Taken.FUNCTION)]


def test_each_kind_of_import_is_given_its_own_line(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.file("shop/__init__.py", "")
    project.file("shop/parts.py", "STATES = ('new',)\ndef slug(text):\n    return text\n")
    released = project.revision(f'op.execute("{TABLES}")')
    project.revision('op.execute("SELECT \'" + slug(STATES[0]) + "\'")', top="from shop.parts import STATES, slug")
    report = run(replace(project.request(), everything=False, since=released)).report
    [found] = [f for f in report.findings if f.code == "MG802"]
    assert [line.split("=")[0].split("(")[0].strip() for line in found.recipe.splitlines()] == ["STATES", "def slug"]
    ast.parse(found.recipe)


UNIQUE = 'op.create_unique_constraint(None, "people", ["age"])'
DROPPED = 'op.drop_constraint("people_age_key", "people", type_="unique")'
RESTING = {
    "on none": ((), "pass", "uq_people_age", "naming_convention={"),
    "backwards": ((), DROPPED, "people_age_key", "and downgrades call"),
    "elsewhere": (('op.drop_constraint("orders_a_key", "orders")',), "pass", "uq_people_age", "and upgrades call"),
}


@pytest.mark.parametrize(("released", "down", "name", "words"), RESTING.values(), ids=list(RESTING))
def test_no_convention_is_offered_that_breaks_old_revisions(
    released: tuple[str, ...], down: str, name: str, words: str, tmp_path: Path
) -> None:
    given = f"{TABLES};ALTER TABLE orders ADD a int UNIQUE"
    found = told("MG709", Example(UNIQUE, given=given, released=released, downgrade=down), tmp_path)
    assert found.recipe.splitlines()[0] == f'op.create_unique_constraint(op.f("{name}"), "people", ["age"])'
    recipe = found.recipe.replace("\n# ", " ")
    assert words in recipe
    assert ("naming_convention={" in recipe) == ("{" in words)


def test_env_py_is_not_told_to_break_old_revisions(tmp_path: Path) -> None:
    said: dict[str, tuple[int, bool]] = {}
    for down in ("pass", DROPPED):
        project = Project(tmp_path / str(len(said)))
        metadata = "from alembic import context\nimport sqlalchemy as sa\nTARGET = sa.MetaData()\n"
        project.env(metadata + PLAIN.replace("connection=connection", "connection=connection, target_metadata=TARGET"))
        project.revision(f'op.execute("{TABLES}")')
        project.revision(UNIQUE, down)
        [found] = [f for f in project.checked().report.findings if f.code == "MG809" and "naming" in f.message]
        said[down] = (found.recipe.count("naming_convention={"), "people_age_key" in found.advice)
    assert said == {"pass": (1, False), DROPPED: (0, True)}


@pytest.mark.parametrize(
    ("target", "offered"), [("TARGET", True), ("[TARGET]", False), ("[TARGET, sa.MetaData()]", False)]
)
def test_no_convention_is_offered_for_a_list_of_metadata(target: str, offered: bool, tmp_path: Path) -> None:
    project = Project(tmp_path)
    metadata = "from alembic import context\nimport sqlalchemy as sa\nTARGET = sa.MetaData()\n"
    project.env(metadata + PLAIN.replace("connection=connection", f"connection=connection, target_metadata={target}"))
    released = project.revision(f'op.execute("{TABLES}")')
    project.revision(UNIQUE)
    report = run(replace(project.request(), everything=False, since=released)).report
    found = [f for f in report.findings if f.code == "MG709" or (f.code == "MG809" and "naming" in f.message)]
    said = {f.code: f"{f.advice} {f.recipe}".replace("\n# ", " ") for f in found}
    assert set(said) == {"MG709", "MG809"}
    assert {("naming_convention={" in text, "a list of MetaData" in text) for text in said.values()} == {
        (offered, not offered)
    }


@pytest.mark.parametrize(
    ("column", "new", "sure"),
    [("a", "geography", False), ("h", "jsonb USING h::jsonb", True), ("n", "bigint", True), ("n", "vector", False)],
)
def test_what_an_extension_makes_of_a_cast_is_not_claimed(column: str, new: str, sure: bool, tmp_path: Path) -> None:
    given = "CREATE EXTENSION hstore;CREATE TABLE t (a geometry, h hstore, n int)"
    found = told("MG409", Example(f'op.execute("ALTER TABLE t ALTER {column} TYPE {new}")', given=given), tmp_path)
    assert (found.verified, "unless" not in found.message) == (sure, sure)


def test_keys_in_another_case_are_looked_for(tmp_path: Path) -> None:
    given = "CREATE EXTENSION citext;CREATE TABLE people (name text NOT NULL UNIQUE)"
    found = told("MG703", Example('op.execute("ALTER TABLE people ALTER name TYPE citext")', given=given), tmp_path)
    assert found.probe is not None
    assert "GROUP BY (lower(name)) HAVING count(*) > 1" in found.probe


BATCHES = {
    ("mysql 8.0.36", "UPDATE t SET b = 1 WHERE a > 2"): "UPDATE `t` SET … WHERE … AND NOT (`b` <=> …) LIMIT 5000",
    ("sqlite", "DELETE FROM t WHERE a > 2"): "DELETE FROM t WHERE rowid IN (SELECT rowid FROM t WHERE … LIMIT 5000)",
    ("postgresql 15", "DELETE FROM t WHERE a > 2"): (
        "DELETE FROM t WHERE ctid = ANY (ARRAY(SELECT ctid FROM t WHERE … LIMIT 5000))"
    ),
}


UNDONE = {
    "op.execute(\"UPDATE t SET j = '{}'\")": "WHERE j::text IS DISTINCT FROM (…)::json::text LIMIT",
    "op.execute(\"UPDATE t SET js = '{}'\")": "WHERE js::text IS DISTINCT FROM (…)::json[]::text LIMIT",
    "op.execute(\"UPDATE t SET p = '1,2'\")": "WHERE p::text IS DISTINCT FROM (…)::point::text LIMIT",
    "op.execute(\"UPDATE t SET b = '{}'\")": "WHERE b IS DISTINCT FROM … LIMIT",
    'op.add_column("t", sa.Column("n", sa.JSON()))\nop.execute("UPDATE t SET n = \'{}\'")': "WHERE n IS NULL LIMIT",
    'op.add_column("t", sa.Column("n", sa.Integer(), server_default="1"))\nop.execute("UPDATE t SET n = 0")': (
        "WHERE n IS DISTINCT FROM … LIMIT"
    ),
    'op.add_column("t", sa.Column("n", sa.Integer()))\nop.execute("UPDATE t SET n = NULL")': (
        "WHERE n IS DISTINCT FROM … LIMIT"
    ),
    'op.execute(sa.table("t", sa.column("a")).update().values(a=0))': "WHERE a IS DISTINCT FROM … LIMIT",
}


@pytest.mark.parametrize(("code", "mark"), UNDONE.items())
def test_what_is_not_done_is_told_by_what_the_type_can_compare(code: str, mark: str, tmp_path: Path) -> None:
    given = "CREATE TABLE t (id text PRIMARY KEY, a int, j json, js json[], p point, b jsonb)"
    assert mark in told("MG514", Example(code, given=given), tmp_path).recipe


def test_json_of_mysql_is_compared_with_json(tmp_path: Path) -> None:
    given = "CREATE TABLE t (id varchar(9) PRIMARY KEY, j json)"
    example = Example("op.execute(\"UPDATE t SET j = '{}'\")", given=given, server="mysql 8.0")
    assert "NOT (`j` <=> CAST(… AS JSON))" in told("MG514", example, tmp_path).recipe


@pytest.mark.parametrize(("about", "batch"), BATCHES.items(), ids=[server for server, _ in BATCHES])
def test_a_batch_is_what_the_engine_takes(about: tuple[str, str], batch: str, tmp_path: Path) -> None:
    server, statement = about
    example = Example(f'op.execute("{statement}")', given="CREATE TABLE t (a int, b int)", server=server)
    assert batch in told("MG514", example, tmp_path).recipe


NULLS = {
    "as it is": ("pass", "UPDATE people SET age = … WHERE id IN (SELECT id FROM people WHERE age IS NULL"),
    "a renamed column": (
        'op.alter_column("people", "age", new_column_name="years")',
        "UPDATE people SET age = … WHERE id IN (SELECT id FROM people WHERE age IS NULL",
    ),
    "a renamed table": (
        'op.rename_table("people", "persons")',
        "UPDATE people SET age = … WHERE id IN (SELECT id FROM people WHERE age IS NULL",
    ),
    "a new column": (
        'op.add_column("people", sa.Column("years", sa.Integer()))',
        "UPDATE people SET years = … WHERE id IN (SELECT id FROM people WHERE years IS NULL",
    ),
}


@pytest.mark.parametrize(("first", "batch"), NULLS.values(), ids=list(NULLS))
def test_what_is_to_be_done_before_goes_by_the_names_of_then(first: str, batch: str, tmp_path: Path) -> None:
    table = "persons" if "persons" in first else "people"
    column = "years" if "years" in first else "age"
    code = f'{first}\nop.alter_column("{table}", "{column}", nullable=False)'
    found = told("MG702", Example(code, given=TABLES), tmp_path)
    assert batch in found.recipe
    assert found.advice.startswith("Add the column in a revision before" if "add_column" in first else "Give the rows")


KEY = 'op.create_primary_key("pk", "tags", ["id"])'
ADDED = 'op.add_column("tags", sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()")))'
FILLED = {
    "by its key": ("CREATE TABLE tags (a int PRIMARY KEY)", ADDED, "by primary key, in a later revision or a job"),
    "by ctid": ("CREATE TABLE tags (a int)", ADDED, "by ctid, since it has no key, in a later revision or a job"),
    "by another key": ("CREATE TABLE tags (a int NOT NULL UNIQUE)", ADDED, "by a, which is unique, in a later"),
    "before it is the key": ("CREATE TABLE tags (a int)", f"{ADDED}\n{KEY}", "in a revision before line 10 demands"),
}


@pytest.mark.parametrize(("given", "code", "words"), FILLED.values(), ids=list(FILLED))
def test_a_new_column_is_filled_by_what_there_is_and_in_time(given: str, code: str, words: str, tmp_path: Path) -> None:
    assert words in told("MG411", Example(code, given=given), tmp_path).recipe


def test_a_table_that_no_revision_made_may_have_no_key(tmp_path: Path) -> None:
    elsewhere = Example(ADDED, released=("pass",))
    assert "by primary key, or by ctid if it has none, in a" in told("MG411", elsewhere, tmp_path / "a").recipe


def test_a_table_that_gets_its_first_key_has_none(tmp_path: Path) -> None:
    first = Example('op.execute("ALTER TABLE tags ADD COLUMN id int PRIMARY KEY")', given="CREATE TABLE tags (a int)")
    assert "in batches by ctid, since it has no key; then" in told("MG407", first, tmp_path / "a").recipe
    serial = Example('op.execute("ALTER TABLE tags ADD COLUMN id serial PRIMARY KEY")', released=("pass",))
    assert "in batches by ctid, since it has no key, in a" in told("MG411", serial, tmp_path / "b").recipe


def test_a_later_revision_of_the_deployment_can_demand_the_values(tmp_path: Path) -> None:
    example = Example(KEY, given="CREATE TABLE tags (a int)", earlier=(ADDED,))
    assert "in a revision before r3 demands a value" in told("MG411", example, tmp_path).recipe


@pytest.mark.parametrize("taken", ["not count", "count"])
def test_a_later_key_demands_the_values_of_a_serial_column_too(taken: str, tmp_path: Path) -> None:
    added = f"""
    count = op.get_bind().execute(sa.text("SELECT count(*) FROM other")).scalar()
    if {taken}:
        op.execute("ALTER TABLE tags ADD COLUMN id bigserial")
    """
    given = "CREATE TABLE tags (a int);CREATE TABLE other (a int)"
    example = Example(KEY, given=given, earlier=(added,))
    recipe = told("MG411", example, tmp_path).recipe
    assert "by ctid, since it has no key, in a revision before r3 demands a value" in recipe


def test_an_index_that_only_gets_another_name_is_to_be_renamed(tmp_path: Path) -> None:
    given = f"{TABLES};CREATE UNIQUE INDEX ux_email ON orders (email)"
    drop = 'op.drop_index("ux_email", table_name="orders")\n'
    same = 'op.create_index("uq_orders_email", "orders", ["email"], unique=True)'
    other = 'op.create_index("ix_orders_email", "orders", ["email"])'
    renamed = told("MG402", Example(drop + same, given=given), tmp_path / "a")
    assert "ALTER INDEX ux_email RENAME TO uq_orders_email" in renamed.recipe
    assert "RENAME" not in told("MG402", Example(drop + other, given=given), tmp_path / "b").recipe


def test_a_key_run_together_with_a_text_is_said_to_tell_no_rows_apart(tmp_path: Path) -> None:
    unique = 'op.create_unique_constraint("uq", "orders", ["email"])'
    mixed = Example(f'op.execute("UPDATE orders SET email = email || id")\n{unique}', given=TABLES)
    assert "id in email tells no rows apart" in told("MG703", mixed, tmp_path / "a").advice
    assert "tells no rows apart" not in told("MG703", Example(unique, given=TABLES), tmp_path / "b").advice


@pytest.mark.parametrize(
    ("work", "table", "deadlock"),
    [
        ("UPDATE orders SET email = lower(email)", "orders", True),
        ("UPDATE orders SET email = lower(email)", "people", False),
        ("INSERT INTO people SELECT id, 1 FROM orders", "orders", False),
    ],
    ids=["rows of the table that changes then", "of another table", "rows that nobody waits for"],
)
def test_rows_written_before_their_table_changes_are_a_deadlock(
    work: str, table: str, deadlock: bool, tmp_path: Path
) -> None:
    """Who waits for such a row holds a lock on its table, which the change waits for."""
    change = f'op.add_column("{table}", sa.Column("note", sa.Text()))'
    found = told("MG513", Example(f"op.execute({work!r})\n{change}", given=TABLES), tmp_path)
    assert ("deadlock" in found.message) is deadlock


def test_rows_copied_in_batches_go_where_the_statement_puts_them(tmp_path: Path) -> None:
    """The columns stay listed, and the key is that of the table in batches where others are joined."""
    copied = "INSERT INTO people (age, id) SELECT o.id, p.id FROM orders o LEFT JOIN people p ON p.id = o.id"
    recipe = told("MG514", Example(f"op.execute({copied!r})", given=TABLES), tmp_path).recipe
    assert "INSERT INTO people (age, id) SELECT … FROM orders … WHERE orders.id > :last" in recipe
    assert "so that a second run goes on behind it" in recipe  # the rows of a batch that is run again are there


MODEL = """
class Order(Base):
    __tablename__ = "orders"
    id = sa.Column(sa.BigInteger, primary_key=True)
"""
UNMAPPED = {
    "a column of no model": ("MG302", 'op.drop_column("orders", "email")', MODEL, False),
    "a column of a model": (
        "MG302",
        'op.drop_column("orders", "email")',
        f"{MODEL}    email = sa.Column(sa.Text)\n",
        True,
    ),
    "no models are known": ("MG302", 'op.drop_column("orders", "email")', "", True),
    "a table of no model": ("MG301", 'op.drop_table("people")', MODEL, False),
    "no models are known of a table": ("MG301", 'op.drop_table("people")', "", True),
}


@pytest.mark.parametrize(("code", "drop", "models", "used"), UNMAPPED.values(), ids=list(UNMAPPED))
def test_what_no_model_maps_is_not_to_be_taken_out_of_the_models(
    code: str, drop: str, models: str, used: bool, tmp_path: Path
) -> None:
    found = told(code, Example(drop, given=TABLES, models=models), tmp_path)
    assert found.advice.startswith(("Remove email from the models", "Stop using people")) is used
    assert ("No model of the running code maps it" in found.message) is not used


COPY = """
with op.batch_alter_table("people", recreate="always") as batch:
    batch.add_column(sa.Column("note", sa.Text()))
"""


@pytest.mark.parametrize(
    ("table", "first", "words"),
    [
        ("id bigint", "", "what they change after the copy has begun is dropped with the old table"),
        ("id bigint", 'op.create_index("ix", "people", ["id"])', "every write to it waits"),
        ("id bigint PRIMARY KEY", "", "every read and write of it waits"),
    ],
    ids=["nothing is locked", "writes wait", "alembic drops the primary key first"],
)
def test_what_a_batch_copy_does_to_others_is_said_by_the_locks(
    table: str, first: str, words: str, tmp_path: Path
) -> None:
    assert words in told("MG412", Example(first + COPY, given=f"CREATE TABLE people ({table})"), tmp_path).message


NEW = 'op.add_column("people", sa.Column("note", sa.Text(){}))\n'
REQUIRED = 'op.alter_column("people", "{}", existing_type=sa.Text(), nullable=False)'


@pytest.mark.parametrize(
    ("code", "first"),
    [
        (NEW.format("") + REQUIRED.format("note"), True),
        (NEW.format(", server_default='x'") + REQUIRED.format("note"), False),
        (REQUIRED.format("age"), False),
    ],
    ids=["a new column", "a default fills it", "a column that is known"],
)
def test_a_check_of_a_column_that_the_running_code_does_not_know_comes_after_what_fills_it(
    code: str, first: bool, tmp_path: Path
) -> None:
    """NOT VALID spares the old rows alone: the CHECK refuses new ones at once."""
    assert told("MG405", Example(code, given=TABLES), tmp_path).advice.startswith("Let a trigger or a default") is first


@pytest.mark.parametrize(
    "key",
    [
        'op.create_unique_constraint("uq", "orders", ["note"])',
        'op.create_index("uq", "orders", ["note"], unique=True)',
        'op.create_foreign_key("fk", "orders", "people", ["note"], ["id"])',
    ],
    ids=["unique", "a unique index", "a foreign key"],
)
def test_no_default_fills_what_tells_rows_apart(key: str, tmp_path: Path) -> None:
    added = 'op.add_column("orders", sa.Column("note", sa.BigInteger()))'
    code = f'{added}\nop.alter_column("orders", "note", nullable=False)\n{key}'
    assert told("MG405", Example(code, given=TABLES), tmp_path).advice.startswith("Let a trigger fill note first")


VIEWS = 'op.add_column("orders", sa.Column("views", sa.Integer(){}))'
BIG = 'op.alter_column("orders", "views", type_=sa.BigInteger())'


@pytest.mark.parametrize(
    ("more", "between", "anew"),
    [
        ("", "pass", True),
        (", server_default='1'", "pass", False),
        ("", 'op.execute("UPDATE orders SET views = 1")', False),
        ("", "op.execute(\"UPDATE orders SET email = 'x'\")", True),
    ],
    ids=["nothing", "a default", "an UPDATE", "an UPDATE of another column"],
)
def test_a_new_column_that_nothing_has_filled_is_made_anew(more: str, between: str, anew: bool, tmp_path: Path) -> None:
    example = Example(BIG, given=TABLES, earlier=(VIEWS.format(more), between))
    found = told("MG409", example, tmp_path)
    assert found.advice.startswith("No row has a value in it yet: give it its type in line 9 of revision r2") is anew
    assert (found.recipe.splitlines()[0] == 'op.drop_column("orders", "views")') is anew


def test_a_column_that_the_same_call_renames_is_made_anew_under_that_name(tmp_path: Path) -> None:
    change = 'op.alter_column("orders", "views", new_column_name="seen", type_=sa.BigInteger())'
    found = told("MG409", Example(change, given=TABLES, earlier=(VIEWS.format(""),)), tmp_path)
    assert found.recipe.splitlines() == [
        'op.drop_column("orders", "views")',
        'op.add_column("orders", sa.Column("seen", sa.BigInteger()))',
    ]


@pytest.mark.parametrize("rule", ["MG918", "MG919", "MG917", "MG921"])
def test_a_column_whose_type_is_changed_is_altered_to_the_other_type(rule: str, tmp_path: Path) -> None:
    kinds = {"MG918": "sa.JSON()", "MG917": "sa.DateTime()", "MG919": "sa.String(9)", "MG921": "sa.Float()"}
    code = f'op.alter_column("bills", "total", type_={kinds[rule]}, postgresql_using="NULL")'
    example = Example(code, given="CREATE TABLE bills (id int PRIMARY KEY, total text)")
    recipe = told(rule, example, tmp_path).recipe
    assert 'op.alter_column("bills", "total", type_=sa.' in recipe
    # without one the server may have no way from the old type; but what makes a short string cuts a long one too
    assert (', postgresql_using="NULL")' if rule == "MG918" else ", postgresql_using=...)") in recipe


def test_a_key_that_numbers_no_rows_does_not_begin_to(tmp_path: Path) -> None:
    made = 'op.create_table("links", sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False))'
    recipe = told("MG913", Example(made, given=TABLES), tmp_path).recipe
    assert recipe == 'sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False)'


def test_what_else_a_key_is_made_with_stays(tmp_path: Path) -> None:
    made = 'op.create_table("links", sa.Column("id", sa.Integer(), sa.Identity(always=True), primary_key=True))'
    recipe = told("MG913", Example(made, given=TABLES), tmp_path).recipe
    assert recipe == 'sa.Column("id", sa.BigInteger(), ..., primary_key=True)'


def test_a_key_that_the_call_does_not_write_is_not_written(tmp_path: Path) -> None:
    key = 'sa.Column("id", sa.Integer(), primary_key=True)'
    made = f'def columns():\n    yield {key}\nop.create_table("links", *columns())'
    found = told("MG913", Example(made, given=TABLES), tmp_path)
    assert found.advice == "Make it a bigint while that is free."
    assert not found.recipe


def test_what_refers_to_a_key_is_widened_with_it(tmp_path: Path) -> None:
    made = 'op.create_table("links", sa.Column("id", sa.Integer(), primary_key=True))'
    refers = 'op.add_column("orders", sa.Column("link_id", sa.Integer(), sa.ForeignKey("links.id")))'
    example = Example(f"{made}\n{refers}", given=TABLES)
    assert told("MG913", example, tmp_path / "a").recipe.endswith("# and so what refers to it: orders.link_id")
    assert "refers" not in told("MG913", Example(made, given=TABLES), tmp_path / "b").recipe


def test_what_is_over_a_column_that_is_made_anew_is_named(tmp_path: Path) -> None:
    index = 'op.create_index("ix_views", "orders", ["views"])'
    found = told("MG409", Example(f"{VIEWS.format('')}\n{index}\n{BIG}", given=TABLES), tmp_path)
    assert found.recipe.endswith("# and make what was over it again: ix_views")


def test_what_is_done_to_a_table_that_is_dropped_then_can_be_left_out(tmp_path: Path) -> None:
    code = 'op.alter_column("orders", "email", nullable=False)\nop.drop_table("orders")'
    assert told("MG405", Example(code, given=TABLES), tmp_path).advice == (
        "Leave this out: the deployment drops orders after it."
    )


@pytest.mark.parametrize(
    ("upgrade", "downgrade", "says"),
    [
        ("SELECT 1", "ALTER TABLE people DROP COLUMN age", "leave it out"),
        ("ALTER TABLE people ADD note text", "ALTER TABLE people DROP COLUMN age", "left alone there: people.age"),
        ("ALTER TABLE people DROP COLUMN age", "SELECT 1", "Undo each of these"),
        (
            "DROP TABLE people",
            "CREATE TABLE people (id bigint PRIMARY KEY, age text)",
            "downgrade() makes people.age anew",
        ),
        ("DROP TABLE people", "CREATE TABLE people (id bigint, age int)", "downgrade() makes people anew"),
    ],
)
def test_what_the_upgrade_has_not_touched_is_not_to_be_undone(
    upgrade: str, downgrade: str, says: str, tmp_path: Path
) -> None:
    example = Example(f'op.execute("{upgrade}")', given=TABLES, downgrade=f'op.execute("{downgrade}")')
    assert says in told("MG202", example, tmp_path).advice


@pytest.mark.parametrize(
    ("before", "then", "call"),
    [
        ("nullable=False", "", 'op.add_column("people", sa.Column("note", ..., server_default=...))'),
        ("", '; op.alter_column("people", "note", nullable=False)', 'op.alter_column("people", "note", server_'),
    ],
)
def test_a_required_column_is_let_go_where_it_becomes_one(before: str, then: str, call: str, tmp_path: Path) -> None:
    code = f'op.add_column("people", sa.Column("note", sa.Text(), {before})){then}'
    assert told("MG605", Example(code, given=TABLES), tmp_path).recipe.startswith(call)


def test_the_sequence_of_a_column_that_comes_back_without_it_is_lost(tmp_path: Path) -> None:
    given = "CREATE TABLE jobs (id bigint PRIMARY KEY, number bigserial)"
    down = 'op.add_column("jobs", sa.Column("number", sa.BigInteger(), nullable=False))'
    about = told("MG202", Example('op.drop_column("jobs", "number")', given=given, downgrade=down), tmp_path)
    assert "the default of jobs.number is none and was nextval(" in about.message
    assert "the sequence jobs_number_seq of jobs.number is lost" in about.message
    assert about.advice.startswith("downgrade() makes jobs.number anew: ")
    assert "A sequence is made before its default, and then OWNED BY the column." in about.advice


@pytest.mark.parametrize(
    ("index", "read", "severity"),
    [
        (["other"], "reads all of places for rows", Severity.WARNING),
        (["row"], "looks through all of places with the same row for rows", Severity.NOTICE),
        (
            ["row", "hall"],
            "looks through all of places with the same hall, or with the same row, for rows",
            Severity.NOTICE,
        ),
    ],
)
def test_an_index_on_a_part_of_a_foreign_key_finds_a_part(
    index: list[str], read: str, severity: Severity, tmp_path: Path
) -> None:
    made = (
        'op.create_table("places", sa.Column("id", sa.BigInteger(), primary_key=True), '
        '*(sa.Column(c, sa.BigInteger()) for c in ("hall", "row", "other")), '
        'sa.ForeignKeyConstraint(["hall", "row"], ["seats.hall", "seats.row"], name="fk"))\n'
    )
    built = "".join(f'op.create_index("ix_{one}", "places", ["{one}"])\n' for one in index)
    given = "CREATE TABLE seats (hall bigint, row bigint, PRIMARY KEY (hall, row))"
    found = told("MG914", Example(made + built, given=given), tmp_path)
    assert read in found.message
    assert found.severity is severity


def test_the_index_for_a_foreign_key_takes_no_name_that_the_deployment_uses(tmp_path: Path) -> None:
    made = (
        'op.create_table("visits", sa.Column("id", sa.BigInteger(), primary_key=True), '
        'sa.Column("order_id", sa.BigInteger(), sa.ForeignKey("orders.id")))\n'
    )
    index = 'op.create_index("ix_visits_order_id", "visits", ["order_id"])\nop.drop_index("ix_visits_order_id")\n'
    assert '"ix_visits_order_id_new"' in told("MG914", Example(made + index, given=TABLES), tmp_path / "a").recipe
    assert '"ix_visits_order_id"' in told("MG914", Example(made, given=TABLES), tmp_path / "b").recipe


def test_a_key_that_is_put_in_the_place_of_another_knows_the_name_before(tmp_path: Path) -> None:
    given = "CREATE TABLE marks (id bigint PRIMARY KEY, code text);CREATE UNIQUE INDEX ux_marks ON marks (code)"
    drop = 'op.drop_index("ux_marks", "marks")'
    renamed = f'op.alter_column("marks", "code", new_column_name="label")\n{drop}'
    said = "(in a revision before this one over code, as it is called there)"
    assert said in told("MG311", Example(renamed, given=given), tmp_path / "a").advice
    assert "before this one" not in told("MG311", Example(drop, given=given), tmp_path / "b").advice


def test_a_partial_index_that_begins_with_the_key_finds_not_all_rows(tmp_path: Path) -> None:
    given = (
        "CREATE TABLE t (id bigint PRIMARY KEY); CREATE TABLE u (a bigint, b int, CONSTRAINT fk FOREIGN KEY (a) "
        "REFERENCES t); CREATE INDEX ia ON u (a);"
    )
    some = Example('op.drop_index("ia", "u")', given=f"{given}CREATE UNIQUE INDEX ip ON u (a) WHERE b IS NULL")
    assert told("MG914", some, tmp_path).message.startswith("No index of u finds all rows by a of ")
    none = Example('op.drop_index("ia", "u")', given=given)
    assert told("MG914", none, tmp_path / "none").message.startswith("No index of u begins with a of ")


def test_a_key_of_a_table_that_no_revision_made_may_be_there_already(tmp_path: Path) -> None:
    key = 'op.create_unique_constraint("uq", "legacy", ["a", "b"])'
    example = Example(key, released=('op.execute("DELETE FROM legacy")',))
    assert "unless a key of the table that is not known here" in told("MG703", example, tmp_path).message
    known = Example(key.replace("legacy", "made"), given="CREATE TABLE made (a int, b int)")
    assert "not known here" not in told("MG703", known, tmp_path / "known").message


@pytest.mark.parametrize(
    ("unique", "after", "again"),
    [
        ("", 'op.drop_index("ix_email", "orders")', True),
        ("", "pass", False),
        ("", 'op.drop_index("ix_email", "others")', False),
        (", unique=True", 'op.drop_index("ix_email", "orders")', False),
    ],
    ids=["dropped again", "kept", "another one", "a unique one"],
)
def test_an_index_that_the_deployment_drops_again_is_to_be_left_out(
    unique: str, after: str, again: bool, tmp_path: Path
) -> None:
    given = (
        f"{TABLES};CREATE SCHEMA apart;CREATE TABLE others (email text);"
        "ALTER TABLE others SET SCHEMA apart;CREATE INDEX ix_email ON apart.others (email)"
    )
    after = after.replace('"others"', '"others", schema="apart"')
    code = f'op.create_index("ix_email", "orders", ["email"]{unique})\n{after}'
    found = told("MG401", Example(code, given=given), tmp_path)
    assert found.advice.startswith("The deployment drops it again in line ") == again
    assert "uild it concurrently" in found.advice
    assert ("what the downgrades do with it" in found.advice) == again


@pytest.mark.parametrize("nullable", [True, False])
def test_only_columns_of_a_primary_key_that_may_be_null_are_to_be_made_not_null(nullable: bool, tmp_path: Path) -> None:
    given = f"CREATE TABLE people (id bigint{'' if nullable else ' NOT NULL'})"
    found = told("MG407", Example('op.create_primary_key("pk", "people", ["id"])', given=given), tmp_path)
    assert ("NOT NULL" in found.advice) == ("nullable=False" in found.recipe) == nullable
    assert "uild its index concurrently, then add it" in found.advice


def test_a_foreign_key_without_a_name_keeps_the_one_that_the_server_would_give_it(tmp_path: Path) -> None:
    """Other revisions may call it so."""
    key = 'op.create_foreign_key(None, "orders", "people", ["id"], ["id"])'
    assert '"orders_id_fkey"' in told("MG403", Example(key, given=TABLES), tmp_path).recipe


@pytest.mark.parametrize(
    ("more", "told_so"),
    [
        ({}, False),
        ({"earlier": (COLUMN,)}, True),
        ({"earlier": ("pass",)}, False),
        ({"earlier": (COLUMN,), "env": ("transaction_per_migration",)}, False),
    ],
)
def test_a_block_is_not_to_commit_the_revisions_before_its_own(
    more: dict[str, tuple[str, ...]], told_so: bool, tmp_path: Path
) -> None:
    found = told("MG401", replace(Example(INDEX, given=TABLES), **more), tmp_path)
    assert ("else the block commits the" in found.recipe) is told_so


@pytest.mark.parametrize(
    ("schema", "noted"), [('"shop"', False), ("op.get_context().opts.get('x') or ''.join(['sh', 'op'])", True)]
)
def test_a_schema_that_the_script_does_not_write_is_told_as_the_replays(
    schema: str, noted: bool, tmp_path: Path
) -> None:
    given = "CREATE SCHEMA shop;CREATE TABLE shop.orders (id bigint, total int)"
    code = f'op.create_check_constraint("ck", "orders", "total > 0", schema={schema})'
    found = told("MG404", Example(code, given=given), tmp_path)
    assert 'schema="shop"' in found.recipe
    assert ("the schema shop is what the replay saw" in found.recipe) == noted
    assert found.fixable != noted


@pytest.mark.parametrize(
    ("kind", "demanding"), [("text NOT NULL", True), ("text NOT NULL DEFAULT ''", False), ("text", False)]
)
def test_a_renamed_column_that_inserts_must_name_may_be_null_first(kind: str, demanding: bool, tmp_path: Path) -> None:
    """Code that no longer writes it cannot insert a row before that."""
    given = f"CREATE TABLE people (id bigint PRIMARY KEY, mail {kind})"
    found = told("MG602", Example('op.alter_column("people", "mail", new_column_name="post")', given=given), tmp_path)
    assert ("let the old one be NULL, stop using the old one and drop it" in found.advice) is demanding


LOOP = 'for table in {tables}:\n    op.create_index(f"ix_{{table}}", table, ["id"])'


@pytest.mark.parametrize(("tables", "several"), [(["orders", "people"], True), (["orders"], False)])
def test_a_recipe_in_a_loop_says_for_which_table_it_is(tables: list[str], several: bool, tmp_path: Path) -> None:
    """It has the name of one, and would be done again for each of the others."""
    report = check(Example(LOOP.format(tables=tables), given=TABLES), "MG401", tmp_path, "postgresql").report
    found = [f for f in report.findings if f.code == "MG401"]
    said = [
        f" runs for other tables too: this is for {table} alone." in f.recipe
        for f, table in zip(found, tables, strict=True)
    ]
    assert said == [several] * len(tables)


@pytest.mark.parametrize(
    ("later", "said"),
    [
        ('op.drop_table("people")', "in this deployment: leave this out, if nothing before needs it."),
        ('op.rename_table("people", "humans")', ""),
        ('op.drop_table("orders")', ""),
    ],
)
def test_work_on_a_table_that_the_deployment_drops_later_may_be_left_out(later: str, said: str, tmp_path: Path) -> None:
    found = told("MG401", Example(INDEX + later, given=TABLES), tmp_path)
    assert ("drops people" in found.recipe, said in found.recipe) == (bool(said), True)


@pytest.mark.parametrize(
    ("given", "up", "down", "said"),
    [
        ("CONSTRAINT ck CHECK (age IN (1, 2, 3))", "age IN (1, 2, 3)", "age IN (1, 2)", True),
        ("CONSTRAINT ck UNIQUE (age)", "age IN (1, 2, 3)", "age IN (1, 2)", False),
    ],
    ids=["a check", "a key"],
)
def test_a_check_that_differs_after_the_way_back_may_be_made_of_what_an_application_has(
    given: str, up: str, down: str, said: bool, tmp_path: Path
) -> None:
    """Its values are those of today in the replay, and those of its own day in a database."""
    anew = 'op.drop_constraint("ck", "people")\nop.create_check_constraint("ck", "people", "{}")'
    tables = f"CREATE TABLE people (id bigint PRIMARY KEY, age int, {given})"
    example = Example(anew.format(up), given=tables, downgrade=anew.format(down))
    assert ("If ck was made of the application's own values" in told("MG202", example, tmp_path).advice) is said


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (COLUMN, "changes the database"),
        (
            f'if op.get_bind().execute(sa.text("SELECT id FROM people")).first():\n    {COLUMN}',
            "may change the database",
        ),
    ],
    ids=["what it does", "what it does where there are rows"],
)
def test_what_a_revision_does_on_the_side_that_was_not_taken_it_may_do(code: str, words: str, tmp_path: Path) -> None:
    found = told("MG201", Example(code, given=TABLES, downgrade="pass"), tmp_path)
    assert f" {words} and has a downgrade() that does nothing." in found.message


@pytest.mark.parametrize(
    ("made", "attribute"),
    [
        ('op.create_table("order", sa.Column("id", sa.BigInteger(), primary_key=True))', False),
        ('op.add_column("people", sa.Column("order", sa.Text()))', True),
    ],
    ids=["a table", "a column"],
)
def test_only_a_column_has_an_attribute_of_another_name(made: str, attribute: bool, tmp_path: Path) -> None:
    found = told("MG923", Example(made, given=TABLES), tmp_path)
    assert ("as its attribute" in found.advice) is attribute


@pytest.mark.parametrize(("kind", "said"), [("text NOT NULL", True), ("text DEFAULT 'a'", False)])
def test_a_column_that_comes_back_not_null_needs_values(kind: str, said: bool, tmp_path: Path) -> None:
    """The server refuses it where there are rows, without a default."""
    example = Example(
        'op.drop_column("people", "note")',
        given=f"CREATE TABLE people (id bigint PRIMARY KEY, note {kind})",
        downgrade='op.add_column("people", sa.Column("note", sa.Text()))',
    )
    assert ("needs a default, or its values first" in told("MG202", example, tmp_path).advice) is said


@pytest.mark.parametrize(("name", "taken"), [("note", True), ("remark", False)])
def test_no_trigger_helps_a_column_that_takes_the_name_of_another(name: str, taken: bool, tmp_path: Path) -> None:
    """What the running code writes under that name is of the old column's type."""
    code = f"""
        op.add_column("people", sa.Column("made", sa.JSON()))
        op.drop_column("people", "note")
        op.alter_column("people", "made", nullable=False)
        op.alter_column("people", "made", new_column_name="{name}")
    """
    given = "CREATE TABLE people (id bigint PRIMARY KEY, note text NOT NULL)"
    advice = told("MG405", Example(code, given=given), tmp_path).advice
    assert ("let made keep a name of its own until that code is gone" in advice) is taken
    assert ("Let a trigger or a default fill made first" in advice) is not taken
