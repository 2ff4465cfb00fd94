"""How the engine spells a type, and what one type can hold of another's values."""

from __future__ import annotations

from migguard.catalog.lookup import type_at, visible
from migguard.catalog.naming import quote
from migguard.catalog.schema import Catalog, DomainType, EnumType
from migguard.changes import DataType, Engine
from migguard.placeholders import is_placeholder


def format_type(data_type: DataType, catalog: Catalog) -> str:
    """The type as the server shows it: PostgreSQL's format_type(), MySQL's SHOW CREATE TABLE."""
    if catalog.server.engine is Engine.POSTGRESQL:
        return format_postgresql(data_type, catalog)
    arguments = data_type.arguments
    if data_type.name in ("enum", "set"):
        arguments = tuple("'" + a.replace("'", "''") + "'" for a in arguments)
    made = data_type.name + (f"({','.join(arguments)})" if arguments else "")
    if data_type.attributes:
        made += " " + " ".join(data_type.attributes)
    return made


def format_postgresql(data_type: DataType, catalog: Catalog) -> str:
    """PostgreSQL's format_type()."""
    name, arguments = data_type.name, data_type.arguments
    modifier = f"({','.join(arguments)})" if arguments else ""
    if not data_type.builtin:
        known = type_at(catalog, data_type)
        if known is not None:
            name = (
                quote(known.key[1]) if visible(catalog, known.key) else f"{quote(known.key[0])}.{quote(known.key[1])}"
            )
        elif data_type.schema is not None and data_type.schema not in catalog.search_path:
            name = f"{quote(data_type.schema)}.{quote(name)}"
        else:
            name = quote(name)
        made = name + modifier
    elif name.endswith(" time zone"):
        base, _, zone = name.partition(" ")
        made = f"{base}{modifier} {zone}"
    elif name == "interval":
        made = "interval" + (f" {data_type.fields}" if data_type.fields else "") + modifier
    else:
        made = name + modifier
    return made + ("[]" if data_type.dimensions else "")


INTEGERS = {"smallint": 2, "integer": 4, "bigint": 8}
MYSQL_INTEGERS = {"tinyint": 1, "smallint": 2, "mediumint": 3, "int": 4, "bigint": 8}
TEXTUAL = {"character varying", "character", "text", "bpchar", "varchar", "char"}
CHECKED = {
    "integer", "bigint", "smallint", "numeric", "real", "double precision", "boolean", "date", "uuid", "json", "jsonb",
    "inet", "cidr", "macaddr", "money", "bytea", "xml", "int", "decimal", "float", "double", "datetime", "timestamp",
    "timestamp without time zone", "timestamp with time zone", "time without time zone", "time with time zone",
    "interval",
}  # fmt: skip
MYSQL_TEXT = {"tinytext": 255, "text": 65535, "mediumtext": 16777215, "longtext": 4294967295}
MYSQL_BLOB = {"tinyblob": 255, "blob": 65535, "mediumblob": 16777215, "longblob": 4294967295}


def loses(old: DataType, new: DataType, catalog: Catalog) -> str | None:
    """Why the new type cannot hold every value of the old one, in words; None where it can (or it is unknown)."""
    if old == new:
        return None
    engine = catalog.server.engine
    found = mysql_loss(old, new) if engine in (Engine.MYSQL, Engine.MARIADB) else standard_loss(old, new)
    return found or user_type_loss(old, new, catalog)


def rounds(reason: str) -> bool:
    """Whether what `loses` says happens, in part at least, without an error."""
    return reason.endswith(" lost")


def misfits(reason: str) -> bool:
    """Whether `loses` speaks of values that cannot become one of the new type, unless something cuts them."""
    return not rounds(reason) or " fit, and " in reason


def size(data_type: DataType) -> int | None:
    """The first number in the parentheses."""
    return int(data_type.arguments[0]) if data_type.arguments and data_type.arguments[0].isdigit() else None


def standard_loss(old: DataType, new: DataType) -> str | None:
    """What a change between PostgreSQL's (or SQL's) own types loses."""
    if old.arguments != new.arguments and any(map(is_placeholder, new.arguments)):
        return f"what {', '.join(filter(is_placeholder, new.arguments))}, which is not known here, leaves no room for"
    if old.name in TEXTUAL and new.name in TEXTUAL:
        before, after = size(old), size(new)
        if after is not None and (before is None or before > after):
            return f"strings longer than {after} characters do not fit"
        return None
    if old.name in TEXTUAL and new.name in CHECKED:
        return f"text that spells no {new.name} does not fit"
    if old.name in INTEGERS and new.name in INTEGERS:
        smaller = INTEGERS[new.name] < INTEGERS[old.name]
        return f"numbers beyond the range of {new.name} do not fit" if smaller else None
    if old.name in INTEGERS and new.name == "numeric":
        return numeric_room(old, new)
    if old.name == "numeric" and new.name == "numeric":
        return numeric_loss(old, new)
    if old.name in ("numeric", "double precision", "real") and new.name in INTEGERS:
        return "fractional digits are lost"
    if old.name == "double precision" and new.name == "real":
        return "digits beyond single precision are lost"
    if old.name == "numeric" and new.name in ("real", "double precision"):
        return "digits beyond floating-point precision are lost"
    return temporal_loss(old, new)


