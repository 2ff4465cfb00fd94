"""Read an expression for what can be told of it; its text stays the user's own.

Tokens suffice for nearly all that migrations hold: literals and their casts, calls, comparisons with constants joined
by AND. What they do not explain stays text, with its references.
"""

from __future__ import annotations

from functools import lru_cache

from migguard.changes import Condition, DataType, Engine, Expression, Reference
from migguard.placeholders import is_placeholder
from migguard.sql.cursor import Cursor
from migguard.sql.tokens import Token, Unread

KEYWORDS = frozenset(
    [
        "ALL",
        "AND",
        "ANY",
        "ARRAY",
        "AS",
        "ASC",
        "ASYMMETRIC",
        "AT",
        "BETWEEN",
        "BOTH",
        "BY",
        "CASE",
        "CAST",
        "COLLATE",
        "DESC",
        "DISTINCT",
        "ELSE",
        "END",
        "ESCAPE",
        "EXISTS",
        "FALSE",
        "FILTER",
        "FIRST",
        "FOLLOWING",
        "FOR",
        "FROM",
        "GROUP",
        "HAVING",
        "ILIKE",
        "IN",
        "INTERVAL",
        "INTO",
        "IS",
        "ISNULL",
        "JOIN",
        "LAST",
        "LEADING",
        "LEFT",
        "LIKE",
        "LIMIT",
        "NOT",
        "NOTNULL",
        "NULL",
        "NULLS",
        "OF",
        "OFFSET",
        "ON",
        "OR",
        "ORDER",
        "OVER",
        "OVERLAPS",
        "PARTITION",
        "PRECEDING",
        "RANGE",
        "REGEXP",
        "RIGHT",
        "RLIKE",
        "ROW",
        "ROWS",
        "SELECT",
        "SIMILAR",
        "SOME",
        "SYMMETRIC",
        "THEN",
        "TO",
        "TRAILING",
        "TRUE",
        "UNBOUNDED",
        "UNION",
        "UNKNOWN",
        "USING",
        "VALUES",
        "WHEN",
        "WHERE",
        "WITH",
        "WITHOUT",
        "ZONE",
        "INNER",
        "OUTER",
        "CROSS",
        "FULL",
        "NATURAL",
        "EXCEPT",
        "INTERSECT",
        "WINDOW",
        "GLOB",
        "MATCH",
        "DIV",
        "MOD",
        "XOR",
        "BINARY",
    ]
)
SOFT = frozenset(
    [
        "AT",
        "BY",
        "DIV",
        "ESCAPE",
        "EXISTS",
        "FILTER",
        "FIRST",
        "FOLLOWING",
        "GLOB",
        "INTERVAL",
        "LAST",
        "MATCH",
        "MOD",
        "NULLS",
        "OF",
        "OVER",
        "PARTITION",
        "PRECEDING",
        "RANGE",
        "REGEXP",
        "RLIKE",
        "ROW",
        "ROWS",
        "UNBOUNDED",
        "UNKNOWN",
        "VALUES",
        "WITHOUT",
        "XOR",
        "ZONE",
    ]
)
"""Keywords that PostgreSQL takes for a column's name where an operand is expected."""
BEFORE_OPERAND = frozenset(
    [
        "ALL",
        "AND",
        "BETWEEN",
        "BY",
        "CASE",
        "DISTINCT",
        "ELSE",
        "FROM",
        "HAVING",
        "ILIKE",
        "IN",
        "LIKE",
        "NOT",
        "ON",
        "OR",
        "SELECT",
        "SYMMETRIC",
        "THEN",
        "WHEN",
        "WHERE",
    ]
)
BARE_FUNCTIONS = frozenset(
    [
        "CURRENT_TIMESTAMP",
        "CURRENT_DATE",
        "CURRENT_TIME",
        "LOCALTIME",
        "LOCALTIMESTAMP",
        "CURRENT_USER",
        "CURRENT_ROLE",
        "SESSION_USER",
        "CURRENT_CATALOG",
        "CURRENT_SCHEMA",
        "USER",
        "SYSDATE",
        "SYSTIMESTAMP",
        "UTC_TIMESTAMP",
        "UTC_DATE",
        "UTC_TIME",
    ]
)
COMPARISONS = {"=": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "==": "="}
MIRRORED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
TYPE_PREFIXES = frozenset(
    [
        "DATE",
        "TIMESTAMP",
        "TIMESTAMPTZ",
        "TIME",
        "TIMETZ",
        "INTERVAL",
        "BOOL",
        "BOOLEAN",
        "INT",
        "INTEGER",
        "BIGINT",
        "SMALLINT",
        "NUMERIC",
        "DECIMAL",
        "TEXT",
        "VARCHAR",
        "CHAR",
        "UUID",
        "JSON",
        "JSONB",
        "BYTEA",
        "INET",
        "CIDR",
        "REAL",
        "FLOAT",
    ]
)


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
        if token.kind not in ("word", "name"):
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


