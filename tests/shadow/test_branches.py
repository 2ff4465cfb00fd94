"""Branches: on the schema they are answered, on rows both sides are looked at, for another dialect they are not."""

from __future__ import annotations

import ast
from dataclasses import replace

import pytest

from migguard.findings import Severity
from migguard.pipeline import run, trace
from migguard.shadow.sides.branches import Absent, Branch, of_result
from migguard.shadow.sides.row_writes import Rows
from migguard.trace import Certainty, Note, NoteKind
from tests.shadow.project import Project, codes, notes, sql, tables, upgrade

CREATE = 'op.create_table("a", sa.Column("id", sa.Integer, primary_key=True))'
COUNT = 'op.get_bind().execute(sa.text("SELECT count(*) FROM a")).scalar()'


NAMED = 'query = sa.text("UPDATE a SET i = :i")\n    op.get_bind().execute(query, {"i": row[0]})'
ON_TAGS = """
inspector = sa.inspect(op.get_bind())
if inspector.has_table("runs"):
    {}
"""


@pytest.mark.parametrize(
    "body",
    [
        f'if {COUNT}:\n    op.drop_table("a")',
        f'rows = {COUNT}\nif rows > 10:\n    op.drop_table("a")',
        f'if not {COUNT}:\n    return\nop.drop_table("a")',
        f'if {COUNT} == 0:\n    pass\nelse:\n    op.drop_table("a")',
        'for row in op.get_bind().execute(sa.text("SELECT id FROM a")):\n    op.drop_table("a")',
    ],
)
def test_the_other_side_of_a_branch_on_rows_is_read_and_checked_and_the_schema_stays(
    project: Project, body: str
) -> None:
    project.revision(CREATE)
    name = project.revision(body)
    traced = project.traced()
    found = upgrade(traced, name)
    assert notes(found, NoteKind.BRANCH) == [""]
    assert [s.certainty for s in found.statements if s.sql.strip().startswith("DROP")] == [Certainty.OTHER_BRANCH]
    assert tables(traced) == {"a"}


def test_the_other_side_is_checked_like_the_rest(project: Project) -> None:
    project.revision(CREATE)
    project.revision(f'if {COUNT}:\n    op.execute("COMMIT")')
    assert {"MG008", "MG512"} <= set(codes(project.checked()))


def test_a_function_of_the_script_that_asks_rows_taints_the_branch_on_it(project: Project) -> None:
    project.revision(CREATE)
    name = project.revision('if filled():\n    op.drop_table("a")', top=f"def filled():\n    return {COUNT}\n")
    assert notes(upgrade(project.traced(), name), NoteKind.BRANCH) == [""]


@pytest.mark.parametrize(
    "body",
    [
        f"if {COUNT}:\n    op.create_table('b', sa.Column('id', sa.Integer))\n"
        "else:\n    op.create_table('b', sa.Column('id', sa.Integer))",
        f"for _ in range({COUNT}):\n    op.execute('UPDATE a SET id = 1')\nop.drop_table('a')",
        f"if {COUNT}:\n    fill()\nop.drop_table('a')",
    ],
)
def test_the_other_side_begins_where_the_branch_stands(project: Project, body: str) -> None:
    """What the side that ran has made, and what stands below, is not there yet."""
    project.revision(CREATE)
    project.revision(body, top="def fill():\n    op.execute('UPDATE a SET id = 1')\n")
    assert "MG706" not in codes(project.checked())


@pytest.mark.parametrize("body", [f"if {COUNT}:\n    shrink('a')", f"for _ in range({COUNT}):\n    shrink('a')"])
def test_what_a_function_of_the_script_does_on_the_other_side_is_seen(project: Project, body: str) -> None:
    project.revision(CREATE)
    name = project.revision(body, top="def shrink(table):\n    if table:\n        op.drop_table(table)\n")
    found = upgrade(project.traced(), name)
    assert [(s.sql.split()[0], s.certainty) for s in found.statements if "SELECT" not in s.sql] == [
        ("DROP", Certainty.OTHER_BRANCH)
    ]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("process(found)", 1),
        ("process(rows=found)", 1),
        ("process([row.id for row in found])", 1),
        ("again(found)", 1),
        ("process(found[:0])", 1),
        ("process(['id'])", 0),
        ("print(found)", 0),
    ],
)
def test_rows_that_a_function_of_the_script_is_given_are_rows_there(project: Project, call: str, told: int) -> None:
    project.revision(CREATE)
    top = (
        "def process(rows):\n    for row in rows:\n        op.drop_table('a')\n\ndef again(some):\n    process(some)\n"
    )
    name = project.revision(f"found = list({ROWS})\n{call}", top=top)
    assert len(notes(upgrade(project.traced(), name), NoteKind.BRANCH)) == told


def test_a_function_that_ran_is_not_run_again_for_the_other_side(project: Project) -> None:
    """The line of its call has run statements, though they stand in the function."""
    project.revision(CREATE)
    name = project.revision(f"if not {COUNT}:\n    shrink('a')", top="def shrink(table):\n    op.drop_table(table)\n")
    found = upgrade(project.traced(), name)
    assert [s.certainty for s in found.statements if s.sql.strip().startswith("DROP")] == [Certainty.RAN]


