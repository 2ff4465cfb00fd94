"""An advice does not fail, and does no harm, where it is followed as it stands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from migguard.pipeline import run
from migguard.rules.frame import Example
from tests.rules.examples import check
from tests.rules.test_fitting_advice import TABLES, told
from tests.shadow.project import Project

pytestmark = pytest.mark.thorough

MOVED = 'op.drop_constraint("k", "t", type_="primary")\nop.create_primary_key("k", "t", ["a", "b"])'
TAKEN_OVER = "DROP CONSTRAINT k, ADD CONSTRAINT k PRIMARY KEY USING INDEX k_new"
KNOWN = "CREATE TABLE t (a int CONSTRAINT k PRIMARY KEY, b int NOT NULL);"
RESTS = "CREATE TABLE u (a int CONSTRAINT fk REFERENCES t)"


@pytest.mark.parametrize("given", [KNOWN, ""], ids=["known", "a table that no revision made"])
def test_a_key_that_takes_anothers_name_is_built_under_one_of_its_own(given: str, tmp_path: Path) -> None:
    """The name belongs to the old key's index until the statement that changes the one for the other."""
    about = told("MG407", Example(MOVED, given=given, released=("pass",)), tmp_path)
    assert 'op.create_index("k_new", "t", ["a", "b"], unique=True' in about.recipe
    assert TAKEN_OVER in about.recipe


@pytest.mark.parametrize(("given", "said"), [(KNOWN + RESTS, True), (KNOWN, False)], ids=["one", "none"])
def test_the_foreign_keys_that_keep_a_key_are_named(given: str, said: bool, tmp_path: Path) -> None:
    """The server drops no key that they rest on."""
    drop = 'op.drop_constraint("fk", "u", type_="foreignkey")\n' if said else ""
    about = told("MG407", Example(drop + MOVED, given=given), tmp_path)
    assert ("drop fk of u before this" in about.recipe) == said


def test_a_key_of_an_unknown_table_that_nothing_takes_the_place_of_keeps_its_name(tmp_path: Path) -> None:
    code = 'op.create_primary_key("k", "t", ["a", "b"])'
    about = told("MG407", Example(code, released=("pass",)), tmp_path)
    assert "DROP CONSTRAINT" not in about.recipe


WIDE, NARROW = 'op.create_index("wide", "people", ["age", "id"])', 'op.create_index("narrow", "people", ["age"])'


@pytest.mark.parametrize(("first", "second"), [(NARROW, WIDE), (WIDE, NARROW)], ids=["wider", "narrower"])
def test_an_index_is_told_at_the_revision_that_makes_it_superfluous(first: str, second: str, tmp_path: Path) -> None:
    """Until then it does what no other does, and there it can be dropped."""
    about = told("MG924", Example(second, given=TABLES, earlier=(first,)), tmp_path)
    assert about.sql is not None
    assert ("wide" in about.sql) == (second is WIDE)
    assert about.advice.startswith("Drop narrow" if second is WIDE else "Leave out")


REFERS = "CREATE TABLE t (a int PRIMARY KEY);CREATE TABLE u (a int CONSTRAINT fk REFERENCES t"


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (" ON DELETE CASCADE", "the rows of a deleted row of t stay"),
        (" ON DELETE SET NULL", "when a row of t is deleted, a keeps its value"),
        ("", "rows of t that are referred to can be deleted"),
    ],
)
def test_a_foreign_key_that_is_to_go_is_not_to_be_made_again(action: str, words: str, tmp_path: Path) -> None:
    """What goes is shown for what may take its place; first is said what goes with it."""
    code = 'op.drop_constraint("fk", "u", type_="foreignkey")'
    about = told("MG311", Example(code, given=f"{REFERS}{action})"), tmp_path)
    assert about.advice.startswith(f"If it is to go, see that no code relies on it ({words}). If something else")
    assert "change in what goes what is to be otherwise" in about.advice


BLOCK = "with op.get_context().autocommit_block():\n"
BUILT = BLOCK + '    op.create_index("{}", "orders", ["email"], postgresql_concurrently=True)\n'
ADDED = 'op.add_column("orders", sa.Column("note", sa.Text()))\n'


@pytest.mark.parametrize("code", [BUILT.format("a") + BUILT.format("b"), ADDED + BUILT.format("b")], ids=["two", "one"])
def test_a_concurrent_build_is_not_made_repeatable_by_if_not_exists(code: str, tmp_path: Path) -> None:
    """It would keep the invalid index that a failed attempt left, and do nothing."""
    about = told("MG509", Example(code, given=TABLES, env=("transaction_per_migration",)), tmp_path)
    assert "if_not_exists" not in about.recipe
    drop = about.recipe.index('op.drop_index("b", "orders", if_exists=True, postgresql_concurrently=True)')
    assert drop < about.recipe.index('op.create_index("b", "orders", ["email"], postgresql_concurrently=True)')


def test_other_changes_are_made_repeatable_by_if_not_exists(tmp_path: Path) -> None:
    drop = f'{BLOCK}    op.drop_index("ix", "orders", postgresql_concurrently=True)\n'
    given = f"{TABLES};CREATE INDEX ix ON orders (email)"
    about = told("MG509", Example(ADDED + drop, given=given, env=("transaction_per_migration",)), tmp_path)
    assert "if_not_exists=True" in about.advice


