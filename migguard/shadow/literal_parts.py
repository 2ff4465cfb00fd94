"""What a script names itself of a path or a command: the rest may be another in every run, or on every machine."""

from __future__ import annotations

import ast
from functools import lru_cache
from pathlib import Path

SHORT = 3
"""Fewer characters than these may stand in anything by chance."""
GAP = "…"


def named_in(path: Path, text: str) -> str:
    """A text with what the script does not write itself left out; empty where it writes none of it."""
    parts = [w for w in written(path, path.stat().st_mtime_ns) if w in text]
    made, gap, place = "", "", 0
    while place < len(text):
        part = next((w for w in parts if text.startswith(w, place)), None)
        if part is None:
            gap, place = gap + text[place], place + 1
            continue
        made, gap, place = made + left_out(gap) + part, "", place + len(part)
    return made + left_out(gap) if made else ""


@lru_cache(maxsize=1)
def written(path: Path, _changed: int) -> list[str]:
    """The texts that a script writes down, the longest first."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return []
    texts = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return sorted((t for t in texts if len(t) >= SHORT), key=lambda t: (-len(t), t))


def left_out(gap: str) -> str:
    """What stands for a part that the script does not write: itself, where it only separates others."""
    return gap if not gap.strip("/ ") else GAP