def reserved(token: Token, engine: Engine) -> bool:
    """Whether a word that is an operand by itself cannot be a column's name."""
    if token.word in SOFT and engine is Engine.POSTGRESQL:
        return False
    return token.word in KEYWORDS or token.word in BARE_FUNCTIONS


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


# --- constants ----------------------------------------------------------------------------------------------------


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


def literal(cursor: Cursor) -> tuple[str | None, bool]:
    """The constant that a whole expression is, and whether it is NULL."""
    return constant_of(cursor.tokens, cursor)


def constant_of(tokens: list[Token], cursor: Cursor) -> tuple[str | None, bool]:
    """The constant that the tokens spell, casts left out; (None, True) for NULL, (None, False) for no constant."""
    tokens = unwrap(tokens)
    if not tokens:
        return None, False
    if len(tokens) > 5 and tokens[0].word == "CAST" and tokens[1].word == "(" and tokens[-1].word == ")":
        inner = tokens[2:-1]
        place = next((i for i, t in enumerate(inner) if t.word == "AS"), None)
        return constant_of(inner[:place], cursor) if place is not None else (None, False)
    place = next((i for i, t in enumerate(tokens) if t.word == "::"), None)
    if place is not None:
        depth = 0
        for token in tokens[:place]:
            depth += (token.word == "(") - (token.word == ")")
        if depth == 0 and cast_tail(tokens[place:]):
            return constant_of(tokens[:place], cursor)
        return None, False
    first = tokens[0]
    if len(tokens) == 1:
        if first.kind == "string":
            return cursor.value_of(first), False
        if first.kind in ("number", "literal"):
            return first.text, False
        if first.word in ("TRUE", "FALSE"):
            return first.word.lower(), False
        return None, first.word == "NULL"
    if len(tokens) == 2:
        second = tokens[1]
        if first.word in ("-", "+") and second.kind == "number":
            return (first.word if first.word == "-" else "") + second.text, False
        if second.kind == "string" and (first.word in TYPE_PREFIXES or first.text.startswith("_")):
            return cursor.value_of(second), False
    if len(tokens) == 4 and first.word == "." and first.kind == "operator":
        return None, False
    return None, False


def cast_tail(tokens: list[Token]) -> bool:
    """Whether tokens are nothing but `::type` casts."""
    allowed = {"::", "(", ")", "[", "]", ",", "."}
    return all(t.word in allowed or t.kind in ("word", "name", "number") for t in tokens)


TRUE = frozenset({"true", "1", "t", "on", "yes"})
FALSE = frozenset({"false", "0", "f", "off", "no"})


# --- conditions ---------------------------------------------------------------------------------------------------


def split_and(tokens: list[Token]) -> list[list[Token]] | None:
    """The members of a conjunction; None where OR stands at its top level."""
    parts: list[list[Token]] = [[]]
    depth = 0
    between = False
    for token in tokens:
        word = token.word
        if word in ("(", "[", "CASE"):
            depth += 1
        elif word in (")", "]") or (word == "END" and depth):
            depth -= 1
        if depth == 0:
            if word == "OR":
                return None
            if word == "BETWEEN":
                between = True
            elif word == "AND":
                if between:
                    between = False
                else:
                    parts.append([])
                    continue
        parts[-1].append(token)
    return parts