NUMBERED = 'op.create_table("visits", sa.Column("id", sa.Integer(), primary_key=True))\n'
ON_SQLITE = {
    "a batch": ('with op.batch_alter_table("orders") as batch:\n    batch.add_column(sa.Column("n", sa.Text()))', True),
    "its name": ('if op.get_bind().dialect.name == "sqlite":\n    pass', True),
    "nothing": ("", False),
}


@pytest.mark.parametrize(("code", "too"), ON_SQLITE.values(), ids=list(ON_SQLITE))
def test_a_key_that_sqlite_numbers_stays_an_integer_there(code: str, too: bool, tmp_path: Path) -> None:
    """SQLite numbers rows by an INTEGER PRIMARY KEY and no other: an INSERT without the key would fail."""
    about = told("MG913", Example(NUMBERED + code, given=TABLES), tmp_path)
    assert ('sa.BigInteger().with_variant(sa.Integer(), "sqlite")' in about.recipe) == too


@pytest.mark.parametrize(
    ("made", "line"),
    [
        ("sa.Uuid()", "sa.dialects.postgresql.UUID()  # in the place of Own()"),
        (
            'sa.Enum("a", name="own")',
            "...  # in the place of Own(): the type as the database has it",
        ),
    ],
    ids=["a type of the server", "a type of its own"],
)
def test_a_type_of_the_application_that_the_replay_knows_is_spelled(made: str, line: str, tmp_path: Path) -> None:
    """A type that is not the column's would be another schema than the revision makes today."""
    package = tmp_path / "shop"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "kinds.py").write_text(f"import sqlalchemy as sa\ndef Own(**_):\n    return {made}\n")
    code = 'from shop.kinds import Own\nop.create_table("visits", sa.Column("id", Own(), nullable=False))'
    about = told("MG802", Example(code, given=TABLES), tmp_path)
    assert line in about.recipe


def test_a_type_that_is_there_is_not_guarded_by_if_not_exists(tmp_path: Path) -> None:
    """CREATE TYPE has none."""
    mood = 'op.create_table("{}", sa.Column("m", sa.Enum("sad", "ok", name="mood")))'
    about = told("MG706", Example(mood.format("b"), released=(mood.format("a"),)), tmp_path)
    assert "if_not_exists" not in about.advice
    assert 'postgresql.ENUM(..., name="mood", create_type=False)' in about.recipe


ELEMENTS = {
    'op.create_index("narrow", "people", ["age"])': 'op.create_index("narrow", "people", …)',
    'op.add_column("people", sa.Column("code", sa.Text(), index=True))\n'
    'op.create_index("wide", "people", ["code", "age"])': "index=True of the column code in line 9",
    'op.create_table("pairs", sa.Column("a", sa.Text(), index=True), sa.Column("b", sa.Text(), index=False),\n'
    '    sa.PrimaryKeyConstraint("a", "b"))': "index=True of the column a in line 9",
    'op.create_table("pairs", sa.Column("a", sa.Text(), primary_key=True),\n    sa.Index("ix", "a"))': (
        "sa.Index('ix', 'a', …) in line 10"
    ),
    'name = "pairs"\nop.create_table(name, sa.Column("a", sa.Text(), unique=False),\n'
    '    sa.Index("ix_" + name, "a"), sa.PrimaryKeyConstraint("a"))': "sa.Index('ix_' + name, 'a', …) in line 11",
    'op.create_table("pairs", sa.Column("a", sa.Text()), sa.Index(*["ix_a", "a"]),\n'
    '    sa.UniqueConstraint("a", name="uq_a"))': "what makes ix_a in the call of create_table()",
    'with op.batch_alter_table("people") as batch:\n    batch.create_index("narrow", ["age"])': (
        'batch.create_index("narrow", …) in line 10'
    ),
    'op.execute("CREATE INDEX narrow ON people (age)")': "what makes narrow here",
}


@pytest.mark.parametrize(("code", "made"), ELEMENTS.items(), ids=list(ELEMENTS.values()))
def test_a_superfluous_index_is_left_out_where_the_script_makes_it(code: str, made: str, tmp_path: Path) -> None:
    given = f"{TABLES};CREATE INDEX wide_already ON people (age, id)"
    about = told("MG924", Example(code, given=given), tmp_path)
    assert about.advice.startswith(f"Leave out {made}, and what makes it in the model: ")


