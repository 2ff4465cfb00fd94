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
    [message] = [f.message for f in report.findings if f.code == "MG204"]
    assert message.endswith(said)
