"""Which values of one PostgreSQL type cannot become another: in words, and as a condition that finds them.

Measured on PostgreSQL 15, 16 and 18: an assigned value that is too long is refused, a cast that is written cuts it;
rounding, and losing a time zone or a time of day, is no error.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from migguard.catalog.lookup import type_at
from migguard.catalog.postgresql_assignment import beneath
from migguard.catalog.schema import Catalog, DomainType, EnumType
from migguard.catalog.types import INTEGERS, format_type
from migguard.changes import DataType
from migguard.placeholders import is_placeholder
from migguard.rules.facts.advice.probes import literals

STRINGS = frozenset({"text", "character varying", "character", "bpchar", "name"})
BOUNDS = {"smallint": 32767, "integer": 2147483647, "bigint": 9223372036854775807}
NUMBERS = frozenset({*INTEGERS, "numeric", "real", "double precision"})
LONGEST: Mapping[str, int] = {
    "smallint": 6,
    "integer": 11,
    "bigint": 20,
    "boolean": 5,
    "uuid": 36,
    "date": 13,
    "oid": 10,
}
"""How long the text of a value can be."""

PATTERNS: Mapping[str, str] = {
    "smallint": r"^\s*[-+]?\d+\s*$",
    "integer": r"^\s*[-+]?\d+\s*$",
    "bigint": r"^\s*[-+]?\d+\s*$",
    "numeric": r"^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$",
    "double precision": r"^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$",
    "real": r"^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$",
    "boolean": r"^\s*(t|tr|tru|true|y|ye|yes|on|1|f|fa|fal|fals|false|n|no|of|off|0)\s*$",
    "uuid": r"^\s*\{?[0-9a-fA-F]{4}-?([0-9a-fA-F]{4}-?){6}[0-9a-fA-F]{4}\}?\s*$",
    "date": r"^\s*\d{4}-\d\d?-\d\d?",
}
"""What the text of a value looks like, for servers that cannot be asked (pg_input_is_valid came with 16)."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The values that fail, in words: `text that spells no integer`; `condition` finds them (None: no way to tell)."""

    values: str
    condition: str | None = None


def failure(old: DataType, new: DataType, column: str, catalog: Catalog, *, assigned: bool) -> Failure | None:
    """Which values of the old type cannot become the new one; None where all can. `column` is spelled for SQL."""
    target = type_at(catalog, new)
    if isinstance(target, DomainType):
        below = failure(old, target.base, column, catalog, assigned=assigned)
        if below is not None:
            return below
        kept = type_at(catalog, old) == target
        refuses = (target.checks or target.not_null) and not kept
        return (
            Failure(f"values that the domain {target.key[1]} refuses", asked(column, new, catalog)) if refuses else None
        )
    old, new = beneath(old, catalog), beneath(new, catalog)
    if (old.name, old.schema, old.arguments, old.dimensions) == (new.name, new.schema, new.arguments, new.dimensions):
        return None
    if old.dimensions or new.dimensions:
        return of_arrays(old, new, column, catalog, assigned=assigned)
    if isinstance(target, EnumType):
        return of_enum(old, target, column, catalog)
    if not new.builtin:
        return of_extension(old, new)
    if new.name in STRINGS:
        return too_long(old, new, column, catalog) if assigned else None
    if old.name in STRINGS or (old.name == "jsonb" and new.name != "json"):
        return unreadable(new, column, catalog, old)
    if new.name in NUMBERS and old.name in NUMBERS:
        return out_of_range(old, new, column)
    if old.name in ("bit", "bit varying") and new.name in ("bit", "bit varying") and assigned:
        return of_bits(old, new, column)
    return None


def of_enum(old: DataType, target: EnumType, column: str, catalog: Catalog) -> Failure | None:
    """Text, or another enum: labels that the new one does not have."""
    source = type_at(catalog, old)
    if isinstance(source, EnumType) and set(source.labels) <= set(target.labels):
        return None
    condition = f"{column}::text NOT IN ({literals(target.labels)})" if target.labels else None
    return Failure(f"a value that {target.key[1]} does not have", condition)


def of_arrays(old: DataType, new: DataType, column: str, catalog: Catalog, *, assigned: bool) -> Failure | None:
    """Arrays: what fails for a member fails for the array."""
    from migguard.catalog.copying import replace

    if not new.dimensions:
        return None if new.name in STRINGS and not new.arguments else Failure("arrays that do not fit")
    if not old.dimensions:
        return Failure(f"text that spells no {format_type(new, catalog)}", asked(column, new, catalog))
    inner = failure(replace(old, dimensions=0), replace(new, dimensions=0), column, catalog, assigned=assigned)
    return Failure(f"an array with {inner.values}") if inner is not None else None


