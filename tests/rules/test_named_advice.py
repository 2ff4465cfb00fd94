"""The names in an advice: free, by the project's convention, and the same in each of its statements."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from pathlib import Path

import pytest

from migguard.findings import Finding
from migguard.pipeline import Request, run
from migguard.rules.facts.scripts.script_places import imports, spelled
from migguard.rules.frame import Example
from tests.rules.examples import ENV, check, project
from tests.shadow.project import Project

pytestmark = pytest.mark.thorough

KEYED = "CREATE TABLE orders (id bigint NOT NULL, code text NOT NULL, CONSTRAINT pk PRIMARY KEY (code))"
DROP = 'op.drop_constraint("pk", "orders")\n'
BUILT = """with op.get_context().autocommit_block():
    op.drop_index("{index}", "orders", if_exists=True, postgresql_concurrently=True)  # what a failed attempt left
    op.create_index("{index}", "orders", ["id"], unique=True, postgresql_concurrently=True)
op.execute("ALTER TABLE orders DROP CONSTRAINT pk, ADD CONSTRAINT {name} PRIMARY KEY USING INDEX {index}")"""


def told(code: str, example: Example, root: Path) -> Finding:
    """The one finding of a rule."""
    [found] = [f for f in check(example, code, root, "postgresql").report.findings if f.code == code]
    return found


@pytest.mark.parametrize(
    ("add", "recipe"),
    [
        ('op.create_primary_key("pk", "orders", ["id"])', BUILT.format(name="pk", index="pk_new")),
        ('op.create_primary_key("pk_orders", "orders", ["id"])', BUILT.format(name="pk_orders", index="pk_orders")),
        (
            'op.create_primary_key("pk_orders", "orders", ["code"])',
            'op.execute("ALTER TABLE orders RENAME CONSTRAINT pk TO pk_orders")',
        ),
    ],
    ids=["under the old name", "under another name", "renamed"],
)
def test_a_key_that_takes_the_place_of_another_is_built_beside_it(add: str, recipe: str, tmp_path: Path) -> None:
    found = told("MG407", Example(DROP + add, given=KEYED), tmp_path).recipe.splitlines()
    assert "\n".join(line for line in found if line[0] != "#") == recipe


def test_a_unique_constraint_that_differs_is_not_renamed(tmp_path: Path) -> None:
    given = "CREATE TABLE orders (id bigint, CONSTRAINT uq UNIQUE (id))"
    code = 'op.drop_constraint("uq", "orders")\nop.create_unique_constraint("uq_id", "orders", ["id"], deferrable=True)'
    assert "RENAME" not in told("MG406", Example(code, given=given), tmp_path).recipe


PEOPLE = "CREATE TABLE people (id bigint PRIMARY KEY, email text);CREATE TABLE notes (id bigint, person_id bigint)"
NAMELESS = {
    'op.create_foreign_key(None, "notes", "people", ["person_id"], ["id"], ondelete="CASCADE")': (
        'op.create_foreign_key(op.f("fk_notes_person_id_people"), "notes", "people", ["person_id"], ["id"], '
        'ondelete="CASCADE")'
    ),
    'op.create_unique_constraint(None, "people", ["email"])': (
        'op.create_unique_constraint(op.f("uq_people_email"), "people", ["email"])'
    ),
    'op.execute("ALTER TABLE people ADD CHECK (id > 0)")': (
        'op.create_check_constraint(op.f("ck_people_id"), "people", "id > 0")'
    ),
    'op.create_table("tags", sa.Column("person_id", sa.BigInteger(), sa.ForeignKey("people.id")))': (
        'sa.Column("person_id", ..., sa.ForeignKey("people.id", name=op.f("fk_tags_person_id_people")))'
    ),
}


@pytest.mark.parametrize(("code", "call"), NAMELESS.items(), ids=["foreign key", "unique", "check", "new table"])
def test_what_has_no_name_is_spelled_out_with_one(code: str, call: str, tmp_path: Path) -> None:
    found = told("MG709", Example(code, given=PEOPLE), tmp_path / "bad")
    assert found.recipe.splitlines()[0] == call
    if call.startswith("op."):
        report = check(Example(found.recipe, given=PEOPLE), "MG709", tmp_path / "good", "postgresql").report
        assert not {"MG709", "MG002", "MG706"} & {f.code for f in report.findings}


IN_PLACE = {
    "a key of a new column": (
        """op.add_column("notes", sa.Column('by', sa.BigInteger(), sa.ForeignKey('people.id', ondelete="CASCADE")))""",
        ["""sa.Column('by', ..., sa.ForeignKey('people.id', ondelete="CASCADE", name=op.f("fk_notes_by_people")))"""],
    ),
    "a key of a new column in a batch": (
        'with op.batch_alter_table("notes") as batch:\n'
        '    batch.add_column(sa.Column("writer_id", sa.BigInteger(), sa.ForeignKey("people.id", name=None)))',
        ['sa.Column("writer_id", ..., sa.ForeignKey("people.id", name=op.f("fk_notes_writer_id_people")))'],
    ),
    "a key of a column that is written elsewhere": (
        'column = sa.Column("writer_id", sa.BigInteger(), sa.ForeignKey("people.id"))\nop.add_column("notes", column)',
        ['sa.Column("writer_id", ..., sa.ForeignKey("people.id", name=op.f("fk_notes_writer_id_people")))'],
    ),
    "a unique column": (
        'op.add_column("notes", sa.Column("code", sa.Text(), unique=True))',
        [
            "# instead of unique=True in the column code:",
            'op.create_unique_constraint(op.f("uq_notes_code"), "notes", ["code"])',
        ],
    ),
    "a check of a column, and one beside it": (
        'op.create_table("tags", sa.Column("a", sa.Integer(), sa.CheckConstraint("a > 0")), '
        'sa.Column("b", sa.Integer()), sa.CheckConstraint("a > b"))',
        [
            'sa.Column("a", ..., sa.CheckConstraint("a > 0", name=op.f("ck_tags_a")))',
            'sa.CheckConstraint("a > b", name=op.f("ck_tags_a_b"))',
        ],
    ),
    "a check of a type": (
        'op.add_column("notes", sa.Column("kind", sa.Enum("a", native_enum=False, create_constraint=True)))',
        ['sa.Column("kind", ..., sa.Enum("a", native_enum=False, create_constraint=True, name=op.f("ck_notes_kind")))'],
    ),
    "a check of another type": (
        'op.alter_column("people", "email", type_=sa.Enum("a", native_enum=False, create_constraint=True))',
        [
            'op.alter_column("people", "email", ..., type_=sa.Enum("a", native_enum=False, create_constraint=True, '
            'name=op.f("ck_people_email")))'
        ],
    ),
    "other names for them": (
        """
        from sqlalchemy import BigInteger, Column, ForeignKey

        def upgrade():
            op.create_table(
                "tags", Column("id", BigInteger, ForeignKey("people.id")), Column("code", BigInteger, unique=True)
            )
        """,
        [
            "# instead of unique=True in the column code:",
            'sa.UniqueConstraint("code", name=op.f("uq_tags_code"))',
            'Column("id", ..., ForeignKey("people.id", name=op.f("fk_tags_id_people")))',
        ],
    ),
    "a new table in SQL": (
        'op.execute("CREATE TABLE tags (id bigint REFERENCES people, code text UNIQUE)")',
        [
            "# in the statement: CONSTRAINT uq_tags_code UNIQUE (code) …",
            "# in the statement: CONSTRAINT fk_tags_id_people FOREIGN KEY (id) …",
        ],
    ),
    "a column of the same name elsewhere": (
        'op.create_table("tags", sa.Column("email", sa.Text(), unique=True))\n'
        'op.create_unique_constraint(None, "people", ["email"])',
        ['op.create_unique_constraint(op.f("uq_people_email"), "people", ["email"])'],
    ),
}


@pytest.mark.parametrize(("code", "lines"), IN_PLACE.values(), ids=list(IN_PLACE))
def test_what_a_column_brings_along_is_named_there(code: str, lines: list[str], tmp_path: Path) -> None:
    """Beside it there would be a second constraint, and the first one would still have no name."""
    report = check(Example(code, given=PEOPLE), "MG709", tmp_path, "postgresql").report
    found = [f for f in report.findings if f.code == "MG709"][-1]
    assert [line for line in found.recipe.splitlines() if line[:5] not in ("# or ", "# the", "# sa.")] == lines


@pytest.mark.parametrize(
    ("imported", "words"),
    [
        ("import sqlalchemy", "sqlalchemy.UniqueConstraint"),
        ("import sqlalchemy as s\nfrom sqlalchemy import UniqueConstraint as U", "U"),
        ("from sqlalchemy import Column", None),
        ("from sqlalchemy_utils import types", None),
    ],
)
def test_a_name_is_written_by_what_the_script_imports(imported: str, words: str | None) -> None:
    assert spelled("sqlalchemy.UniqueConstraint", imports(ast.walk(ast.parse(imported)))) == words


def test_a_name_that_is_taken_is_not_advised(tmp_path: Path) -> None:
    given = f"{PEOPLE};ALTER TABLE people ADD CONSTRAINT uq_people_email CHECK (id > 0)"
    found = told("MG709", Example('op.create_unique_constraint(None, "people", ["email"])', given=given), tmp_path)
    assert 'op.f("uq_people_email_new")' in found.recipe


@pytest.mark.parametrize(
    "later",
    [
        'op.drop_constraint("people_email_key", "people")',
        'op.execute("ALTER TABLE people RENAME CONSTRAINT people_email_key TO uq_people_email")',
        'op.execute("ALTER INDEX people_email_key RENAME TO uq_people_email")',
        'for name in ("people_email_key",):\n    op.drop_constraint(name, "people")',
        "pass",
    ],
    ids=["dropped", "renamed", "renamed with its index", "in a loop", "not called"],
)
def test_a_name_of_the_servers_that_a_later_revision_calls_is_written_out(later: str, tmp_path: Path) -> None:
    project = Project(tmp_path)
    for table in PEOPLE.split(";"):
        project.revision(f'op.execute("{table}")')
    unnamed = project.revision('op.create_unique_constraint(None, "people", ["email"])')
    project.revision(later)
    report = run(replace(project.request(), everything=False, revisions=(unnamed,))).report
    [found] = [f for f in report.findings if f.code == "MG709"]
    name = "uq_people_email" if later == "pass" else "people_email_key"
    assert found.recipe.splitlines()[0] == f'op.create_unique_constraint(op.f("{name}"), "people", ["email"])'
    assert ("keeps that one" in found.advice) == (later != "pass")


CONVENTION = {"ck": "ck_%(table_name)s_%(constraint_name)s", "fk": "fk_%(table_name)s_%(constraint_name)s"}
CONVENED = {
    "MG404": [
        'op.create_check_constraint("positive", "notes", "id > 0")',
        'op.execute("ALTER TABLE notes ADD CHECK (id > 0)")',
    ],
    "MG403": [
        'op.create_foreign_key("writer", "notes", "people", ["person_id"], ["id"])',
        'op.execute("ALTER TABLE notes ADD FOREIGN KEY (person_id) REFERENCES people")',
    ],
}


@pytest.mark.parametrize(
    ("rule", "code"), [(rule, code) for rule, codes in CONVENED.items() for code in codes], ids=lambda v: v[:24]
)
def test_under_a_convention_validate_names_what_was_added(rule: str, code: str, tmp_path: Path) -> None:
    def convened(code: str, root: Path) -> list[Finding]:
        since = project(Example(code, given=PEOPLE), root, "postgresql")
        metadata = f"import sqlalchemy as sa\n\nTARGET = sa.MetaData(naming_convention={CONVENTION})\n"
        options = ", target_metadata=TARGET, transaction_per_migration=True"
        (root / "migrations" / "env.py").write_text(metadata + ENV.format(options=options))
        asked = Request(
            config=root / "alembic.ini", overrides={"dialect": "postgresql"}, here=root, cache=False, since=since
        )
        return list(run(asked).report.findings)

    [found] = [f for f in convened(code, tmp_path / "bad") if f.code == rule]
    [name] = re.findall(r"VALIDATE CONSTRAINT (\w+)", found.recipe)
    assert f'op.f("{name}")' in found.recipe
    assert not {rule, "MG002", "MG706"} & {f.code for f in convened(found.recipe, tmp_path / "good")}


NAMELESS_DROPS = {
    "what the upgrade made": (
        'op.create_foreign_key(None, "notes", "people", ["person_id"], ["id"])',
        'op.drop_constraint(None, "notes", type_="foreignkey")',
        'op.drop_constraint(op.f("notes_person_id_fkey"), "notes", type_="foreignkey")',
    ),
    "one of several": (
        'op.create_unique_constraint(None, "people", ["email"])\n'
        'op.create_unique_constraint(None, "people", ["email", "id"])',
        'op.drop_constraint(None, "people", type_="unique")',
        "",
    ),
    "nothing": ("pass", 'op.drop_constraint(None, "people", type_="check")', ""),
    "of a batch": (
        'op.create_foreign_key(None, "notes", "people", ["person_id"], ["id"])',
        'with op.batch_alter_table("notes") as batch:\n    batch.drop_constraint(None, type_="foreignkey")',
        'batch.drop_constraint(op.f("notes_person_id_fkey"), type_="foreignkey")',
    ),
    "gone with its column": (
        'op.add_column("notes", sa.Column("other", sa.BigInteger(), sa.ForeignKey("people.id")))',
        'op.drop_column("notes", "other")\nop.drop_constraint(None, "notes", type_="foreignkey")',
        "",
    ),
}


@pytest.mark.parametrize(("up", "down", "recipe"), NAMELESS_DROPS.values(), ids=list(NAMELESS_DROPS))
def test_a_drop_without_a_name_is_given_the_one_that_it_means(up: str, down: str, recipe: str, tmp_path: Path) -> None:
    report = check(Example(up, given=PEOPLE, downgrade=down), "MG709", tmp_path, "postgresql").report
    found = [f for f in report.findings if f.code == "MG709" and "without its name" in f.message]
    assert [f.recipe for f in found] == [recipe]


def nameless(up: str, down: str, root: Path) -> list[Finding]:
    report = check(Example(up, given=PEOPLE, downgrade=down), "MG709", root, "postgresql").report
    return [f for f in report.findings if f.code == "MG709" and "without its name" in f.message]


def test_as_many_drops_as_constraints_are_given_a_name_each(tmp_path: Path) -> None:
    up = 'op.create_unique_constraint(None, "people", ["email"])\nop.create_check_constraint(None, "people", "id > 0")'
    found = nameless(up, 'op.drop_constraint(None, "people")\nop.drop_constraint(None, "people")', tmp_path)
    assert [re.findall(r'f\("(\w+)"', f.recipe) for f in found] == [["people_id_check"], ["people_email_key"]]
    assert [" too, once line 14 is mended" in f.message for f in found] == [False, True]
    assert [f.direction for f in found] == ["downgrade", "downgrade"]


@pytest.mark.parametrize("down", ['op.drop_constraint(None, "people", type_="unique")', "pass"])
def test_a_constraint_and_its_drop_are_given_the_same_name(down: str, tmp_path: Path) -> None:
    up = 'op.create_unique_constraint(None, "people", ["email"])'
    report = check(Example(up, given=PEOPLE, downgrade=down), "MG709", tmp_path, "postgresql").report
    [made, *dropped] = [re.findall(r'f\("(\w+)"', f.recipe) for f in report.findings if f.code == "MG709"]
    assert (made, dropped) == ((["people_email_key"], [made]) if down != "pass" else (["uq_people_email"], []))


def test_what_an_earlier_line_has_taken_along_needs_no_name(tmp_path: Path) -> None:
    up, down, _ = NAMELESS_DROPS["gone with its column"]
    [found] = nameless(up, down, tmp_path)
    assert found.advice == "Leave it out: the constraint is gone with what line 13 drops."


def test_a_handler_that_hides_it_is_told(tmp_path: Path) -> None:
    down = 'try:\n    op.drop_constraint(None, "people", type_="foreignkey")\nexcept:\n    pass'
    [found] = nameless("pass", down, tmp_path)
    assert found.message.endswith("the handler of line 15 hides it: what comes after it in the block is not run.")
    assert found.advice.endswith('op.drop_constraint("fk_…", …, type_="foreignkey")')


def test_what_should_take_the_place_of_a_constraint_has_a_name_that_fits(tmp_path: Path) -> None:
    name = "uq_" + "x" * 60
    given = f"CREATE TABLE people (id bigint, CONSTRAINT {name} UNIQUE (id))"
    found = told("MG311", Example(f'op.drop_constraint("{name}", "people")', given=given), tmp_path)
    [new] = re.findall(r'op\.f\("(\w+)"\)', found.recipe)
    assert (len(new), new[-4:]) == (63, "_new")


OWNER = 'sa.Column("owner", sa.BigInteger(), {}server_default="1")'


@pytest.mark.parametrize("together", [True, False], ids=["with its column", "alone"])
@pytest.mark.parametrize("batch", [True, False], ids=["in a batch", "by itself"])
def test_a_foreign_key_that_comes_with_its_column_is_taken_out_of_it(
    together: bool, batch: bool, tmp_path: Path
) -> None:
    column = OWNER.format('sa.ForeignKey("people.id", name="fk"), ' * together)
    at, start = ("batch_op.", "") if batch else ("op.", '"notes", ')
    key = "" if together else f'{at}create_foreign_key("fk", {start}"people", ["owner"], ["id"])'
    calls = [f"{at}add_column({start}{column})", key]
    if batch:
        calls = ['with op.batch_alter_table("notes") as batch_op:', *(f"    {call}" for call in calls)]
    found = told("MG403", Example("\n".join(calls), given=PEOPLE), tmp_path / "bad")
    assert found.advice.startswith("Add the column without the foreign key, then add it NOT VALID") == together
    assert ('op.add_column("notes"' in found.recipe) == together
    assert "ForeignKey(" not in found.recipe
    if together:
        after = Example(found.recipe, given=PEOPLE, env=("transaction_per_migration",))
        report = check(after, "MG403", tmp_path / "good", "postgresql").report
        assert not {"MG403", "MG002", "MG706"} & {f.code for f in report.findings}


REQUIRED = 'op.alter_column("{}", "{}", nullable=False{})'
MOVED = 'op.rename_table("people", "persons")\n'


@pytest.mark.parametrize(
    ("code", "at", "first"),
    [
        (REQUIRED.format("people", "email", ', new_column_name="mail"'), ("people", "mail"), ""),
        (MOVED + REQUIRED.format("persons", "email", ', new_column_name="mail"'), ("persons", "mail"), ""),
        (REQUIRED.format("people", "email", "") + "\n" + MOVED, ("persons", "email"), ""),
        (MOVED + REQUIRED.format("persons", "email", ""), ("persons", "email"), ""),
        (REQUIRED.format("people", "email", ', server_default="x", type_=sa.String(90)'), ("people", "email"),
         "# what else is done to email here (its type and default) stays, without NOT NULL"),
        (REQUIRED.format("people", "email", "") + '\nop.drop_column("people", "email")', ("people", "email"), ""),
    ],
    ids=["renamed by the same call", "the table before", "the table after", "the table before only", "with its type",
         "dropped after"],
)  # fmt: skip
def test_a_column_is_proven_by_the_names_that_it_has_after_the_revision(
    code: str, at: tuple[str, str], first: str, tmp_path: Path
) -> None:
    given = PEOPLE.replace("email text", "email varchar(80)")
    assert given != PEOPLE
    found = told("MG405", Example(code, given=given), tmp_path / "bad")
    later = at != ("people", "email") and "after this one" in found.advice
    assert later == (at[1] == "mail" or code.endswith(MOVED))
    assert f"op.alter_column({at[0]!r}, {at[1]!r}, nullable=False)".replace("'", '"') in found.recipe
    assert "in a revision of its own" not in found.recipe or not later
    assert first in found.recipe
    if later:
        kept = code.replace("nullable=False, ", "").replace(REQUIRED.format("people", "email", ""), "pass")
        after = Example(found.recipe, given=given, earlier=(kept,), env=("transaction_per_migration",))
        report = check(after, "MG405", tmp_path / "good", "postgresql").report
        assert not {"MG405", "MG002", "MG706"} & {f.code for f in report.findings}
