"""A name that a statement uses of a table that the history never made may be of what the history never saw."""

from dataclasses import replace
from pathlib import Path

import pytest

from migguard.pipeline import run
from tests.rules.test_unknown_index_names import UNKNOWN
from tests.shadow.project import Project

pytestmark = pytest.mark.thorough

KEY = 'op.create_unique_constraint(None, "people", ["app", "person", "scopes"])\n'


@pytest.mark.parametrize(("dropped", "left"), [("uq_people_state", True), ("uq_people_app_person_scopes", False)])
def test_a_drop_means_the_new_key_only_by_its_columns(dropped: str, left: bool, tmp_path: Path) -> None:
    """A key of other columns was there before: the new one stays, and forbids what MG610 says."""
    project = Project(tmp_path)
    project.env(UNKNOWN)
    released = project.revision('op.add_column("people", sa.Column("state", sa.Text()))', "pass")
    project.revision(KEY + f'op.drop_constraint("{dropped}", "people", type_="unique")', "pass")
    report = run(replace(project.request(), everything=False, since=released)).report
    assert not report.failures
    assert ("MG610" in {f.code for f in report.findings}) is left


@pytest.mark.parametrize("length", ["", "length=30"])
def test_a_type_of_a_module_that_is_not_there_is_not_called_by_the_name_of_its_class(
    length: str, tmp_path: Path
) -> None:
    """What it holds is not known: a new type may be too narrow for it, and that is not verified."""
    project = Project(tmp_path)
    table = f'op.create_table("events", sa.Column("id", sa.Integer), sa.Column("name", LongName({length})))'
    released = project.revision(table, "pass", top="from shop_that_is_missing.types import LongName")
    project.revision('op.alter_column("events", "name", type_=sa.String(60))', "pass")
    report = run(replace(project.request(), everything=False, since=released)).report
    [found] = [f for f in report.findings if f.code == "MG705"]
    assert "events.name, whose type is not known here, to character varying(60)" in found.message
    assert "longname" not in found.message.lower()
    assert not found.verified


KEY_GONE = 'op.drop_constraint("fk_people_parent_id_people", "people")\n'


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('op.drop_column("people", "parent_id")', " (unless it is over parent_id, which goes too)"),
        ('op.drop_column("people", "a")\nop.drop_column("people", "b")', " (unless it is over a and b, which go too)"),
        ('op.drop_column("others", "parent_id")', ", and nothing replaces it"),
        ("", ", and nothing replaces it"),
    ],
    ids=["its column", "other columns", "a column of another table", "no column"],
)
def test_an_unknown_constraint_may_go_with_its_column(more: str, words: str, tmp_path: Path) -> None:
    project = Project(tmp_path)
    released = project.revision('op.add_column("people", sa.Column("state", sa.Text()))', "pass")
    project.revision(KEY_GONE + more, "pass")
    report = run(replace(project.request(), everything=False, since=released)).report
    [found] = [f for f in report.findings if f.code == "MG311"]
    assert f"lets in rows that it refused{words}" in found.message
