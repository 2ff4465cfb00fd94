"""Read an expression for what can be told of it; its text stays the user's own.

Tokens suffice for nearly all that migrations hold: literals and their casts, calls, comparisons with constants joined
by AND. What they do not explain stays text, with its references.
"""

from __future__ import annotations

from functools import lru_cache

from migguard.changes import DataType, Engine, Expression, Reference
from migguard.placeholders import is_placeholder
from migguard.sql.conditions import conjunction
from migguard.sql.constants import TYPE_PREFIXES, literal
from migguard.sql.cursor import Cursor
from migguard.sql.expression_words import BARE_FUNCTIONS, BEFORE_OPERAND, KEYWORDS, SOFT, reserved
from migguard.sql.tokens import Token, Unread


@lru_cache(maxsize=4096)
def read_expression(text: str, engine: Engine) -> Expression:
    """What can be told of an expression.

    `readable` is false where it cannot even be cut into tokens, or has a name or a value that nobody knows.
    """
    text = text.strip()
    if is_placeholder(text):
        return Expression(text, readable=False)
    try:
        cursor = Cursor(text, engine)
    except Unread:
        return Expression(text, readable=False)
    references, functions = mentioned(cursor)
    constant, is_null = literal(cursor)
    if constant is not None or is_null:
        true = constant is not None and constant.lower() in ("true", "1", "t")
        return Expression(
            text, references, functions, constant, is_null, always_true=true, conjunctive=True, strings=strings(cursor)
        )
    conditions, all_read, true = conjunction(cursor.tokens, cursor)
    column, casts = cast_chain(text, engine)
    return Expression(
        text=text,
        references=references,
        functions=functions,
        conditions=tuple(conditions),
        conjunctive=all_read,
        cast_of=column,
        cast_types=casts,
        always_true=true,
        strings=strings(cursor),
    )


def strings(cursor: Cursor) -> tuple[str, ...]:
    """The string literals in an expression."""
    return tuple(dict.fromkeys(cursor.value_of(t) for t in cursor.tokens if t.kind == "string"))


# --- references ---------------------------------------------------------------------------------------------------


def mentioned(cursor: Cursor) -> tuple[tuple[Reference, ...], tuple[str, ...]]:
    """The identifiers in an expression and the functions it calls."""
    references: list[Reference] = []
    functions: dict[str, None] = {}
    tokens = cursor.tokens
    index = 0
    while index < len(tokens):
        token = tokens[index]
        before = tokens[index - 1].word if index else ""
        following = tokens[index + 1].word if index + 1 < len(tokens) else ""
        if token.kind not in ("word", "name") or is_bound(tokens, index):
            index += 1
            continue
        if token.kind == "word" and token.word == "AT" and following == "TIME":
            functions["timezone"] = None
            index += 3
            continue
        if before == "::" or (before == "AS" and in_cast(tokens, index)):
            index = pass_type(cursor, tokens, index, references)
            continue
        if (
            token.kind == "word"
            and (token.word in KEYWORDS or token.word in BARE_FUNCTIONS)
            and not (token.word in SOFT and cursor.engine is Engine.POSTGRESQL and operand(tokens, index))
        ):
            if token.word in BARE_FUNCTIONS:
                functions[token.text.lower()] = None
            index += 1
            continue
        following_string = index + 1 < len(tokens) and tokens[index + 1].kind == "string"
        if token.kind == "word" and token.word in TYPE_PREFIXES and following_string:
            index += 1
            continue
        if before == "COLLATE":
            index += 3 if following == "." else 1
            continue
        if before == "(" and following == "FROM" and index > 1 and tokens[index - 2].word == "EXTRACT":
            index += 1
            continue
        if following == "." and index + 2 < len(tokens) and tokens[index + 2].kind in ("word", "name"):
            last = tokens[index + 2]
            called = index + 3 < len(tokens) and tokens[index + 3].word == "("
            kind = "function" if called else "relation" if in_from(tokens, index) else "column"
            if called:
                functions[cursor.fold(last)] = None
            references.append(Reference(last.start, last.end, cursor.fold(last), kind, cursor.fold(token)))
            if kind == "column":
                references.append(Reference(token.start, token.end, cursor.fold(token), "relation"))
            index += 3
            continue
        if following == "(":
            functions[cursor.fold(token) if cursor.engine is not Engine.MYSQL else token.text.lower()] = None
            references.append(Reference(token.start, token.end, cursor.fold(token), "function"))
        else:
            kind = "relation" if in_from(tokens, index) else "column"
            references.append(Reference(token.start, token.end, cursor.fold(token), kind))
        index += 1
    return tuple(references), tuple(functions)


