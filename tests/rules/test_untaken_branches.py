"""What a branch would do that the replay could not take is checked like the rest."""

import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from migguard.pipeline import run
from migguard.rules.frame import Example
from tests.rules import examples
from tests.rules.test_examples import RULES, dialect
from tests.shadow.project import PLAIN, Project

pytestmark = pytest.mark.thorough

ROWS = "CREATE TABLE measured (id bigint PRIMARY KEY)"
OTHERWISE = {
    "MG002": "a row that is missing raises where the branch is read, and MG008 says that it could not be read",
    "MG110": "the revision asks for rows, so it is not empty",
    "MG202": "the downgrade is replayed from where the upgrade really ended",
    "MG204": "the downgrade is replayed from where the upgrade really ended",
    "MG509": "it tells where a second run stops, and this one never began",
}
WRAPPED = {
    name: rule
    for name, rule in RULES.items()
    if rule.bad is not None
    and dialect(rule) == "postgresql"
    and rule.code not in OTHERWISE
    and not any(word in rule.bad.code for word in ("def upgrade", "import "))
}


@pytest.mark.parametrize("name", WRAPPED, ids=lambda name: f"{RULES[name].code}-{name}")
def test_a_bad_example_on_the_side_that_was_not_taken_is_flagged(name: str, tmp_path: Path) -> None:
    """Whether the branch is taken is up to production's rows: its silence would be a guess about them."""
    rule = RULES[name]
    assert rule.bad is not None
    code = 'if op.get_bind().execute(sa.text("SELECT count(*) FROM measured")).scalar() > 3:\n' + textwrap.indent(
        textwrap.dedent(rule.bad.code).strip("\n"), "    "
    )
    branched = replace(rule.bad, code=code, given=f"{rule.bad.given};{ROWS}" if rule.bad.given else ROWS)
    checked = examples.check(branched, rule.code, tmp_path, dialect(rule))
    assert rule.code in {f.code for f in checked.report.findings}


def test_what_a_revision_does_as_a_whole_is_said_once_of_its_branches(tmp_path: Path) -> None:
    """Two branches, each of which locks a second table, are one transaction too large."""
    rule = RULES["many_tables_locked"]
    assert rule.bad is not None
    branch = 'if op.get_bind().execute(sa.text("SELECT count(*) FROM measured")).scalar() > 3:\n'
    code = 'op.add_column("orders", sa.Column("a", sa.Text()))\n' + "".join(
        f'{branch}    op.add_column("customers", sa.Column("{name}", sa.Text()))\n' for name in "bc"
    )
    branched = replace(rule.bad, code=code, given=f"{rule.bad.given};{ROWS}")
    checked = examples.check(branched, rule.code, tmp_path, dialect(rule))
    assert [f.code for f in checked.report.findings].count("MG504") == 1


BUILD = 'op.create_index("ix", "made", ["id"], postgresql_concurrently=True)\n'
THERE = 'seen = sa.inspect(op.get_bind())\nif "made" in seen.get_table_names():\n    '
ABSENT = f'{THERE}if "ix" not in [i["name"] for i in seen.get_indexes("made")]:\n        {BUILD}'
ROW = 'op.get_bind().execute(sa.text("SELECT id FROM measured WHERE id = 3")).scalar()'


@pytest.mark.parametrize(("between", "told"), [
    (ABSENT, False),
    (ABSENT + '    else:\n        op.execute("SELECT 1")\n', True),
    (f"{THERE}if {ROW} is None and not seen.get_indexes('made'):\n        {BUILD}", True),
    (f"row = {ROW}\n{THERE}if not row:\n        {BUILD}", True),
    (f"def row():\n    return {ROW}\n{THERE}if not row():\n        {BUILD}", True),
    (f"{THERE}if seen.get_indexes('made'):\n        {BUILD}", True),
    (ABSENT.replace(", postgresql_concurrently=True", ""), True),
], ids=["not there yet", "another side", "rows", "rows before", "by def", "there already", "plain"])  # fmt: skip
@pytest.mark.parametrize("code", ["MG503", "MG504"])
def test_no_lock_is_carried_past_a_branch_that_cannot_run_in_the_transaction(
    code: str, between: str, told: bool, tmp_path: Path
) -> None:
    """Where it runs, the connection is in autocommit and holds nothing, or the transaction ends there."""
    after = {
        "MG503": 'op.execute("UPDATE orders SET id = id")',
        "MG504": 'op.add_column("customers", sa.Column("n", sa.Text()))',
    }
    given = f"CREATE TABLE orders (id bigint PRIMARY KEY);CREATE TABLE customers (id bigint PRIMARY KEY);{ROWS}"
    example = Example(
        after[code], given=given, earlier=('op.add_column("orders", sa.Column("a", sa.Text()))\n' + between,)
    )
    found = [f.code for f in examples.check(example, code, tmp_path, "postgresql").report.findings]
    assert (code in found, "MG501" in found) == (told, "concurrently" in between)


