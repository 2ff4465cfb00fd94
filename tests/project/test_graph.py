"""The revision graph: what the files say, each for itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.errors import ScopeError
from migguard.project.config import find_project
from migguard.project.graph import Graph, read_graph
from tests.cli.projects import BLOCKING, UNBLOCK, Done, Project

HEADER = "revision = {0!r}\ndown_revision = {1!r}\n{2}\ndef upgrade(): pass\ndef downgrade(): pass\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Without a revision."""
    made = Project(tmp_path).lay_out()
    (tmp_path / "migrations/versions/a1a1_x.py").unlink()
    return made


def graph(project: Project, **parents: str | tuple[str, ...] | None) -> Graph:
    """The graph of revisions with these parents."""
    for name, parent in parents.items():
        plain(project, name, parent)
    return read_graph(find_project(project.root))


def plain(project: Project, name: str, parent: str | tuple[str, ...] | None, more: str = "") -> None:
    project.write(f"migrations/versions/{name}_x.py", HEADER.format(name, parent, more))


def checked(project: Project, *which: str) -> Done:
    return project.run("check", *(which or ("--all",)), "--format", "json")


def messages(done: Done, code: str) -> list[str]:
    return [f["message"] for f in done.report["findings"] if f["code"] == code]


# --- reading ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        'revision = "b2"\ndown_revision = "a1"\n',
        'revision: str = "b2"\ndown_revision: str | None = "a1"\n',
        'from typing import Union\nrevision: str = "b2"\ndown_revision: Union[str, None] = "a1"\n',
        "revision = 'b' + '2'\ndown_revision = ('a1',)\n",
        "revision = down = 'b2'\ndown_revision = ['a1']\n",
        "THIS = 'b2'\nrevision = THIS\ndown_revision = 'a1'\n",
        "\ufeffrevision = 'b2'\r\ndown_revision = 'a1'\r\n",
        "if True:\n    revision = 'b2'\n    down_revision = 'a1'\n",
        "from pathlib import Path\nrevision = Path(__file__).stem.split('_')[0]\ndown_revision = 'a1'\n",
        "def upgrade(): pass\nrevision = 'b2'\ndown_revision = 'a1'\n",
        "revision, down_revision = 'b2', 'a1'\n",
        "globals().update(revision='b2', down_revision='a1')\n",
    ],
)
def test_an_id_is_read_however_it_is_written(project: Project, source: str) -> None:
    plain(project, "a1", None)
    bodies = "\ndef upgrade(): pass\ndef downgrade(): pass\n"
    project.write("migrations/versions/b2_x.py", source + bodies)
    done = checked(project)
    assert done.code == 0
    assert [(r["revision"], r["down_revision"]) for r in done.report["revisions"]] == [("a1", []), ("b2", ["a1"])]


def test_ids_from_a_module_of_the_project(project: Project) -> None:
    project.write(
        "alembic.ini", (project.root / "alembic.ini").read_text() + "prepend_sys_path = .\npath_separator = os\n"
    )
    project.write("ids.py", "FIRST = 'a1'\n")
    project.write(
        "migrations/versions/a.py", "from ids import FIRST as revision\ndown_revision = None\ndef upgrade(): pass\n"
    )
    plain(project, "b2", "a1")
    assert [r["revision"] for r in checked(project).report["revisions"]] == ["a1", "b2"]


def test_an_id_of_a_module_that_is_not_installed_is_no_guess(project: Project) -> None:
    project.write("migrations/versions/a.py", "from no_such.ids import revision\ndown_revision = None\n")
    done = checked(project)
    assert done.code == 3
    assert "MG001" in done.codes


def test_a_file_without_an_id_is_told_because_alembic_stops_at_it(project: Project) -> None:
    plain(project, "a1", None)
    project.write("migrations/versions/helper.py", "def add_audit_columns(): ...\n")
    done = checked(project)
    assert done.code == 3
    [finding] = [f for f in done.report["findings"] if f["code"] == "MG001"]
    assert (finding["path"], finding["line"]) == ("migrations/versions/helper.py", 1)
    assert "no `revision`" in finding["message"]


