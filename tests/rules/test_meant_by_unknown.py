"""A name that a statement uses of a table that the history never made may be of what the history never saw."""

from dataclasses import replace
from pathlib import Path

import pytest

from migguard.pipeline import run
from tests.rules.test_unknown_index_names import UNKNOWN
from tests.shadow.project import Project

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
