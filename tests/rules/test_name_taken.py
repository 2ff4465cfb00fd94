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


def checked(code: str, root: Path, given: str = GIVEN) -> list[Finding]:
    """All findings."""
    root.mkdir()
    return list(examples.check(Example(code, given=given), "MG302", root, "postgresql").report.findings)
