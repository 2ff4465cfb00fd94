"""A dropped column whose name another gets is not advised to stay."""

from pathlib import Path

import pytest

from migguard.findings import Finding
from migguard.rules.frame import Example
from tests.rules import examples

pytestmark = pytest.mark.thorough

GIVEN = "CREATE TABLE notes (id bigint PRIMARY KEY, value text NOT NULL, value_old text)"
ADD = 'op.add_column("notes", sa.Column("{}", sa.JSON()))\n'
DROP = 'op.drop_column("notes", "value")\n'
RENAME = 'op.alter_column("notes", "{}", new_column_name="{}")\n'


@pytest.mark.parametrize(
    ("code", "taken"),
    [
        (ADD.format("made") + DROP + RENAME.format("made", "value"), True),
        (DROP + ADD.format("value"), True),
        (ADD.format("made") + DROP + RENAME.format("made", "other"), False),
        (DROP, False),
    ],
)
def test_the_old_column_goes_out_of_the_way(code: str, taken: bool, tmp_path: Path) -> None:
    """The advice runs in the place of the drop: the name is free for the other column."""
    found = [f for f in checked(code, tmp_path / "1") if f.code == "MG302"]
    assert [("cannot be kept under it" in f.advice) for f in found] == [taken]
    assert ("value_old1" in found[0].recipe) is taken
    if taken:
        after = checked(code.replace(DROP, found[0].recipe + "\n"), tmp_path / "2")
        assert not {"MG302", "MG706", "MG002"} & {f.code for f in after}


def test_a_key_to_a_table_that_goes_does_not_stay_with_the_column(tmp_path: Path) -> None:
    """Renaming keeps a foreign key, and the server drops no table that one refers to."""
    given = (
        "CREATE TABLE kinds (id int PRIMARY KEY);"
        "CREATE TABLE notes (id bigint PRIMARY KEY, value int REFERENCES kinds (id), other int REFERENCES kinds (id))"
    )
    drops = 'op.drop_column("notes", "other")\nop.drop_table("kinds")\n'
    code = DROP + ADD.format("value") + drops
    (found,) = [f for f in checked(code, tmp_path / "1", given) if f.code == "MG302" and ".value" in f.message]
    assert "notes_value_fkey" in found.recipe
    after = checked(code.replace(DROP, found.recipe + "\n"), tmp_path / "2", given)
    assert not {"MG706", "MG002"} & {f.code for f in after}


@pytest.mark.parametrize(
    ("drop", "after"),
    [
        ('op.drop_column("notes", "id")\n', 'op.create_primary_key("notes_pkey", "notes", ["code"])\n'),
        ('op.drop_column("notes", "id")\n', 'op.create_primary_key("other", "notes", ["code"])\n'),
        ('op.drop_column("notes", "label")\n', 'op.create_unique_constraint("uq_label", "notes", ["code"])\n'),
        ('op.drop_column("notes", "label")\n', 'op.create_index("ix_label", "notes", ["code"])\n'),
        (
            'op.drop_column("notes", "id")\n',
            'op.add_column("notes", sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()")))\n'
            'op.create_primary_key("notes_pkey", "notes", ["id"])\n',
        ),
    ],
)
def test_what_goes_with_the_column_is_not_in_the_way_when_it_stays(drop: str, after: str, tmp_path: Path) -> None:
    """A table has one primary key, and one constraint or index of a name."""
    given = (
        "CREATE TABLE notes (id bigint CONSTRAINT notes_pkey PRIMARY KEY, code int NOT NULL, "
        "label text CONSTRAINT uq_label UNIQUE); CREATE INDEX ix_label ON notes (label)"
    )
    (found,) = [f for f in checked(drop + after, tmp_path / "1", given) if f.code == "MG302"]
    assert "op.drop_" in found.recipe
    assert "server_default" not in found.recipe
    mended = checked(found.recipe + "\n" + after, tmp_path / "2", given)
    assert not {"MG302", "MG706", "MG002"} & {f.code for f in mended}


def test_the_primary_key_goes_with_a_column_that_gets_out_of_the_way(tmp_path: Path) -> None:
    """No column of a primary key can be NULL, and no INSERT of the running code names it under its new name."""
    given = "CREATE TABLE notes (id bigint, value text, PRIMARY KEY (id, value))"
    (found,) = [f for f in checked(DROP + ADD.format("value"), tmp_path / "1", given) if f.code == "MG302"]
    assert 'op.drop_constraint(op.f("notes_pkey")' in found.recipe
    mended = checked(found.recipe + "\n" + ADD.format("value"), tmp_path / "2", given)
    assert not {"MG302", "MG706", "MG002"} & {f.code for f in mended}


def test_no_values_are_kept_of_a_table_that_was_emptied(tmp_path: Path) -> None:
    """Its column is not renamed out of the way: there is nothing in it to miss."""
    code = 'op.execute("DELETE FROM notes")\n' + DROP + ADD.format("value")
    (found,) = [f for f in checked(code, tmp_path / "1") if f.code == "MG302"]
    assert "no value to keep" in found.advice
    assert not found.recipe


def checked(code: str, root: Path, given: str = GIVEN) -> list[Finding]:
    """All findings."""
    root.mkdir()
    return list(examples.check(Example(code, given=given), "MG302", root, "postgresql").report.findings)


@pytest.mark.parametrize(
    ("after", "taken"),
    [
        ('op.rename_table("notes_made", "notes")', True),
        ('op.create_table("notes", sa.Column("id", sa.BigInteger(), primary_key=True))', True),
        ('op.rename_table("notes_made", "papers")', False),
    ],
)
def test_a_table_whose_name_another_gets_is_not_advised_to_stay_in_use(after: str, taken: bool, tmp_path: Path) -> None:
    make = 'op.create_table("notes_made", sa.Column("id", sa.BigInteger(), primary_key=True))\n'
    [found] = [f for f in checked(f'{make}op.drop_table("notes")\n{after}', tmp_path / "1") if f.code == "MG301"]
    assert ("Another table gets the name notes at line " in found.advice) is taken
    assert ("Stop using notes" in found.advice) is not taken
    done = checked(f"{make}{found.recipe}\n{after.replace('id', 'key')}", tmp_path / "2")
    assert not {"MG301", "MG706", "MG002"} & {f.code for f in done}
