"""Read a type as PostgreSQL spells it, into its canonical name."""

from __future__ import annotations

from typing import NamedTuple

from migguard.changes import DataType
from migguard.sql.cursor import Cursor
from migguard.sql.postgresql_words import RESERVED

ALIASES = {
    "int": "integer", "int4": "integer", "int8": "bigint", "int2": "smallint", "float8": "double precision",
    "float4": "real", "bool": "boolean", "decimal": "numeric", "dec": "numeric", "varchar": "character varying",
    "bpchar": "character", "char": "character", "nchar": "character", "varbit": "bit varying",
}  # fmt: skip
SERIALS = {
    "serial": "integer", "serial4": "integer", "bigserial": "bigint", "serial8": "bigint", "smallserial": "smallint",
    "serial2": "smallint",
}  # fmt: skip
BUILTIN = frozenset(
    [
        "integer",
        "bigint",
        "smallint",
        "numeric",
        "real",
        "text",
        "boolean",
        "character",
        "uuid",
        "json",
        "jsonb",
        "date",
        "bytea",
        "inet",
        "cidr",
        "macaddr",
        "macaddr8",
        "money",
        "oid",
        "xml",
        "tsvector",
        "tsquery",
        "bit",
        "point",
        "line",
        "lseg",
        "box",
        "path",
        "polygon",
        "circle",
        "name",
        "regclass",
        "regtype",
        "regproc",
        "regprocedure",
        "regoper",
        "regoperator",
        "regnamespace",
        "regrole",
        "regconfig",
        "regdictionary",
        "jsonpath",
        "pg_lsn",
        "txid_snapshot",
        "pg_snapshot",
        "xid",
        "xid8",
        "cid",
        "tid",
        "int4range",
        "int8range",
        "numrange",
        "tsrange",
        "tstzrange",
        "daterange",
        "int4multirange",
        "int8multirange",
        "nummultirange",
        "tsmultirange",
        "tstzmultirange",
        "datemultirange",
        "refcursor",
        "void",
        "record",
        "trigger",
        "anyelement",
        "anyarray",
        "anyenum",
        "anynonarray",
        "anyrange",
        "cstring",
        "unknown",
        "int2vector",
        "oidvector",
        "aclitem",
        "event_trigger",
        "internal",
        "language_handler",
    ]
)
BUILTIN_NAMES = BUILTIN | {"character varying", "bit varying", "double precision", "interval"}


class ReadType(NamedTuple):
    """A type, and whether it was one of the serial pseudo types."""

    type: DataType
    serial: bool = False


def read_type(cursor: Cursor) -> ReadType:
    """Read a type. Raises Unread where none stands."""
    cursor.accept("SETOF")
    first = cursor.peek()
    schema: str | None = None
    quoted = first.kind == "name"
    if first.word in RESERVED:
        raise cursor.unread("where a type was expected")
    name = cursor.identifier()
    if cursor.accept("."):
        schema, quoted = name, cursor.peek().kind == "name"
        name = cursor.identifier()
        if schema == "pg_catalog":
            schema = None
            if name == "char" and quoted:
                return ReadType(dimensioned(cursor, DataType('"char"')))
            quoted = False
    if quoted and name == "char" and schema is None:
        return ReadType(dimensioned(cursor, DataType('"char"')))
    if schema is not None or quoted:
        return ReadType(dimensioned(cursor, DataType(name, arguments(cursor), schema, builtin=False)))
    if name in SERIALS:
        return ReadType(DataType(SERIALS[name]), serial=True)
    return ReadType(dimensioned(cursor, plain(cursor, name)))


def plain(cursor: Cursor, name: str) -> DataType:
    """The type of an unquoted, unqualified name."""
    if name == "double" and cursor.accept("PRECISION"):
        return DataType("double precision")
    if name == "national" and cursor.accept_any("CHARACTER", "CHAR"):
        name = "character"
    if name in ("character", "char", "nchar", "bit") and cursor.accept("VARYING"):
        name = "bit varying" if name == "bit" else "character varying"
    if name == "interval":
        return interval(cursor)
    if name in ("timestamp", "time", "timestamptz", "timetz"):
        return moment(cursor, name)
    if name == "float":
        given = arguments(cursor)
        return DataType("real" if given and int(given[0]) <= 24 else "double precision")
    canonical = ALIASES.get(name, name)
    builtin = canonical in BUILTIN_NAMES
    given = arguments(cursor)
    if canonical in ("character", "bit") and not given and name != "bpchar":
        given = ("1",)
    if name == "bpchar" and not given:
        return DataType("bpchar")
    if canonical == "numeric" and len(given) == 1:
        given = (given[0], "0")
    return DataType(canonical, given, builtin=builtin)


def arguments(cursor: Cursor) -> tuple[str, ...]:
    """The modifiers in parentheses, if any."""
    if not cursor.sees("("):
        return ()

    def one() -> str:
        sign = "-" if cursor.accept("-") else ""
        token = cursor.take()
        if token.kind == "operator":
            cursor.at -= 1
            raise cursor.unread("in a type")
        return sign + token.text

    return cursor.in_parentheses(one)


def interval(cursor: Cursor) -> DataType:
    """INTERVAL with its fields and precision."""
    words = []
    while (word := cursor.accept_any("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "TO")) is not None:
        words.append(word.lower())
    return DataType("interval", arguments(cursor), fields=" ".join(words) or None)


def moment(cursor: Cursor, name: str) -> DataType:
    """TIMESTAMP and TIME, with or without a time zone."""
    precision = arguments(cursor)
    zone = name.endswith("tz")
    if cursor.accept("WITH", "TIME", "ZONE"):
        zone = True
    elif cursor.accept("WITHOUT", "TIME", "ZONE"):
        zone = False
    base = name.removesuffix("tz")
    return DataType(f"{base} {'with' if zone else 'without'} time zone", precision)


def dimensioned(cursor: Cursor, made: DataType) -> DataType:
    """The type with the array brackets behind it: the server keeps that it is an array, not of how many dimensions."""
    array = False
    while cursor.sees("["):
        cursor.expect("[")
        if cursor.peek().kind == "number":
            cursor.take()
        cursor.expect("]")
        array = True
    if cursor.accept("ARRAY"):
        array = True
        if cursor.accept("["):
            if cursor.peek().kind == "number":
                cursor.take()
            cursor.expect("]")
    if not array:
        return made
    return DataType(made.name, made.arguments, made.schema, 1, made.fields, builtin=made.builtin)
