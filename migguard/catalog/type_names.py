"""PostgreSQL's names of its own types, as users write them inside expressions and argument lists."""

from __future__ import annotations

import re

from migguard.changes import DataType

ALIASES = {
    "int": "integer", "int4": "integer", "serial": "integer", "int8": "bigint", "bigserial": "bigint",
    "int2": "smallint", "smallserial": "smallint", "bool": "boolean", "float8": "double precision",
    "float": "double precision", "float4": "real", "decimal": "numeric", "dec": "numeric",
    "varchar": "character varying", "char varying": "character varying", "char": "character", "nchar": "character",
    "national character": "character", "national character varying": "character varying",
    "timestamp": "timestamp without time zone", "timestamptz": "timestamp with time zone",
    "time": "time without time zone", "timetz": "time with time zone", "varbit": "bit varying",
}  # fmt: skip
OWN = frozenset(
    [
        "bigint",
        "bit",
        "boolean",
        "bpchar",
        "bytea",
        "character",
        "cidr",
        "date",
        "inet",
        "integer",
        "interval",
        "json",
        "jsonb",
        "macaddr",
        "macaddr8",
        "money",
        "name",
        "numeric",
        "oid",
        "real",
        "regclass",
        "regtype",
        "regproc",
        "smallint",
        "text",
        "tsquery",
        "tsvector",
        "uuid",
        "void",
        "trigger",
        "xml",
        "record",
        "point",
        "box",
        "path",
        "polygon",
        "circle",
        "line",
        "lseg",
        "int4range",
        "int8range",
        "numrange",
        "tsrange",
        "tstzrange",
        "daterange",
        "anyelement",
        "anyarray",
    ]
) | frozenset({*ALIASES.values()})
"""Types that belong to the server."""

SHAPE = re.compile(
    r"(?P<name>[^(\[]+?)\s*(?:\((?P<arguments>[^)]*)\))?(?P<rest>\s+with(?:out)? time zone)?"
    r"\s*(?P<array>(?:\[\d*\]\s*)*)\Z"
)


def named(text: str) -> DataType | None:
    """The type that a text names; None for a text that is no type's name. User types come unresolved."""
    found = SHAPE.match(" ".join(text.split()))
    if found is None:
        return None
    name = found["name"].strip()
    schema = None
    if "." in name:
        schema, _, name = name.rpartition(".")
        if schema.lower().strip('"') == "pg_catalog":
            schema = None
    arguments = tuple(a.strip() for a in found["arguments"].split(",")) if found["arguments"] else ()
    word = name.lower() + (found["rest"] or "").lower()
    canonical = ALIASES.get(word, word)
    builtin = schema is None and canonical in OWN and not name.startswith('"')
    if builtin:
        name = canonical
    else:
        name = name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()
        schema = (schema[1:-1] if schema.startswith('"') else schema.lower()) if schema is not None else None
    return DataType(name, arguments, schema, 1 if found["array"] else 0, builtin=builtin)
