"""What Python gets for the values of a column, and whether models for one type can go on with a column of another."""

from __future__ import annotations

from migguard.catalog.lookup import type_at
from migguard.catalog.schema import Catalog, DomainType, EnumType
from migguard.catalog.types import format_type, loses
from migguard.changes import DataType, Engine

POSTGRESQL_KINDS = {
    "smallint": "int", "integer": "int", "bigint": "int", "numeric": "Decimal", "real": "float",
    "double precision": "float", "character varying": "str", "text": "str", "character": "padded str", "citext": "str",
    "bytea": "bytes", "boolean": "bool", "date": "date", "timestamp without time zone": "naive datetime",
    "timestamp with time zone": "aware datetime", "time without time zone": "time", "time with time zone": "aware time",
    "interval": "timedelta", "uuid": "UUID", "json": "JSON", "jsonb": "JSON", "int4range": "range of int",
    "int8range": "range of int", "numrange": "range of Decimal", "tsrange": "range of naive datetimes",
    "tstzrange": "range of aware datetimes", "daterange": "range of dates",
}  # fmt: skip
MYSQL_KINDS = {
    "tinyint": "int", "smallint": "int", "mediumint": "int", "int": "int", "bigint": "int", "year": "int",
    "decimal": "Decimal", "float": "float", "double": "float", "char": "str", "varchar": "str", "tinytext": "str",
    "text": "str", "mediumtext": "str", "longtext": "str", "enum": "str", "set": "set", "binary": "bytes",
    "varbinary": "bytes", "tinyblob": "bytes", "blob": "bytes", "mediumblob": "bytes", "longblob": "bytes",
    "date": "date", "datetime": "naive datetime", "timestamp": "naive datetime", "time": "timedelta", "json": "JSON",
}  # fmt: skip
KINDS = {Engine.POSTGRESQL: POSTGRESQL_KINDS, Engine.MYSQL: MYSQL_KINDS, Engine.MARIADB: MYSQL_KINDS}


def kind(data_type: DataType, catalog: Catalog) -> str | None:
    """What Python gets for a value of that type; None where that is not known."""
    made = type_at(catalog, data_type)
    if isinstance(made, DomainType):
        found = kind(made.base, catalog)
    elif isinstance(made, EnumType):
        found = "str"
    else:
        found = KINDS.get(catalog.server.engine, {}).get(data_type.name)
    return f"list of {found}" if found is not None and data_type.dimensions else found


def trouble(
    model: DataType, old: DataType, new: DataType, before: Catalog, after: Catalog, *, casts: bool
) -> str | None:
    """Why code with a model of one type breaks when the column goes from `old` to `new`; None where it does not.

    What went wrong with the old type too is no news. `casts` says that the driver has each value cast to the model's
    type, so that the server takes it for no other.
    """
    asked, had, has = kind(model, before), kind(old, before), kind(new, after)
    if asked is None or had is None or has is None:
        return None
    if had != has and not readable(asked, has):
        return f"the code reads {has} for {asked}"
    given, target = type_at(before, model), type_at(after, new)
    if casts and isinstance(target, EnumType) and (given is None or given.oid != target.oid):
        if given is None or target.key[1] != model.name:
            return f"the server takes no {format_type(model, before)} for the enum {target.key[1]}"
        return None
    if isinstance(given, EnumType) and isinstance(target, EnumType):
        return None  # which values are left is MG608's
    lost = loses(model, new, after)
    return lost if lost is not None and loses(old, new, after) is not None else None


def readable(asked: str, given: str) -> bool:
    """Whether a model of one kind reads values of another as its own."""
    return asked == given or (asked == "padded str" and given == "str")
