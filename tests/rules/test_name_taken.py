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


def checked(code: str, root: Path) -> list[Finding]:
    """All findings."""
    root.mkdir()
    return list(examples.check(Example(code, given=GIVEN), "MG302", root, "postgresql").report.findings)
