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
    if value.strip().lower() in SPECIAL_TIMES:
        return SPECIAL_TIMES[value.strip().lower()]
    day, _, hour = value.strip().replace("T", " ").partition(" ")
    if not DATE.match(day):
        return None
    shown = time(hour) if hour else "00:00:00"
    return f"{day} {shown}" if shown is not None else None


SPECIAL_TIMES = {"infinity": "infinity", "-infinity": "-infinity", "epoch": "1970-01-01 00:00:00"}


def zoned(value: str) -> Written:
    """timestamptz_in() and timestamptz_out() where the session's zone is UTC."""
    made = timestamp(re.sub(r"\s*(?:[+-]00(?::?00)?|z|utc)\Z", "", value.strip(), flags=re.IGNORECASE))
    return made if made is None or made.endswith("infinity") else f"{made}+00"


UNITS = {
    "year": ("month", 12), "yr": ("month", 12), "y": ("month", 12), "month": ("month", 1), "mon": ("month", 1),
    "week": ("day", 7), "w": ("day", 7), "day": ("day", 1), "d": ("day", 1), "hour": ("second", 3600),
    "hr": ("second", 3600), "h": ("second", 3600), "minute": ("second", 60), "min": ("second", 60),
    "m": ("second", 60), "second": ("second", 1), "sec": ("second", 1), "s": ("second", 1),
}  # fmt: skip
"""What an interval's units count, in months, days or seconds."""
QUANTITY = re.compile(r"([-+]?\d+(?:\.\d+)?)\s*([a-z]+)\s*")
ISO_INTERVAL = re.compile(
    r"p(?=.)(?:(\d+)y)?(?:(\d+)m)?(?:(\d+)w)?(?:(\d+)d)?(?:t(?=.)(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?)?\Z"
)
CLOCK = re.compile(r"(-?)(\d+):(\d\d)(?::(\d\d)(\.\d+)?)?\Z")


def interval(value: str) -> Written:
    """interval_in(), which keeps months, days and a time apart, and interval_out() in the style `postgres`."""
    text = value.strip().lower().removeprefix("@").strip()
    sums = {"month": Decimal(0), "day": Decimal(0), "second": Decimal(0)}
    if found := ISO_INTERVAL.match(text):
        for number, (unit, size) in zip(found.groups(), ISO_UNITS, strict=True):
            sums[unit] += int(number or 0) * size
        return shown_interval(sums)
    if re.fullmatch(r"[-+]?\d+(\.\d+)?", text):
        return shown_interval({**sums, "second": Decimal(text)})
    at = 0
    while (quantity := QUANTITY.match(text, at)) is not None:
        singular = quantity[2].removesuffix("s") if len(quantity[2]) > 2 else quantity[2]
        unit, size = UNITS.get(singular, ("", 0))
        number = Decimal(quantity[1]) * size
        if not unit or (unit != "second" and number % 1):
            return None
        sums[unit] += number
        at = quantity.end()
    if at < len(text):
        clock = CLOCK.match(text[at:])
        if clock is None:
            return None
        seconds = int(clock[2]) * 3600 + int(clock[3]) * 60 + Decimal((clock[4] or "0") + (clock[5] or ""))
        sums["second"] += -seconds if clock[1] else seconds
    return shown_interval(sums)


ISO_UNITS = (("month", 12), ("month", 1), ("day", 7), ("day", 1), ("second", 3600), ("second", 60), ("second", 1))


def shown_interval(sums: dict[str, Decimal]) -> Written:
    """Months, days and seconds as interval_out() writes them; not where their signs differ."""
    signs = {n < 0 for n in sums.values() if n}
    if len(signs) > 1:
        return None
    months, days, seconds = abs(int(sums["month"])), int(sums["day"]), abs(sums["second"])
    sign = "-" if signs == {True} else ""
    parts = [(months // 12, "year"), (months % 12, "mon"), (abs(days), "day")]
    made = [f"{sign}{n} {unit}{'' if n == 1 and not sign else 's'}" for n, unit in parts if n]
    if seconds or not made:
        whole = int(seconds)
        fraction = f"{seconds % 1:f}"[1:].rstrip("0").removesuffix(".")
        made.append(f"{sign}{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{fraction}")
    return " ".join(made)


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
    if data_type.name == "timestamp with time zone":
        return zoned(value) if (catalog.server.timezone or "").upper() in ("UTC", "ETC/UTC", "GMT") else None
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