def is_bound(tokens: list[Token], index: int) -> bool:
    """Whether a word is of a bound parameter, as in `:total` and `%(total)s`; in `a[1:n]` it is a column."""
    before = [t.word for t in tokens[max(index - 4, 0) : index]]
    if before[-2:] == ["%", "("] and [t.word for t in tokens[index + 1 : index + 3]] == [")", "S"]:
        return tokens[index + 1].end == tokens[index + 2].start
    if [before[-4:-2], before[-1:]] == [["%", "("], [")"]] and tokens[index - 1].end == tokens[index].start:
        return tokens[index].word == "S"
    if before[-1:] != [":"] or tokens[index - 1].end != tokens[index].start:
        return False
    return [t.word for t in tokens[:index]].count("[") == [t.word for t in tokens[:index]].count("]")


def in_from(tokens: list[Token], index: int) -> bool:
    """Whether a name stands behind the FROM or JOIN of a subquery, and not behind that of EXTRACT or TRIM."""
    if index == 0 or tokens[index - 1].word not in ("FROM", "JOIN"):
        return False
    depth = 0
    for place in range(index - 2, -1, -1):
        depth += (tokens[place].word == ")") - (tokens[place].word == "(")
        if depth < 0:
            return tokens[place + 1].word in ("SELECT", "WITH")
    return tokens[0].word in ("SELECT", "WITH")


def operand(tokens: list[Token], index: int) -> bool:
    """Whether a word stands where an operand is expected, and is neither called nor a literal's type."""
    before = tokens[index - 1] if index else None
    if index + 1 < len(tokens) and (tokens[index + 1].word == "(" or tokens[index + 1].kind == "string"):
        return False
    if before is None:
        return True
    return before.word in BEFORE_OPERAND or (before.kind == "operator" and before.word not in (")", "]", ".", "::"))


def in_cast(tokens: list[Token], index: int) -> bool:
    """Whether the AS before a token is that of CAST( … AS type)."""
    depth = 0
    for at in range(index - 1, -1, -1):
        word = tokens[at].word
        if word == ")":
            depth += 1
        elif word == "(":
            if depth == 0:
                return at > 0 and tokens[at - 1].word in ("CAST", "TRY_CAST", "CONVERT")
            depth -= 1
    return False


def pass_type(cursor: Cursor, tokens: list[Token], index: int, references: list[Reference]) -> int:
    """Pass a type's name in a cast, noting it as a reference; the index behind it."""
    token = tokens[index]
    if index + 2 < len(tokens) and tokens[index + 1].word == ".":
        last = tokens[index + 2]
        references.append(Reference(last.start, last.end, cursor.fold(last), "type", cursor.fold(token)))
        index += 3
    else:
        references.append(Reference(token.start, token.end, cursor.fold(token), "type"))
        index += 1
    while index < len(tokens) and tokens[index].word in (
        "VARYING", "PRECISION", "WITH", "WITHOUT", "TIME", "ZONE", "UNSIGNED", "SIGNED",
    ):  # fmt: skip
        index += 1
    return index


# --- casts --------------------------------------------------------------------------------------------------------


def cast_chain(text: str, engine: Engine) -> tuple[str | None, tuple[DataType, ...]]:
    """The column that an expression is but for casts, and the types of those casts, innermost first."""
    if engine is not Engine.POSTGRESQL:
        return None, ()
    from migguard.sql.postgresql_types import read_type

    cursor = Cursor(text, engine)

    def primary() -> tuple[str, list[DataType]] | None:
        if cursor.accept("CAST"):
            cursor.expect("(")
            inner = chain()
            cursor.expect("AS")
            made = read_type(cursor).type
            cursor.expect(")")
            return None if inner is None else (inner[0], [*inner[1], made])
        if cursor.accept("("):
            inner = chain()
            cursor.expect(")")
            return inner
        token = cursor.peek()
        if token.kind == "name" or (token.kind == "word" and not reserved(token, engine)):
            cursor.at += 1
            if cursor.accept("."):
                token = cursor.take()
            return cursor.fold(token), []
        return None

    def chain() -> tuple[str, list[DataType]] | None:
        found = primary()
        while found is not None and cursor.accept("::"):
            found[1].append(read_type(cursor).type)
        return found

    try:
        found = chain()
        if found is None or not cursor.done:
            return None, ()
    except Unread:
        return None, ()
    return found[0], tuple(found[1])
