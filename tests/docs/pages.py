"""The pages of the documentation, and the code blocks in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language and its text."""

    language: str
    text: str


def blocks(markdown: str) -> list[Block]:
    """The fenced blocks of a page, in order."""
    return [Block(*found) for found in FENCE.findall(markdown)]


def sections(markdown: str) -> Iterator[tuple[str, str]]:
    """The sections of the second level: heading and text."""
    parts = re.split(r"^## (.+)$", markdown, flags=re.MULTILINE)
    yield from zip(parts[1::2], parts[2::2], strict=True)


def written() -> dict[str, str]:
    """Every page that people wrote, by its path in the repository, the README and its neighbours among them."""
    pages = [p for p in DOCS.rglob("*.md") if "rules" not in p.relative_to(DOCS).parts]
    pages += [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md")]
    return {p.relative_to(ROOT).as_posix(): p.read_text(encoding="utf-8") for p in pages}
