"""A name that a statement uses of a table that the history never made may be of what the history never saw."""

from pathlib import Path

import pytest

from migguard.rules.frame import Example
from tests.rules import examples

KEY = 'op.create_unique_constraint(None, "people", ["app", "person", "scopes"])\n'


@pytest.mark.parametrize(("dropped", "left"), [("uq_people_state", True), ("uq_people_app_person_scopes", False)])
def test_a_drop_means_the_new_key_only_by_its_columns(dropped: str, left: bool, tmp_path: Path) -> None:
    """A key of other columns was there before: the new one stays, and forbids what MG610 says."""
    code = KEY + f'op.drop_constraint("{dropped}", "people", type_="unique")'
    released = ('op.add_column("people", sa.Column("state", sa.Text()))',)
    checked = examples.check(Example(code, released=released), "MG610", tmp_path, "postgresql")
    assert not checked.report.failures
    assert ("MG610" in {f.code for f in checked.report.findings}) is left
