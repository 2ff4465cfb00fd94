"""Tokens cut into parts at their top level: outside of parentheses, brackets and CASE."""

from __future__ import annotations

from migguard.sql.tokens import Token


def unwrap(tokens: list[Token]) -> list[Token]:
    """The tokens without parentheses around all of them."""
    while len(tokens) > 2 and tokens[0].word == "(" and tokens[-1].word == ")":
        depth = 0
        for place, token in enumerate(tokens):
            depth += (token.word == "(") - (token.word == ")")
            if depth == 0 and place < len(tokens) - 1:
                return tokens
        tokens = tokens[1:-1]
    return tokens


def at_top(tokens: list[Token], place: int) -> bool:
    """Whether a token stands outside of all parentheses."""
    depth = 0
    for token in tokens[:place]:
        depth += (token.word in ("(", "[")) - (token.word in (")", "]"))
    return depth == 0


def commas(tokens: list[Token]) -> list[list[Token]]:
    """Tokens cut at the commas at their top level."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token.word in ("(", "[")) - (token.word in (")", "]"))
        if token.word == "," and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def split(tokens: list[Token], at: str) -> list[list[Token]]:
    """Tokens cut at a word at their top level; the AND of a BETWEEN is none."""
    parts: list[list[Token]] = [[]]
    depth, between = 0, False
    for token in tokens:
        depth += (token.word in ("(", "[", "CASE")) - (token.word in (")", "]") or (token.word == "END" and depth > 0))
        between = between or (token.word == "BETWEEN" and depth == 0)
        if token.word == at and depth == 0:
            if at == "AND" and between:
                between = False
            else:
                parts.append([])
                continue
        parts[-1].append(token)
    return parts


def spelled(tokens: list[Token]) -> str:
    """Tokens as text, whatever stood between them; the unit of date_trunc in one case."""
    units = {at + 2 for at, token in enumerate(tokens) if token.word == "DATE_TRUNC"}
    return " ".join(
        t.text if t.kind in ("string", "name") and at not in units else t.text.lower() for at, t in enumerate(tokens)
    )
