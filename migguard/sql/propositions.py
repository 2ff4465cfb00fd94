"""A condition as AND, OR and NOT over parts that are only compared: enough to tell that one implies another."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from migguard.changes import Engine, Expression
from migguard.sql.cursor import Cursor
from migguard.sql.expressions import read_expression
from migguard.sql.parts import at_top, spelled, split, unwrap
from migguard.sql.tokens import Token, Unread


@dataclass(frozen=True, slots=True)
class Atom:
    """A part that is not taken apart, without its spacing and in one case where case does not matter."""

    text: str
    expression: Expression


@dataclass(frozen=True, slots=True)
class Not:
    """NOT part."""

    part: Proposition


@dataclass(frozen=True, slots=True)
class Both:
    """AND of all parts."""

    parts: tuple[Proposition, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """OR of the parts."""

    parts: tuple[Proposition, ...]


DENIED = frozenset({"IN", "LIKE", "ILIKE", "BETWEEN", "SIMILAR"})
"""What NOT stands before inside a part; `IS NOT` is an operator of its own."""

PREDICATES = DENIED | {"IS", "ISNULL", "NOTNULL", "OVERLAPS"}
"""Words of parts that bind more loosely than a sign of comparison, or beside it."""

Proposition = Atom | Not | Both | Either


@lru_cache(maxsize=512)
def proposition(text: str, engine: Engine) -> Proposition | None:
    """The condition taken apart; None where it cannot be cut into tokens."""
    try:
        cursor = Cursor(text, engine)
    except Unread:
        return None
    return read(cursor.tokens, cursor) if cursor.tokens else None


def read(tokens: list[Token], cursor: Cursor) -> Proposition:
    """The tokens taken apart: OR binds loosest, then AND, then NOT."""
    tokens = unwrap(tokens)
    for word, made in (("OR", Either), ("AND", Both)):
        parts = split(tokens, word)
        if len(parts) > 1 and all(parts):
            return made(tuple(read(p, cursor) for p in parts))
    if len(tokens) > 1 and tokens[0].word == "NOT":
        return Not(read(tokens[1:], cursor))
    inner = denied(tokens)
    if inner is not None:
        negation = tokens[inner]
        left, right = cursor.sql[tokens[0].start : negation.start], cursor.sql[negation.end : tokens[-1].end]
        positive = proposition(left + right, cursor.engine)
        if positive is not None:
            return Not(positive)
    ends = between(tokens)
    if ends is not None:
        middle, last = ends
        value, low, high = (
            cursor.sql[part[0].start : part[-1].end]
            for part in (tokens[:middle], tokens[middle + 1 : last], tokens[last + 1 :])
        )
        both = [proposition(f"{value} {sign} {end}", cursor.engine) for sign, end in ((">=", low), ("<=", high))]
        return Both(tuple(part for part in both if part is not None))
    atom = Atom(spelled(tokens), read_expression(text_of(tokens, cursor), cursor.engine))
    place = equality(tokens) if not atom.expression.conditions else None
    if place is None:
        return atom
    sides = sorted((spelled(side), text_of(side, cursor)) for side in (tokens[:place], tokens[place + 1 :]))
    same = Atom(
        " = ".join(shown for shown, _ in sides),
        read_expression(" = ".join(text for _, text in sides), cursor.engine),
    )
    return same if tokens[place].word in ("=", "==") else Not(same)


def text_of(tokens: list[Token], cursor: Cursor) -> str:
    """Tokens in the user's own text."""
    return cursor.sql[tokens[0].start : tokens[-1].end]


def equality(tokens: list[Token]) -> int | None:
    """Where the sign of `a = b` or `a <> b` stands, if a part is that: `b = a` and `NOT a <> b` are the same."""
    top = [i for i, _ in enumerate(tokens) if at_top(tokens, i)]
    if any(tokens[i].word in PREDICATES for i in top):
        return None
    found = [i for i in top if tokens[i].kind == "operator" and tokens[i].word in ("=", "==", "<>", "!=")]
    return found[0] if len(found) == 1 and 0 < found[0] < len(tokens) - 1 else None


def denied(tokens: list[Token]) -> int | None:
    """Where the NOT of a `x NOT IN (…)`, NOT LIKE or NOT BETWEEN stands at the top level: it denies the whole part."""
    depth = 0
    for at, token in enumerate(tokens[:-1]):
        depth += (token.word in ("(", "[", "CASE")) - (token.word in (")", "]") or (token.word == "END" and depth > 0))
        if at and depth == 0 and token.word == "NOT" and tokens[at + 1].word in DENIED:
            return at
    return None


def between(tokens: list[Token]) -> tuple[int, int] | None:
    """Where the BETWEEN and the AND of a `x BETWEEN a AND b` stand that is all of the tokens; SYMMETRIC is no range."""
    depth, found = 0, None
    for at, token in enumerate(tokens[:-1]):
        depth += (token.word in ("(", "[", "CASE")) - (token.word in (")", "]") or (token.word == "END" and depth > 0))
        if depth == 0 and token.word == "BETWEEN":
            if not at or found is not None or tokens[at + 1].word in ("SYMMETRIC", "AND"):
                return None
            found = at
        elif depth == 0 and token.word == "AND" and found is not None:
            return found, at
    return None
