"""A text into tokens, by sqlglot's tokenizers, which know each engine's quotes, comments and operators.

Three of their habits are undone here: words that they join (`CHARACTER VARYING`), statements that they swallow whole
after a keyword (`DO`, `VACUUM`), and unescaped strings.

Imported where a text is read and not before: importing sqlglot takes a tenth of the time of a check that finds
everything in its cache.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sqlglot import TokenType
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import TokenError

from migguard.changes import Engine
from migguard.sql.tokens import DIALECTS, Token, Unread

PREFIX = "_ "
"""Put before the text: a keyword that is not the first word does not make the tokenizer swallow the statement."""

STRINGS = {
    getattr(TokenType, name)
    for name in ("STRING", "BYTE_STRING", "UNICODE_STRING", "NATIONAL_STRING", "RAW_STRING", "HEREDOC_STRING")
    if hasattr(TokenType, name)
}
LITERALS = {getattr(TokenType, n) for n in ("BIT_STRING", "HEX_STRING") if hasattr(TokenType, n)}


@lru_cache(maxsize=8)
def tokenizer(engine: Engine) -> Callable[[str], list[Any]]:
    """The tokenizer of an engine."""
    dialect = Dialect.get_or_raise(DIALECTS[engine])
    return dialect.tokenizer().tokenize  # one for all texts: making it takes as long as a short text


def tokenize(sql: str, engine: Engine) -> list[Token]:
    """The tokens of a text. Raises Unread where it cannot be cut into tokens, such as at an open quote."""
    try:
        raw = tokenizer(engine)(PREFIX + sql)
    except TokenError as error:
        raise Unread(f"it cannot be cut into tokens: {' '.join(str(error).split())[:80]}") from None
    shift = len(PREFIX)
    tokens: list[Token] = []
    push = tokens.append
    for token in raw[1:]:
        kind, start, end = token.token_type, token.start - shift, token.end - shift + 1
        text = token.text
        if kind is TokenType.IDENTIFIER:
            push(Token("name", text, "", start, end))
        elif kind in STRINGS:
            first = tokens[-1].end if tokens else 0
            if kind is TokenType.STRING and sql[first:end].strip() == text:  # swallowed behind `;` or BEGIN
                at = sql.index(text, first)
                tokens += [t._replace(start=t.start + at, end=t.end + at) for t in tokenize(text, engine)]
            else:
                push(Token("string", text, "", start, end))
        elif kind is TokenType.NUMBER:
            push(Token("number", text, "", start, end))
        elif kind in LITERALS:
            push(Token("literal", sql[start:end], "", start, end))
        elif " " in text or "\n" in text or "\t" in text:
            at = start
            for part in sql[start:end].split():
                at = sql.index(part, at)
                push(Token("word", part, part.upper(), at, at + len(part)))
                at += len(part)
        else:
            first = text[0]
            word = first.isalpha() or first == "_" or first > "\x7f"
            push(Token("word" if word else "operator", text, text.upper(), start, end))
    return tokens
