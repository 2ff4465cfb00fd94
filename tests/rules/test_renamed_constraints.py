"""A foreign key or CHECK that is dropped, and added again under another name."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.rules.frame import Example
from tests.rules.examples import check
from tests.rules.test_fitting_advice import told

pytestmark = pytest.mark.thorough

GIVEN = (
    "CREATE TABLE users (id bigint PRIMARY KEY, code bigint UNIQUE);"
    "CREATE TABLE notes (id bigint PRIMARY KEY, owner_id bigint, "
    "CONSTRAINT fk_old FOREIGN KEY (owner_id) REFERENCES users (id), CONSTRAINT ck_old CHECK (owner_id > 0))"
)
DROP = 'op.drop_constraint("fk_old", "notes", type_="foreignkey")\n'
ADD = 'op.create_foreign_key("fk_new", "notes", "users", ["owner_id"], ["{}"]{})\n'
SAME = ADD.format("id", "")
COLUMN = 'op.drop_column("notes", "owner_id")\nop.add_column("notes", sa.Column("owner_id", sa.BigInteger()))\n'
CHECK = 'op.drop_constraint("ck_old", "notes", type_="check")\nop.create_check_constraint("ck_new", "notes", "{}")\n'
INVALID = (
    GIVEN.replace("REFERENCES users (id),", "REFERENCES users (id) NOT VALID,").replace(
        "CONSTRAINT fk_old FOREIGN KEY (owner_id) REFERENCES users (id) NOT VALID, ", ""
    )
    + ";ALTER TABLE notes ADD CONSTRAINT fk_old FOREIGN KEY (owner_id) REFERENCES users (id) NOT VALID"
)


@pytest.mark.parametrize(
    ("code", "upgrade", "given", "renamed"),
    [
        ("MG403", DROP + SAME, GIVEN, "RENAME CONSTRAINT fk_old TO fk_new"),
        ("MG403", SAME + DROP, GIVEN, "RENAME CONSTRAINT fk_old TO fk_new"),
        ("MG404", CHECK.format("owner_id > 0"), GIVEN, "RENAME CONSTRAINT ck_old TO ck_new"),
        ("MG403", DROP + 'op.rename_table("users", "people")\n' + SAME.replace('"users"', '"people"'), GIVEN,
         "RENAME CONSTRAINT fk_old TO fk_new"),
        ("MG403", DROP + ADD.format("id", ', ondelete="CASCADE"'), GIVEN, ""),
        ("MG403", DROP + ADD.format("code", ""), GIVEN, ""),
        ("MG403", SAME, GIVEN, ""),
        ("MG403", DROP + COLUMN + SAME, GIVEN, ""),
        ("MG403", DROP + SAME, INVALID, ""),
        ("MG404", CHECK.format("owner_id > 1"), GIVEN, ""),
    ],
    ids=["a key", "added first", "a check", "another name of the table", "another action", "another column",
         "the old one stays", "a new column",
         "never validated", "another check"],
)  # fmt: skip
def test_what_differs_in_its_name_alone_is_to_be_renamed(
    tmp_path: Path, code: str, upgrade: str, given: str, renamed: str
) -> None:
    recipe = told(code, Example(upgrade, given=given), tmp_path).recipe or ""
    assert ("RENAME CONSTRAINT" in recipe) == bool(renamed)
    assert renamed in recipe


IF_THERE = 'op.execute("ALTER TABLE notes DROP CONSTRAINT IF EXISTS {}")\n'
KEYS = GIVEN.replace("id bigint PRIMARY KEY, owner_id", "id bigint CONSTRAINT pk_old PRIMARY KEY, owner_id")
PRIMARY = 'op.create_primary_key("pk_new", "notes", ["id"])'


@pytest.mark.parametrize(
    ("code", "dropped", "add", "names"),
    [
        ("MG403", ["fk_old", "fk_older_owner_id"], SAME, ("fk_older_owner_id", "fk_old")),
        ("MG403", ["fk_old", "notes_fk", "fk_owner_id", "ck_owner_id"], SAME, ("fk_owner_id", "fk_old")),
        ("MG403", ["fk_old", "older"], SAME, ("older", "fk_old")),
        ("MG403", ["fk_old", "fk_id", "fk_new"], SAME, None),
        ("MG403", ["fk_old"], SAME, None),
        ("MG404", ["ck_old", "older"], CHECK.partition("\n")[2].format("owner_id > 0"), ("older", "ck_old")),
        ("MG407", ["pk_old", "notes_pkey"], PRIMARY, ("notes_pkey", "pk_old")),
    ],
    ids=["by its column", "of the same column", "of no column", "of another column", "alone", "a check", "a key"],
)
def test_what_is_dropped_under_several_names_is_renamed_under_the_one_that_it_has(
    tmp_path: Path, code: str, dropped: list[str], add: str, names: tuple[str, ...] | None
) -> None:
    """`DROP CONSTRAINT IF EXISTS` of a name that no revision makes is there for a database that has it."""
    body = "".join(IF_THERE.format(name) for name in dropped) + add
    recipe = told(code, Example(body, given=KEYS), tmp_path / "bad").recipe
    assert "RENAME CONSTRAINT" in recipe
    assert ("for name in" in recipe) == (names is not None)
    if names is not None:
        assert f"for name in {names!r}".replace("'", '"') in recipe
        after = check(Example(recipe, given=KEYS), code, tmp_path / "good", "postgresql").report
        assert not {code, "MG002", "MG706"} & {f.code for f in after.findings}


def test_reads_of_the_table_that_a_dropped_key_referred_to_wait_too(tmp_path: Path) -> None:
    """Dropping a foreign key takes ACCESS EXCLUSIVE on both tables, which the transaction then holds."""
    both = told("MG403", Example(DROP + SAME, given=GIVEN), tmp_path / "a")
    alone = told("MG403", Example(SAME, given=GIVEN), tmp_path / "b")
    assert "while reads and writes of notes and users wait" in both.message
    assert "ACCESS EXCLUSIVE lock on users, held since" in (both.lock or "")
    assert "while writes to notes and users wait" in alone.message


@pytest.mark.parametrize("dropped", [False, True])
def test_a_dropped_constraint_of_a_table_that_no_revision_made_may_be_the_old_key(
    tmp_path: Path, dropped: bool
) -> None:
    code = 'op.execute("ALTER TABLE visits DROP CONSTRAINT fk_visit")\n' * dropped + (
        'op.create_foreign_key("fk_visits_user", "visits", "users", ["user_id"], ["id"])'
    )
    met = "op.execute('ALTER TABLE visits ADD COLUMN user_id bigint')"
    finding = told("MG403", Example(code, given=GIVEN, released=(met,)), tmp_path / "other")
    assert (
        "(reads wait too for a table that fk_visit, dropped before, referred to)" in (finding.lock or "")
    ) == dropped
    assert ("RENAME CONSTRAINT fk_visit TO fk_visits_user" in finding.advice) == dropped
    again = told(
        "MG403", Example(code.replace("fk_visits_user", "fk_visit"), released=(met,), given=GIVEN), tmp_path / "a"
    )
    assert "RENAME CONSTRAINT" not in again.advice


@pytest.mark.parametrize("name", ["uq_visits", "visits_ck", "visits_owner"])
def test_what_is_not_called_like_a_foreign_key_is_perhaps_none(tmp_path: Path, name: str) -> None:
    code = f'op.drop_constraint("{name}", "visits")\n' + ADD.format("id", "").replace("notes", "visits")
    met = "op.execute('ALTER TABLE visits ADD COLUMN owner_id bigint')"
    lock = told("MG403", Example(code, given=GIVEN, released=(met,)), tmp_path).lock or ""
    assert lock.endswith(
        f"(if {name}, dropped before, was a foreign key, reads wait too for the table that it referred to)"
    )


@pytest.mark.parametrize(
    ("dropped", "added", "hint"),
    [
        (("ck_a", "ck_b"), ("ck_c",), "If ck_b, which the revision drops,"),
        (("ck_a", "ck_b"), ("ck_c", "ck_b"), "If ck_a, which the revision drops,"),
        (("ck_a", "ck_b"), ("ck_b", "ck_a"), ""),
        (("ck_a", "ck_b"), ("ck_b",), ""),
        (("ck_a",), ("ck_c", "ck_a"), ""),
    ],
    ids=["another name", "one of them again", "both again", "a new name that is dropped too", "again afterwards"],
)
def test_what_is_dropped_and_made_again_under_its_name_is_not_renamed(
    tmp_path: Path, dropped: tuple[str, ...], added: tuple[str, ...], hint: str
) -> None:
    code = "".join(f'op.drop_constraint("{name}", "visits")\n' for name in dropped) + "".join(
        f'op.create_check_constraint("{name}", "visits", "owner_id > {i}")\n' for i, name in enumerate(added)
    )
    met = "op.execute('ALTER TABLE visits ADD COLUMN owner_id bigint')"
    found = check(Example(code, given=GIVEN, released=(met,)), "MG404", tmp_path, "postgresql").report.findings
    first = next(f for f in found if f.code == "MG404").advice
    assert ("differs in its name alone" in first) == bool(hint)
    assert hint in first


BENEATH = 'op.drop_constraint("users_code_key", "users", type_="unique")\n'
CODED = GIVEN.replace("REFERENCES users (id)", "REFERENCES users (code)")


@pytest.mark.parametrize(
    ("between", "lines"),
    [
        ("", ("fk_old TO fk_new",)),
        (BENEATH + 'op.create_unique_constraint("uq_code", "users", ["code"])\n',
         ("fk_old TO fk_new", "users_code_key TO uq_code")),
        (BENEATH + 'op.create_index("uq_code", "users", ["code"], unique=True)\n',
         ()),
    ],
    ids=["its key stays", "its key is renamed too", "its key is another then"],
)  # fmt: skip
def test_a_key_that_a_renamed_foreign_key_rests_on_is_renamed_along(
    tmp_path: Path, between: str, lines: tuple[str, ...]
) -> None:
    code = DROP + between + ADD.format("code", "")
    recipe = told("MG403", Example(code, given=CODED), tmp_path / "bad").recipe
    assert (
        tuple(line.partition("RENAME CONSTRAINT ")[2][:-2] for line in recipe.split("\n") if "RENAME" in line) == lines
    )
    if lines:
        after = check(Example(recipe, given=CODED), "MG403", tmp_path / "good", "postgresql").report
        assert not {"MG403", "MG002", "MG706"} & {f.code for f in after.findings}


AGAIN = 'op.create_foreign_key("fk_old", "notes", "users", ["owner_id"], ["id"])\n'
REQUIRED = 'op.alter_column("notes", "owner_id", nullable=False)\n'


@pytest.mark.parametrize(
    ("between", "left"),
    [
        (REQUIRED, True),
        (REQUIRED + 'op.execute("UPDATE others SET id = 1")\n', True),
        ('op.rename_table("users", "people")\n', True),
        ('op.execute("UPDATE notes SET owner_id = 1")\n', False),
        ('op.execute("DELETE FROM users WHERE id = 1")\n', False),
        ('op.alter_column("users", "id", type_=sa.Text())\n', False),
        ('op.execute("DO $$ BEGIN EXECUTE format(\'SELECT 1\'); END $$")\n', False),
        ('op.drop_constraint("users_pkey", "users")\nop.create_primary_key("users_pkey", "users", ["id", "code"])\n'
         'op.create_unique_constraint("uq_users", "users", ["id"])\n', False),
    ],
    ids=["NOT NULL", "rows elsewhere", "the other table is renamed", "its rows", "the other table's rows", "a type",
         "what is not read", "the key beneath it"],
)  # fmt: skip
def test_what_is_added_again_as_it_was_is_left_in_place(between: str, left: bool, tmp_path: Path) -> None:
    again = AGAIN.replace('"users"', '"people"') if "people" in between else AGAIN
    given = GIVEN + ";CREATE TABLE others (id bigint)"
    report = check(Example(DROP + between + again, given=given), "MG403", tmp_path, "postgresql").report
    for found in (f for f in report.findings if f.code == "MG403"):
        advice = found.advice
        assert advice.startswith("Leave fk_old in place: what is done between line ") == left
        assert bool(found.recipe) != left
    assert any(f.code == "MG403" for f in report.findings) or "Text" in between


def test_another_key_of_the_same_name_is_not_left(tmp_path: Path) -> None:
    code = DROP + AGAIN.replace('["id"])', '["id"], ondelete="CASCADE")')
    assert "Leave fk_old" not in told("MG403", Example(code, given=GIVEN), tmp_path).advice
    check_again = CHECK.format("owner_id > 0").replace("ck_new", "ck_old")
    assert "Leave ck_old in place" in told("MG404", Example(check_again, given=GIVEN), tmp_path / "check").advice


INDEXED = GIVEN.replace("code bigint UNIQUE", "code bigint").replace("REFERENCES users (id)", "REFERENCES users (code)")
UNIQUE = "CREATE UNIQUE INDEX ix_old ON users (code);"
AFTER = UNIQUE + "CREATE TABLE notes"


@pytest.mark.parametrize(
    ("given", "between", "add", "line"),
    [
        (GIVEN, 'op.drop_constraint("users_pkey", "users")\nop.create_primary_key("pk_users", "users", ["id"])\n',
         AGAIN,
         "ALTER TABLE users RENAME CONSTRAINT users_pkey TO pk_users"),
        (INDEXED.replace("CREATE TABLE notes", AFTER),
         'op.drop_index("ix_old", "users")\nop.create_index("ix_new", "users", ["code"], unique=True)\n',
         AGAIN.replace('["id"]', '["code"]'), "ALTER INDEX ix_old RENAME TO ix_new"),
    ],
    ids=["a key", "an index"],
)  # fmt: skip
def test_what_a_key_that_is_left_rests_on_is_renamed(
    given: str, between: str, add: str, line: str, tmp_path: Path
) -> None:
    found = told("MG403", Example(DROP + between + add, given=given), tmp_path / "bad")
    assert found.advice.startswith("Leave fk_old in place: ")
    assert line in found.recipe
    after = check(Example(found.recipe, given=given), "MG403", tmp_path / "good", "postgresql").report
    assert not {"MG403", "MG002", "MG706"} & {f.code for f in after.findings}


KEPT = 'op.create_check_constraint("ck_old", "notes", "owner_id > 0")\n'
CHECKED = 'op.drop_constraint("ck_old", "notes", type_="check")\n{}' + KEPT
WRITE = 'op.execute("UPDATE notes SET owner_id = {}")\n'
OTHER = 'op.execute("UPDATE notes SET id = id + 1")\n'
LOOPED = 'for n in (1, 2):\n    op.execute(f"UPDATE notes SET owner_id = owner_id + {n}")\n'
DELETE = 'op.execute("DELETE FROM notes WHERE owner_id = 7")\n'


@pytest.mark.parametrize(
    ("between", "left"),
    [
        (OTHER, True), (OTHER + OTHER, True), (WRITE.format(3) + OTHER, True),
        (WRITE.format(-3) + WRITE.format(3), False),
        (LOOPED, False), (WRITE.format(-3) + DELETE, False),
        (f"def write():\n    {WRITE.format(3)}write()\nwrite()\n", False),
    ],
    ids=["another column", "another column twice", "its column", "its column twice", "in a loop", "and deleted",
         "in a function of its own"],
)  # fmt: skip
def test_an_update_that_a_check_lets_through_does_not_need_it_away(between: str, left: bool, tmp_path: Path) -> None:
    """What holds when the check is added again held since its columns were written last."""
    found = told("MG404", Example(CHECKED.format(between), given=GIVEN), tmp_path)
    assert found.advice.startswith("Leave ck_old in place") == left


def test_an_update_of_other_columns_does_not_need_a_key_away(tmp_path: Path) -> None:
    found = told("MG403", Example(DROP + OTHER + AGAIN, given=GIVEN), tmp_path)
    assert found.advice.startswith("Leave fk_old in place")


ROW_LOOP = """
bind = op.get_bind()
for row in bind.execute(sa.text("SELECT id, code FROM users")):
    bind.execute(sa.text("UPDATE users SET id = :code WHERE id = :id"), {"id": row.id, "code": row.code})