@pytest.mark.parametrize(
    "work",
    [
        "rebuild(op.get_bind())",
        "tools.rebuild(op)",
        "tools.update(conn)",
        "tools.name_of('a')",
        "op.drop_table(name_of(a))",
    ],
)
def test_work_on_the_other_side_that_cannot_be_read_is_told(project: Project, work: str) -> None:
    project.file("tools.py", "def rebuild(op): ...\ndef update(op): ...\ndef name_of(a): ...\n")
    project.revision(CREATE)
    top = "import tools\nfrom tools import name_of, rebuild\n"
    name = project.revision(f"for a in op.get_bind().execute(sa.text('SELECT id FROM a')):\n    {work}", top=top)
    [told] = [n.detail for n in upgrade(project.traced(), name).notes if n.kind is NoteKind.BRANCH]
    assert "does in line" in told


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("if rows:\n    rows = rows.fetchall()\nelse:\n    rows = []", False),
        ("if not rows:\n    op.drop_table('a')", False),
        ("rows = rows.fetchall()\nif not rows:\n    op.execute('DELETE FROM a')\nelse:\n    op.drop_table('a')", True),
        ("if rows.rowcount:\n    op.drop_table('a')", True),
    ],
)
def test_that_there_is_a_result_hangs_on_no_rows(project: Project, body: str, told: bool) -> None:
    """SQLAlchemy's result is true with and without rows; the list of its rows is not."""
    project.revision(CREATE)
    name = project.revision(f"rows = op.get_bind().execute(sa.text('SELECT id FROM a'))\n{body}")
    assert bool(notes(upgrade(project.traced(), name), NoteKind.BRANCH)) is told


@pytest.mark.parametrize(
    ("before", "certain"),
    [
        ("rows = op.get_bind().execute(q)", True),
        ("conn = op.get_bind()\nrows = conn.execute(q)\nprint(rows)", True),
        ("rows = shop.execute(q)", False),
        ("conn = connect()\nrows = conn.execute(q)", False),
        ("rows = op.get_bind().execute(q)\nrows = rows.fetchall()", False),
        ("rows = op.get_bind().execute(q)\nif q:\n    rows = []", False),
    ],
    ids=["Alembic's", "under a name", "another's", "of another's", "its rows", "either"],
)
def test_only_a_result_of_alembics_connection_is_known_to_be_true(before: str, certain: bool) -> None:
    """Another object's `execute()` may give back a list."""
    asked = ast.parse("rows", mode="eval").body
    assert of_result(asked, ast.parse(before).body) is certain


def test_what_is_only_printed_on_the_other_side_is_nothing(project: Project) -> None:
    project.revision(CREATE)
    top = "import logging\nlogger = logging.getLogger(__name__)\n"
    body = f"if {COUNT}:\n    print('many')\n    logger.info('rows: %s', 1)\n    logging.warning('x')"
    body += "\n    seen = []\n    seen.append(1)\n    read = {'url': 1}\n    url = read.get('url')"
    name = project.revision(body, top=top)
    assert notes(upgrade(project.traced(), name), NoteKind.BRANCH) == []


LAST = f"last = {COUNT}\nquery = sa.select(sa.table('a', sa.column('id')))\n"
AFTER = "def after(query, last):\n    return query.where(sa.column('id') > sa.literal(last))\n"
CHECKED = """def parsed(value):
    if value is None:
        raise RuntimeError(f"no value: {value!r}")
    return json.loads(value)
"""
ROWS = "op.get_bind().execute(sa.text('SELECT id FROM a'))"
WANTED = 'import json\nimport sqlalchemy as sa\nWANTED = {"x": {"ids": set(), "known": False}}\nNAMES = {}\n'


@pytest.mark.parametrize(
    ("top", "body"),
    [
        (AFTER, f"{LAST}if last:\n    query = query.where(after(query, last))"),
        (CHECKED, f"for row in {ROWS}:\n    parsed(row.id)"),
        ("", f"for row in {ROWS}:\n    one = NAMES.get(row.id, [])\n    WANTED[one]['ids'].update(one)"),
        ("", f"for row in {ROWS}:\n    WANTED['x']['ids'].add(row.id)\n    WANTED['x']['known'] = True"),
        ("import logging\n_logger = logging.getLogger('a')\n", f"if {COUNT}:\n    _logger.warning('%d', 3)"),
    ],
    ids=["a query", "a check", "a dict of the module", "sets of the module", "a logger"],
)
def test_what_the_other_side_only_builds_changes_nothing(project: Project, top: str, body: str) -> None:
    """The functions of the script are read for it."""
    project.revision(CREATE)
    name = project.revision(body, top=WANTED + top)
    assert notes(upgrade(project.traced(), name), NoteKind.BRANCH) == []


@pytest.mark.parametrize(
    ("top", "body"),
    [
        ("def fill(value):\n    op.execute(f'UPDATE a SET id = {value}')\n", "fill(row.id)"),
        ("def fill(bind, value):\n    return value\n", "fill(bind, row.id)"),
        ("def outer(value):\n    inner(value)\ndef inner(value):\n    tools.fill(value)\n", "outer(row.id)"),
        ("from tools import fill\n", "fill(row.id)"),
        ("def mark(one):\n    sa.orm.attributes.flag_modified(one, 'id')\n", "mark(row)"),
        ("def renamed(one):\n    one.id = 3\n", "renamed(row)"),
        ("", "session.get(row.id, 3)"),
    ],
    ids=["an operation", "a connection", "in a function of it", "another file's", "a row marked", "a row", "a session"],
)
def test_what_may_do_more_than_build_is_told(project: Project, top: str, body: str) -> None:
    project.file("tools.py", "def fill(value): value.save()\n")
    project.revision(CREATE)
    body = f"bind = session = op.get_bind()\nfor row in {ROWS}:\n    {body}"
    name = project.revision(body, top=f"import tools\n{WANTED}{top}")
    assert len(notes(upgrade(project.traced(), name), NoteKind.BRANCH)) == 1


def test_a_statement_of_core_that_stands_there_was_read(project: Project) -> None:
    """It was not run, since its values are rows'."""
    project.revision(CREATE)
    name = project.revision(
        f"a, bind = sa.table('a', sa.column('id')), op.get_bind()\nfor row in {ROWS}:\n"
        "    bind.execute(a.update().where(a.c.id == row.id).values(id=-row.id))"
    )
    [told] = [n.detail for n in upgrade(project.traced(), name).notes if n.kind is NoteKind.BRANCH]
    assert "was read and not run, for want of its values" in told