IN_ORDER = "Name what the upgrade made, in the reverse order."
BACKWARDS = {
    "what was there, and is": (
        'op.add_column("people", sa.Column("note", sa.Text()))',
        'op.drop_column("people", "note")\nop.create_index("ix_age", "people", ["age"])',
        "Leave this out: what it makes was there",
    ),
    "what was there, and is under another table's name": (
        'op.rename_table("people", "persons")',
        'op.rename_table("persons", "people")\nop.create_index("ix_age", "people", ["age"])',
        "Leave this out: what it makes was there",
    ),
    "what it makes twice": (
        'op.drop_index("ix_age", "people")',
        'op.create_index("ix_age", "people", ["age"])\nop.create_index("ix_age", "people", ["age"])',
        IN_ORDER,
    ),
    "what the upgrade made, not dropped yet": (
        'op.drop_index("ix_age", "people")\nop.create_index("ix_age", "people", ["age", "id"])',
        'op.create_index("ix_age", "people", ["age"])',
        IN_ORDER,
    ),
    "what never was": (
        'op.add_column("people", sa.Column("note", sa.Text()))',
        'op.drop_column("people", "notes")',
        f"{IN_ORDER} Where this is about something that the upgrade did not make, leave it out",
    ),
    "a type of another server": (
        'op.drop_column("people", "age")',
        'op.add_column("people", sa.Column("age", sa.DATETIME()))',
        "Give the columns a type that the server has: it has no datetime. SQLAlchemy's generic ones, such as",
    ),
    "a type of no server that is known": (
        'op.drop_column("people", "age")',
        'op.execute("ALTER TABLE people ADD COLUMN age ages")',
        "Give the columns a type that the server has: it has no ages. SQLAlchemy's generic ones become",
    ),
    "a type that the upgrade made": (
        "op.execute(\"CREATE TYPE mood AS ENUM ('ok')\")",
        'op.execute("DROP TYPE mood")\nop.execute("ALTER TABLE people ADD COLUMN mood mood")',
        "Make the type mood before this",
    ),
    "what the upgrade dropped": (
        'op.drop_index("ix_age", "people")',
        'op.drop_index("ix_age", "people")',
        IN_ORDER,
    ),
}


@pytest.mark.parametrize(("up", "down", "advice"), BACKWARDS.values(), ids=list(BACKWARDS))
def test_a_downgrade_leaves_alone_what_the_upgrade_does(up: str, down: str, advice: str, tmp_path: Path) -> None:
    given = "CREATE TABLE people (id bigint, age int);CREATE INDEX ix_age ON people (age)"
    about = told("MG203", Example(up, given=given, downgrade=down), tmp_path)
    assert about.advice.startswith(advice)
    assert (about.advice == IN_ORDER) == (advice == IN_ORDER)


ALONG = {
    "an index with its column": (
        'op.drop_column("people", "age")\nop.drop_index("ix_age", table_name="people")',
        "the index ix_age is gone: line {line} has dropped it with the column age.",
    ),
    "a constraint with its column": (
        'op.drop_column("people", "age")\nop.drop_constraint("ck_age", "people")',
        "the constraint ck_age is gone: line {line} has dropped it with the column age.",
    ),
    "an index with its table": (
        'op.drop_table("people")\nop.drop_index("ix_age", table_name="people")',
        "the index ix_age is gone: line {line} has dropped it with its table.",
    ),
    "an index that was dropped by name": (
        'op.drop_index("ix_age", table_name="people")\nop.drop_index("ix_age", table_name="people")',
        'there is no index "ix_age" (the nearest is "ix_ages").',
    ),
}


@pytest.mark.parametrize(("drops", "why"), ALONG.values(), ids=list(ALONG))
@pytest.mark.parametrize(("code", "lead"), [("MG203", "downgrade() fails"), ("MG706", "This cannot work")])
def test_what_went_with_its_column_or_table_is_said_to(
    code: str, lead: str, drops: str, why: str, tmp_path: Path
) -> None:
    given = (
        "CREATE TABLE people (id bigint, age int CONSTRAINT ck_age CHECK (age > 0));"
        "CREATE INDEX ix_age ON people (age);"
        "CREATE TABLE others (age int); CREATE INDEX ix_ages ON others (age);"
    )
    back = Example("pass", given=given, downgrade=drops)
    about = told(code, back if code == "MG203" else Example(drops, given=given), tmp_path)
    assert about.message == f"{lead}: {why.format(line=13 if code == 'MG203' else 9)}"
    assert about.advice.startswith("Leave it out") == ("is gone" in why)


MADE = (
    'op.create_table("teams", sa.Column("id", sa.Integer(), primary_key=True))\n'
    'op.add_column("people", sa.Column("team_id", sa.Integer(), sa.ForeignKey("teams.id", name="fk_team")))'
)
UNMADE = {
    "a column": ('op.drop_column("people", "team")', "has a column team", "team_id; the foreign key goes with it."),
    "a constraint": ('op.drop_constraint("fk_teams", "people")', "has a constraint fk_teams", "fk_team."),
}


@pytest.mark.parametrize("unmade", [True, False], ids=["of a table that no revision made", "known"])
@pytest.mark.parametrize(("drop", "unless", "name"), UNMADE.values(), ids=list(UNMADE))
def test_a_name_of_a_table_that_no_revision_made_may_fail_before_what_is_refused(
    drop: str, unless: str, name: str, unmade: bool, tmp_path: Path
) -> None:
    """With the name that is meant the table's DROP would be taken."""
    given = "" if unmade else "CREATE TABLE people (id bigint)"
    down = f'{drop}\nop.drop_table("teams")'
    about = told("MG203", Example(MADE, given=given, released=("pass",), downgrade=down), tmp_path)
    assert about.verified is not unmade
    if unmade:
        assert "a foreign key of people depends on it. Line 14 fails before it, unless people, which" in about.message
        assert about.message.endswith(f"{unless}.")
        assert about.advice == f"Name in line 14 what the upgrade made there, which is {name}"