"""


@pytest.mark.parametrize(
    ("code", "left"),
    [
        (DROP + ROW_LOOP + AGAIN, False),
        (ROW_LOOP + DROP + AGAIN, True),
        (DROP + AGAIN + ROW_LOOP, True),
        (DROP + 'for name in ("a", "b"):\n    op.execute(f"COMMENT ON TABLE users IS \'{name}\'")\n' + AGAIN, True),
    ],
    ids=["between", "before", "after", "a loop that ran"],
)
def test_a_loop_over_rows_may_need_a_key_away(code: str, left: bool, tmp_path: Path) -> None:
    """A replay has no rows: what the loop writes is in no statement."""
    found = told("MG403", Example(code, given=GIVEN), tmp_path)
    assert found.advice.startswith("Leave fk_old in place") == left


MADE = AGAIN.replace("fk_old", "fk_made")
UNMADE = DROP.replace("fk_old", "fk_made")
ANEW = 'op.drop_column("notes", "owner_id")\nop.add_column("notes", sa.Column("owner_id", sa.BigInteger()))\n'


@pytest.mark.parametrize(
    ("between", "left"),
    [
        ("", True),
        (REQUIRED, True),
        (ANEW, False),
        ('op.alter_column("notes", "owner_id", type_=sa.Integer())\n', False),
    ],
    ids=["nothing", "NOT NULL", "another column of the name", "a type"],
)
def test_a_key_of_an_earlier_revision_of_the_range_is_left_in_place_too(
    between: str, left: bool, tmp_path: Path
) -> None:
    example = Example(UNMADE + between + MADE, given=GIVEN, earlier=(MADE,))
    report = check(example, "MG403", tmp_path, "postgresql").report
    found = [f.advice.startswith("Leave fk_made in place") for f in report.findings if f.code == "MG403"]
    assert found[-1] == left


WHOLE = (
    "CREATE TABLE bins (id bigint, code bigint NOT NULL, note text, CONSTRAINT pk_bins PRIMARY KEY (id), "
    "CONSTRAINT uq_bins UNIQUE (code))"
)
UNIQUE_GONE = 'op.drop_constraint("uq_bins", "bins")\n'
UNIQUE_BACK = 'op.create_unique_constraint("uq_bins", "bins", ["code"]{})\n'
KEY_GONE = 'op.drop_constraint("pk_bins", "bins")\n'
KEY_BACK = 'op.create_primary_key("pk_bins", "bins", ["id"])\n'
NOTED = 'op.execute("UPDATE bins SET note = upper(note)")\n'


@pytest.mark.parametrize(
    ("code", "upgrade", "left"),
    [
        ("MG406", UNIQUE_GONE + UNIQUE_BACK.format(""), True),
        ("MG406", UNIQUE_GONE + NOTED + UNIQUE_BACK.format(""), True),
        ("MG406", UNIQUE_GONE + NOTED.replace("note = upper(note)", "code = 1 - code") + UNIQUE_BACK.format(""), False),
        ("MG406", UNIQUE_GONE + UNIQUE_BACK.format(', postgresql_nulls_not_distinct=True'), False),
        ("MG406", UNIQUE_GONE + UNIQUE_BACK.format(", deferrable=True"), False),
        ("MG407", KEY_GONE + NOTED + KEY_BACK, True),
        ("MG407", KEY_GONE + 'op.alter_column("bins", "id", nullable=True)\n' + KEY_BACK, False),
    ],
    ids=["unique", "other columns are written", "its column is written", "NULLs are equal", "it is deferrable",
         "primary", "it may be NULL meanwhile"],
)  # fmt: skip
def test_a_key_that_is_added_again_as_it_was_is_left_in_place(
    code: str, upgrade: str, left: bool, tmp_path: Path
) -> None:
    found = told(code, Example(upgrade, given=WHOLE), tmp_path)
    assert found.advice.startswith("Leave ") == left
    assert not (left and (found.recipe or found.fixable))
