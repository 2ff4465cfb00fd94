"""A name that a script imports from another module of the project brings nothing from outside if it is a literal."""

from __future__ import annotations

import pytest

from tests.shadow.project import Project, codes

SHARED = """
import os

PREFIX = "moved"
TYPED: str = "moved"
READ = os.environ.get("PREFIX", "moved")
MADE = "a" + READ
CHANGED = "moved"
if os.environ.get("LATER"):
    CHANGED = os.environ["LATER"]
SET_LATER = "moved"


def change(value):
    global SET_LATER
    SET_LATER = value
"""


@pytest.mark.parametrize(
    ("name", "told"),
    [("PREFIX", False), ("TYPED", False), ("READ", True), ("MADE", True), ("CHANGED", True), ("SET_LATER", True)],
)
@pytest.mark.parametrize("inside", [False, True], ids=["at the top", "in the function"])
def test_a_literal_of_another_module_is_followed(project: Project, name: str, told: bool, inside: bool) -> None:
    project.file("shop/__init__.py", "")
    project.file("shop/shared.py", SHARED)
    line = f"from shop.shared import {name} as used"
    body = 'name = f"{used}_rows"\nop.execute(f"CREATE TABLE {name} (id int)")'
    project.revision(f"{line}\n{body}" if inside else body, top="" if inside else line)
    assert ("MG801" in codes(project.checked())) is told


def test_a_name_that_the_script_binds_again_is_no_literal(project: Project) -> None:
    project.file("shop/__init__.py", "")
    project.file("shop/shared.py", SHARED)
    body = 'for PREFIX in op.get_bind().execute(sa.text("SELECT 1")).scalars():\n    op.execute(f"DROP TABLE {PREFIX}")'
    project.revision(body, top="from shop.shared import PREFIX")
    assert "MG801" in codes(project.checked())


def test_a_literal_of_a_module_that_is_not_there_is_not_known(project: Project) -> None:
    project.revision('op.execute(f"CREATE TABLE {PREFIX}_rows (id int)")', top="from shop.shared import PREFIX")
    assert "MG801" in codes(project.checked())


def test_a_literal_of_a_module_that_could_only_be_imported_in_part_is_one(project: Project) -> None:
    project.file("shop/__init__.py", "")
    project.file("shop/shared.py", "from house_types import Money\nFIRST = Money.kinds[0].name\n" + SHARED)
    project.revision('op.execute(f"CREATE TABLE {PREFIX}_rows (id int)")', top="from shop.shared import PREFIX")
    assert "MG801" not in codes(project.checked())