@pytest.mark.parametrize("part", ["ev1", "ev_rest"])
def test_no_partition_is_detached_concurrently_beside_a_default_one(part: str, tmp_path: Path) -> None:
    """PostgreSQL refuses it for the default partition itself too."""
    given = (
        "CREATE TABLE ev (id int) PARTITION BY RANGE (id);CREATE TABLE ev_rest PARTITION OF ev DEFAULT;"
        "CREATE TABLE ev1 PARTITION OF ev FOR VALUES FROM (1) TO (2)"
    )
    about = told("MG416", Example(f'op.execute("ALTER TABLE ev DETACH PARTITION {part}")', given=given), tmp_path)
    assert "CONCURRENTLY is refused" in about.advice
    assert "CONCURRENTLY" not in about.recipe


def test_a_temporary_index_is_built_before_the_revision_and_dropped_after_it(tmp_path: Path) -> None:
    """Before the revision that makes it there is none to drop."""
    code = 'op.create_index("tmp", "people", ["age"])\nop.drop_index("tmp", "people")'
    about = told("MG402", Example(code, given=TABLES), tmp_path)
    assert "build it concurrently in a revision before this one, and drop it concurrently in one after" in about.advice


UNIQUE = "CREATE TABLE t (a int, b int, CONSTRAINT k UNIQUE (a))"
AGAIN = 'op.create_unique_constraint("k", "t", ["a", "b"])'
BESIDE = 'op.create_index("k_new", "t", ["a", "b"], unique=True, postgresql_concurrently=True)'


@pytest.mark.parametrize(("given", "drop", "one"), [
    (UNIQUE, 'op.drop_constraint("k", "t")', "DROP CONSTRAINT k, ADD CONSTRAINT k UNIQUE USING INDEX k_new"),
    ("", 'op.drop_constraint("k", "t")', "DROP CONSTRAINT k, ADD CONSTRAINT k UNIQUE USING INDEX k_new"),
    ("CREATE TABLE t (a int, b int);CREATE INDEX k ON t (a)", 'op.drop_index("k", "t")',
     "TABLE t ADD CONSTRAINT k UNIQUE USING INDEX k_new"),
], ids=["a constraint", "of a table that no revision made", "an index"])  # fmt: skip
def test_a_unique_constraint_that_takes_anothers_name_is_built_under_one_of_its_own(
    given: str, drop: str, one: str, tmp_path: Path
) -> None:
    """In the revision before this one the name is still the old one's."""
    code = f'op.execute("SELECT 1")\n{drop}\n{AGAIN}'
    about = told("MG406", Example(code, given=given, released=("pass",)), tmp_path)
    assert BESIDE in about.recipe
    assert one in about.recipe
    assert ("leave out its drop in line 10" in about.advice) == ("constraint" in drop)


def test_a_unique_constraint_whose_name_was_made_and_given_up_by_the_revision_keeps_it(tmp_path: Path) -> None:
    code = f'op.create_unique_constraint("k", "t", ["a"])\nop.drop_constraint("k", "t")\n{AGAIN}'
    given = "CREATE TABLE t (a int, b int)"
    report = check(Example(code, given=given), "MG406", tmp_path, "postgresql").report
    assert "k_new" not in "".join(f.recipe or "" for f in report.findings if f.code == "MG406")


MET = 'op.add_column("t", sa.Column("note", sa.Text()))'


@pytest.mark.parametrize("given", ["CREATE TABLE t (a int, b int);CREATE INDEX k ON t (a)", ""], ids=["known", "not"])
def test_an_index_that_takes_anothers_name_is_built_under_one_of_its_own_and_renamed(
    given: str, tmp_path: Path
) -> None:
    code = 'op.drop_index("k", "t")\nop.create_index("k", "t", ["a", "b"])'
    about = told("MG401", Example(code, given=given, released=() if given else (MET,)), tmp_path)
    assert 'op.create_index("k_new", "t", ["a", "b"], postgresql_concurrently=True)' in about.recipe
    assert 'op.execute("ALTER INDEX k_new RENAME TO k")' in about.recipe
    assert "once that is dropped in line 9" in about.advice


@pytest.mark.parametrize("column", ["b", "c"], ids=["of a column that is there", "of one that the revision adds"])
def test_the_old_index_is_dropped_when_the_one_that_gets_its_name_is_built(column: str, tmp_path: Path) -> None:
    given = "CREATE TABLE t (a int, b int);CREATE INDEX k ON t (a)"
    add = 'op.add_column("t", sa.Column("c", sa.Integer()))\n' * (column == "c")
    code = f'op.drop_index("k", "t")\n{add}op.create_index("k", "t", ["a", "{column}"])'
    dropped, built = (told(rule, Example(code, given=given), tmp_path / rule) for rule in ("MG402", "MG401"))
    line = 10 + len(add.splitlines())
    assert f"once the new k (line {line}) is built concurrently under another name; then rename that" in dropped.advice
    assert dropped.recipe.endswith('op.execute("ALTER INDEX k_new RENAME TO k")')
    assert ("(and after one that adds c)" in built.advice) == bool(add)
    alone = told("MG402", Example('op.drop_index("k", "t")', given=given), tmp_path / "alone")
    assert "RENAME" not in alone.recipe


