"""Literals as PostgreSQL's types read and write them: what a default comes back as, and what a type refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from migguard.catalog.lookup import type_at
from migguard.catalog.schema import Catalog, DomainType, EnumType
from migguard.changes import DataType


class Refusal(ValueError):
    """The type does not read the literal."""


Written = str | None
"""The text that the type's output function gives; None where it cannot be foretold."""

TRUE = ("true", "yes", "on", "1")
FALSE = ("false", "no", "off", "0")
BOUNDS = {"smallint": 32767, "integer": 2147483647, "bigint": 9223372036854775807}
TEXTUAL = frozenset({"text", "character varying", "character", "bpchar", "name", '"char"', "json", "xml"})


def boolean(value: str) -> Written:
    """boolin() takes any unique beginning of its words."""
    word = value.strip().lower()
    if word and word != "o":
        if any(t.startswith(word) for t in TRUE):
            return "true"
        if any(f.startswith(word) for f in FALSE):
            return "false"
    raise Refusal


def integer(value: str, bound: int) -> Written:
    """int4in() and its kin; PostgreSQL 16 reads hexadecimal and underscores too."""
    text = value.strip()
    if re.fullmatch(r"[-+]?(0[xob]\w+|\d[\d_]*_\d*)", text, re.IGNORECASE):
        return None
    if not re.fullmatch(r"[-+]?\d+", text) or not -bound - 1 <= int(text) <= bound:
        raise Refusal
    return str(int(text))


def numeric(value: str) -> Written:
    """numeric_in() keeps the digits that were written."""
    text = value.strip()
    if text.lower() in ("nan", "inf", "infinity", "-inf", "-infinity", "+inf", "+infinity"):
        return None
    try:
        number = Decimal(text.replace("_", ""))
    except InvalidOperation:
        raise Refusal from None
    return f"{number:f}"


def floating(value: str, *, single: bool) -> Written:
    """float8in() and the shortest text that reads back the same."""
    text = value.strip()
    if text.lower().lstrip("+-") in ("nan", "inf", "infinity"):
        return None
    try:
        number = float(text)
    except ValueError:
        raise Refusal from None
    if single:
        return text if re.fullmatch(r"-?\d{1,5}", text) else f"{number:.6g}" if abs(number) < 10**5 else None
    made = repr(number)
    return made.removesuffix(".0") if "e" not in made else None


def uuid(value: str) -> Written:
    """uuid_in() and uuid_out()."""
    text = value.strip().lower().removeprefix("{").removesuffix("}")
    digits = text.replace("-", "")
    if not re.fullmatch(r"[0-9a-f]{32}", digits):
        raise Refusal
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def json_text(value: str) -> Written:
    """json_in() keeps the text."""
    try:
        json.loads(value)
    except ValueError:
        raise Refusal from None
    return value


def jsonb(value: str) -> Written:
    """jsonb_out(): one space after colons and commas, keys by length and then bytes."""
    try:
        made = json.loads(value, parse_float=Decimal, parse_int=Decimal)
    except ValueError:
        raise Refusal from None
    return _jsonb(made)


def _jsonb(value: object) -> str:
    match value:
        case dict():
            keys = sorted(value, key=lambda k: (len(k.encode()), k.encode()))
            return "{" + ", ".join(f"{json.dumps(k, ensure_ascii=False)}: {_jsonb(value[k])}" for k in keys) + "}"
        case list():
            return "[" + ", ".join(_jsonb(v) for v in value) + "]"
        case Decimal():
            return f"{value:f}"
        case _:
            return json.dumps(value, ensure_ascii=False)


DATE = re.compile(r"\d{4}-(\d\d)-(\d\d)\Z")
TIME = re.compile(r"(\d\d?):(\d\d)(?::(\d\d)(\.\d+)?)?\Z")


def date(value: str) -> Written:
    """date_in() of ISO dates; other spellings depend on DateStyle."""
    return value.strip() if DATE.match(value.strip()) else None