def conjunction(tokens: list[Token], cursor: Cursor) -> tuple[list[Condition], bool, bool]:
    """The conditions of a conjunction, whether they are all of it, and whether it is true whatever the row."""
    tokens = unwrap(tokens)
    parts = split_and(tokens)
    if parts is None:
        return [], False, any_row(tokens, cursor)
    found: list[Condition] = []
    complete, true = True, True
    for part in parts:
        inner = unwrap(part)
        if inner is not part or (len(parts) > 1 and split_and(inner) is not None and len(split_and(inner) or ()) > 1):
            more, whole, trivially = conjunction(inner, cursor)
        else:
            more, whole, trivially = condition(inner, cursor)
        found += more
        complete = complete and whole
        true = true and trivially
    return found, complete, true


def any_row(tokens: list[Token], cursor: Cursor) -> bool:
    """Whether one side of an OR is true whatever the row, or two of them are: of a NULL and of anything else."""
    sides = [conjunction(part, cursor) for part in split_or(tokens)]
    single = {(found[0].column, found[0].operator) for found, whole, _ in sides if whole and len(found) == 1}
    return any(true for *_, true in sides) or any(
        (column, "is not null") in single for column, operator in single if operator == "is null"
    )


def split_or(tokens: list[Token]) -> list[list[Token]]:
    """The sides of an OR at the top level."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        word = token.word
        depth += (word in ("(", "[", "CASE")) - (word in (")", "]") or (word == "END" and depth > 0))
        if word == "OR" and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def condition(tokens: list[Token], cursor: Cursor) -> tuple[list[Condition], bool, bool]:
    """One member of a conjunction: the conditions it makes, whether it was understood, whether it is always true."""
    nothing: tuple[list[Condition], bool, bool] = ([], False, False)
    words = [t.word for t in tokens]
    if words[:1] == ["NOT"]:
        inner, whole, _ = conjunction(tokens[1:], cursor)
        if whole and len(inner) == 1 and inner[0].operator in ("is null", "is not null"):
            flipped = "is not null" if inner[0].operator == "is null" else "is null"
            return [Condition(inner[0].column, flipped)], True, False
        denied = constant_of(unwrap(tokens[1:]), cursor)[0]
        return ([], True, True) if denied is not None and denied.lower() in FALSE else nothing
    if words[-3:] == ["IS", "NOT", "NULL"] or words[-1:] == ["NOTNULL"]:
        column = column_of(tokens[: -3 if words[-1] == "NULL" else -1], cursor)
        return ([Condition(column, "is not null")], True, False) if column else nothing
    if words[-2:] == ["IS", "NULL"] or words[-1:] == ["ISNULL"]:
        column = column_of(tokens[: -2 if words[-1] == "NULL" else -1], cursor)
        return ([Condition(column, "is null")], True, False) if column else nothing
    value, null = constant_of(tokens, cursor)
    if value is not None or null:
        return [], True, value is not None and value.lower() in TRUE
    for place, token in enumerate(tokens):
        if at_top(tokens, place):
            if token.word in COMPARISONS:
                return compared(tokens[:place], COMPARISONS[token.word], tokens[place + 1 :], cursor)
            if token.word == "BETWEEN" and (place == 0 or tokens[place - 1].word != "NOT"):
                return between(tokens, place, cursor)
            if token.word == "IN" and tokens[place - 1].word != "NOT":
                return member(tokens[:place], tokens[place + 1 :], cursor)
    return nothing


def at_top(tokens: list[Token], place: int) -> bool:
    """Whether a token stands outside of all parentheses."""
    depth = 0
    for token in tokens[:place]:
        depth += (token.word in ("(", "[")) - (token.word in (")", "]"))
    return depth == 0


def column_of(tokens: list[Token], cursor: Cursor) -> str | None:
    """The column that tokens name, with or without a table before it and casts behind it."""
    tokens = unwrap(tokens)
    place = next((i for i, t in enumerate(tokens) if t.word == "::"), None)
    if place is not None and cast_tail(tokens[place:]):
        tokens = unwrap(tokens[:place])
    if len(tokens) == 3 and tokens[1].word == ".":
        tokens = tokens[2:]
    if len(tokens) != 1:
        return None
    only = tokens[0]
    if only.kind == "name" or (only.kind == "word" and not reserved(only, cursor.engine)):
        return cursor.fold(only)
    return None


def compared(
    left: list[Token], operator: str, right: list[Token], cursor: Cursor
) -> tuple[list[Condition], bool, bool]:
    """A comparison of a column with a constant, either way round."""
    a, b = constant_of(left, cursor)[0], constant_of(right, cursor)[0]
    if a is not None and b is not None:
        return [], True, operator == "=" and a == b
    if b is not None and (column := column_of(left, cursor)) is not None:
        return [Condition(column, operator, b)], True, False
    if a is not None and (column := column_of(right, cursor)) is not None:
        return [Condition(column, MIRRORED[operator], a)], True, False
    column = column_of(left, cursor)
    if operator == "=" and column is not None:
        values = any_array(right, cursor)
        if values:
            return [Condition(column, "in", values=values)], True, False
        if bound(right):
            return [Condition(column, "=")], True, False
    elif column is not None and bound(right):
        return [Condition(column, operator)], True, False
    if [t.text for t in left] == [t.text for t in right] and operator == "=" and column is not None:
        return [], True, True
    return [], False, False


def bound(tokens: list[Token]) -> bool:
    """Whether tokens are a bound parameter in one of the drivers' styles."""
    text = "".join(t.text for t in unwrap(tokens))
    return (
        text in ("?", "%s")
        or ((text[:1] in (":", "$", "@") and text[1:].isidentifier()) or text[1:].isdigit())
        or (text.startswith("%(") and text.endswith(")s"))
    )


