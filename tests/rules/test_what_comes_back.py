"""MG204 says what stands in the rows that the downgrade brings back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from migguard.pipeline import run
from tests.shadow.project import Project

pytestmark = pytest.mark.thorough

BACK = 'op.add_column("members", sa.Column("fax", sa.Text()))'


@pytest.mark.parametrize(
    ("downgrade", "said"),
    [
        (BACK, "back empty."),
        (BACK.replace("sa.Text()", 'sa.Text(), server_default="-"'), "back with its default in every row."),
        (BACK.replace("sa.Text()", "sa.Text(), nullable=False"), "it is NOT NULL and has no default."),
        (f"{BACK}\nop.execute(\"UPDATE members SET fax = '-'\")", "back with one value in every row."),
        (f'{BACK}\nop.execute("UPDATE members SET fax = NULL")', "back empty."),
    ],
)
def test_what_stands_in_the_rows(tmp_path: Path, downgrade: str, said: str) -> None:
    project = Project(tmp_path)
    released = project.revision('op.execute("CREATE TABLE members (id bigint PRIMARY KEY, fax text)")')
    project.revision('op.drop_column("members", "fax")', downgrade)
    report = run(replace(project.request(), everything=False, since=released)).report
    [found] = [f for f in report.findings if f.code == "MG204"]
    assert found.message.endswith(said)
    assert "Or say that there is no way back" in found.advice


GIVEN = 'op.execute("CREATE TABLE members (id bigint PRIMARY KEY, fax text)")'
KEPT = 'op.execute("CREATE TABLE faxes AS SELECT id, fax FROM members")'
FILLS = 'op.execute("UPDATE members SET fax = f.fax FROM faxes f WHERE f.id = members.id")'
UNREAD = 'op.execute("FILL AGAIN members (fax)")'
LOOP = """conn = op.get_bind()
for row in conn.execute(sa.text("SELECT id, fax FROM faxes")):
    conn.execute(sa.text("UPDATE members SET fax = :f WHERE id = :i"), {"f": row.fax, "i": row.id})
"""
EARLIER = {
    "filled by an earlier one's": ((KEPT, FILLS), "", None),
    "filled by an earlier one's, behind one that does nothing": ((KEPT, FILLS), "pass", None),
    "filled in a loop of an earlier one's": ((KEPT, LOOP), "", None),
    "perhaps filled by an earlier one's": ((KEPT, UNREAD), "", "unless the downgrade of {}, which runs after it,"),
    "behind a way back that ends": ((KEPT, FILLS), "raise NotImplementedError('no')", "back empty."),
    "not filled": ((KEPT, 'op.drop_table("faxes")'), "", "back empty."),
    "filled with one constant": ((KEPT, "op.execute(\"UPDATE members SET fax = '-'\")"), "", "back empty."),
}


@pytest.mark.parametrize(("earlier", "between", "said"), EARLIER.values(), ids=list(EARLIER))
def test_what_the_way_back_fills_later_is_not_lost(
    tmp_path: Path, earlier: tuple[str, str], between: str, said: str | None
) -> None:
    """The downgrades of a deployment run in the reverse order of its upgrades."""
    project = Project(tmp_path)
    released = project.revision(GIVEN)
    first = project.revision(*earlier)
    if between:
        project.revision('op.execute("SELECT 1")', between)
    project.revision('op.drop_column("members", "fax")', BACK)
    report = run(replace(project.request(), everything=False, since=released)).report
    found = [f for f in report.findings if f.code == "MG204"]
    assert bool(found) == (said is not None)
    assert all(said is None or said.format(first) in f.message for f in found)
    assert all(
        (f.advice == "Fill it in downgrade() from what the upgrade has copied, before that goes there.") for f in found
    )
    assert all(f.message.endswith("What was copied to faxes before is kept.") for f in found)
