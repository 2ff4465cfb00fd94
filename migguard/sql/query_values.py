"""Values of a query over small tables: comparisons, arithmetic, and the functions that ask no server."""

from __future__ import annotations

import datetime
import re
import uuid
import zoneinfo
from collections.abc import Callable
from typing import Any


class CannotEvaluate(Exception):
    """The query holds something that is not evaluated here."""


def truth(value: Any) -> bool | None:
    """A value as a truth value."""
    return None if value is None else bool(value)


def equal(a: Any, b: Any) -> bool:
    """Whether two values are equal, numbers also where one came as text."""
    if isinstance(a, uuid.UUID) or isinstance(b, uuid.UUID):
        return str(a) == str(b)
    if isinstance(a, str) != isinstance(b, str) and b is not None and a is not None:
        return str(a) == str(b)
    return bool(a == b)


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "EQ": equal,
    "NEQ": lambda a, b: not equal(a, b),
    "LT": lambda a, b: a < b,
    "LTE": lambda a, b: a <= b,
    "GT": lambda a, b: a > b,
    "GTE": lambda a, b: a >= b,
}
ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "Add": lambda a, b: a + b,
    "Sub": lambda a, b: a - b,
    "Mul": lambda a, b: a * b,
    "Div": lambda a, b: a // b if isinstance(a, int) and isinstance(b, int) else a / b,
    "Mod": lambda a, b: a % b,
    "DPipe": lambda a, b: f"{a}{b}",
}


def at_zone(zone: Any, value: Any) -> datetime.datetime | None:
    """AT TIME ZONE: a moment as a clock in the zone shows it, or a clock's time in the zone as a moment."""
    if value is None or zone is None:
        return None
    if not isinstance(value, datetime.datetime):
        raise CannotEvaluate("AT TIME ZONE")
    try:
        there = zoneinfo.ZoneInfo(str(zone).upper() if str(zone).upper() in ("UTC", "GMT") else str(zone))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        raise CannotEvaluate(f"the time zone {zone}") from None
    if value.tzinfo is None:
        return value.replace(tzinfo=there).astimezone(datetime.UTC)
    return value.astimezone(there).replace(tzinfo=None)


BEGAN = datetime.datetime.now(datetime.UTC)
"""The time of every transaction: within one, now() is the same each time."""
PURE: dict[str, Callable[..., Any]] = {
    "coalesce": lambda *a: next((v for v in a if v is not None), None),
    "ifnull": lambda *a: next((v for v in a if v is not None), None),
    "nullif": lambda a, b: None if a == b else a,
    "lower": lambda a: None if a is None else str(a).lower(),
    "upper": lambda a: None if a is None else str(a).upper(),
    "length": lambda a: None if a is None else len(a),
    "concat": lambda *a: "".join(str(v) for v in a if v is not None),
    "trim": lambda a, *_: None if a is None else str(a).strip(),
    "abs": lambda a: None if a is None else abs(a),
    "greatest": lambda *a: max((v for v in a if v is not None), default=None),
    "least": lambda *a: min((v for v in a if v is not None), default=None),
    "replace": lambda a, b, c: None if a is None else str(a).replace(b, c),
    "str_replace": lambda a, b, c: None if a is None else str(a).replace(b, c),
    "substring": lambda a, start=1, size=None: None if a is None else str(a)[start - 1 :][:size],
    "quote_ident": lambda a: a,
    "current_timestamp": lambda *_: BEGAN,
    "now": lambda *_: BEGAN,
    "timezone": at_zone,
    "current_date": lambda *_: BEGAN.date(),
    "gen_random_uuid": lambda: uuid.uuid4(),
    "uuid": lambda *_: uuid.uuid4(),
    "array_length": lambda a, *_: len(a) if a else None,
    "array_size": lambda a, *_: len(a) if a else None,
    "cardinality": lambda a: len(a or ()),
    "format": lambda *a: formatted(*a),
    "split_part": lambda a, b, n: (str(a).split(b) + [""] * n)[n - 1],
}


def number(text: str) -> int | float:
    """A number literal."""
    return int(text) if re.fullmatch(r"\d+", text) else float(text)


def like(value: Any, pattern: Any, *, fold: bool) -> bool | None:
    """LIKE."""
    if value is None or pattern is None:
        return None
    out, at = "", 0
    text = str(pattern)
    while at < len(text):
        char = text[at]
        if char == "\\" and at + 1 < len(text):
            at += 1
            out += re.escape(text[at])
        else:
            out += ".*" if char == "%" else "." if char == "_" else re.escape(char)
        at += 1
    return re.fullmatch(out, str(value), re.DOTALL | (re.IGNORECASE if fold else 0)) is not None


def formatted(template: Any, *values: Any) -> str | None:
    """PostgreSQL's format() with %s, %I and %L. Raises CannotEvaluate for positions and widths."""
    if template is None:
        return None
    left = list(values)

    def one(found: re.Match[str]) -> str:
        kind = found[1]
        if kind == "%":
            return "%"
        if kind not in "sIL" or not left:
            raise CannotEvaluate("format() with positions or widths")
        value = left.pop(0)
        if kind == "L":
            return "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"
        text = "" if value is None else str(value)
        return text if kind == "s" or re.fullmatch(r"[a-z_][a-z0-9_]*", text) else '"' + text.replace('"', '""') + '"'

    return re.sub(r"%(.)", one, str(template))


def unique(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The rows without repetitions, in order."""
    found: list[tuple[Any, ...]] = []
    for row in rows:
        if row not in found:
            found.append(row)
    return found


def sortable(value: Any) -> tuple[int, Any]:
    """A sort key with NULL last."""
    return (1, "") if value is None else (0, value)


def literal(value: Any) -> Any:
    """A value as a literal node."""
    from sqlglot import exp

    if value is None:
        return exp.Null()
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, (int, float)):
        return exp.Literal.number(value)
    return exp.Literal.string(str(value))
