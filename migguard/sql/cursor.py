"""A cursor over the tokens of one statement."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from migguard.changes import Engine, Name
from migguard.placeholders import is_placeholder
from migguard.sql.postgresql_words import RESERVED
from migguard.sql.tokens import Token, Unread

T = TypeVar("T")

NAME_BYTES = {Engine.POSTGRESQL: 63}


class Cursor:
    """Where the reading stands. Readers take what they know; `finish` refuses what is left."""

    __slots__ = ("at", "end", "engine", "sql", "tokens")

    def __init__(self, sql: str, engine: Engine, tokens: list[Token] | None = None) -> None:
        self.sql = sql
        self.engine = engine
        if tokens is None:
            from migguard.sql.tokenizers import tokenize

            tokens = tokenize(sql, engine)
        self.tokens = tokens
        self.at = 0
        self.end = Token("end", "", "", len(sql), len(sql))

    # --- looking ---

    def peek(self, ahead: int = 0) -> Token:
        """The token that is `ahead` of the current one."""
        where = self.at + ahead
        return self.tokens[where] if where < len(self.tokens) else self.end

    @property
    def done(self) -> bool:
        """Whether nothing is left."""
        return self.at >= len(self.tokens)

    def sees(self, *words: str) -> bool:
        """Whether these words or operators come next."""
        at, tokens = self.at, self.tokens
        if at + len(words) > len(tokens):
            return False
        for word in words:
            if tokens[at].word != word:
                return False
            at += 1
        return True

    def sees_any(self, *words: str) -> str | None:
        """Which of the words comes next, or None."""
        word = self.peek().word
        return word if word in words else None

    # --- taking ---

    def take(self) -> Token:
        """The current token, whatever it is. Raises Unread at the end."""
        token = self.peek()
        if token.kind == "end":
            raise Unread("it ends too early")
        self.at += 1
        return token

    def accept(self, *words: str) -> bool:
        """Take these words if they come next."""
        if self.sees(*words):
            self.at += len(words)
            return True
        return False

    def accept_any(self, *words: str) -> str | None:
        """Take the next word if it is one of these."""
        word = self.peek().word
        if word in words:
            self.at += 1
            return word
        return None

    def expect(self, *words: str) -> None:
        """Take these words. Raises Unread if something else comes."""
        if not self.accept(*words):
            raise self.unread(f"where {' '.join(words)} was expected")

    def unread(self, note: str = "") -> Unread:
        """The error for the current token."""
        token = self.peek()
        if token.kind == "end":
            return Unread(f"it ends too early{f' {note}' if note else ''}")
        shown = self.sql[token.start : token.end]
        return Unread(f"{shown[:40]!r} was not understood{f' {note}' if note else ''}")

    def finish(self) -> None:
        """Raise Unread unless everything was read."""
        if not self.done:
            raise self.unread()

    # --- names ---

    def fold(self, token: Token) -> str:
        """A name as the engine keeps it."""
        text = token.text
        if self.engine is Engine.POSTGRESQL:
            if token.kind == "word" and not is_placeholder(text):
                text = text.lower() if text.isascii() else "".join(c.lower() if c.isascii() else c for c in text)
            if len(text) > 15 and len(raw := text.encode()) > 63:
                text = raw[:63].decode(errors="ignore")
        elif self.engine is Engine.ORACLE and token.kind == "word" and not is_placeholder(text):
            text = text.upper()
        return text

    def identifier(self) -> str:
        """A name, folded. Raises Unread if something else comes."""
        token = self.peek()
        if token.kind in ("word", "name"):
            self.at += 1
            return self.fold(token)
        raise self.unread("where a name was expected")

    def column(self) -> str:
        """A name of the user's choice, folded. Raises Unread where a word stands that names nothing unless quoted."""
        token = self.peek()
        if self.engine is Engine.POSTGRESQL and token.kind == "word" and token.word in RESERVED:
            raise self.unread("where a name was expected")
        return self.identifier()

    def name(self) -> Name:
        """A name with the schema before it, if there is one; a database before that is passed over."""
        parts = [self.identifier()]
        while self.sees("."):
            self.at += 1
            parts.append(self.identifier())
        if len(parts) > 3:
            raise self.unread("after a name of too many parts")
        return Name(parts[-1], parts[-2] if len(parts) > 1 else None)

    def names(self) -> tuple[Name, ...]:
        """Names separated by commas."""
        found = [self.name()]
        while self.accept(","):
            found.append(self.name())
        return tuple(found)

    def identifiers(self) -> tuple[str, ...]:
        """Names in parentheses, separated by commas."""
        self.expect("(")
        found = [self.identifier()]
        while self.accept(","):
            found.append(self.identifier())
        self.expect(")")
        return tuple(found)

    # --- values ---

    def string(self) -> str:
        """A string literal's value, adjacent ones joined. Raises Unread if something else comes.

        PostgreSQL joins those only that stand on lines of their own.
        """
        token = self.peek()
        if token.kind != "string":
            raise self.unread("where a string was expected")
        value = self.value_of(self.take())
        while self.peek().kind == "string":
            between = self.sql[self.tokens[self.at - 1].end : self.peek().start]
            if self.engine is Engine.POSTGRESQL and "\n" not in between:
                break
            value += self.value_of(self.take())
        return value

    def value_of(self, token: Token) -> str:
        """The value of a string token, with the escapes of E'' strings applied."""
        raw = self.sql[token.start : token.end]
        if self.engine is Engine.POSTGRESQL and raw[:1] in "eE" and raw[1:2] == "'":
            return unescape(raw[2:-1])
        return token.text

    def integer(self) -> int:
        """A whole number, signed or not."""
        sign = -1 if self.accept("-") else 1
        self.accept("+")
        token = self.peek()
        if token.kind != "number" or not token.text.isdigit():
            raise self.unread("where a whole number was expected")
        self.at += 1
        return sign * int(token.text)

    def scalar(self) -> str:
        """One word, name, number or string as text, signed or not: an option's value."""
        sign = "-" if self.accept("-") else ""
        token = self.take()
        if token.kind == "operator":
            self.at -= 1
            raise self.unread("where a value was expected")
        return sign + (self.value_of(token) if token.kind == "string" else token.text)

    # --- stretches of text ---

    def parenthesised(self) -> str:
        """What stands in the parentheses that come next, in the user's own text."""
        inside = self.skip_parentheses()
        return self.sql[inside[0] : inside[1]].strip()

    def skip_parentheses(self) -> tuple[int, int]:
        """Pass balanced parentheses; the offsets of what is between them."""
        start = self.peek().end
        self.expect("(")
        depth = 1
        while depth:
            token = self.take()
            if token.word == "(":
                depth += 1
            elif token.word == ")":
                depth -= 1
        return start, self.tokens[self.at - 1].start

    def text_until(self, *stops: str) -> str:
        """The text up to a word of `stops`, a comma, a semicolon, a closing parenthesis or the end, all at depth 0.

        At least one token is taken. Raises Unread where there is none.
        """
        first = self.peek()
        if first.kind == "end" or first.word in (",", ")", ";"):
            raise self.unread("where an expression was expected")
        depth, start = 0, first.start
        end = start
        while not self.done:
            token = self.peek()
            word = token.word
            if depth == 0 and end > start and (word in stops or word in (",", ")", ";")):
                break
            if word in ("(", "["):
                depth += 1
            elif word in (")", "]"):
                if depth == 0:
                    break
                depth -= 1
            if word == "CASE":
                depth += 1
            elif word == "END" and depth:
                depth -= 1
            end = token.end
            self.at += 1
        return self.sql[start:end]

    def rest(self) -> str:
        """Everything that is left."""
        start = self.peek().start
        self.at = len(self.tokens)
        return self.sql[start:].strip().rstrip(";").rstrip()

    def listed(self, read: Callable[[], T]) -> tuple[T, ...]:
        """One or more, separated by commas."""
        found = [read()]
        while self.accept(","):
            found.append(read())
        return tuple(found)

    def in_parentheses(self, read: Callable[[], T]) -> tuple[T, ...]:
        """One or more in parentheses, separated by commas."""
        self.expect("(")
        found = self.listed(read)
        self.expect(")")
        return found

    # --- what is common to all engines ---

    def if_exists(self) -> bool:
        """IF EXISTS, if it comes next."""
        return self.accept("IF", "EXISTS")

    def if_not_exists(self) -> bool:
        """IF NOT EXISTS, if it comes next."""
        return self.accept("IF", "NOT", "EXISTS")

    def cascade(self) -> bool:
        """CASCADE or RESTRICT, if one comes next; true for CASCADE."""
        return self.accept_any("CASCADE", "RESTRICT") == "CASCADE"


ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def unescape(text: str) -> str:
    """The value of what stands between the quotes of an E'' string."""
    out, at = [], 0
    while at < len(text):
        char = text[at]
        if char == "'" and text[at + 1 : at + 2] == "'":
            at += 1
        elif char == "\\" and at + 1 < len(text):
            at += 1
            char = text[at]
            for letter, digits in (("x", 2), ("u", 4), ("U", 8)):
                if char == letter:
                    try:
                        out.append(chr(int(text[at + 1 : at + 1 + digits], 16)))
                    except ValueError:
                        break
                    at += digits + 1
                    char = ""
                    break
            if not char:
                continue
            char = ESCAPES.get(char, char)
        out.append(char)
        at += 1
    return "".join(out)
