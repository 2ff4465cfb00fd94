"""The revision graph laid out for drawing: newest first, in lanes, long straight runs folded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from migguard.project.graph import Graph
from migguard.project.scope import Scope
from migguard.records import dataclass

FOLDED_FROM = 4
"""A straight run of at least that many revisions is drawn as one row."""


@dataclass(frozen=True, slots=True)
class Node:
    """One row: a revision, or a run of them (`folded`, newest first). `parents` are ids, or runs' first ids."""

    id: str
    parents: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    message: str = ""
    labels: tuple[str, ...] = ()
    path: str = ""
    new: bool = False
    head: bool = False
    base: bool = False
    folded: tuple[str, ...] = ()
    problem: str = ""

    @property
    def merge(self) -> bool:
        """Whether it joins branches."""
        return len(self.parents) > 1


@dataclass(frozen=True, slots=True)
class Row:
    """A node in its lane. `lanes` counts those in use; `closing` end at it from above, `opening` start at it below."""

    node: Node
    lane: int
    lanes: tuple[bool, ...]
    closing: tuple[int, ...] = ()
    opening: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class GraphView:
    """What is drawn, newest first. `width` is the number of lanes."""

    rows: tuple[Row, ...]
    scope: str
    heads: tuple[str, ...]
    revisions: int
    width: int = 0

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes from newest to oldest."""
        return tuple(row.node for row in self.rows)


def view(graph: Graph, scope: Scope, *, unfolded: bool = False) -> GraphView:
    """Lay the graph out."""
    nodes = list(nodes_of(graph, scope))
    if not unfolded:
        nodes = list(folded(nodes))
    rows = tuple(rows_of(nodes))
    return GraphView(
        rows, scope.description, tuple(graph.heads), len(graph.revisions), max((len(r.lanes) for r in rows), default=0)
    )


def nodes_of(graph: Graph, scope: Scope) -> Iterator[Node]:
    """Every revision, newest first; after them the parents that no file defines."""
    new = scope.new if len(scope.new) < len(graph.revisions) else frozenset()  # where all are new, none stands out
    loops = {member for loop in graph.cycles for member in loop}
    heads = set(graph.heads)
    missing: dict[str, None] = {}
    for name in reversed(graph.order):
        one = graph.revisions[name]
        parents = tuple(graph.meant(p) or p for p in one.parents)
        missing.update(dict.fromkeys(p for p in parents if p not in graph.revisions))
        problem = "two files define it" if name in graph.duplicates else "on a loop" if name in loops else ""
        yield Node(
            name,
            parents,
            tuple(graph.meant(d) or d for d in one.header.depends_on),
            one.header.message,
            tuple(one.header.branch_labels),
            one.path.as_posix(),
            name in new,
            name in heads,
            not one.parents,
            problem=problem,
        )
    for name in missing:
        yield Node(name, problem="no file defines it")


def folded(nodes: list[Node]) -> Iterator[Node]:
    """The nodes with each long straight run of old, plain revisions put together."""
    children: dict[str, list[str]] = {}
    for node in nodes:
        for up in (*node.parents, *node.dependencies):
            children.setdefault(up, []).append(node.id)
    run: list[Node] = []
    for node in nodes:
        plain = (
            len(node.parents) == 1
            and len(children.get(node.id, ())) == 1
            and not (node.dependencies or node.new or node.labels or node.problem or node.head)
        )
        if plain and (not run or run[-1].parents == (node.id,)):
            run.append(node)
            continue
        yield from together(run)
        run = [node] if plain else []
        if not plain:
            yield node
    yield from together(run)


def together(run: list[Node]) -> Iterable[Node]:
    """A run as one node, or as it is where it is short."""
    if len(run) < FOLDED_FROM:
        return run
    return [Node(run[0].id, run[-1].parents, folded=tuple(n.id for n in run))]


def rows_of(nodes: list[Node]) -> Iterator[Row]:
    """The nodes in lanes: each lane waits for one revision; who has several parents opens further ones."""
    lanes: list[str | None] = []
    for node in nodes:
        waiting = [i for i, expected in enumerate(lanes) if expected == node.id]
        lane = waiting[0] if waiting else free(lanes)
        closing = tuple(waiting[1:])
        before = tuple(i == lane or expected is not None for i, expected in enumerate(lanes))
        for i in closing:
            lanes[i] = None
        lanes[lane] = node.parents[0] if node.parents else None
        opening = []
        for parent in node.parents[1:]:
            if parent in lanes:
                opening.append(lanes.index(parent))
                continue
            new = free(lanes)
            lanes[new] = parent
            opening.append(new)
        yield Row(node, lane, before, closing, tuple(opening))
        while lanes and lanes[-1] is None:
            lanes.pop()


def free(lanes: list[str | None]) -> int:
    """The first lane that nothing runs in, a new one if need be."""
    for i, expected in enumerate(lanes):
        if expected is None:
            return i
    lanes.append(None)
    return len(lanes) - 1