def temporal_loss(old: DataType, new: DataType) -> str | None:
    """What a change between dates and times loses."""
    if old.name == "timestamp with time zone" and new.name == "timestamp without time zone":
        return "the time zone is lost"
    if old.name.startswith("timestamp") and new.name == "date":
        return "the time of day is lost"
    if old.name.startswith("timestamp") and new.name.startswith("time "):
        return "the date is lost"
    if old.name == new.name and (old.name.startswith(("timestamp", "time ")) or old.name == "interval"):
        before, after = size(old), size(new)
        if after is not None and after < (6 if before is None else before):
            return f"fractions of a second beyond {after} digits are lost"
    if old.name in ("bit", "bit varying") and new.name in ("bit", "bit varying"):
        before, after = size(old), size(new)
        if after is not None and (before is None or before > after):
            return f"strings longer than {after} bits do not fit"
    return None


def numeric_room(old: DataType, new: DataType) -> str | None:
    """Whether a numeric has room for an integer type's digits."""
    digits = {"smallint": 5, "integer": 10, "bigint": 19}[old.name]
    if not new.arguments:
        return None
    precision, scale = int(new.arguments[0]), int(new.arguments[1]) if len(new.arguments) > 1 else 0
    return f"numbers of more than {precision - scale} digits do not fit" if precision - scale < digits else None


def numeric_loss(old: DataType, new: DataType) -> str | None:
    """What a change of a numeric's precision or scale loses."""
    if not new.arguments:
        return None
    precision, scale = int(new.arguments[0]), int(new.arguments[1]) if len(new.arguments) > 1 else 0
    if not old.arguments:
        return f"numbers of more than {precision - scale} digits do not fit, and digits beyond {scale} places are lost"
    if any(map(is_placeholder, old.arguments)):
        return f"numbers of more than {precision - scale} digits do not fit"
    before, places = int(old.arguments[0]), int(old.arguments[1]) if len(old.arguments) > 1 else 0
    if precision - scale < before - places:
        rounded = f", and digits beyond {scale} places are lost" if scale < places else ""
        return f"numbers of more than {precision - scale} digits do not fit{rounded}"
    return f"digits beyond {scale} places are lost" if scale < places else None


def mysql_loss(old: DataType, new: DataType) -> str | None:
    """What a change between MySQL's types loses."""
    if old.name in MYSQL_INTEGERS and new.name in MYSQL_INTEGERS:
        if MYSQL_INTEGERS[new.name] < MYSQL_INTEGERS[old.name]:
            return f"numbers beyond the range of {new.name} do not fit"
        unsigned_before, unsigned_after = "unsigned" in old.attributes, "unsigned" in new.attributes
        if unsigned_after and not unsigned_before:
            return "negative numbers do not fit"
        if unsigned_before and not unsigned_after and MYSQL_INTEGERS[new.name] == MYSQL_INTEGERS[old.name]:
            return f"numbers beyond the range of signed {new.name} do not fit"
        return None
    for kinds in (MYSQL_TEXT, MYSQL_BLOB):
        if old.name in kinds and new.name in kinds:
            return (
                f"values longer than {kinds[new.name]} bytes do not fit" if kinds[new.name] < kinds[old.name] else None
            )
    if old.name in MYSQL_TEXT and new.name in ("varchar", "char"):
        return f"strings longer than {size(new) or 1} characters do not fit"
    if old.name in ("varchar", "char") and new.name in MYSQL_TEXT:
        before = size(old) or 1
        return f"strings longer than {MYSQL_TEXT[new.name]} bytes do not fit" if before > MYSQL_TEXT[new.name] else None
    if old.name in ("varbinary", "binary") and new.name in ("varbinary", "binary"):
        before, after = size(old) or 1, size(new) or 1
        return f"values longer than {after} bytes do not fit" if after < before else None
    if old.name in ("enum", "set") and new.name == old.name:
        gone = [v for v in old.arguments if v not in new.arguments]
        return f"{', '.join(gone)} is no member any more" if gone else None
    if old.name in ("datetime", "timestamp") and new.name in ("datetime", "timestamp"):
        return "fractions of a second are lost" if (size(new) or 0) < (size(old) or 0) else None
    renamed = {"int": "integer", "double": "double precision", "decimal": "numeric", "float": "real"}
    return standard_loss(
        DataType(renamed.get(old.name, old.name), old.arguments),
        DataType(renamed.get(new.name, new.name), new.arguments),
    )


def user_type_loss(old: DataType, new: DataType, catalog: Catalog) -> str | None:
    """What a change to or between user types loses."""
    before, after = type_at(catalog, old), type_at(catalog, new)
    if isinstance(after, EnumType):
        if isinstance(before, EnumType):
            gone = [v for v in before.labels if v not in after.labels]
            are = "is no value" if len(gone) == 1 else "are no values"
            return f"{', '.join(gone)} {are} of {after.key[1]}" if gone else None
        if old.name in TEXTUAL:
            return f"text that is no value of {after.key[1]} does not fit"
    if isinstance(after, DomainType) and (after.checks or after.not_null) and before is not after:
        return f"values that the domain {after.key[1]} refuses do not fit"
    return None
