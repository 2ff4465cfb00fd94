"""PostgreSQL: which casts leave the stored bytes of a column as they are.

Sources: pg_cast (castmethod b), and the planner support functions of length coercions (varchar_support,
numeric_support, varbit_support, timestamp_support, interval_support in src/backend/utils/adt).
"""

from __future__ import annotations

from migguard.catalog.lookup import domain_of, type_at
from migguard.catalog.schema import Catalog
from migguard.changes import DataType

BINARY = frozenset(
    {
        ("text", "character varying"), ("character varying", "text"), ("text", "bpchar"),
        ("character varying", "bpchar"),
        ("xml", "text"), ("xml", "character varying"), ("xml", "character"), ("xml", "bpchar"),
        ("cidr", "inet"), ("bit", "bit varying"), ("bit varying", "bit"),
        ("integer", "oid"), ("oid", "integer"), ("integer", "regclass"), ("regclass", "integer"), ("oid", "regclass"),
        ("regclass", "oid"), ("oid", "regproc"), ("regproc", "oid"), ("oid", "regtype"), ("regtype", "oid"),
        ("oid", "regnamespace"), ("regnamespace", "oid"), ("oid", "regrole"), ("regrole", "oid"), ("oid", "regconfig"),
        ("regconfig", "oid"), ("oid", "regdictionary"), ("regdictionary", "oid"), ("oid", "regprocedure"),
        ("regprocedure", "oid"), ("oid", "regoper"), ("regoper", "oid"), ("oid", "regoperator"), ("regoperator", "oid"),
        ("text", "character"), ("character varying", "character"), ("character", "bpchar"), ("bpchar", "character"),
        ("bpchar", "text"), ("bpchar", "character varying"),
    }
)  # fmt: skip
TRIMMING = frozenset({("bpchar", "text"), ("bpchar", "character varying")})
"""Casts from blank-padded characters go through a function that trims: not free."""


def free_cast(old: DataType, new: DataType, catalog: Catalog, *, utc: bool) -> bool:
    """Whether a column of the old type can be taken for one of the new type without looking at its values."""
    old, old_plain = base(old, catalog)
    new, new_plain = base(new, catalog)
    if not new_plain and not same(old, new):
        return False  # a domain's constraints are checked for every value
    del old_plain
    if old.dimensions != new.dimensions:
        return False
    if old.name == new.name and old.schema == new.schema:
        if old.dimensions:
            return old.arguments == new.arguments
        return shorter(old, new)
    pair = (old.name, new.name)
    if old.dimensions:
        return pair in BINARY - TRIMMING and not new.arguments and old.builtin and new.builtin
    zones = {"timestamp without time zone", "timestamp with time zone"}
    if set(pair) == zones:
        return utc and fraction(old, new)
    if pair not in BINARY - TRIMMING or not (old.builtin and new.builtin):
        return False
    return not new.arguments or (shorter(DataType(new.name, old.arguments), new) and pair[0] != "text")


def same(old: DataType, new: DataType) -> bool:
    """Whether two types are one."""
    return (old.name, old.schema, old.arguments, old.dimensions) == (
        new.name,
        new.schema,
        new.arguments,
        new.dimensions,
    )


def base(data_type: DataType, catalog: Catalog) -> tuple[DataType, bool]:
    """The type beneath a domain, and whether no constraint of a domain stands above it."""
    plain = True
    domain = domain_of(catalog, data_type)
    while domain is not None:
        plain = plain and not domain.checks and not domain.not_null
        data_type = domain.base
        domain = domain_of(catalog, data_type)
    known = type_at(catalog, data_type)
    if known is not None and data_type.schema is None:
        data_type = DataType(known.key[1], data_type.arguments, known.key[0], data_type.dimensions, builtin=False)
    return data_type, plain


def shorter(old: DataType, new: DataType) -> bool:
    """Whether a length coercion within one type does nothing: the length stays or grows."""
    if old.arguments == new.arguments and old.fields == new.fields:
        return True
    match new.name:
        case "character varying" | "bit varying":
            return not new.arguments or (bool(old.arguments) and int(old.arguments[0]) <= int(new.arguments[0]))
        case "numeric":
            return numeric(old, new)
        case _ if new.name.startswith(("timestamp", "time ")):
            return fraction(old, new)
        case "interval":
            return interval(old, new)
        case "bpchar":
            return True
        case _:
            return False


def numeric(old: DataType, new: DataType) -> bool:
    """Whether a numeric keeps its scale and loses no digits (numeric_support)."""
    if not new.arguments:
        return True
    if not old.arguments:
        return False
    return old.arguments[1] == new.arguments[1] and int(old.arguments[0]) <= int(new.arguments[0])


def fraction(old: DataType, new: DataType) -> bool:
    """Whether fractional seconds are kept: no argument means six digits."""
    before = int(old.arguments[0]) if old.arguments else 6
    after = int(new.arguments[0]) if new.arguments else 6
    return after >= before


UNITS = ("year", "month", "day", "hour", "minute", "second")


def smallest(fields: str | None) -> int:
    """How fine the last field of an interval is; none at all is the finest."""
    return UNITS.index(fields.split()[-1]) if fields else len(UNITS) - 1


def interval(old: DataType, new: DataType) -> bool:
    """Whether an interval keeps its fields and fractions (interval_support)."""
    if smallest(new.fields) < smallest(old.fields):
        return False
    return fraction(old, new) or smallest(old.fields) < len(UNITS) - 1
