"""PostgreSQL: what the variables of a PL/pgSQL body hold, and the text that EXECUTE is given."""

from __future__ import annotations

from dataclasses import field

from migguard.records import dataclass
from migguard.sql.constants import cast_tail, constant_of
from migguard.sql.cursor import Cursor
from migguard.sql.parts import commas, unwrap
from migguard.sql.tokens import Token

UNKNOWN = "unknown_to_migguard"
"""Stands in a text for a piece that is not known: a name wherever a name may stand."""


@dataclass(slots=True)
class Texts:
    """The variables whose value is known, as SQL: a constant, or a query in parentheses."""

    values: dict[str, str] = field(default_factory=dict)
    declared: set[str] = field(default_factory=set)

    def assign(self, name: str, tokens: list[Token], cursor: Cursor) -> None:
        """A variable is given the value of an expression."""
        self.forget(name)
        if tokens:
            text = self.put_in(tokens, cursor)
            self.values[name] = text if text.startswith("ARRAY") or len(tokens) == 1 else f"({text})"

    def forget(self, name: str) -> None:
        """What a variable holds is not known any more."""
        self.values.pop(name, None)

    def put_in(self, tokens: list[Token], cursor: Cursor, lead: str = "") -> str:
        """An expression with the variables replaced by what they hold."""
        out = lead
        for place, token in enumerate(tokens):
            before = tokens[place - 1] if place else None
            after = tokens[place + 1].word if place + 1 < len(tokens) else ""
            held = self.values.get(cursor.fold(token)) if token.kind in ("word", "name") else None
            if held is None or after in (".", "(") or (before is not None and before.word == "."):
                held = cursor.sql[token.start : token.end]
            out += (gap(before, token, cursor) if before is not None else "") + held
        return out

    def value(self, tokens: list[Token], cursor: Cursor) -> tuple[str, bool]:
        """The text of an expression, and whether all of it is known; `UNKNOWN` stands for what is not.

        What a variable will hold when the body runs stands in it as `\\0name\\0`.
        """
        tokens = unwrap(tokens)
        value, _ = constant_of(tokens, cursor)
        if value is not None:
            return value, True
        pieces = cut(tokens, "||")
        if len(pieces) > 1:
            found = [self.value(p, cursor) for p in pieces]
            return "".join(t for t, _ in found), all(w for _, w in found)
        place = next((i for i, t in enumerate(tokens) if t.word == "::"), None)
        if place is not None and place in (1, 3) and cast_tail(tokens[place:]):
            tokens = tokens[:place]
        if len(tokens) == 1 and (held := self.values.get(cursor.fold(tokens[0]))) is not None:
            inner = Cursor(held, cursor.engine)
            text, whole = Texts().value(inner.tokens, inner)
            return (text, True) if whole else (later(cursor.fold(tokens[0])), True)
        named = len(tokens) == 1 or (len(tokens) == 3 and tokens[1].word == ".")
        if named and tokens[0].kind in ("word", "name") and cursor.fold(tokens[0]) in self.declared:
            return later(".".join(cursor.fold(t) for t in tokens[::2])), True
        if len(tokens) > 3 and tokens[1].word == "(" and tokens[-1].word == ")":
            arguments = [self.value(p, cursor) for p in commas(tokens[2:-1])]
            texts, whole = [t for t, _ in arguments], all(w for _, w in arguments)
            match tokens[0].word:
                case "FORMAT" if arguments[0][1] and (made := formatted(texts[0], texts[1:])) is not None:
                    return made, whole
                case "CONCAT":
                    return "".join(texts), whole
                case "QUOTE_IDENT" if len(texts) == 1:
                    return quoted(texts[0]), whole
                case "QUOTE_LITERAL" if len(texts) == 1:
                    return literal(texts[0]), whole
        return UNKNOWN, False

    def array(self, tokens: list[Token], cursor: Cursor) -> list[str] | None:
        """The members of an array of constants, each as SQL."""
        text = self.put_in(tokens, cursor)
        inner = Cursor(text, cursor.engine)
        parts = unwrap(inner.tokens)
        end = next((i for i, t in enumerate(parts) if t.word == "]"), None)
        if len(parts) > 2 and parts[0].word == "ARRAY" and parts[1].word == "[" and end is not None:
            found = [constant_of(p, inner)[0] for p in commas(parts[2:end])]
            return [literal(v) for v in found if v is not None] if None not in found else None
        value, _ = constant_of(parts, inner)
        if value is not None and value.startswith("{") and value.endswith("}") and '"' not in value:
            return [literal(v.strip()) for v in value[1:-1].split(",") if v.strip()]
        return None

    def numbers(self, tokens: list[Token], cursor: Cursor) -> list[str] | None:
        """The numbers of `a .. b` where both are constants."""
        inner = Cursor(self.put_in(tokens, cursor).replace("..", " TO_ "), cursor.engine)
        place = next((i for i, t in enumerate(inner.tokens) if t.word == "TO_"), None)
        backwards = bool(inner.tokens) and inner.tokens[0].word == "REVERSE"
        if place is None or any(t.word == "BY" for t in inner.tokens):
            return None
        first, last = (
            constant_of(inner.tokens[backwards:place], inner)[0],
            constant_of(inner.tokens[place + 1 :], inner)[0],
        )
        if first is None or last is None or not first.lstrip("-").isdigit() or not last.lstrip("-").isdigit():
            return None
        start, end = int(first), int(last)
        if abs(end - start) > 10_000:
            return None
        return [str(n) for n in (range(start, end - 1, -1) if backwards else range(start, end + 1))]


def later(name: str) -> str:
    """What stands in a text for what a variable will hold."""
    return f"\0{name}\0"


def cut(tokens: list[Token], word: str) -> list[list[Token]]:
    """Tokens cut at a word or operator at their top level."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token.word in ("(", "[")) - (token.word in (")", "]"))
        if token.word == word and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def text_of_tokens(tokens: list[Token], cursor: Cursor) -> str:
    """The user's own text of tokens."""
    return Texts().put_in(tokens, cursor)


def gap(before: Token, token: Token, cursor: Cursor) -> str:
    """What stands between two tokens; a space for a comment, and where others were left out between them."""
    between = cursor.sql[before.end : token.start]
    return " " if between.strip() else between


def quoted(name: str) -> str:
    """quote_ident()."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """quote_literal()."""
    return "'" + value.replace("'", "''") + "'"


def formatted(text: str, values: list[str]) -> str | None:
    """The result of format(); None for what it would refuse, or positions and widths that are not followed here.

    A text whose every `%` is doubled was written for a driver that makes one of two.
    """
    if values and "%%" in text and "%" not in text.replace("%%", ""):
        text = text.replace("%%", "%")
    rest = list(values)
    out, at = "", 0
    while at < len(text):
        if text[at] != "%" or at + 1 >= len(text):
            out += text[at]
            at += 1
            continue
        kind = text[at + 1]
        number = ""
        end = at + 1
        while text[end : end + 1].isdigit():
            number += text[end]
            end += 1
        if kind == "%":
            out += "%"
        elif number and text[end : end + 1] == "$" and text[end + 1 : end + 2] in ("s", "I", "L"):
            if not 0 < int(number) <= len(values):
                return None
            out += shaped(text[end + 1], values[int(number) - 1])
            at = end
        elif kind in ("s", "I", "L") and rest:
            out += shaped(kind, rest.pop(0))
        else:
            return None
        at += 2
    return out


def shaped(kind: str, value: str) -> str:
    """A value as %s, %I or %L puts it."""
    return value if kind == "s" else quoted(value) if kind == "I" else literal(value)
