"""What a WHERE or a CHECK asks of columns: comparisons with constants, joined by AND."""

from __future__ import annotations

from migguard.changes import Condition
from migguard.sql.constants import cast_tail, constant_of, constants
from migguard.sql.cursor import Cursor
from migguard.sql.expression_words import reserved
from migguard.sql.parts import at_top, commas, split, unwrap
from migguard.sql.tokens import Token

COMPARISONS = {"=": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "==": "="}
MIRRORED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
TRUE = frozenset({"true", "1", "t", "on", "yes"})
FALSE = frozenset({"false", "0", "f", "off", "no"})


def conjunction(tokens: list[Token], cursor: Cursor) -> tuple[list[Condition], bool, bool]:
    """The conditions of a conjunction, whether they are all of it, and whether it is true whatever the row."""
    tokens = unwrap(tokens)
    sides = split(tokens, "OR")
    if len(sides) > 1:
        return [], False, any_row(sides, cursor)
    parts = split(tokens, "AND")
    found: list[Condition] = []
    complete, true = True, True
    for part in parts:
        inner = unwrap(part)
        if inner is not part:
            more, whole, trivially = conjunction(inner, cursor)
        else:
            more, whole, trivially = condition(inner, cursor)
        found += more
        complete = complete and whole
        true = true and trivially
    return found, complete, true


def any_row(parts: list[list[Token]], cursor: Cursor) -> bool:
    """Whether one side of an OR is true whatever the row, or two of them are: of a NULL and of anything else."""
    sides = [conjunction(part, cursor) for part in parts]
    single = {(found[0].column, found[0].operator) for found, whole, _ in sides if whole and len(found) == 1}
    return any(true for *_, true in sides) or any(
        (column, "is not null") in single for column, operator in single if operator == "is null"
    )


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