@pytest.mark.parametrize(
    ("columns", "same"), [('["a"]', True), ('["a", "b"]', False), ('["a"], unique=True', False)], ids=str
)
@pytest.mark.parametrize("first", [False, True], ids=["dropped before", "dropped after"])
def test_an_index_that_gets_no_more_than_another_name_is_renamed(
    columns: str, same: bool, first: bool, tmp_path: Path
) -> None:
    given = "CREATE TABLE t (a int, b int);CREATE INDEX k ON t (a)"
    lines = ['op.drop_index("k", "t")', f'op.create_index("l", "t", {columns})']
    example = Example("\n".join(lines[::-1] if first else lines), given=given)
    recipe = told("MG401", example, tmp_path).recipe
    assert (recipe == 'op.execute("ALTER INDEX k RENAME TO l")') == same


def test_a_name_that_an_earlier_revision_gave_up_is_free(tmp_path: Path) -> None:
    given = "CREATE TABLE t (a int, b int);CREATE INDEX k ON t (a)"
    example = Example('op.create_index("k", "t", ["a", "b"])', given=given, earlier=('op.drop_index("k", "t")',))
    assert 'op.create_index("k", "t"' in told("MG401", example, tmp_path).recipe


OTHERS = 'sqlite_where=sa.text("age > 1"), mysql_length=10'


@pytest.mark.parametrize("call", [
    f'op.create_index("ix", "people", ["age"], if_not_exists=True, {OTHERS})',
    f'with op.batch_alter_table("people") as batch:\n    batch.create_index("ix", ["age"], {OTHERS})',
], ids=["op", "batch"])  # fmt: skip
def test_a_concurrent_build_keeps_what_is_for_other_engines_and_no_invalid_index(call: str, tmp_path: Path) -> None:
    """IF NOT EXISTS takes an index that a failed attempt left for the one that is asked for."""
    about = told("MG401", Example(call, given=TABLES), tmp_path / "bad")
    assert ("if_not_exists=True" in about.recipe) == ("if_not_exists" in call)
    assert ("WHERE NOT indisvalid AND indexrelid = to_regclass('ix')" in about.recipe) == ("if_not_exists" in call)
    assert "sqlite_where=sa.text('age > 1'), mysql_length=10, postgresql_concurrently=True" in about.recipe
    after = Example(about.recipe, given=TABLES, env=("transaction_per_migration",))
    report = check(after, "MG510", tmp_path / "good", "postgresql").report
    assert not {"MG401", "MG510", "MG002", "MG706"} & {f.code for f in report.findings}


NEUTRAL = """
from sqlalchemy import text
age = sa.column("age", sa.Integer())
at_least = 18
op.create_index("ix", "people", [{keys}], sqlite_where={where})
"""


@pytest.mark.parametrize(("keys", "where", "call", "brought"), [
    ("sa.func.abs(age)", "text('age')", "[sa.func.abs(age)], sqlite_where=sa.text('age'),", "age as in line 10"),
    ("'age'", "age > at_least", '["age"], sqlite_where=age > 18,', "age as in line 10"),
    ("text('(abs(age))')", "sa.text('true')", """[sa.text("(abs(age))")], sqlite_where=sa.text('true'),""", ""),
], ids=["an expression", "an argument", "SQL"])  # fmt: skip
def test_what_is_built_in_another_revision_uses_nothing_of_this_one_unsaid(
    keys: str, where: str, call: str, brought: str, tmp_path: Path
) -> None:
    """An expression that every dialect has its own SQL for stays one."""
    about = told("MG401", Example(NEUTRAL.format(keys=keys, where=where), given=TABLES), tmp_path)
    assert f'op.create_index("ix", "people", {call} postgresql_concurrently=True)' in about.recipe
    assert about.advice == f"Build it concurrently, in a revision of its own{f' (with {brought})' * bool(brought)}:"


@pytest.mark.parametrize("expression", ["sa.func.abs(age)", "sa.column('age') + age"])
def test_an_argument_for_another_engine_that_is_made_of_a_parameter_is_left_out(
    expression: str, tmp_path: Path
) -> None:
    code = f"""
def build(age):
    op.create_index("ix", "people", [{expression}], sqlite_where=age > 1)

def upgrade():
    build(sa.column("age", sa.Integer()))
"""
    about = told("MG401", Example(code, given=TABLES), tmp_path)
    assert "sqlite" not in about.recipe
    assert "(the expression is PostgreSQL's: other dialects need their own)" in about.advice
    assert 'op.create_index("ix", "people", [sa.text("(' in about.recipe


OWN_LOCK = 'op.add_column("z", sa.Column("n", sa.Integer()))\n'
KEY = "ALTER TABLE z ADD CONSTRAINT k FOREIGN KEY (id) REFERENCES a NOT VALID"


