"""What users wrote, in Markdown: a table named `|`, `<script>` or `@everyone` ends no cell, runs and calls nothing."""

from __future__ import annotations

import re

from migguard.reports.places import readable

SPECIAL = re.compile(r"[\\`*\[\]<>|~$&@]|(?<!\w)_+|_++(?!\w)")
"""What means something within a line. Text of users never begins a line, so what only counts there is left alone."""
WORD_JOINER = "\u2060"
NAMED = re.compile(r"(?<=[@#])(?=\w)|(?<=GH)(?=-\d)|(?<=:)(?=[\w+-]+:)")
"""Where GitHub would make a mention, a reference or an emoji."""
LINKED = re.compile(r"(?<=\w)(?=://|@\w)|(?<=www)(?=\.)", re.IGNORECASE)


def plain(text: str) -> str:
    """Text in Markdown and in HTML alike: special characters as entities, nobody mentioned, nothing referred to."""
    return entities(NAMED.sub(WORD_JOINER, flat(text)))


def code(text: str) -> str:
    """Text in the type of code, on one line. GitHub looks for no names in it, but for addresses."""
    return f"<code>{entities(flat(text))}</code>"


def flat(text: str) -> str:
    """Text on one line."""
    return " ".join(readable(text).split())


def entities(text: str) -> str:
    """Text without a character that Markdown or HTML takes for its own, and without an address to link to."""
    return SPECIAL.sub(lambda m: "".join(f"&#{ord(c)};" for c in m[0]), LINKED.sub(WORD_JOINER, text))


def fenced(text: str, language: str) -> str:
    """A block of code, with a fence that its text does not hold."""
    text = readable(text)
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def shorten(sql: str, limit: int = 200) -> str:
    """A statement on one line."""
    line = " ".join(sql.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def number(count: int, word: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{count} {word}{'' if count == 1 else 's'}"