def between(tokens: list[Token], place: int, cursor: Cursor) -> tuple[list[Condition], bool, bool]:
    """BETWEEN as two comparisons."""
    middle = next((i for i in range(place + 1, len(tokens)) if tokens[i].word == "AND"), None)
    column = column_of(tokens[:place], cursor)
    if middle is None or column is None:
        return [], False, False
    low, high = constant_of(tokens[place + 1 : middle], cursor)[0], constant_of(tokens[middle + 1 :], cursor)[0]
    bounded = bound(tokens[place + 1 : middle]) and bound(tokens[middle + 1 :])
    if (low is None or high is None) and not bounded:
        return [], False, False
    return [Condition(column, ">=", low), Condition(column, "<=", high)], True, False


def member(left: list[Token], right: list[Token], cursor: Cursor) -> tuple[list[Condition], bool, bool]:
    """`column IN (constants)`."""
    column = column_of(left, cursor)
    values = constants(unwrap(right), cursor)
    if column is None or not right or right[0].word != "(":
        return [], False, False
    if values is None:
        return (
            ([Condition(column, "in")], True, False)
            if all(bound(p) for p in commas(unwrap(right)))
            else ([], False, False)
        )
    return [Condition(column, "in", values=values)], True, False


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


def constants(tokens: list[Token], cursor: Cursor) -> tuple[str, ...] | None:
    """Constants separated by commas, or None where one is none."""
    found = [constant_of(p, cursor)[0] for p in commas(tokens)]
    return None if any(v is None for v in found) else tuple(v for v in found if v is not None)


def any_array(tokens: list[Token], cursor: Cursor) -> tuple[str, ...] | None:
    """The constants of `ANY (ARRAY[…])`, casts left out."""
    if [t.word for t in tokens[:1]] != ["ANY"]:
        return None
    inner = unwrap(tokens[1:])
    place = next((i for i, t in enumerate(inner) if t.word == "::" and at_top(inner, i)), None)
    inner = unwrap(inner[:place] if place is not None else inner)
    if len(inner) > 2 and inner[0].word == "ARRAY" and inner[1].word == "[" and inner[-1].word == "]":
        return constants(inner[2:-1], cursor)
    return None


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