def test_a_file_named_by_its_id_needs_not_say_it(project: Project) -> None:
    """As in the first releases of Alembic."""
    project.write("migrations/versions/1a2b.py", "down_revision = None\ndef upgrade(): pass\n")
    assert [r["revision"] for r in checked(project).report["revisions"]] == ["1a2b"]


def test_one_broken_file_does_not_hide_the_others(project: Project) -> None:
    project.revision("a1", None, 'op.create_table("users", sa.Column("email", sa.Text()))', 'op.drop_table("users")')
    project.write("migrations/versions/broken.py", "revision = 'x'\ndef upgrade(:\n")
    project.write("migrations/versions/torn.py", b"revision = '\xff'\n")
    project.revision("b2", "a1", BLOCKING, UNBLOCK)
    done = checked(project)
    assert done.code == 3
    assert {(f["path"], f["line"]) for f in done.report["findings"] if f["code"] == "MG001"} == {
        ("migrations/versions/broken.py", 2),
        ("migrations/versions/torn.py", 1),
    }
    assert [r["revision"] for r in done.report["revisions"]] == ["a1", "b2"]


# --- shapes -------------------------------------------------------------------------------------------------------


def test_branches_and_a_merge(project: Project) -> None:
    found = graph(project, a=None, b="a", c="a", d=("b", "c"), e="d")
    assert found.heads == ["e"]
    assert found.bases == ["a"]
    assert found.order.index("d") == 3
    assert found.ancestors("d") == {"a", "b", "c"}
    assert found.descendants("a") == {"b", "c", "d", "e"}
    assert "MG101" not in checked(project).codes


def test_labelled_branches_have_a_head_each(project: Project) -> None:
    plain(project, "a1", None, "branch_labels = ('shop',)")
    plain(project, "b1", None, "branch_labels = 'billing'")
    plain(project, "a2", "a1")
    plain(project, "b2", "b1")
    found = read_graph(find_project(project.root))
    assert found.labels("a2") == {"shop"}
    assert found.resolve("billing@head") == ["b2"]
    assert found.resolve("shop@heads") == ["a2"]
    assert found.resolve("shop@a1") == ["a1"]
    assert checked(project).codes.isdisjoint({"MG101", "MG108"})


def test_two_heads_of_one_branch(project: Project) -> None:
    plain(project, "a1", None, "branch_labels = ('shop',)")
    graph(project, a2="a1", a3="a1")
    assert messages(checked(project), "MG101") == ["There are 2 heads of the branch shop: a2 and a3."]


def test_a_dependency_runs_first_and_is_no_parent(project: Project) -> None:
    plain(project, "a1", None, "branch_labels = ('shop',)")
    plain(project, "b1", None, "branch_labels = ('billing',)\ndepends_on = 'a2'")
    plain(project, "a2", "a1")
    found = read_graph(find_project(project.root))
    assert found.order == ["a1", "a2", "b1"]
    assert set(found.heads) == {"a2", "b1"}
    assert found.above("b1") == ("a2",)


@pytest.mark.parametrize(("name", "found"), [("a2a2b3", True), ("shop", True), ("a2a2", False)])
def test_a_dependency_is_an_id_in_full_or_a_label(project: Project, name: str, found: bool) -> None:
    plain(project, "a2a2b3", None, "branch_labels = ('shop',)")
    plain(project, "b1", None, f"depends_on = ({name!r},)")
    read = read_graph(find_project(project.root))
    assert read.dependencies("b1") == (("a2a2b3",) if found else ())
    assert bool(read.missing) is not found


def test_a_branch_label_that_is_taken_is_a_finding(project: Project) -> None:
    plain(project, "a1", None, "branch_labels = ('shop', 'b1')")
    plain(project, "b1", None, "branch_labels = ('shop',)")
    assert sorted(m.partition(":")[0] for m in messages(checked(project), "MG104")) == [
        "b1 is the name of b1 and a1",
        "shop is the name of a1 and b1",
    ]