@pytest.mark.parametrize(
    ("top", "condition"),
    [
        ("import os\n", 'os.environ.get("DROP_A")'),
        ("import os\n", 'os.getenv("DROP_A", "no") == "yes"'),
        ("import os\n", '"DROP_A" in os.environ'),
        ("from os import getenv\n", 'getenv("DROP_A")'),
        ('import os\nDROPS = os.environ.get("DROP_A")\n', "DROPS"),
        ('import os\ndef drops():\n    return os.environ.get("DROP_A")\n', "drops()"),
    ],
)
def test_the_other_side_of_a_branch_on_the_environment_is_read(project: Project, top: str, condition: str) -> None:
    """Production's environment is another one."""
    project.revision(CREATE)
    name = project.revision(f'if {condition}:\n    op.drop_table("a")', top=top)
    found = upgrade(project.traced(), name)
    [told] = [n.detail for n in found.notes if n.kind is NoteKind.BRANCH]
    assert "the environment (DROP_A)" in told
    assert [s.certainty for s in found.statements] == [Certainty.OTHER_BRANCH]


@pytest.mark.parametrize(
    "condition",
    [
        'not sa.inspect(op.get_bind()).has_table("a")',
        'sa.inspect(op.get_bind()).has_table("b")',
        '"b" in [c["name"] for c in sa.inspect(op.get_bind()).get_columns("a")]',
        "op.get_bind().execute(sa.text(\"SELECT 1 FROM information_schema.tables WHERE table_name = 'b'\")).scalar()",
        "op.get_bind().execute(sa.text(\"SELECT to_regclass('b')\")).scalar()",
        'op.get_bind().dialect.name == "mysql"',
        'op.get_context().dialect.name in ("mysql", "sqlite")',
        "op.get_context().as_sql",
    ],
)
def test_a_branch_on_the_schema_or_the_dialect_is_answered(project: Project, condition: str) -> None:
    project.revision(CREATE)
    name = project.revision(
        f'if {condition}:\n    op.drop_table("a")\nelse:\n    op.add_column("a", sa.Column("c", sa.Text))'
    )
    found = upgrade(project.traced(), name)
    assert sql(found)[-1] == "ALTER TABLE a ADD COLUMN c TEXT"
    assert notes(found, NoteKind.BRANCH) == []


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("postgresql://", "postgresql.dialect"),
        ("postgresql+psycopg2://", "postgresql.dialect"),
        ("postgresql+psycopg2://", "postgresql.psycopg2.PGDialect_psycopg2"),
        ("postgresql+psycopg://", "postgresql.base.PGDialect"),
        ("mysql+pymysql://", "mysql.dialect"),
        ("mysql+pymysql://", "mysql.pymysql.MySQLDialect_pymysql"),
        ("sqlite://", "sqlite.dialect"),
    ],
)
def test_a_dialect_is_known_by_its_class_too(project: Project, url: str, kind: str) -> None:
    project.url, project.overrides = url, {"dialect": url.partition(":")[0].partition("+")[0]}
    top = "from sqlalchemy.dialects import mysql, postgresql, sqlite\n"
    top += "import sqlalchemy.dialects.postgresql.psycopg2\n"
    top += "import sqlalchemy.dialects.mysql.pymysql\n"
    project.revision(f"if isinstance(op.get_bind().dialect, {kind}):\n    {CREATE}", top=top)
    other = "mysql" if not url.startswith("mysql") else "postgresql"
    project.revision(f"if isinstance(op.get_bind().dialect, {other}.dialect):\n    op.drop_table('a')", top=top)
    assert "a" in tables(project.traced())


def test_what_the_other_side_cannot_be_read_of_is_named(project: Project) -> None:
    project.revision(CREATE)
    name = project.revision(f"names = dict(x=1)\nif {COUNT}:\n    op.drop_table(names['x'])")
    [note] = [n for n in upgrade(project.traced(), name).notes if n.kind is NoteKind.BRANCH]
    assert "line 11 could not be read" in note.detail


HELPERS = """
    from alembic import op
    import sqlalchemy as sa

    def fill(table):
        count = op.get_bind().execute(sa.text(f"SELECT count(*) FROM {table}")).scalar()
        if count == 0:
            return
        op.execute(f"UPDATE {table} SET id = id + 1")

    def fill_by(table, bind):
        if bind.execute(sa.text(f"SELECT 1 FROM {table}")).first():
            bind.execute(sa.text(f"UPDATE {table} SET id = id + 1"))

    def told(table):
        count = op.get_bind().execute(sa.text(f"SELECT count(*) FROM {table}")).scalar()
        if count:
            print(count)
        op.execute(f"ANALYZE {table}")

    def seeded(table):
        if not op.get_bind().execute(sa.text(f"SELECT 1 FROM {table}")).first():
            op.execute(f"INSERT INTO {table} VALUES (1)")

    def filled(table):
        return op.get_bind().execute(sa.text(f"SELECT count(*) FROM {table}")).scalar() > 0

    def has_table(name):
        return name in sa.inspect(op.get_bind()).get_table_names()

    def add_note(table):
        if not has_table(table):
            return
        op.add_column(table, sa.Column("note", sa.Text))

    def add_index():
        if not has_table("tags") and not has_table("marks"):
            return
        if not has_table("marks"):
            op.create_table("marks", sa.Column("id", sa.Integer, primary_key=True))
        op.create_index("ix_tags_run", "tags", ["run"])

    def add_index_again():
        if has_table("tags"):
            op.create_index("ix_tags_run", "tags", ["run"])

    def add_notes():
        if has_table("tags"):
            add_note("tags")
    """
IMPORT = (
    "from steps.tools import fill, fill_by, told, seeded, filled, has_table, add_note, add_index, add_index_again, "
    "add_notes"
)


def told_of(project: Project, body: str) -> list[tuple[str, str]]:
    project.file("steps/__init__.py", "")
    project.file("steps/tools.py", HELPERS)
    name = project.revision(body, top=IMPORT)
    return [(n.subject, n.detail) for n in upgrade(project.traced(), name).notes if n.kind is NoteKind.BRANCH]


