"""Parts of an expression in the server's spelling, and the tokens that they are read from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from migguard.catalog.copying import replace
from migguard.changes import DataType, Reference

# A word begins with a letter, `_` or what is no ASCII. Written as what it is not: a class up to \uffff takes 20 ms.
TOKEN = re.compile(
    r"""\s*(?:(?P<string>'(?:[^']|'')*')|(?P<number>\d[\d_]*(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)"""
    r"""|(?P<quoted>"(?:[^"]|"")*")|(?P<word>[^\x00-@\[-^`{-\x7f][^\x00-#%-/:-@\[-^`{-\x7f]*)|(?P<sign>::|\|\||[-+*/%()\[\],.]))"""
)


class NotForetoldError(Exception):
    """The expression holds what is not known here."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part in the server's spelling, and its type: None for a literal that has none yet, whose `value` is kept."""

    text: str
    type: DataType | None
    value: str | None = None
    references: tuple[Reference, ...] = ()
    elements: tuple[Part, ...] | None = None


def tokens(text: str) -> list[tuple[str, str]]:
    """The text cut into (kind, text) pairs. Raises NotForetoldError."""
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise NotForetoldError
        kind = match.lastgroup or ""
        found.append((kind, match[kind]))
        at = match.end()
    return found


def joined(*pieces: str | Part, type: DataType | None) -> Part:
    """Pieces one behind the other; what they refer to moves along."""
    text, references = "", []
    for piece in pieces:
        if isinstance(piece, Part):
            shift = len(text)
            references += [replace(r, start=r.start + shift, end=r.end + shift) for r in piece.references]
            text += piece.text
        else:
            text += piece
    return Part(text, type, references=tuple(references))


def listed(parts: Iterable[Part]) -> Part:
    """Parts with commas between them."""
    pieces: list[str | Part] = []
    for part in parts:
        pieces += [", ", part] if pieces else [part]
    return joined(*pieces, type=None)