def test_a_missing_parent_is_a_finding_with_the_nearest_id(project: Project) -> None:
    graph(project, a1a1=None, b2b2="a1a2")
    done = checked(project)
    assert done.code == 3
    [message] = messages(done, "MG103")
    assert "a1a2" in message
    assert "a1a1" in message


def test_a_missing_dependency_is_a_finding(project: Project) -> None:
    plain(project, "a1a1", None, "depends_on = 'zzzz'")
    done = checked(project)
    assert done.code == 3
    assert len(messages(done, "MG103")) == 1


def test_a_loop_is_a_finding_that_names_it(project: Project) -> None:
    graph(project, a="b", b="c", c="a", d=None)
    done = checked(project)
    assert done.code == 3
    [message] = messages(done, "MG105")
    assert all(name in message for name in "abc")


def test_a_revision_that_is_its_own_parent(project: Project) -> None:
    graph(project, a="a")
    assert "MG105" in checked(project).codes


def test_a_duplicate_is_a_finding_that_names_both_files(project: Project) -> None:
    plain(project, "a1", None)
    project.write("migrations/versions/copy.py", HEADER.format("a1", None, ""))
    [message] = messages(checked(project), "MG104")
    assert "a1_x.py" in message
    assert "copy.py" in message


def test_two_bases(project: Project) -> None:
    graph(project, a1=None, b1=None)
    assert {"MG101", "MG108"} <= checked(project).codes


def test_two_bases_that_a_merge_joins_are_two_histories_put_together(project: Project) -> None:
    graph(project, a1=None, b1=None, c1=("a1", "b1"), d1="c1", d2="c1", e1=("d1", "d2"))
    assert messages(checked(project), "MG108") == ["There are 2 revisions without a parent: a1 and b1, which c1 joins."]
    graph(project, f1=None)
    assert messages(checked(project), "MG108") == ["There are 3 revisions without a parent: a1, b1 and f1."]
    graph(project, g1=("a1", "f1"))
    assert messages(checked(project), "MG108") == ["There are 3 revisions without a parent: a1, b1 and f1."]


def test_two_bases_that_are_both_released_are_left_alone_and_a_new_one_is_not(project: Project) -> None:
    graph(project, a1=None, b1=None, c1=("a1", "b1"), d1="c1")
    assert "MG108" not in checked(project, "--since", "c1").codes
    graph(project, e1=None)
    assert messages(checked(project, "e1"), "MG108") == ["There are 3 revisions without a parent: a1, b1 and e1."]


def test_a_long_history_is_read_without_recursion(project: Project) -> None:
    found = graph(project, r0=None, **{f"r{n}": f"r{n - 1}" for n in range(1, 1500)})
    assert found.heads == ["r1499"]
    assert found.cycles == []
    assert len(found.ancestors("r1499")) == 1499


# --- words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("c3c3", ["c3c3"]),
        ("c3", ["c3c3"]),
        ("head", ["d4d4"]),
        ("heads", ["d4d4"]),
        ("base", []),
        ("head-1", ["c3c3"]),
        ("-1", ["c3c3"]),
        ("b2b2+1", ["c3c3"]),
        ("d4d4-3", ["a1a1"]),
    ],
)
def test_what_a_word_means(project: Project, word: str, meant: list[str]) -> None:
    found = graph(project, a1a1=None, b2b2="a1a1", c3c3="b2b2", d4d4="c3c3")
    assert found.resolve(word) == meant


@pytest.mark.parametrize("word", ["zz", "", "nope@head", "a"])
def test_a_word_that_means_nothing_or_too_much(project: Project, word: str) -> None:
    with pytest.raises(ScopeError):
        graph(project, a1a1=None, a2a2="a1a1").resolve(word)
