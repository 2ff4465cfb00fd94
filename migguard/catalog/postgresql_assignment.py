"""PostgreSQL: which types a column takes without USING, and which casts there are at all.

Sources: pg_cast (castcontext `i` and `a`), and find_coercion_pathway() in src/backend/parser/parse_coerce.c: without
an entry in pg_cast every type goes into the string types as if it were assigned, and out of them by an explicit cast.
"""

from __future__ import annotations

from enum import Enum

from migguard.catalog.copying import replace
from migguard.catalog.lookup import domain_of, relation_key, type_at
from migguard.catalog.schema import Catalog, CompositeType
from migguard.changes import DataType, Name


class Path(Enum):
    """How a value comes from one type to another."""

    ASSIGNED = "assigned"  # a column takes it as it is
    EXPLICIT = "explicit"  # only with a cast that is written
    NONE = "none"  # there is no cast
    UNKNOWN = "unknown"  # a type of an extension: its casts are not known here


STRINGS = frozenset({"text", "character varying", "character", "bpchar", "name"})
"""The types of category S (`"char"` is of no use here)."""

NUMBERS = frozenset({"smallint", "integer", "bigint", "numeric", "real", "double precision"})

ASSIGNED = {
    **dict.fromkeys(NUMBERS, NUMBERS),
    "smallint": NUMBERS | {"oid"},
    "integer": NUMBERS | {"money", "oid"},
    "bigint": NUMBERS | {"money", "oid"},
    "numeric": NUMBERS | {"money"},
    "oid": frozenset({"bigint", "integer"}),
    "money": frozenset({"numeric"}),
    "cidr": frozenset({"inet"}),
    "inet": frozenset({"cidr"}),
    "date": frozenset({"timestamp with time zone", "timestamp without time zone"}),
    "interval": frozenset({"time without time zone"}),
    "json": frozenset({"jsonb"}),
    "jsonb": frozenset({"json"}),
    "macaddr": frozenset({"macaddr8"}),
    "macaddr8": frozenset({"macaddr"}),
    "bit": frozenset({"bit varying"}),
    "bit varying": frozenset({"bit"}),
    "time with time zone": frozenset({"time without time zone"}),
    "time without time zone": frozenset({"interval", "time with time zone"}),
    "timestamp with time zone": frozenset(
        {"date", "time with time zone", "time without time zone", "timestamp without time zone"}
    ),
    "timestamp without time zone": frozenset({"date", "time without time zone", "timestamp with time zone"}),
}
"""The casts of pg_cast that need not be written, those into strings left out."""

EXPLICIT = {
    "bigint": frozenset({"bit"}),
    "bit": frozenset({"bigint", "integer"}),
    "boolean": frozenset({"integer"}),
    "integer": frozenset({"bit", "boolean"}),
    "jsonb": NUMBERS | {"boolean"},
}
"""The casts of pg_cast that must be written, those out of strings left out."""

BUILTIN = frozenset(
    {*STRINGS, *ASSIGNED, *EXPLICIT, "uuid", "bytea", "xml", "tsvector", "tsquery", "point", "box", "circle", "line"}
)
"""Built-in types whose casts are all listed here."""


def path(old: DataType, new: DataType, catalog: Catalog) -> Path:
    """How a column of the old type becomes one of the new; lengths do not matter to it."""
    old, new = beneath(old, catalog), beneath(new, catalog)
    if (old.name, old.schema, old.dimensions) == (new.name, new.schema, new.dimensions):
        return Path.ASSIGNED
    if unknown(old, catalog) or unknown(new, catalog):
        return Path.UNKNOWN
    if old.dimensions and new.dimensions:
        return path(replace(old, dimensions=0), replace(new, dimensions=0), catalog)
    if stringy(new):
        return Path.ASSIGNED
    if stringy(old):
        return Path.EXPLICIT
    if old.dimensions or new.dimensions:
        return Path.NONE
    if new.name in ASSIGNED.get(old.name, ()):
        return Path.ASSIGNED
    if new.name in EXPLICIT.get(old.name, ()):
        return Path.EXPLICIT
    known = all(t.name in BUILTIN or not t.builtin for t in (old, new))
    return Path.NONE if known else Path.UNKNOWN


def beneath(data_type: DataType, catalog: Catalog) -> DataType:
    """The type beneath a domain, as an array where the column is one."""
    while (domain := domain_of(catalog, data_type)) is not None:
        data_type = replace(domain.base, dimensions=domain.base.dimensions or data_type.dimensions)
    known = type_at(catalog, data_type)
    return data_type if known is None else replace(data_type, name=known.key[1], schema=known.key[0])


def stringy(data_type: DataType) -> bool:
    """Whether a type is one of strings, and no array of them."""
    return data_type.builtin and not data_type.dimensions and data_type.name in STRINGS


def unknown(data_type: DataType, catalog: Catalog) -> bool:
    """Whether a type may have casts of its own: one of an extension, or a composite or base type.

    Those of a table's row type are known: there are none but by way of strings.
    """
    if data_type.builtin:
        return False
    made = type_at(catalog, data_type)
    if made is None:
        return relation_key(catalog, Name(data_type.name, data_type.schema)) is None
    return isinstance(made, CompositeType)
