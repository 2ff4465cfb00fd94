"""PostgreSQL: which casts leave the stored bytes of a column as they are.

Sources: pg_cast (castmethod b), and the planner support functions of length coercions (varchar_support,
numeric_support, varbit_support, timestamp_support, interval_support in src/backend/utils/adt).
"""

from __future__ import annotations

from migguard.catalog.lookup import domain_of, type_at
from migguard.catalog.schema import Catalog
from migguard.changes import DataType
from migguard.placeholders import is_placeholder

BINARY = frozenset(
    {
        ("text", "character varying"), ("character varying", "text"), ("text", "bpchar"),
        ("character varying", "bpchar"), ("xml", "text"), ("xml", "character varying"), ("xml", "bpchar"),
        ("cidr", "inet"), ("bit", "bit varying"), ("bit varying", "bit"), ("pg_node_tree", "text"),
        ("integer", "oid"), ("oid", "integer"), ("integer", "regclass"), ("regclass", "integer"), ("oid", "regclass"),
        ("regclass", "oid"), ("oid", "regproc"), ("regproc", "oid"), ("oid", "regtype"), ("regtype", "oid"),
        ("oid", "regnamespace"), ("regnamespace", "oid"), ("oid", "regrole"), ("regrole", "oid"), ("oid", "regconfig"),
        ("regconfig", "oid"), ("oid", "regdictionary"), ("regdictionary", "oid"), ("oid", "regprocedure"),
        ("regprocedure", "oid"), ("oid", "regoper"), ("regoper", "oid"), ("oid", "regoperator"), ("regoperator", "oid"),
        ("oid", "regcollation"), ("regcollation", "oid"), ("integer", "regproc"), ("regproc", "integer"),
        ("integer", "regtype"), ("regtype", "integer"), ("integer", "regrole"), ("regrole", "integer"),
        ("integer", "regnamespace"), ("regnamespace", "integer"), ("integer", "regprocedure"),
        ("regprocedure", "integer"), ("integer", "regoper"), ("regoper", "integer"), ("integer", "regoperator"),
        ("regoperator", "integer"), ("integer", "regconfig"), ("regconfig", "integer"), ("integer", "regdictionary"),
        ("regdictionary", "integer"), ("integer", "regcollation"), ("regcollation", "integer"),
    }
)  # fmt: skip
"""Pairs of pg_cast with castmethod b that a column can have; `character` without a length is `bpchar` there."""
EXTENSIONS = frozenset(
    {
        ("text", "citext"), ("character varying", "citext"), ("citext", "text"), ("citext", "character varying"),
        ("citext", "bpchar"), ("isbn", "isbn13"), ("isbn13", "isbn"), ("ismn", "ismn13"), ("ismn13", "ismn"),
        ("issn", "issn13"), ("issn13", "issn"), ("isbn", "ean13"), ("isbn13", "ean13"), ("ismn", "ean13"),
        ("ismn13", "ean13"), ("issn", "ean13"), ("issn13", "ean13"), ("upc", "ean13"),
    }
)  # fmt: skip
"""The same of the types of contrib's extensions: contrib/citext/citext--1.4.sql, contrib/isn/isn--1.1.sql."""
CASTS_KNOWN = frozenset(
    {"citext", "cube", "ean13", "hstore", "isbn", "isbn13", "ismn", "ismn13", "issn", "issn13", "lo", "lquery", "ltree",
     "ltxtquery", "query_int", "seg", "upc"}
)  # fmt: skip
"""Types of extensions of which all casts that leave the bytes as they are stand above."""
CHARACTER = ("character", "bpchar")


def free_cast(old: DataType, new: DataType, catalog: Catalog, *, utc: bool) -> bool:
    """Whether a column of the old type can be taken for one of the new type without looking at its values."""
    old, new = placed(old, catalog), placed(new, catalog)
    if same(old, new):
        return True
    below, above = base(old, catalog), base(new, catalog)
    if constrained(new, catalog):
        return False  # a domain's constraints are checked for every value
    if below.dimensions != above.dimensions:
        return False
    if below.dimensions:
        # Elements are coerced one by one but where nothing at all is to be done.
        return same_name(below, above) and (not above.arguments or below.arguments == above.arguments)
    if not same(old, below) and above.arguments:
        return False  # out of a domain, the length of what is beneath counts as unknown
    if same_name(below, above):
        return shorter(below, above)
    pair = (below.name, above.name)
    if of_extension(below, catalog) or of_extension(above, catalog):
        return (below.name.lower(), above.name.lower()) in EXTENSIONS and not above.arguments
    if set(pair) == {"timestamp without time zone", "timestamp with time zone"}:
        return utc and fraction(below, above)
    return pair in BINARY and not above.arguments and below.builtin and above.builtin


def of_extension(data_type: DataType, catalog: Catalog) -> bool:
    """Whether a type is none of the server's own and none that a statement made."""
    return not data_type.builtin and type_at(catalog, data_type) is None


def cast_known(old: DataType, new: DataType, catalog: Catalog) -> bool:
    """Whether it is certain how a cast is done: not where an extension's own function may decide it."""
    ends = (base(old, catalog), base(new, catalog))
    return all(not of_extension(one, catalog) or one.name.lower() in CASTS_KNOWN for one in ends)


def same_name(old: DataType, new: DataType) -> bool:
    """Whether two types differ in their arguments at most."""
    return (old.name, old.schema) == (new.name, new.schema) or (old.name in CHARACTER and new.name in CHARACTER)


def same(old: DataType, new: DataType) -> bool:
    """Whether two types are one."""
    return (old.name, old.schema, old.arguments, old.dimensions, old.fields) == (
        new.name,
        new.schema,
        new.arguments,
        new.dimensions,
        new.fields,
    )


def base(data_type: DataType, catalog: Catalog) -> DataType:
    """The type beneath a domain, or the type itself; an array stays what it is."""
    while not data_type.dimensions:
        domain = domain_of(catalog, data_type)
        if domain is None:
            break
        data_type = domain.base
    return placed(data_type, catalog)


def placed(data_type: DataType, catalog: Catalog) -> DataType:
    """A user's type with the schema that it is in."""
    known = type_at(catalog, data_type)
    if known is None or data_type.schema is not None:
        return data_type
    return DataType(known.key[1], data_type.arguments, known.key[0], data_type.dimensions, builtin=False)


def constrained(data_type: DataType, catalog: Catalog) -> bool:
    """Whether a type is a domain with constraints, its own or of a domain beneath it."""
    while not data_type.dimensions:
        domain = domain_of(catalog, data_type)
        if domain is None:
            return False
        if domain.checks or domain.not_null:
            return True
        data_type = domain.base
    return False


def shorter(old: DataType, new: DataType) -> bool:
    """Whether a length coercion within one type does nothing: the length stays or grows."""
    if old.arguments == new.arguments and old.fields == new.fields:
        return True
    if any(map(is_placeholder, (*old.arguments, *new.arguments))):
        return False  # a length that nobody knows
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
            return not new.builtin and not new.arguments  # without a modifier nothing is coerced (coerce_type_typmod)


def numeric(old: DataType, new: DataType) -> bool:
    """Whether a numeric keeps its scale and loses no digits (numeric_support)."""
    if not new.arguments:
        return True
    if not old.arguments:
        return False
    (before, scale), (after, wanted) = digits(old), digits(new)
    return scale == wanted and before <= after


def digits(data_type: DataType) -> tuple[int, int]:
    """The precision and scale of a numeric; without a scale it is 0."""
    precision, *scale = (int(a) for a in data_type.arguments)
    return precision, scale[0] if scale else 0


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
