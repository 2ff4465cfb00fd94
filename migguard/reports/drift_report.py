"""What `migguard drift` found, for a person and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.syntax import Syntax
from rich.text import Text

from migguard.differences import SchemaDifference
from migguard.report import Failure
from migguard.reports.console import console, show
from migguard.reports.json_report import relative
from migguard.reports.text import STYLES

SCHEMA_VERSION = 1


def document(differences: Sequence[SchemaDifference], failures: Sequence[Failure], source: str, here: Path) -> str:
    """The differences as JSON text; paths are relative to `here`."""
    found = {
        "schema_version": SCHEMA_VERSION,
        "source": source,
        "differences": [entry(one, here) for one in differences],
        "failures": [{"message": f.message, "hint": f.hint} for f in failures],
    }
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode()


def entry(one: SchemaDifference, here: Path) -> dict[str, Any]:
    """One difference as plain values."""
    made: dict[str, Any] = {
        "code": one.code,
        "kind": one.kind,
        "schema": one.schema,
        "table": one.table or None,
        "object": one.object,
        "severity": one.severity.word,
        "verified": one.verified,
        "message": one.message,
        "cure": one.cure or None,
        "path": relative(one.origin.path, here) if one.origin else None,
        "line": one.origin.line if one.origin else None,
        "revision": one.revision,
    }
    return made | ({"strict": True} if one.strict else {})


def render(
    differences: Sequence[SchemaDifference], failures: Sequence[Failure], last: str, here: Path, *, colour: bool
) -> None:
    """Print the differences and, as the last line, what was compared."""
    out = console(colour=colour)
    for one in differences:
        show(Padding(block(one, here), (0, 0, 1, 0)), out)
    for failure in failures:
        out.print(Text.assemble(("not analysed  ", "bold red"), failure.message))
        if failure.hint:
            out.print(Padding(Text(failure.hint), (0, 0, 0, 4)))
    out.print(Text(last, style="dim"))


def block(one: SchemaDifference, here: Path) -> RenderableType:
    """One difference: head, sentence, cure."""
    head = Text.assemble((one.severity.word, STYLES[one.severity]), (f" {one.code} ", "bold"), one.place)
    if one.origin is not None:
        head.append(f"  {relative(one.origin.path, here)}:{one.origin.line}", style="dim")
    if one.revision is not None:
        head.append(f"  last touched by {one.revision}", style="dim")
    if not one.verified:
        head.append("  unverified: it rests on a step that was assumed or not read", style="italic dim")
    parts: list[RenderableType] = [head, Padding(Text(one.message), (0, 0, 0, 2))]
    if one.cure:
        parts.append(Padding(Text("cure:", style="dim"), (0, 0, 0, 2)))
        parts.append(Padding(Syntax(one.cure, "python", background_color="default", word_wrap=True), (0, 0, 0, 4)))
    return Group(*parts)
