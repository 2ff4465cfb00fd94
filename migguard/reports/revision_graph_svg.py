"""The revision graph as a drawing: one self-contained SVG, readable in light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

from migguard.graphview import GraphView, Node

STEP, LANE, MARGIN, CAPTION = 26, 18, 16, 10
STYLE = """
svg { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.edge { fill: none; stroke: #8c959f; stroke-width: 1.6; } .after { stroke-dasharray: 4 3; }
.node { fill: #57606a; } .new { fill: #1a7f37; } .problem { fill: #cf222e; } .run { fill: none; stroke: #8c959f; }
text { fill: #1f2328; } .dim { fill: #57606a; } text.new { fill: #1a7f37; } text.problem { fill: #cf222e; }
@media (prefers-color-scheme: dark) {
  svg { background: #0d1117; } text { fill: #e6edf3; } .dim { fill: #8b949e; }
  .node { fill: #8b949e; } .new, text.new { fill: #3fb950; } .problem, text.problem { fill: #f85149; }
}
"""


def drawing(view: GraphView) -> str:
    """The SVG."""
    place = {row.node.id: (MARGIN + row.lane * LANE, MARGIN + i * STEP) for i, row in enumerate(view.rows)}
    captions = MARGIN + view.width * LANE + CAPTION
    longest = max((len(plain(n)) for n in view.nodes), default=0)
    width, height = captions + longest * 8 + MARGIN, MARGIN * 2 + len(view.rows) * STEP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{view.revisions} revisions">',
        f"<style>{STYLE}</style>",
    ]
    for node in view.nodes:
        parts += edges(node, place)
    for node in view.nodes:
        parts += [mark(node, place[node.id]), label(node, captions, place[node.id][1])]
    return "\n".join([*parts, "</svg>"]) + "\n"


def edges(node: Node, place: dict[str, tuple[int, int]]) -> Iterator[str]:
    """The lines to what a node comes after."""
    x, y = place[node.id]
    for kind, names in (("edge", node.parents), ("edge after", node.dependencies)):
        for name in names:
            if name not in place:
                continue
            a, b = place[name]
            bend = f"V {b - STEP} C {x} {b - STEP // 3}, {a} {b - STEP // 1.5:.0f}, {a} {b}" if a != x else f"V {b}"
            yield f'<path class="{kind}" d="M {x} {y} {bend}"/>'


def mark(node: Node, at: tuple[int, int]) -> str:
    """A node's dot; an open one for a run of revisions."""
    kind = "problem" if node.problem else "run" if node.folded else "new" if node.new else "node"
    return f'<circle class="{kind}" cx="{at[0]}" cy="{at[1]}" r="{4 if node.folded else 5}"/>'


def label(node: Node, x: int, y: int) -> str:
    """A node's caption."""
    kind = "problem" if node.problem else "new" if node.new else "dim" if node.folded else "plain"
    return f'<text class="{kind}" x="{x}" y="{y + 4}">{escape(plain(node))}</text>'


def plain(node: Node) -> str:
    """A node's caption, without styles."""
    if node.folded:
        return f"{len(node.folded)} revisions, {node.folded[-1]} to {node.folded[0]}"
    words = [
        node.id,
        *(f"[{one}]" for one in node.labels),
        *(["head"] if node.head else []),
        node.message,
        node.problem,
    ]
    return "".join(c for c in "  ".join(w for w in words if w) if c.isprintable())[:160]
