"""The name that PostgreSQL gives an expression: of an index column, or of a column that a query gives back.

Source: FigureColnameInternal() in src/backend/parser/parse_target.c.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

TOKEN = re.compile(
    r"""\s*(?:(?P<string>[eEbBxXnN]?'(?:[^']|'')*')|"(?P<quoted>(?:[^"]|"")*)"|(?P<number>\d[\w.]*)
    |(?P<word>[^\W\d]\w*)|(?P<mark>::|[()\[\],.]|[-+*/<>=~!@\#%^&|`?:]+))""",
    re.VERBOSE,
)
OPERATORS = frozenset(
    {"and", "or", "not", "is", "in", "like", "ilike", "similar", "between", "isnull", "notnull", "overlaps"}
)
SPECIAL = {"trim": "btrim"}
INTERNAL_TYPES = {
    "integer": "int4", "int": "int4", "bigint": "int8", "smallint": "int2", "boolean": "bool", "real": "float4",
    "double": "float8", "float": "float8", "character": "bpchar", "char": "bpchar", "decimal": "numeric",
    "dec": "numeric",
}  # fmt: skip
OPENING, CLOSING = frozenset({"(", "["}), frozenset({")", "]"})

Token = tuple[str, str]
"""(kind, text): a word is folded, a quoted name is a word of kind `name`."""


def tokens(text: str) -> list[Token]:
    """The words of an expression."""
    found, at = [], 0
    while at < len(text) and (match := TOKEN.match(text, at)) is not None and match.end() > at:
        kind = match.lastgroup or ""
        word = match[kind]
        found.append(("name" if kind == "quoted" else kind, word.lower() if kind == "word" else word))
        at = match.end()
    return found


def expression_name(text: str) -> str | None:
    """The name of an expression, or None where the server takes its own (`expr`, `?column?`)."""
    return figured(tokens(text))[0]


def figured(given: Sequence[Token]) -> tuple[str | None, int]:
    """A name and how strongly it is meant: 2 for a column or function, 1 for a type or CASE, 0 for none."""
    words = list(given)
    while len(words) > 1 and words[0][1] == "(" and closing(words, 0) == len(words) - 1:
        words = words[1:-1]
    if not words:
        return None, 0
    if words[0] == ("word", "case") and words[-1] == ("word", "end"):
        return of_case(words)
    top = top_level(words)
    if any(w in OPERATORS or (k == "mark" and w not in ("::", ".")) for k, w in top) and words[0][1] != "array":
        return None, 0
    if ("word", "at") in top:
        return "timezone", 2
    if ("word", "collate") in top:
        return figured(words[: last(words, "collate")])
    if ("mark", "::") in top:
        place = last(words, "::")
        return of_cast(words[:place], words[place + 1 :])
    return of_primary(words)


def of_case(words: Sequence[Token]) -> tuple[str | None, int]:
    """CASE … ELSE x END is named as x is, if that is a strong name."""
    depth, place = 0, None
    for number, (_, word) in enumerate(words):
        depth += (word == "case") - (word == "end")
        if word == "else" and depth == 1:
            place = number
    name, strength = figured(words[place + 1 : -1]) if place is not None else (None, 0)
    return (name, strength) if strength > 1 else ("case", 1)


def of_cast(value: Sequence[Token], data_type: Sequence[Token]) -> tuple[str | None, int]:
    """A cast is named as what is cast, or by the type."""
    name, strength = figured(value)
    if strength > 1:
        return name, strength
    plain = [w for k, w in data_type if k in ("word", "name")]
    if not plain:
        return name, strength
    return type_word(plain), 1


def type_word(words: Sequence[str]) -> str:
    """The catalog's own name of a type."""
    first = words[0]
    if first in ("timestamp", "time"):
        return first + ("tz" if "with" in words else "")
    if first in ("character", "char", "bit") and "varying" in words:
        return "varbit" if first == "bit" else "varchar"
    return INTERNAL_TYPES.get(first, words[-1] if first in ("pg_catalog",) else first)


def of_primary(words: Sequence[Token]) -> tuple[str | None, int]:
    """A column, a call, a subscript, an array, or a literal."""
    kind, first = words[0]
    if kind not in ("word", "name"):
        return None, 0
    if first == "array" and len(words) > 1 and words[1][1] in OPENING:
        return "array", 2
    at, name = 1, first
    while at + 1 < len(words) and words[at][1] == "." and words[at + 1][0] in ("word", "name"):
        name = words[at + 1][1]
        at += 2
    if at == len(words):
        return (None, 0) if kind == "word" and name in ("true", "false", "null") else (name, 2)
    if words[at][1] == "[":
        return name, 2
    if words[at][1] != "(":
        return None, 0
    inside = words[at + 1 : closing(words, at)]
    if name == "cast":
        place = last(inside, "as")
        return of_cast(inside[:place], inside[place + 1 :])
    if name == "trim" and inside and inside[0][1] in ("leading", "trailing"):
        return ("ltrim" if inside[0][1] == "leading" else "rtrim"), 2
    return SPECIAL.get(name, name), 2


def closing(words: Sequence[Token], at: int) -> int:
    """Where the bracket that opens there closes."""
    depth = 0
    for place in range(at, len(words)):
        depth += (words[place][1] in OPENING) - (words[place][1] in CLOSING)
        if depth == 0:
            return place
    return len(words) - 1


def top_level(words: Sequence[Token]) -> list[Token]:
    """The words that stand in no bracket and no CASE."""
    found, depth = [], 0
    for kind, word in words:
        opens = (kind == "mark" and word in OPENING) or (kind == "word" and word == "case")
        closes = (kind == "mark" and word in CLOSING) or (kind == "word" and word == "end")
        depth -= closes
        if depth == 0 and not opens and not closes:
            found.append((kind, word))
        depth += opens
    return found


def last(words: Sequence[Token], wanted: str) -> int:
    """Where a word stands last outside brackets."""
    depth, place = 0, len(words)
    for number, (kind, word) in enumerate(words):
        if kind == "mark":
            depth += (word in OPENING) - (word in CLOSING)
        if depth == 0 and word == wanted:
            place = number
    return place