HANDED = """
from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection)
with context.begin_transaction():
    context.run_migrations()
"""
ELSEWHERE = """
import sqlalchemy as sa
from alembic import op

def has_table(name):
    return name in sa.inspect(op.get_bind()).get_table_names()

def has_index(table, name):
    return name in [i["name"] for i in sa.inspect(op.get_bind()).get_indexes(table)]

def rows():
    return op.get_bind().execute(sa.text("SELECT id FROM measured WHERE id = 3")).scalar()

def there():
    if not has_table("made"):
        return
    if not has_index("made", "ix"):
        op.create_index("ix", "made", ["id"], postgresql_concurrently=True)

def by_rows():
    if rows():
        op.create_index("ix", "measured", ["id"], postgresql_concurrently=True)

def dropped():
    if has_table("made") and has_index("made", "ix"):
        op.drop_index("ix", "made", postgresql_concurrently=True)

def beside():
    if has_table("made"):
        op.create_index("ix", "made", ["id"], postgresql_concurrently=True)
    else:
        op.execute("CREATE TABLE made (id bigint)")

def build():
    op.create_index("ix", "measured", ["id"], postgresql_concurrently=True)
"""
FIRST = 'op.add_column("orders", sa.Column("a", sa.Text()))'
SECOND = 'op.execute("UPDATE orders SET id = id")\nop.add_column("customers", sa.Column("n", sa.Text()))'


@pytest.mark.parametrize(
    ("env", "upgrades", "told"),
    [
        (PLAIN, (FIRST, "steps.there()", SECOND), False),
        (PLAIN, (FIRST, "steps.by_rows()", SECOND), True),
        (PLAIN, (FIRST, "steps.dropped()", SECOND), True),
        (PLAIN, (FIRST, "steps.beside()", SECOND), True),
        (PLAIN, ("steps.there()", FIRST, SECOND), True),
        (PLAIN, ("steps.build()", FIRST, SECOND), True),
        (HANDED, ("steps.there()", FIRST, SECOND), False),
        (HANDED, ("steps.build()", FIRST, SECOND), False),
        (HANDED, (FIRST, SECOND, "steps.build()"), True),
        (HANDED, ("with op.get_context().autocommit_block():\n    steps.build()", FIRST, SECOND), True),
    ],
    ids=[
        "not there yet",
        "rows",
        "there already",
        "another side",
        "before the lock",
        "run before the lock",
        "handed in, before the lock",
        "handed in, run before the lock",
        "handed in, after both",
        "handed in, in a block",
    ],
)
def test_no_lock_is_carried_past_a_function_of_another_file_that_cannot_run_in_the_transaction(
    env: str, upgrades: tuple[str, ...], told: bool, tmp_path: Path
) -> None:
    """A connection that a program hands in is in autocommit, where a build without a block of its own succeeds."""
    project = Project(tmp_path)
    project.env(env)
    project.file("steps.py", ELSEWHERE)
    released = project.revision(
        'op.execute("CREATE TABLE orders (id bigint PRIMARY KEY)")\n'
        'op.execute("CREATE TABLE customers (id bigint PRIMARY KEY)")\nop.execute("CREATE TABLE measured (id bigint)")'
    )
    for upgrade in upgrades:
        project.revision(upgrade, top="import steps")
    report = run(replace(project.request(), everything=False, since=released)).report
    assert {f.code for f in report.findings} & {"MG503", "MG504"} == ({"MG503", "MG504"} if told else set())
