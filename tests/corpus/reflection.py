"""A schema as SQLAlchemy's Inspector shows it, one fact an entry, and two such schemas held against each other.

A fact is a name, such as `("column", "public.users", "email", "nullable")`, and a value. What is not there, such as a
default or a comment, is no fact, so that nothing is counted as equal that neither side has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

Name = tuple[str, ...]
Facts = dict[Name, Any]

RENDERER = postgresql.dialect()
"""Types are compared as this renders them."""
NOT_OURS = ("information_schema",)
VERSION_TABLE = "alembic_version"


def facts(connection: sa.Connection) -> Facts:
    """What the Inspector shows of every schema."""
    inspector = sa.inspect(connection)
    found: Facts = {}
    for schema in inspector.get_schema_names():
        if schema not in NOT_OURS and not schema.startswith("pg_"):
            found["schema", schema] = True
            found.update(schema_facts(inspector, schema))
    return {name: value for name, value in found.items() if value is not None}


def schema_facts(inspector: Any, schema: str) -> Iterator[tuple[Name, Any]]:
    """The facts of one schema."""
    for name in inspector.get_sequence_names(schema):
        yield ("sequence", f"{schema}.{name}"), True
    for enum in inspector.get_enums(schema):
        yield ("enum", f"{schema}.{enum['name']}"), tuple(enum["labels"])
    for domain in inspector.get_domains(schema):
        checks = sorted((c["name"], c["check"]) for c in domain["constraints"])
        values = (domain["type"], domain["nullable"], domain["default"], tuple(checks))
        yield ("domain", f"{schema}.{domain['name']}"), values
    for kind, names in (
        ("view", inspector.get_view_names(schema)),
        ("materialized view", inspector.get_materialized_view_names(schema)),
    ):
        for name in names:
            yield (kind, f"{schema}.{name}", "query"), inspector.get_view_definition(name, schema)
            for column in inspector.get_columns(name, schema):
                yield ("view column", f"{schema}.{name}", column["name"], "type"), spelled(column["type"])
    yield from table_facts(inspector, schema)


def table_facts(inspector: Any, schema: str) -> Iterator[tuple[Name, Any]]:
    """The facts of a schema's tables."""
    tables = {key: f"{schema}.{key[1]}" for key in inspector.get_multi_columns(schema) if key[1] != VERSION_TABLE}
    for key, columns in inspector.get_multi_columns(schema).items():
        if key in tables:
            yield ("table", tables[key], "columns"), tuple(c["name"] for c in columns)
            for column in columns:
                yield from column_facts(tables[key], column)
    for key, comment in inspector.get_multi_table_comment(schema).items():
        if key in tables:
            yield ("table", tables[key], "comment"), comment["text"]
    for key, primary in inspector.get_multi_pk_constraint(schema).items():
        if key in tables and primary["constrained_columns"]:
            yield ("primary key", tables[key], primary["name"]), frozen(primary)
    for kind, listed in (
        ("unique", inspector.get_multi_unique_constraints(schema)),
        ("foreign key", inspector.get_multi_foreign_keys(schema)),
        ("index", inspector.get_multi_indexes(schema)),
    ):
        for key, entries in listed.items():
            for entry in entries if key in tables else ():
                yield from detailed(kind, tables[key], entry)
    for key, checks in inspector.get_multi_check_constraints(schema).items():
        for check in checks if key in tables else ():
            name = ("check", tables[key], check["name"])
            yield (*name, "text"), check["sqltext"]
            yield (*name, "valid"), not check.get("dialect_options", {}).get("not_valid", False)
            yield (*name, "comment"), check.get("comment")


def column_facts(table: str, column: Mapping[str, Any]) -> Iterator[tuple[Name, Any]]:
    """The facts of a column."""
    name = ("column", table, column["name"])
    yield (*name, "type"), spelled(column["type"])
    yield (*name, "nullable"), column["nullable"]
    yield (*name, "default"), column["default"]
    yield (*name, "comment"), column["comment"]
    identity, computed = column.get("identity"), column.get("computed")
    yield (*name, "identity"), frozen(identity) if identity else None
    yield (*name, "autoincrement"), column.get("autoincrement") or None
    if computed:
        yield (*name, "computed"), computed["sqltext"]
        yield (*name, "stored"), computed.get("persisted")


def detailed(kind: str, table: str, entry: Mapping[str, Any]) -> Iterator[tuple[Name, Any]]:
    """The facts of a key or an index; expressions and predicates are facts of their own."""
    name = (kind, table, entry["name"])
    plain = {k: v for k, v in entry.items() if k not in ("name", "expressions", "dialect_options")}
    options = dict(entry.get("dialect_options") or {})
    where = options.pop("postgresql_where", None)
    if "expressions" in entry:
        words = entry["expressions"]
        plain["column_names"] = tuple(c if c is not None else "expression" for c in entry["column_names"])
        renamed = {w: f"element {n}" for n, w in enumerate(words) if entry["column_names"][n] is None}
        for option in ("column_sorting",):
            plain[option] = {renamed.get(k, k): v for k, v in (plain.get(option) or {}).items()}
        if "postgresql_ops" in options:
            options["postgresql_ops"] = {renamed.get(k, k): v for k, v in options["postgresql_ops"].items()}
        for number, word in enumerate(words):
            if entry["column_names"][number] is None:
                yield (*name, f"expression {number}"), word
    yield name, frozen({**plain, "options": options})
    yield (*name, "where"), where


def spelled(kind: Any) -> str:
    """A type in SQL, and an enumeration's values."""
    try:
        text = kind.compile(dialect=RENDERER)
    except sa.exc.CompileError:
        text = repr(kind)
    labels = getattr(kind, "enums", None)
    return f"{text} {tuple(labels)}" if labels else text


def frozen(value: Any) -> Any:
    """A value of an Inspector that can be compared, without what is empty."""
    if isinstance(value, Mapping):
        return tuple((k, frozen(v)) for k, v in sorted(value.items()) if v not in (None, {}, [], (), False))
    if isinstance(value, (list, tuple)):
        return tuple(frozen(v) for v in value)
    return value
