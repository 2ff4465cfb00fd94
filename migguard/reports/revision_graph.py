"""The revision graph as text, Mermaid and JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from rich.text import Text

from migguard.graphview import GraphView, Node, Row
from migguard.reports.console import console

SCHEMA_VERSION = 1


def render(view: GraphView, *, colour: bool) -> None:
    """Print the graph, newest revision first."""
    out = console(colour=colour)
    for line in lines(view):
        out.print(line, no_wrap=True, overflow="ignore", crop=False)
    heads = f"{len(view.heads)} head{'' if len(view.heads) == 1 else 's'}"
    out.print(Text(f"{view.revisions} revisions, {heads}. New: {view.scope}.", style="dim"))


def lines(view: GraphView) -> Iterator[Text]:
    """One line for each row, with its lanes, and one for lanes that join or part."""
    for row in view.rows:
        strokes = ["│" if used else " " for used in row.lanes]
        strokes += [" "] * (row.lane + 1 - len(strokes))
        strokes[row.lane] = sign(row.node)
        if row.closing:
            yield Text(joined(row, row.closing, "╯").rstrip())
            for lane in row.closing:
                strokes[lane] = " "
        yield Text.assemble(f"{' '.join(strokes):<{2 * view.width}}", caption(row.node))
        if row.opening:
            yield Text(joined(row, row.opening, "╮", gone=row.closing).rstrip())


def joined(row: Row, lanes: tuple[int, ...], corner: str, gone: tuple[int, ...] = ()) -> str:
    """Lanes that end at a row's lane, or start from it."""
    width = max(len(row.lanes), *(lane + 1 for lane in (*lanes, row.lane)))
    used = [i < len(row.lanes) and row.lanes[i] and i not in gone for i in range(width)]
    used[row.lane] = True
    low, high = min(row.lane, *lanes), max(row.lane, *lanes)
    text = ""
    for i in range(width):
        if i == row.lane:
            text += "├" if high > i and low == i else "┤" if low < i and high == i else "┼"
        elif i in lanes:
            old = used[i] and corner == "╮"
            text += ("┤" if old else corner) if i > row.lane else ("├" if old else "╭" if corner == "╮" else "╰")
        elif low < i < high:
            text += "┼" if used[i] else "─"
        else:
            text += "│" if used[i] else " "
        text += "─" if low <= i < high else " "
    return text


def sign(node: Node) -> str:
    """The sign of a node in its lane."""
    if node.problem:
        return "✗"
    if node.folded:
        return "┊"
    return "◆" if node.new else "○" if node.merge else "●"


def caption(node: Node) -> Text:
    """What stands beside a node."""
    if node.folded:
        return Text(f"{len(node.folded)} revisions, {node.folded[-1]} to {node.folded[0]}", style="dim")
    text = Text(node.id, style="bold green" if node.new else "bold")
    marks = [*(f"[{label}]" for label in node.labels)]
    marks += [word for word, holds in (("new", node.new), ("head", node.head), ("merge", node.merge)) if holds]
    for mark in marks:
        text.append(f" {mark}", style="cyan")
    if node.message:
        text.append(f"  {node.message}", style="default")
    if node.dependencies:
        text.append(f"  depends on {', '.join(node.dependencies)}", style="dim")
    if node.problem:
        text.append(f"  {node.problem}", style="bold red")
    return text


def mermaid(view: GraphView) -> str:
    """The graph as a Mermaid flowchart, oldest at the bottom."""
    names = {node.id: f"r{i}" for i, node in enumerate(view.nodes)}
    names |= {member: names[node.id] for node in view.nodes for member in node.folded}
    text = ["flowchart BT"]
    for node in view.nodes:
        label = f"{len(node.folded)} revisions" if node.folded else " ".join([node.id, *node.labels])
        shape = ("([", "])") if node.folded else ("[", "]")
        text.append(
            f'    {names[node.id]}{shape[0]}"{escaped(label)}<br/>{escaped(node.message)}"{shape[1]}'.replace(
                '<br/>"', '"'
            )
        )
    for node in view.nodes:
        text += [f"    {names[up]} --> {names[node.id]}" for up in node.parents if up in names]
        text += [f"    {names[up]} -.-> {names[node.id]}" for up in node.dependencies if up in names]
    for style, members in (
        ("fill:#d4f7dc,stroke:#1a7f37,color:#116329", [n for n in view.nodes if n.new]),
        ("fill:#ffebe9,stroke:#cf222e,color:#a40e26", [n for n in view.nodes if n.problem]),
    ):
        text += [f"    style {names[n.id]} {style}" for n in members]
    return "\n".join(text) + "\n"


def escaped(text: str) -> str:
    """Text inside a quoted label: Mermaid takes HTML entities for what would end it."""
    kept = (c if c.isalnum() or c in " ._-,:/()" else f"#{ord(c)};" for c in " ".join(text.split()))
    return "".join(kept)[:200]


def document(view: GraphView) -> str:
    """The graph as JSON text."""
    nodes: list[dict[str, Any]] = [
        {
            "revision": n.id,
            "down_revision": list(n.parents),
            "depends_on": list(n.dependencies),
            "message": n.message,
            "branch_labels": list(n.labels),
            "new": n.new,
            "head": n.head,
            "folded": list(n.folded),
            "problem": n.problem or None,
        }
        for n in view.nodes
    ]
    found = {"schema_version": SCHEMA_VERSION, "scope": view.scope, "heads": list(view.heads), "revisions": nodes}
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode()
