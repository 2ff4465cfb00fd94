"""What stands in SQL for a name or a value that nobody knows, as that of a module that is not installed: «Name»."""

from __future__ import annotations

import re

MARKED = re.compile(r"«\w+»?")
"""A closing sign may be missing: a server cuts long names, and so does whoever reads them here."""


def placeholder(what: str) -> str:
    """What to write for something that is only known under that name in Python."""
    return f"«{what}»"


def placeholders(text: str) -> tuple[str, ...]:
    """The placeholders in a text, each once; also those that are a part of a name only."""
    return tuple(dict.fromkeys(MARKED.findall(text))) if "«" in text else ()


def is_placeholder(text: str) -> bool:
    """Whether a name or a value is not known, or a part of it."""
    return "«" in text and MARKED.search(text) is not None
