"""Where something stands in a file: the currency in which findings are located."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Origin:
    """A span of source text. Lines and columns count from 1; `end_column` is one past the last character."""

    path: Path
    line: int
    column: int = 1
    end_line: int | None = None
    end_column: int | None = None