@pytest.mark.parametrize(
    ("body", "subjects"),
    [
        ('for name in ("a", "a"):\n    fill(name)', [""]),
        ('fill("a")\nfill("a")', [""]),
        ('fill(str("a"))\nfill_by("a", op.get_bind())', ["", "fill_by"]),
        ('told("a")', []),
        ('seeded("a")', []),
        ('if filled("a"):\n    op.drop_table("a")', [""]),
        ('print(filled("a"))', []),
    ],
)
def test_a_function_of_another_file_whose_work_hangs_on_rows_is_told_once(
    project: Project, body: str, subjects: list[str]
) -> None:
    project.revision(CREATE)
    found = told_of(project, body)
    assert [subject for subject, _ in found] == subjects
    assert all("depends on rows, of which the replay has none" in detail for _, detail in found)


@pytest.mark.parametrize(
    "condition",
    [
        'has_table("tags")',
        'sa.inspect(op.get_bind()).has_table("tags")',
        '"tags" in sa.inspect(op.get_bind()).get_table_names()',
        '"tags" in names',
    ],
)
def test_a_table_that_the_history_never_makes_may_be_there_where_it_works_on_others_it_never_made(
    project: Project, condition: str
) -> None:
    project.revision('op.add_column("runs", sa.Column("c", sa.Text))')
    [(_, detail)] = told_of(
        project,
        f"names = sa.inspect(op.get_bind()).get_table_names()\nif not {condition}:\n    return\n"
        'op.create_index("tags_run", "tags", ["run"])',
    )
    assert detail.startswith(
        "This branch depends on whether the table tags is there, which this history has not made: the"
    )


def test_each_condition_names_the_tables_that_it_asks_for(project: Project) -> None:
    project.revision('op.add_column("runs", sa.Column("c", sa.Text))')
    body = "".join(f'if {c}:\n    op.drop_table("x{n}")\n' for n, c in enumerate((
        'has_table("tags")', 'has_table("marks")', 'has_table("pins") or has_table("pens")'
    )))  # fmt: skip
    assert [detail.partition(" is there")[0].rpartition("the table ")[2] for _, detail in told_of(project, body)] == [
        "tags", "marks", "pens or pins"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "given", "on"),
    [
        ("tag.kind == 'a'", {}, "rows, of which the replay has none"),
        ("'kinds' in tags", {}, "whether the table kinds is there, which this history has not made"),
        ("tags.count('kinds')", {"tags": {1}}, "whether the table kinds is there, which this history has not made"),
    ],
    ids=["an attribute of what is given", "a list that is given", "a list of its own"],
)
def test_what_a_function_asks_an_object_that_it_is_given_hangs_on_rows(
    condition: str, given: dict[str, set[int]], on: str
) -> None:
    """A list of names may tell which tables are there, though nothing was asked in these lines; an object is a row."""
    [node] = ast.parse(f"if {condition}:\n    work()").body
    branch = Branch(node, [node], Rows(set(), {}), given)
    assert branch.reason({}, [(99, Absent("kinds"))], set()) == on


@pytest.mark.parametrize(
    ("work", "told"),
    [("return row.id + 1", 0), ("return also(row)", 0), ("row.id = 1", 1), ("return stored(row)", 1)],
)
def test_what_a_function_of_another_file_is_given_rows_for_is_read_there(
    project: Project, work: str, told: int
) -> None:
    project.file("tools.py", f"from stores import stored\n\ndef fill(row): {work}\n\ndef also(row): return row.id\n")
    project.file("stores.py", "def stored(row): row.id = 1\n")
    project.revision(CREATE)
    name = project.revision(
        f"found = []\nfor row in {ROWS}:\n    found.append(fill(row))", top="from tools import fill"
    )
    assert len(notes(upgrade(project.traced(), name), NoteKind.BRANCH)) == told


@pytest.mark.parametrize(
    ("done", "said"),
    [
        ('op.get_bind().execute(sa.text("UPDATE a SET i = :i WHERE i = 0"), {"i": row[0]})', "was read and not run"),
        ('op.get_bind().execute(built(row))', "could not be read"),
        ("changed(row[0])", "was read and not run"),
        (NAMED, "was read and not run"),
        ('query = "UPDATE a SET " + row[0]\n    op.get_bind().execute(query)', "could not be read"),
        ('done = op.get_bind().execute(sa.text("UPDATE a SET i = :i"), {"i": row[0]})\n    if done.rowcount:\n'
         '        print(done.rowcount)', "was read and not run"),
        ('if row[0] > 1:\n        changed(row[0])\n    else:\n        changed(1)', "was read and not run"),
        ('for one in op.get_bind().execute("SELECT i FROM a").all():\n        changed(one)', "was read and not run"),
        ('if row[0] > 1:\n        changed(row[0])\n        row.id = 1', "could not be read"),
        ('bind = op.get_bind()\n    bind.execute(sa.text("ALTER TABLE a ADD COLUMN j int"))', "could not be read"),
        ('changed(built(op.get_bind()))', "could not be read"),
        ('op.get_bind().execute(sa.text("UPDATE a SET i = :i"), made(row))', "was read and not run"),
        ('op.get_bind().execute(sa.text("UPDATE a SET i = :i"), row)', "was read and not run"),
        ('if made(row):\n        changed(row[0])', "could not be read"),
        ('bind = op.get_bind()\n    bind.execute(sa.text(f"UPDATE a SET i = :i"), row)', "was read and not run"),
        ('bind = op.get_bind()\n    bind.execute(sa.text(f"UPDATE a SET i = {row.i}"))', "could not be read"),
    ],
)  # fmt: skip
def test_a_statement_that_is_spelled_out_and_lacks_its_values_was_read(project: Project, done: str, said: str) -> None:
    project.revision(CREATE)
    ask = 'op.get_bind().execute(sa.text("SELECT i FROM a"))'
    top = 'def changed(i):\n    op.get_bind().execute(sa.text("UPDATE a SET i = :i"), {"i": i})'
    name = project.revision(f"for row in {ask}:\n    {done}", top=top)
    [note] = [n for n in upgrade(project.traced(), name).notes if n.kind is NoteKind.BRANCH]
    assert said in note.detail
    assert note.unread


