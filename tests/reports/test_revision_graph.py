"""The revision graph as it is drawn."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from migguard.graphview import GraphView, view
from migguard.project.config import find_project
from migguard.project.graph import read_graph
from migguard.project.scope import Scope
from migguard.reports import revision_graph
from migguard.reports.revision_graph_svg import drawing


def laid_out(
    root: Path, *revisions: tuple[str, object], new: set[str] | None = None, unfolded: bool = False
) -> GraphView:
    """The view of a history given as (revision, parents)."""
    versions = root / "migrations" / "versions"
    versions.mkdir(parents=True, exist_ok=True)
    (root / "migrations" / "env.py").write_text("")
    (root / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n")
    for name, parents in revisions:
        (versions / f"{name}.py").write_text(f'"""about {name}"""\nrevision = {name!r}\ndown_revision = {parents!r}\n')
    graph = read_graph(find_project(root, root / "alembic.ini"))
    return view(graph, Scope(frozenset(new or ()), "since x"), unfolded=unfolded)


def text(found: GraphView) -> list[str]:
    """The drawing's lines, without what a terminal would add."""
    return [line.plain.rstrip() for line in revision_graph.lines(found)]


def test_branches_part_and_merges_join(tmp_path: Path) -> None:
    """A merge opens a lane for its second parent; lanes end where their common parent stands."""
    found = laid_out(tmp_path, ("a1", None), ("b1", "a1"), ("c1", "a1"), ("d1", ("b1", "c1")), new={"c1", "d1"})
    assert text(found) == [
        "◆   d1 new head merge  about d1",
        "├─╮",
        "● │ b1  about b1",
        "│ ◆ c1 new  about c1",
        "├─╯",
        "●   a1  about a1",
    ]


def test_a_long_straight_run_of_old_revisions_is_one_row(tmp_path: Path) -> None:
    """Five hundred revisions fit a screen: the ends, and how many lie between; unfolded, each has its row."""
    names = [f"r{i:03d}" for i in range(500)]
    history = [(name, names[i - 1] if i else None) for i, name in enumerate(names)]
    found = laid_out(tmp_path, *history, new={"r499"})
    assert text(found) == [
        "◆ r499 new head  about r499",
        "┊ 498 revisions, r001 to r498",
        "● r000  about r000",
    ]
    assert len(laid_out(tmp_path, new={"r499"}, unfolded=True).rows) == 500


def test_a_broken_history_is_drawn_as_it_is(tmp_path: Path) -> None:
    """A parent that no file defines has a row of its own, and so have the members of a loop."""
    found = laid_out(tmp_path, ("b1", "gone"), ("x1", "y1"), ("y1", "x1"))
    assert "✗ gone  no file defines it" in [line.replace("│ ", "").strip() for line in text(found)]
    assert {n.id: n.problem for n in found.nodes if n.problem} == {
        "gone": "no file defines it",
        "x1": "on a loop",
        "y1": "on a loop",
    }


def test_the_drawing_is_one_well_formed_svg(tmp_path: Path) -> None:
    """Messages are text there, whatever they hold; nothing is loaded from elsewhere."""
    found = laid_out(tmp_path, ("a1", None))
    (tmp_path / "migrations" / "versions" / "b1.py").write_text(
        '"""<script>alert(1)</script> & co"""\nrevision = "b1"\ndown_revision = "a1"\n'
    )
    found = laid_out(tmp_path)
    tree = ET.fromstring(drawing(found))
    labels = [node.text for node in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert labels == ["b1  head  <script>alert(1)</script> & co", "a1  about a1"]
    assert not [n for n in tree.iter() if "href" in "".join(n.attrib)]


@pytest.mark.parametrize("message", ['say "no"', "a]b[c", "x;y", "end"])
def test_a_message_cannot_end_its_label_in_mermaid(message: str, tmp_path: Path) -> None:
    """What would end a label, or a line, is written as an entity."""
    laid_out(tmp_path, ("a1", None))
    (tmp_path / "migrations" / "versions" / "b1.py").write_text(
        f"'''{message}'''\nrevision = 'b1'\ndown_revision = 'a1'\n"
    )
    drawn = revision_graph.mermaid(laid_out(tmp_path))
    [line] = [line for line in drawn.splitlines() if "b1<br/>" in line]
    assert line.count('"') == 2
    assert not set(line.partition("<br/>")[2].rpartition('"')[0]) & set('"[]')


def test_the_json_names_what_is_new_and_what_is_folded(tmp_path: Path) -> None:
    """Programs get the same rows."""
    history = [(f"r{i}", f"r{i - 1}" if i else None) for i in range(8)]
    document = json.loads(revision_graph.document(laid_out(tmp_path, *history, new={"r7"})))
    assert [(r["revision"], r["new"], len(r["folded"])) for r in document["revisions"]] == [
        ("r7", True, 0),
        ("r6", False, 6),
        ("r0", False, 0),
    ]
    assert document["heads"] == ["r7"]