@pytest.mark.parametrize(("code", "words"), [
    (OWN_LOCK + f'op.execute("{KEY}")', "Have the foreign key in a revision after this one, NOT VALID: it has to lock"),
    (OWN_LOCK + 'op.execute("ALTER TABLE z ADD COLUMN a_id int REFERENCES a")',
     "Add the column in one revision and its foreign key, NOT VALID, in the next: a foreign key has to lock z and a"),
    (OWN_LOCK + 'op.execute("ALTER TABLE z DROP CONSTRAINT own")', "Have what locks z and a together in a revision"),
    (OWN_LOCK + 'op.add_column("a", sa.Column("n", sa.Integer()))', "Lock one table in each transaction"),
], ids=["a key", "a column with a key", "another statement that locks both", "two statements"])  # fmt: skip
def test_what_one_statement_locks_together_is_not_to_be_locked_apart(code: str, words: str, tmp_path: Path) -> None:
    given = (
        "CREATE TABLE a (id int PRIMARY KEY);"
        "CREATE TABLE z (id int PRIMARY KEY, o int, CONSTRAINT own FOREIGN KEY (o) REFERENCES a)"
    )
    assert told("MG504", Example(code, given=given), tmp_path).advice.startswith(words)


def test_what_locks_several_tables_at_once_is_only_kept_from_another_statement(tmp_path: Path) -> None:
    """A table for each transaction would not be possible."""
    given = "CREATE TABLE a (id int PRIMARY KEY);CREATE TABLE b (id int PRIMARY KEY);CREATE TABLE z (id int)"
    made = 'op.execute("CREATE TABLE k (x int REFERENCES a, y int REFERENCES b)")\n'
    one, other = (Example(code, given=given) for code in (made + OWN_LOCK, OWN_LOCK + made))
    for place, example in (("before", one), ("after", other)):
        advice = told("MG504", example, tmp_path / place).advice
        assert advice.startswith("Have line 9 and this statement in different transactions: a revision for each"), (
            advice
        )


def test_a_table_that_was_renamed_is_called_as_it_is_where_its_key_goes(tmp_path: Path) -> None:
    given = "CREATE TABLE a (id int PRIMARY KEY);CREATE TABLE z (id int PRIMARY KEY)"
    code = 'op.rename_table("z", "y")\nop.create_foreign_key("k", "y", "a", ["id"], ["id"])'
    advice = told("MG504", Example(code, given=given), tmp_path).advice
    assert "it has to lock y and a together, but then y can be read while it waits for a" in advice


def test_the_table_that_a_statement_is_about_is_locked_first(tmp_path: Path) -> None:
    """And then those that its foreign keys refer to, whatever they are called."""
    given = "CREATE TABLE a (id int PRIMARY KEY);CREATE TABLE z (id int CONSTRAINT fk REFERENCES a)"
    assert told("MG505", Example('op.drop_table("z")', given=given), tmp_path).table == "z"


def test_a_superfluous_index_is_left_out_by_its_first_name_and_with_all_that_names_it(tmp_path: Path) -> None:
    """A rename or a drop of what is not there fails."""
    project = Project(tmp_path)
    released = project.revision("".join(f"op.execute({t!r})\n" for t in TABLES.split(";")))
    project.revision('op.create_index("ix_people", "people", ["id"])', 'op.drop_index("ix_people", "people")')
    project.revision(
        'op.rename_table("people", "persons")\nop.execute("ALTER INDEX ix_people RENAME TO ix_persons")',
        'op.execute("ALTER INDEX ix_persons RENAME TO ix_people")\nop.rename_table("persons", "people")',
    )
    report = run(replace(project.request(), everything=False, since=released)).report
    [found] = [f for f in report.findings if f.code == "MG924"]
    assert found.advice.startswith(
        'Leave out op.create_index("ix_people", "people", …), together with what names it later: the rename in line 10 '
        "of revision r3, line 13 of downgrade() and line 14 of downgrade() of revision r3"
    )
    assert "shall go instead" not in found.advice


KEYS = (
    "CREATE TABLE t (id bigint PRIMARY KEY);CREATE TABLE o (a int, b int);"
    "CREATE TABLE u (a bigint, b int, CONSTRAINT fk FOREIGN KEY (a) REFERENCES t);"
    "CREATE INDEX ix ON u (a, b); CREATE INDEX ie ON u (lower(b::text));"
    "CREATE UNIQUE INDEX ux ON u (b, a)"
)
FK = 'op.drop_constraint("fk", "u", type_="foreignkey")\n'
IX = 'op.drop_index("ix", "u")\n'
UX = 'op.drop_index("ux", "u")\n'


def test_a_key_that_is_added_with_its_column_is_split_off(tmp_path: Path) -> None:
    """The column's own lock would be held while its rows are looked up."""
    first = 'op.alter_column("u", "b", existing_type=sa.Integer(), nullable=True)\n'
    both = 'op.add_column("u", sa.Column("c", sa.BigInteger(), sa.ForeignKey("t.id", name="fk_c"), server_default="1"))'
    key = 'op.add_column("u", sa.Column("c", sa.BigInteger()))\nop.create_foreign_key("fk_c", "u", "t", ["c"], ["id"])'
    env = ("transaction_per_migration",)
    found = told("MG503", Example(first + both, given=KEYS, env=env), tmp_path / "both")
    words = "a revision of its own for the foreign key alone, once c is there without it; do this as MG403 says."
    assert found.advice == f"Commit in between: {words}"
    own = told("MG503", Example(key, given=KEYS, env=env), tmp_path / "own").advice
    assert own.endswith("a revision of its own; do this as MG403 says.")