@pytest.mark.parametrize(
    "body",
    [
        'if has_table("tags"):\n    op.drop_table("tags")',
        'if has_table("tags"):\n    op.drop_column("tags", "n")\nelse:\n    op.create_table("tags")',
    ],
)
def test_a_history_that_makes_its_tables_is_answered(project: Project, body: str) -> None:
    """What is only dropped, or made where it is lacking, may well be lacking wherever it is."""
    project.revision(CREATE)
    assert told_of(project, body) == []


def test_a_table_that_the_history_has_made_and_dropped_is_gone(project: Project) -> None:
    project.revision(CREATE)
    project.revision('op.create_table("tags", sa.Column("id", sa.Integer))\nop.drop_table("tags")')
    assert told_of(project, 'if has_table("tags"):\n    op.drop_table("tags")') == []


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        ('add_note("tags")', ["ALTER TABLE tags ADD COLUMN note TEXT"]),
        ('for name in ("tags", "marks"):\n    add_note(name)',
         ["ALTER TABLE tags ADD COLUMN note TEXT", "ALTER TABLE marks ADD COLUMN note TEXT"]),
        ("add_index()", ["CREATE TABLE marks", "CREATE INDEX ix_tags_run ON tags (run)"]),
    ],
)  # fmt: skip
def test_a_table_that_no_revision_made_may_be_there_where_a_script_asks_for_it(
    project: Project, body: str, sent: list[str]
) -> None:
    """Also in a history that has made all its other tables; what the other side does to it is no error."""
    project.revision(CREATE)
    [(_, detail)] = told_of(project, body)
    assert "the other side was read from the source" in detail
    found = upgrade(project.traced(), "r2")
    assert [" ".join(s.split())[: len(sent[0])] for s in sql(found)][:1] == [sent[0]]
    assert len(sql(found)) == len(sent)
    assert all(s.certainty is Certainty.OTHER_BRANCH and s.origin is not None for s in found.statements)
    assert all(step.refusal is None for step in found.steps())


def test_what_a_function_of_another_file_does_on_the_other_side_is_checked(project: Project) -> None:
    """It is found where the script calls it."""
    project.revision(CREATE)
    told_of(project, "add_index()")
    [found] = [f for f in project.checked().report.findings if f.code == "MG401"]
    assert found.origin is not None
    assert found.origin.path.name == "r2_x.py"


@pytest.mark.parametrize(
    ("calls", "also"),
    [(1, ""), (2, "So it is where line 10 calls it."), (3, "So it is where lines 10 to 11 call it.")],
)
def test_lines_of_which_the_same_is_said_are_named_together(project: Project, calls: int, also: str) -> None:
    project.revision(CREATE)
    [(_, detail)] = told_of(project, "\n".join(['fill("a")'] * calls))
    assert detail.endswith(also or "(1 operation).")


@pytest.mark.parametrize("released", [False, True])
def test_what_an_earlier_revision_has_done_on_the_other_side_is_not_done_again(
    project: Project, released: bool
) -> None:
    """The function asks for the index before it builds it, and would have found it."""
    project.revision(CREATE)
    told_of(project, "add_index()")
    name = project.revision("add_index_again()", top=IMPORT)
    traced = trace(replace(project.request(), everything=False, revisions=(name,))) if released else project.traced()
    found = upgrade(traced, name)
    assert sql(found) == []
    assert [n.detail for n in found.notes if n.kind is NoteKind.BRANCH] == []


def test_a_table_that_the_history_makes_where_it_finds_others_is_not_one_that_it_never_makes(project: Project) -> None:
    project.revision(CREATE)
    project.revision(ON_TAGS.format('op.create_table("notes", sa.Column("n", sa.Integer))'))
    asked = 'if sa.inspect(op.get_bind()).has_table("notes"):\n    op.add_column("notes", sa.Column("m", sa.Text))'
    name = project.revision(asked)
    [note] = [n for n in upgrade(project.traced(), name).notes if n.kind is NoteKind.BRANCH]
    assert "notes is there, which this history makes only where it finds others" in note.detail


def test_a_column_on_the_other_side_has_the_type_that_an_earlier_revision_gave_it(project: Project) -> None:
    project.revision(CREATE)
    for kind in ("sa.Text", "sa.Integer"):
        project.revision(
            f'if sa.inspect(op.get_bind()).has_table("tags"):\n    op.alter_column("tags", "n", type_={kind})'
        )
    [step] = upgrade(project.traced(), "r3").steps()
    column = step.before.tables["public", "tags"].typed_column("n")
    assert column is not None
    assert column.type is not None
    assert column.type.name == "text"


@pytest.mark.parametrize(
    "first",
    [
        'op.create_index("ix_0", "tags", ["a"])',
        'op.add_column("tags", sa.Column("n", sa.Integer))',
        'op.create_table("tags", sa.Column("n", sa.Integer))\n    op.create_index("ix_0", "tags", ["n"])',
    ],
)
def test_an_index_is_another_than_those_that_earlier_revisions_built_on_the_other_side(
    project: Project, first: str
) -> None:
    """Also on a table that only the other side of a released revision made: it is older than the deployment."""
    project.revision(CREATE)
    project.revision(ON_TAGS.format(first))
    name = project.revision(ON_TAGS.format('op.create_index("ix_1", "tags", ["n"])'))
    checked = run(replace(project.request(), everything=False, revisions=(name,)))
    assert [f.code for f in checked.report.findings if f.code == "MG401"] == ["MG401"]