def time(value: str) -> Written:
    """time_in() of ISO times."""
    found = TIME.match(value.strip())
    if found is None:
        return None
    fraction = (found[4] or "").rstrip("0").removesuffix(".")
    return f"{int(found[1]):02}:{found[2]}:{found[3] or '00'}{fraction}"


def timestamp(value: str) -> Written:
    """timestamp_in() of ISO timestamps."""
    day, _, hour = value.strip().replace("T", " ").partition(" ")
    if not DATE.match(day):
        return None
    shown = time(hour) if hour else "00:00:00"
    return f"{day} {shown}" if shown is not None else None


def interval(value: str) -> Written:
    """interval_out() of whole days, months and years, and of plain times."""
    text = value.strip().lower()
    if found := re.fullmatch(r"(\d+) (day|mon|year)s?", text):
        number = int(found[1])
        return (
            f"{number} {found[2]}{'' if number == 1 else 's'}"
            if number and (found[2] != "mon" or number < 12)
            else None
        )
    if found := re.fullmatch(r"(\d+) (hour|minute|second)s?", text):
        seconds = int(found[1]) * {"hour": 3600, "minute": 60, "second": 1}[found[2]]
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return time(text)


def bytea(value: str) -> Written:
    """byteaout() writes hexadecimal."""
    if value.startswith("\\x"):
        return value.lower() if re.fullmatch(r"(?:[0-9a-f]{2})*", value[2:].lower()) else None
    return None if "\\" in value else "\\x" + value.encode().hex()


def address(value: str) -> Written:
    """inet_out() of a plain IPv4 address or network."""
    return value if re.fullmatch(r"\d{1,3}(\.\d{1,3}){3}(/\d{1,2})?", value) else None


READERS: dict[str, Callable[[str], Written]] = {
    "boolean": boolean,
    "numeric": numeric,
    "double precision": lambda v: floating(v, single=False),
    "real": lambda v: floating(v, single=True),
    "uuid": uuid,
    "json": json_text,
    "jsonb": jsonb,
    "date": date,
    "time without time zone": time,
    "timestamp without time zone": timestamp,
    "interval": interval,
    "bytea": bytea,
    "inet": address,
    "cidr": address,
}


def written(value: str, data_type: DataType, catalog: Catalog) -> Written:
    """What a literal of that type comes back as; None where that cannot be foretold. Raises Refusal."""
    if data_type.dimensions:
        return array(value, data_type, catalog)
    if not data_type.builtin:
        known = type_at(catalog, data_type)
        if isinstance(known, EnumType):
            if value not in known.labels:
                raise Refusal
            return value
        if isinstance(known, DomainType):
            return written(value, known.base, catalog)
        return None
    if data_type.name in BOUNDS:
        return integer(value, BOUNDS[data_type.name])
    if data_type.name in ("text", "character varying", "character", "bpchar", "name"):
        return value
    reader = READERS.get(data_type.name)
    return reader(value) if reader is not None else None


def array(value: str, data_type: DataType, catalog: Catalog) -> Written:
    """array_out() of one flat dimension of plain members. Raises Refusal for what is in no braces."""
    text = value.strip()
    if not text.startswith("{"):
        if text.startswith("["):
            return None
        raise Refusal
    inside = text[1:-1]
    if not inside.strip():
        return "{}"
    from migguard.catalog.copying import replace

    member = replace(data_type, dimensions=0)
    made = []
    for one in inside.split(","):
        if not re.fullmatch(r"[\w.-]+", one.strip()) or one.strip().lower() == "null":
            return None
        shown = written(one.strip(), member, catalog)
        if shown is None or not re.fullmatch(r"[\w.-]+", shown):
            return None
        made.append({"true": "t", "false": "f"}.get(shown, shown) if member.name == "boolean" else shown)
    return "{" + ",".join(made) + "}"