def of_extension(old: DataType, new: DataType) -> Failure | None:
    """A type of an extension: text may not spell one, and a narrower one may refuse. citext takes all text."""
    if (old.name, old.schema, old.arguments) == (new.name, new.schema, new.arguments) or new.name == "citext":
        return None
    if old.name == new.name and not new.arguments:
        return None
    return Failure(f"values that are no {new.name}")


def too_long(old: DataType, new: DataType, column: str, catalog: Catalog) -> Failure | None:
    """Strings, and what is written out as one, beyond the new length."""
    if any(map(is_placeholder, new.arguments)) and old.arguments != new.arguments:
        return Failure(f"a value longer than {new.arguments[0]} characters")
    room = int(new.arguments[0]) if new.arguments else 1 if new.name == "character" else None
    if room is None or new.name in ("text", "name"):
        return None
    source = type_at(catalog, old)
    if isinstance(source, EnumType):
        longest = max((len(label) for label in source.labels), default=0)
    elif old.name in STRINGS and old.arguments and not is_placeholder(old.arguments[0]):
        longest = int(old.arguments[0])
    else:
        longest = LONGEST.get(old.name, room + 1)
    if longest <= room:
        return None
    return Failure(f"a value longer than {room} characters", f"char_length(rtrim({column}::text)) > {room}")


def unreadable(new: DataType, column: str, catalog: Catalog, old: DataType) -> Failure:
    """Text that spells no value of the new type."""
    what = "text" if old.name in STRINGS else old.name
    return Failure(f"{what} that spells no {format_type(new, catalog)}", asked(f"{column}::text", new, catalog))


def asked(column: str, new: DataType, catalog: Catalog) -> str | None:
    """The condition for text that is no value of a type: asked of the server where it can be."""
    text = column if column.endswith("::text") else f"{column}::text"
    if catalog.server.since(16):
        return f"NOT pg_input_is_valid({text}, {literals([format_type(new, catalog)])})"
    pattern = PATTERNS.get(new.name) if not new.dimensions else None
    return f"{text} !~* {literals([pattern])}" if pattern is not None else None


def out_of_range(old: DataType, new: DataType, column: str) -> Failure | None:
    """Numbers beyond what the new type holds; digits after the point are rounded without a word."""
    if new.name in INTEGERS:
        if old.name in INTEGERS and INTEGERS[old.name] <= INTEGERS[new.name]:
            return None
        low, high = -BOUNDS[new.name] - 1, BOUNDS[new.name]
        return Failure(f"a number beyond the range of {new.name}", f"round({column}) NOT BETWEEN {low} AND {high}")
    if new.name == "numeric" and any(map(is_placeholder, new.arguments)):
        return Failure(f"a number of more digits than numeric({', '.join(new.arguments)}) has")
    if new.name == "numeric" and new.arguments:
        digits, scale = int(new.arguments[0]), int(new.arguments[1]) if len(new.arguments) > 1 else 0
        room = digits - scale
        if old.name in INTEGERS and room >= {2: 5, 4: 10, 8: 19}[INTEGERS[old.name]]:
            return None
        if old.name == "numeric" and old.arguments and not any(map(is_placeholder, old.arguments)):
            before = int(old.arguments[0]) - (int(old.arguments[1]) if len(old.arguments) > 1 else 0)
            places = int(old.arguments[1]) if len(old.arguments) > 1 else 0
            if before <= room and not (places > scale and before == room):
                return None  # rounding up may need one digit more
        bound = "1" + "0" * room
        return Failure(f"a number of more than {room} digits", f"abs(round({column}::numeric, {scale})) >= {bound}")
    if new.name == "real" and old.name in ("double precision", "numeric"):
        return Failure("a number beyond the range of real", f"abs({column}) > 3.4e38")
    return None


def of_bits(old: DataType, new: DataType, column: str) -> Failure | None:
    """Bit strings of another length."""
    room = int(new.arguments[0]) if new.arguments else 1 if new.name == "bit" else None
    before = int(old.arguments[0]) if old.arguments else 1 if old.name == "bit" else None
    if room is None or (new.name == "bit varying" and before is not None and before <= room):
        return None
    if new.name == "bit":
        same = old.name == "bit" and before == room
        return None if same else Failure(f"bit strings that are not {room} long", f"length({column}) <> {room}")
    return Failure(f"bit strings longer than {room}", f"length({column}) > {room}")