REDEFINED = """
from alembic import op

def redefine(old, new):
    op.drop_constraint(old, "u", type_="foreignkey")
    op.create_foreign_key(new, "u", "t", ["a"], ["id"], ondelete="CASCADE")

def upgrade():
    redefine("fk", "fk_new")
"""
BOTH = 'op.execute("ALTER TABLE u DROP CONSTRAINT fk, ADD CONSTRAINT fk_new FOREIGN KEY (a) REFERENCES t MATCH FULL")'
FK_NEW = 'op.create_foreign_key("fk_new", "u", "t", ["a"], ["id"], ondelete="CASCADE")'
BATCH = (
    'with op.batch_alter_table("u") as batch:\n    batch.drop_constraint("fk", type_="foreignkey")\n'
    '    batch.create_foreign_key("fk_new", "t", ["a"], ["id"], ondelete="CASCADE")'
)


@pytest.mark.parametrize(("code", "kept"), [(BOTH, True), (FK + FK_NEW, False), (BATCH, False), (REDEFINED, False)],
                         ids=["one statement", "two calls", "a block", "a function of the script"])  # fmt: skip
def test_what_stands_in_for_a_call_drops_what_that_drops(code: str, kept: bool, tmp_path: Path) -> None:
    """A key that is left beside its successor goes on to refuse what that allows."""
    found = told("MG403", Example(code, given=KEYS), tmp_path)
    assert ('op.drop_constraint(op.f("fk"), "u", type_="foreignkey")' in found.recipe.splitlines()) is kept


@pytest.mark.parametrize(("code", "words"), [
    (FK + 'op.create_foreign_key("fk", "u", "t", ["a"], ["id"], ondelete="CASCADE")',
     "Add it NOT VALID where fk is dropped, and validate it after the commit."),
    (FK + 'op.create_foreign_key(None, "u", "t", ["a"], ["id"], ondelete="CASCADE")',
     "Add it NOT VALID where fk is dropped, and validate it after the commit."),
    ('op.alter_column("u", "a", existing_type=sa.BigInteger(), nullable=True)\n' + FK
     + 'op.create_foreign_key("fk", "u", "t", ["a"], ["id"], ondelete="CASCADE")',
     "Add it NOT VALID where fk is dropped, and validate it after the commit."),
    (UX + 'op.create_index("ix_b", "o", ["b"])\nop.create_index("ux", "u", ["b", "a"], unique=True)',
     "The drop of ux stays with line 11, which puts another in its place: a row that is put in between can make that "
     "fail."),
    (UX + 'op.create_index("ix_b", "o", ["b"])\n'
     + 'op.create_index("ux", "u", ["b"], unique=True, postgresql_where=sa.text("a > 0"))\n'
     + 'op.create_index("ux_2", "u", ["b"], unique=True, postgresql_where=sa.text("a <= 0"))',
     "The drop of ux stays with line 11 and line 12, which put others, together, in its place: a row that is put in "
     "between can make that fail."),
    (IX + 'op.create_index("ix_b", "o", ["b"])\nop.create_index("ix", "u", ["a"])', ""),
    ('op.alter_column("u", "a", existing_type=sa.BigInteger(), nullable=True)\n' + FK
     + 'op.create_foreign_key("fk_new", "u", "t", ["a"], ["id"], postgresql_not_valid=True)\n'
     + 'op.create_foreign_key("fk_more", "u", "t", ["a"], ["id"])', ""),
    (IX + 'op.create_index("ix", "u", ["a"])',
     "Build it first, under another name; after the commit drop ix, and give its name to the new one."),
    (IX + 'op.create_index("ix_new", "u", ["b"])', "Build it first, and drop ix after the commit."),
    ('op.drop_index("ie", "u")\nop.create_index("ix_new", "u", ["b"])',
     "Build it first, and drop ie after the commit, if this takes the place of that."),
    (IX + 'op.create_index("ix_o", "o", ["a"])', ""),
    (FK + 'op.create_index("ix_a", "u", ["a"])', ""),
    ('op.add_column("u", sa.Column("note", sa.Text()))\nop.create_index("ix_a", "u", ["a"])', ""),
], ids=["a key of one name", "a key without a name", "locked before the drop",
        "work before the new one", "work before parts of the new one", "work before a plain index",
        "made again already", "an index of one name", "an index",
        "over an expression", "of another table", "of another kind", "nothing is dropped"])  # fmt: skip
def test_no_commit_comes_between_a_key_or_index_and_what_takes_its_place(code: str, words: str, tmp_path: Path) -> None:
    """Rows that neither would let in come in between. Of two of one name there cannot be both."""
    found = told("MG503", Example(code, given=KEYS, env=("transaction_per_migration",)), tmp_path)
    way = "" if words else f"; do this as {'MG401' if 'create_index' in code else 'MG403'} says"
    assert found.advice == " ".join((f"Commit in between: a revision of its own{way}.", words)).rstrip()