def test_a_function_that_asks_again_and_does_nothing_then_was_not_read(project: Project) -> None:
    project.revision(CREATE)
    [(subject, detail)] = told_of(project, "add_notes()")
    assert subject == "add_notes"
    assert "of tools.py could not be read" in detail


@pytest.mark.parametrize("asked", ['has_table("tags")', "there"])
def test_what_is_done_to_a_table_that_the_revision_makes_where_it_is_lacking_is_not_told(
    project: Project, asked: str
) -> None:
    """Also where the history works on others that it never made, and what is done cannot be read."""
    project.revision('op.add_column("runs", sa.Column("c", sa.Text))')
    body = f"""
    there = has_table("tags")
    if {asked}:
        fill_by("tags", op.get_bind())
        return
    op.create_table("tags", sa.Column("i", sa.Integer))
    """
    assert told_of(project, body) == []


def test_a_condition_on_a_name_depends_on_what_the_name_was_given(project: Project) -> None:
    project.revision(CREATE)
    body = f"there = has_table('tags')\nmany = {COUNT}\nif there:\n    op.add_column('tags', sa.Column('n', sa.Text))"
    [(_, detail)] = told_of(project, body)
    assert "depends on whether the table tags is there" in detail


def test_a_table_that_is_made_where_it_is_lacking_leaves_nothing_unseen(project: Project) -> None:
    project.revision('op.add_column("runs", sa.Column("c", sa.Text))')
    assert told_of(project, 'if not has_table("tags"):\n    op.create_table("tags", sa.Column("i", sa.Integer))') == []


@pytest.mark.parametrize(
    "body",
    [
        f"rows = {COUNT}\nif not rows:\n    if not {COUNT}:\n        pass\n    else:\n        op.drop_table('a')\n"
        "    if rows:\n        op.execute('UPDATE a SET id = 1')\nelse:\n    op.execute('UPDATE a SET id = 2')",
        f"rows = {COUNT}\nif not rows:\n    return\nop.drop_table('a')\nfor a in range(rows):\n"
        "    op.execute('UPDATE a SET id = 2')",
        f"rows = {COUNT}\nfor a in range(rows):\n    for b in range(rows):\n        op.drop_table('a')\n"
        "    if rows:\n        op.execute('UPDATE a SET id = 2')",
    ],
)
def test_conditions_inside_one_another_are_told_once_and_their_sides_all_looked_at(project: Project, body: str) -> None:
    project.revision(CREATE)
    name = project.revision(body)
    found = upgrade(project.traced(), name)
    assert notes(found, NoteKind.BRANCH) == [""]
    other = {s.sql.split()[0] for s in found.statements if s.certainty is Certainty.OTHER_BRANCH}
    assert {"DROP", "UPDATE"} <= other


@pytest.mark.parametrize(
    "fill", ["found[row.id] = 1", "found.setdefault(row.id, []).append(1)", "found.update({row.id: 1})"]
)
def test_a_loop_over_what_was_made_of_rows_is_a_loop_over_rows(project: Project, fill: str) -> None:
    project.revision(CREATE)
    name = project.revision(
        f"found = {{}}\nfor row in op.get_bind().execute(sa.text('SELECT id FROM a')):\n    {fill}\n"
        "for key, value in found.items():\n    op.drop_table('a')"
    )
    found = upgrade(project.traced(), name)
    assert notes(found, NoteKind.BRANCH) == [""]
    assert "DROP" in {s.sql.split()[0] for s in found.statements if s.certainty is Certainty.OTHER_BRANCH}


MODEL = """from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()


class Person(Base):
    __tablename__ = "a"
    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.Text)


def shorten(person):
    if person.name:
        person.name = person.name[:3]
    return 1


def shown(person):
    return person.name
"""


def told_of_session(project: Project, body: str) -> list[Note]:
    project.revision('op.create_table("a", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text))')
    name = project.revision(f"session = Session(bind=op.get_bind())\nseen = []\n{body}", top=MODEL)
    return [n for n in upgrade(project.traced(), name).notes if n.kind is NoteKind.BRANCH]


@pytest.mark.parametrize(
    "done",
    [
        "person.name = 'x'",
        "person.name += 'x'",
        "person.name, number = 'x', 1",
        "del person.name",
        "person.data['x'] = 1",
        "person.friends.append(1)",
        "setattr(person, 'name', 'x')",
        "if person.data.get('x'):\n        person.name = 'x'",
        "other = person\n    other.name = 'x'",
        "for friend in person.friends:\n        friend.name = 'x'",
        "session.delete(person)",
        "session.add(Person(name=person.name))",
        "session.merge(Person(name='x'))",
        "changed = shorten(person)",
        "if shorten(person):\n        seen.append(1)",
        "changed = Person.moved(session)",
    ],
)
@pytest.mark.parametrize("asked", ["session.query(Person).all()", "session.scalars(sa.select(Person))"])
def test_what_a_loop_sets_on_rows_or_gives_to_a_session_is_told_as_unread(
    project: Project, asked: str, done: str
) -> None:
    [note] = told_of_session(project, f"for person in {asked}:\n    {done}\nsession.commit()")
    assert "does in line" in note.detail
    assert "could not be read" in note.detail
    assert note.unread


@pytest.mark.parametrize(
    "body",
    [
        "person = session.query(Person).first()\nif person:\n    person.name = 'x'",
        "people = session.query(Person).all()\nfor number, person in enumerate(people):\n    person.name = 'x'",
        "by_id = {p.id: p for p in session.query(Person)}\nfor person in by_id.values():\n    person.name = 'x'",
    ],
)
def test_a_row_is_one_however_it_was_come_by(project: Project, body: str) -> None:
    [note] = told_of_session(project, body)
    assert note.unread


