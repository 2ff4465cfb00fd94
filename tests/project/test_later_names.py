"""Which names of indexes and constraints a later revision drops or renames."""

from pathlib import Path

import pytest

from migguard.history import Mention
from migguard.project.config import find_project
from migguard.project.graph import read_graph
from migguard.project.later_names import later_names
from tests.shadow.project import Project

LATER = {
    "an index": ('op.drop_index("ix", "t")', [("ix", "t")]),
    "by words": ('op.drop_constraint(table_name="t", constraint_name=op.f("uq"))', [("uq", "t")]),
    "in SQL": ('op.execute("DROP INDEX CONCURRENTLY IF EXISTS s.ix")', [("ix", "")]),
    "renamed in SQL": ('op.execute("ALTER INDEX ix RENAME TO other")', [("ix", "")]),
    "in a loop": ('for name in ("ix", "iy"):\n    op.drop_index(name)', [("ix", ""), ("iy", "")]),
    "made": ('op.create_index("ix", "t", ["a"])', []),
}


@pytest.mark.parametrize(("later", "taken"), LATER.values(), ids=list(LATER))
def test_the_names_that_a_later_revision_takes(later: str, taken: list[tuple[str, str]], tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.file("alembic.ini", "[alembic]\nscript_location = migrations\n")
    new = project.revision('op.execute("SELECT 1")')
    after = project.revision(later, 'op.drop_index("back", "t")')
    graph = read_graph(find_project(project.root))
    found = later_names(graph, {new})()
    assert [(m.name, m.table, m.revision) for m in found] == [(*one, after) for one in taken]
    assert all(isinstance(m, Mention) and m.lines for m in found)
    assert later_names(graph, {new, after})() == ()
