"""Functions that ask the server about itself, answered from the catalog."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from migguard.catalog.lookup import relation_at, sequence_at, type_key, visible
from migguard.catalog.naming import quote
from migguard.catalog.schema import EnumType
from migguard.changes import Engine, Name
from migguard.shadow.answers.settings import setting
from migguard.sql.query_values import CannotEvaluate

if TYPE_CHECKING:
    from migguard.shadow.database import Database


def named(text: Any) -> Name:
    """A name in the text of an argument such as `'s.t'`."""
    parts = [p.strip('"') if p.startswith('"') else p.lower() for p in str(text).split(".")]
    return Name(parts[-1], parts[-2] if len(parts) > 1 else None)


def version(database: Database, _: list[Any]) -> str:
    """version()."""
    text = ".".join(str(v) for v in database.server.version)
    match database.server.engine:
        case Engine.POSTGRESQL:
            return f"PostgreSQL {text} on x86_64-pc-linux-gnu, compiled by gcc, 64-bit"
        case Engine.MARIADB:
            return f"{text}-MariaDB"
        case _:
            return text


def to_regclass(database: Database, arguments: list[Any]) -> str | None:
    """to_regclass() and ::regclass: the name where there is such a relation."""
    name = named(arguments[0])
    relation = relation_at(database.catalog, name)
    if relation is not None:
        return relation.key[1] if visible(database.catalog, relation.key) else ".".join(relation.key)
    catalog = database.catalog
    for schema in [name.schema] if name.schema else catalog.search_path:
        if (schema, name.name) in catalog.sequences or (schema, name.name) in catalog.index_owner:
            return name.name
    return None


def to_regtype(database: Database, arguments: list[Any]) -> str | None:
    """to_regtype()."""
    key = type_key(database.catalog, named(arguments[0]))
    return key[1] if key is not None else None


def serial_sequence(database: Database, arguments: list[Any]) -> str | None:
    """pg_get_serial_sequence()."""
    relation = relation_at(database.catalog, named(arguments[0]))
    column = next((c for c in relation.columns if c.name == arguments[1]), None) if relation is not None else None
    if column is None or column.sequence is None:
        return None
    return ".".join(quote(p) for p in column.sequence)


def current_setting(database: Database, arguments: list[Any]) -> str | None:
    """current_setting(). Raises CannotEvaluate for a setting of the server that is not known here."""
    name = str(arguments[0])
    value = setting(database, name)
    if value is None and "." not in name:
        raise CannotEvaluate(f"the setting {name}")
    return value


def enum_range(database: Database, arguments: list[Any]) -> list[str]:
    """enum_range(): the values of the type that its first argument has, between the two where it has two."""
    key = type_key(database.catalog, named(arguments[0]))
    found = database.catalog.types.get(key) if key is not None else None
    if not isinstance(found, EnumType) or not found.labels:
        raise CannotEvaluate(f"the values of {arguments[0]}")
    labels, ends = list(found.labels), (*arguments[1:3], None, None)
    low = labels.index(ends[0]) if len(arguments) > 2 and ends[0] is not None else 0
    return labels[low : labels.index(ends[1]) + 1 if ends[1] is not None else None]


def next_value(database: Database, arguments: list[Any]) -> int:
    """nextval(): the sequence's first value, or a later one."""
    found = sequence_at(database.catalog, named(arguments[0]))
    return (found.start if found is not None else 1) + database.next_row() - 1


ANSWERS: dict[str, Callable[[Database, list[Any]], Any]] = {
    "version": version,
    "current_version": version,
    "sqlite_version": version,
    "current_schema": lambda d, _: d.catalog.search_path[0],
    "schema": lambda d, _: d.catalog.default_schema,
    "current_schemas": lambda d, _: ["pg_catalog", *d.catalog.search_path],
    "current_database": lambda d, _: "database",
    "database": lambda d, _: d.catalog.default_schema,
    "current_user": lambda d, _: "user",
    "session_user": lambda d, _: "user",
    "user": lambda d, _: "user",
    "current_role": lambda d, _: "user",
    "to_regclass": to_regclass,
    "to_regtype": to_regtype,
    "to_regnamespace": lambda d, a: a[0] if a[0] in d.catalog.schemas else None,
    "to_regproc": lambda d, a: None,
    "pg_get_serial_sequence": serial_sequence,
    "current_setting": current_setting,
    "set_config": lambda d, a: a[1],
    "enum_first": lambda d, a: enum_range(d, a[:1])[0],
    "enum_last": lambda d, a: enum_range(d, a[:1])[-1],
    "enum_range": enum_range,
    "nextval": next_value,
    "currval": next_value,
    "lastval": next_value,
    "setval": lambda d, a: a[1],
    "pg_table_is_visible": lambda d, a: True,
    "pg_type_is_visible": lambda d, a: True,
    "has_table_privilege": lambda d, a: True,
    "has_schema_privilege": lambda d, a: True,
    "pg_advisory_lock": lambda d, a: "",
    "pg_advisory_xact_lock": lambda d, a: "",
    "pg_try_advisory_lock": lambda d, a: True,
    "pg_try_advisory_xact_lock": lambda d, a: True,
    "pg_advisory_unlock": lambda d, a: True,
    "pg_advisory_unlock_all": lambda d, a: "",
    "pg_backend_pid": lambda d, a: 1,
    "connection_id": lambda d, a: 1,
    "pg_is_in_recovery": lambda d, a: False,
    "pg_relation_size": lambda d, a: 0,
    "pg_total_relation_size": lambda d, a: 0,
    "obj_description": lambda d, a: None,
    "col_description": lambda d, a: None,
    "format_type": lambda d, a: a[0],
    "pg_get_constraintdef": lambda d, a: a[0],
    "pg_get_indexdef": lambda d, a: a[0],
    "pg_get_expr": lambda d, a: a[0],
    "pg_get_viewdef": lambda d, a: "",
    "last_insert_id": lambda d, a: d.next_row(),
    "get_lock": lambda d, a: 1,
    "release_lock": lambda d, a: 1,
    "uuid_generate_v4": lambda d, a: "00000000-0000-4000-8000-000000000000",
    "random": lambda d, a: 0.5,
    "rand": lambda d, a: 0.5,
    "pg_sleep": lambda d, a: "",
    "pg_notify": lambda d, a: "",
}


def function_value(database: Database, name: str, arguments: list[Any]) -> Any:
    """The value of a function that asks the server. Raises CannotEvaluate for one that is not known."""
    answer = ANSWERS.get(name)
    if answer is None:
        raise CannotEvaluate(f"the function {name}()")
    return answer(database, arguments)