def test_what_a_session_is_given_where_no_row_is_found_has_run(project: Project) -> None:
    """Its INSERT comes with the commit, from another line."""
    asked = "person = session.query(Person).filter_by(name='x').one_or_none()"
    body = f"{asked}\nif not person:\n    person = Person(name='x')\n    session.add(person)\nsession.commit()"
    assert told_of_session(project, body) == []
    [sent] = [s for s in upgrade(project.traced(), "r2").statements if s.sql.startswith("INSERT")]
    assert sent.certainty is Certainty.RAN


@pytest.mark.parametrize(
    "done",
    [
        "seen.append(person)",
        "seen.append(shown(person))",
        "name = person.name",
        "print(person)",
        "counted = {}\n    counted[person.id] = 1",
        "seen.append(dict(x=len(person.name)))",
    ],
)
def test_rows_that_are_only_looked_at_are_no_work(project: Project, done: str) -> None:
    assert told_of_session(project, f"for person in session.query(Person).all():\n    {done}") == []


def test_a_side_that_only_asks_is_nothing(project: Project) -> None:
    body = "for person in session.query(Person).all():\n    if session.get(Person, 1):\n        seen.append(1)"
    assert told_of_session(project, body) == []


ELSEWHERE = """
    class Mover:
        @classmethod
        def move(cls, session, kind):
            for person in session.query(kind).all():
                cls.moved(person)

        @classmethod
        def moved(cls, person):
            person.name = "x"

        @classmethod
        def hand(cls, session, kind):
            handed(session.query(kind).all())

        @classmethod
        def look(cls, session, kind):
            for person in session.query(kind).all():
                print(person.name)

    def handed(people):
        for person in people:
            person.name = "x"
    """


@pytest.mark.parametrize(("called", "told"), [("move", True), ("hand", True), ("look", False)])
def test_a_function_of_another_file_that_is_handed_the_session_may_write_rows(
    project: Project, called: str, told: bool
) -> None:
    project.file("movers.py", ELSEWHERE)
    notes = told_of_session(project, f"import movers\nmovers.Mover.{called}(session, Person)")
    assert bool(notes) is told
    assert all(f"What {called}() does depends on rows" in n.detail for n in notes)


ROWS = 'op.get_bind().execute(sa.text("SELECT id FROM a"))'


@pytest.mark.parametrize(
    "body",
    [
        f"found = []\ndef keep(row):\n    found.append(row)\nfor row in {ROWS}:\n    keep(row)\n"
        'if len(found) > 0:\n    op.drop_table("a")',
        f'found = []\nif {ROWS}.first():\n    found.append(1)\nif found:\n    op.drop_table("a")',
        f"found = []\ndef keep(row):\n    deeper(row)\ndef deeper(row):\n    found.append(row)\n"
        f'for row in {ROWS}:\n    keep(row)\nif found:\n    op.drop_table("a")',
    ],
    ids=["by a function inside", "by a branch", "by a function that it calls"],
)
def test_what_a_loop_or_branch_on_rows_fills_by_whatever_means_is_made_of_rows(project: Project, body: str) -> None:
    project.revision(CREATE)
    name = project.revision(body)
    assert "DROP TABLE a" in [s.strip() for s in sql(upgrade(project.traced(), name))]


@pytest.mark.parametrize(
    ("work", "kind"),
    [
        ('with open("out.csv", "w") as file:\n    file.write(str(row))', NoteKind.WRITE),
        ('pathlib.Path("out.csv").write_text(str(row))', NoteKind.WRITE),
        ('subprocess.run(["ls"])', NoteKind.PROCESS),
        ("with op.get_bind().engine.begin() as own:\n    own.execute(built(row))", NoteKind.CONNECTION),
        ("with beside(op.get_bind()) as own:\n    own.execute(built(row))", NoteKind.CONNECTION),
        ("engine = op.get_bind().engine\nwith engine.connect() as own:\n    fill(own)", NoteKind.CONNECTION),
        ("with sa.create_engine(row.url).connect() as own:\n    fill(own)", NoteKind.CONNECTION),
        ("engine = sa.create_engine(row.url)\nfill(engine.dialect)", None),
        ('op.get_bind().connection.cursor().copy_expert(f"COPY a FROM STDIN", row)', None),
        ("await storage.create(row.id)", None),
        ('with open("in.csv") as file:\n    op.get_bind().execute(built(file))', None),
    ],
)  # fmt: skip
def test_what_a_loop_over_rows_reaches_outside_by_is_told(project: Project, work: str, kind: NoteKind | None) -> None:
    """Without running it, and that it was not read."""
    project.revision(CREATE)
    head, end = ("", "") if "await" not in work else ("async def one():\n", "")
    body = f"for row in {ROWS}.all():\n" + "".join(f"    {line}\n" for line in work.splitlines())
    if head:
        body = body.replace("    await", "    async def one():\n        await") + "    asyncio.run(one())\n"
    top = (
        "import asyncio\nimport pathlib\nimport subprocess\nfrom contextlib import contextmanager\n"
        "@contextmanager\ndef beside(bind):\n    with bind.engine.begin() as own:\n        yield own\n"
    )
    name = project.revision(body + end, top=top)
    found = upgrade(project.traced(), name).notes
    [branch] = [n for n in found if n.kind is NoteKind.BRANCH]
    assert branch.unread
    outside = [n.kind for n in found if n.kind in (NoteKind.WRITE, NoteKind.PROCESS, NoteKind.CONNECTION)]
    assert outside == ([kind] if kind is not None else [])


def test_a_second_connection_of_which_the_work_was_not_seen_is_an_error(project: Project) -> None:
    project.revision(CREATE)
    project.revision(f"for row in {ROWS}.all():\n    with op.get_bind().engine.begin() as own:\n        fill(own, row)")
    [found] = [f for f in project.checked().report.findings if f.code == "MG803"]
    assert found.severity is Severity.ERROR