@pytest.mark.parametrize(
    ("column", "default"),
    [
        ('sa.Column("n", sa.Integer(), nullable=False)', True),
        ('sa.Column("n", sa.Integer(), sa.ForeignKey("t.a"), nullable=False)', False),
        ('sa.Column("n", sa.Integer(), nullable=False, unique=True)', False),
    ],
    ids=["plain", "refers to another", "tells rows apart"],
)
def test_no_default_is_advised_that_only_one_row_could_have(column: str, default: bool, tmp_path: Path) -> None:
    given = KNOWN + "CREATE TABLE w (a int)"
    about = told("MG605", Example(f'op.add_column("w", {column})', given=given), tmp_path)
    assert ("server_default" in about.recipe) is default
    assert ("nullable=True" in about.recipe) is not default


def test_no_column_of_a_primary_key_is_to_be_nullable(tmp_path: Path) -> None:
    given = KNOWN + "CREATE TABLE w (a int, CONSTRAINT w_pkey PRIMARY KEY (a))"
    add = 'op.add_column("w", sa.Column("n", sa.Integer()))\nop.alter_column("w", "n", nullable=False)\n'
    key = 'op.drop_constraint("w_pkey", "w")\nop.create_primary_key("w_pkey", "w", [{}])'
    alone = told("MG605", Example(add + key.format('"n"'), given=given), tmp_path / "alone")
    assert (alone.recipe, "leave n out of the primary key, and nullable, for" in alone.advice) == ("", True)
    beside = told("MG605", Example(add + key.format('"a", "n"'), given=given), tmp_path / "beside")
    assert beside.advice.startswith("Leave the database a default for")
    assert beside.recipe == 'op.alter_column("w", "n", server_default=...)'


def test_a_column_that_is_renamed_later_is_called_as_it_is_there(tmp_path: Path) -> None:
    add = 'op.add_column("w", sa.Column("n", sa.Integer(), nullable=False))\n'
    renamed = 'op.drop_column("w", "m")\nop.alter_column("w", "n", new_column_name="m")'
    about = told("MG605", Example(add + renamed, given=KNOWN + "CREATE TABLE w (a int, m int)"), tmp_path)
    assert "must name n (which is m in the end) from now on" in about.message
    assert about.recipe == 'op.add_column("w", sa.Column("n", ..., server_default=...))'


def test_no_convention_is_advised_that_renames_checks_which_have_names(tmp_path: Path) -> None:
    made = 'op.create_table("v", sa.Column("a", sa.Integer(), unique=True))'
    about = told("MG709", Example(made, given="CREATE TABLE w (a int)"), tmp_path / "unique")
    assert ('"uq": ' in about.recipe, "constraint_name" in about.recipe) == (True, False)
    assert "a CHECK still needs a name= of its own" in about.recipe
    made = 'op.create_table("v", sa.Column("a", sa.Integer()), sa.CheckConstraint("a > 0"))'
    about = told("MG709", Example(made, given="CREATE TABLE w (a int)"), tmp_path / "check")
    assert "naming_convention" not in about.recipe


ONE = "CREATE TABLE t (a int, b int);CREATE UNIQUE INDEX k ON t (a)"
GONE = 'op.drop_index("k", table_name="t")\n'
FILLED = 'op.execute("UPDATE t SET a = a + b")\n'


@pytest.mark.parametrize(("code", "given", "said"), [
    (GONE + 'op.create_unique_constraint("n", "t", ["a", "b"])', ONE, ", once n (line 10) is built and not before"),
    (GONE + 'op.create_index("n", "t", ["b", "a"], unique=True)', ONE, ", once n (line 10) is built and not before"),
    (GONE + AGAIN, ONE, ", once k (line 10) is built, under another name, and not before"),
    (GONE + FILLED + 'op.create_index("n", "t", ["a", "b"], unique=True)', ONE, "(unless line 10 needs it gone)"),
    (GONE + 'op.create_index("n", "t", ["b"], unique=True)', "",
     "; if it is unique and the new one takes its place, once n (line 10) is built, under another name, and not"),
    (GONE + 'op.create_index("n", "t", ["b"], unique=True)', ONE, ""),
    (GONE + 'op.create_index("n", "t", ["a", "b"])', ONE, ""),
    (GONE + 'op.create_index("n", "t", ["a", "b"])', "", ""),
    ('op.create_index("n", "t", ["a", "b"], unique=True)\n' + GONE, ONE, ""),
    (GONE + 'op.create_index("n", "t", ["a", "b"], unique=True)', ONE.replace("UNIQUE ", ""), ""),
], ids=["a constraint", "an index", "of its name", "rows that it forbids", "an unknown one", "other columns",
        "not unique", "not unique, an unknown one", "built before", "was not unique"])  # fmt: skip
def test_a_unique_index_is_dropped_when_what_takes_its_place_is_built(
    code: str, given: str, said: str, tmp_path: Path
) -> None:
    """Between them, rows could be written twice, and the new one could not be built any more."""
    about = told("MG402", Example(code, given=given, released=() if given else (MET,)), tmp_path)
    assert said in about.advice
    assert ("and not before" in about.advice) == bool(said)
    assert not (said and about.fixable)