@pytest.mark.parametrize(
    ("progress", "more", "many"),
    [
        ("None", "", 0),
        ("lambda n: print(n)", "", 0),
        ("lambda n: print(n)", "save(row)", 1),
        ("lambda n: op.get_bind().execute(sa.text(f'DELETE FROM a WHERE id = {n}'))", "", 1),
        ("tools.save", "", 1),
        ("tools.paged", "progress = save", 1),
    ],
)
def test_a_function_that_only_prints_and_is_handed_over_is_no_work(
    project: Project, progress: str, more: str, many: int
) -> None:
    project.file(
        "tools.py",
        "import sqlalchemy as sa\n\ndef save(row):\n    row.save()\n\n"
        "def paged(bind, progress):\n    rows = bind.execute(sa.text('SELECT id FROM a')).fetchall()\n"
        f"    if progress is None:\n        progress = lambda n: print(n)\n    for row in rows:\n"
        f"        {more}\n        progress(1)\n",
    )
    project.revision(CREATE)
    name = project.revision(f"tools.paged(op.get_bind(), {progress})", top="import tools")
    assert len(notes(upgrade(project.traced(), name), NoteKind.BRANCH)) == many


BY_NAME = "import os\ndef drops():\n    return os.environ.get('DROP_A')\n"


def told(project: Project) -> list[tuple[str | None, str]]:
    """The direction and message of each MG008."""
    return [(f.direction, f.message) for f in project.checked().report.findings if f.code == "MG008"]


def test_a_branch_of_the_downgrade_is_its_own(project: Project) -> None:
    """What stands on its other side is not of the upgrade."""
    project.revision(CREATE)
    name = project.revision("op.execute('SELECT 1')", top=BY_NAME, downgrade='if drops():\n    op.drop_table("a")')
    assert [s.sql for s in upgrade(project.traced(), name).statements if "DROP" in s.sql] == []
    [(direction, message)] = told(project)
    assert direction == "downgrade"
    assert message.endswith("was not looked at.")


@pytest.mark.parametrize(
    ("sent", "said"),
    [("UPDATE a SET id = :i", "was read and not run, for want of its values."), ("DROP TABLE a", "was not looked at.")],
)
def test_a_loop_of_the_downgrade_whose_statement_stands_there_was_read(project: Project, sent: str, said: str) -> None:
    project.revision(CREATE)
    loop = f'for row in {ROWS}:\n    op.get_bind().execute(sa.text("{sent}"), {{"i": row.id}})'
    project.revision("op.execute('SELECT 1')", downgrade=loop)
    [(_, message)] = told(project)
    assert message.endswith(said)


@pytest.mark.parametrize(
    ("work", "many"),
    [("found.append(key)", 0), ("found.append(bind.execute(sa.text('DELETE FROM a')))", 1), ("delete(key)", 1)],
)
def test_a_function_inside_the_function_is_read_with_what_it_calls(project: Project, work: str, many: int) -> None:
    project.revision(CREATE)
    name = project.revision(
        f"bind, found, children = op.get_bind(), [], {{}}\ndef gather(key, seen):\n    if key not in seen:\n"
        f"        seen.add(key)\n        {work}\n        gather(children[key], seen)\n"
        f"for row in {ROWS}:\n    children[row] = row\nfor row, child in children.items():\n    gather(child, set())"
    )
    assert len(notes(upgrade(project.traced(), name), NoteKind.BRANCH)) == many


@pytest.mark.parametrize(("side", "told_of"), [("==", 0), ("!=", 1)])
def test_a_loop_of_the_downgrade_that_another_engine_runs_is_not_told(
    project: Project, side: str, told_of: int
) -> None:
    project.revision(CREATE)
    asked = f"rows = {ROWS}"
    loop = "for row in rows:\n        op.execute(f'DELETE FROM a WHERE id = {row.id}')"
    downgrade = f"{asked}\nif op.get_context().dialect.name {side} 'postgresql':\n    pass\nelse:\n    {loop}"
    project.revision("op.execute('SELECT 1')", downgrade=downgrade)
    assert len(told(project)) == told_of


def test_a_branch_in_a_function_of_both_directions_is_the_upgrades(project: Project) -> None:
    project.revision(CREATE)
    top = f'{BY_NAME}def work():\n    if drops():\n        op.drop_table("a")\n'
    project.revision("work()", top=top, downgrade="work()")
    assert [direction for direction, _ in told(project)] == ["upgrade"]


def test_branches_on_one_variable_are_told_together(project: Project) -> None:
    project.revision(CREATE)
    body = 'if drops():\n    op.drop_table("a")\nprint("x")\nif not drops():\n    print("y")\nelse:\n    rebuild(op)'
    project.revision(body, top=f"{BY_NAME}from tools import rebuild\n")
    project.file("tools.py", "def rebuild(op): ...\n")
    [(_, message)] = told(project)
    assert message.startswith("This branch, and the one in line ")
    assert "(1 operation); in line " in message


def test_branches_on_different_rows_are_told_each(project: Project) -> None:
    project.revision(CREATE)
    project.revision(f"if {COUNT}:\n    op.drop_table('a')\nif {COUNT} > 3:\n    op.drop_table('a')")
    assert len(told(project)) == 2


def test_a_side_that_ran_is_no_other_side(project: Project) -> None:
    """What it makes before it is given to the session has no line that ran a statement."""
    project.file(
        "members.py",
        """
        import sqlalchemy as sa
        from sqlalchemy.orm import declarative_base

        class Member(declarative_base()):
            __tablename__ = "members"
            id = sa.Column(sa.Integer, primary_key=True)
            name = sa.Column(sa.Text)

        def member(session):
            like = session.query(Member.name).scalar()
            found = session.query(Member).filter_by(name="ann").one_or_none()
            if not found:
                found = Member(name=like)
                session.add(found)
            return found
        """,
    )
    project.revision(
        'op.create_table("members", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text))'
    )
    revision = project.revision(
        "session = Session(bind=op.get_bind())\nmember(session)\nsession.commit()",
        top="from members import member\nfrom sqlalchemy.orm import Session",
    )
    assert notes(upgrade(project.traced(), revision), NoteKind.BRANCH) == []
