"""information_schema and pg_catalog, as far as scripts ask them, made from the catalog."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from migguard.catalog.schema import Catalog, ConstraintKind, ConstraintState, DomainType, EnumType, Key, Table, View
from migguard.catalog.types import format_type
from migguard.changes import DataType, Engine, Name
from migguard.shadow.answers import settings
from migguard.sql.evaluate import Relation

if TYPE_CHECKING:
    from migguard.shadow.database import Database

SYSTEM_SCHEMAS = frozenset(
    {"information_schema", "INFORMATION_SCHEMA", "pg_catalog", "sys", "mysql", "performance_schema"}
)
Rows = Iterator[Mapping[str, Any]]


def relations(catalog: Catalog) -> Iterator[Table | View]:
    """Tables and views in order."""
    for key in sorted(catalog.tables):
        yield catalog.tables[key]
    for key in sorted(catalog.views):
        yield catalog.views[key]


def oid_of(kind: str, key: Key) -> str:
    """The identity of an object in these tables: its name, so that joins and ::regclass agree."""
    del kind
    return key[1]


def tables(catalog: Catalog) -> Rows:
    """information_schema.tables."""
    for one in relations(catalog):
        view = isinstance(one, View)
        if isinstance(one, View) and one.materialized and catalog.server.engine is Engine.POSTGRESQL:
            continue
        yield {
            "table_catalog": "database", "table_schema": one.key[0], "table_name": one.key[1],
            "table_type": "VIEW" if view else "BASE TABLE", "engine": "InnoDB", "table_comment": one.comment or "",
            "table_rows": 0, "table_collation": "utf8mb4_0900_ai_ci", "is_insertable_into": "YES",
        }  # fmt: skip


def data_type(kind: DataType | None, user: bool) -> str:
    """The name of a type as information_schema has it: what is no builtin scalar is only told by its kind."""
    if user:
        return "USER-DEFINED"
    if kind is None:
        return ""
    return "ARRAY" if kind.dimensions else kind.name


def columns(catalog: Catalog) -> Rows:
    """information_schema.columns."""
    for one in relations(catalog):
        primary = one.primary_key.columns if isinstance(one, Table) and one.primary_key is not None else ()
        for place, column in enumerate(one.columns, 1):
            kind = column.type
            full = format_type(kind, catalog) if kind is not None else ""
            user = kind is not None and not kind.builtin and catalog.server.engine is Engine.POSTGRESQL
            length = kind.arguments[0] if kind is not None and kind.arguments and "char" in kind.name else None
            numeric = kind is not None and kind.name in ("numeric", "decimal") and kind.arguments
            yield {
                "table_catalog": "database", "table_schema": one.key[0], "table_name": one.key[1],
                "column_name": column.name, "ordinal_position": place,
                "column_default": column.default.text if column.default is not None else None,
                "is_nullable": "YES" if column.nullable else "NO",
                "data_type": data_type(column.type, user),
                "column_type": full, "udt_name": UDT.get(kind.name, kind.name) if kind is not None else "",
                "udt_schema": (kind.schema or "public") if user and kind is not None else "pg_catalog",
                "character_maximum_length": int(length) if length and length.isdigit() else None,
                "numeric_precision": int(kind.arguments[0]) if numeric and kind is not None else None,
                "numeric_scale": int(kind.arguments[1]) if numeric and kind and len(kind.arguments) > 1 else None,
                "datetime_precision": None, "collation_name": column.collation, "character_set_name": column.charset,
                "column_key": "PRI" if column.name in primary else "",
                "extra": "auto_increment" if column.auto_increment else "",
                "column_comment": column.comment or "", "is_identity": "YES" if column.identity else "NO",
                "identity_generation": (column.identity or "").upper() or None,
                "is_generated": "ALWAYS" if column.generated is not None else "NEVER",
                "generation_expression": column.generated.text if column.generated is not None else None,
            }  # fmt: skip


UDT = {
    "character varying": "varchar", "integer": "int4", "bigint": "int8", "smallint": "int2", "boolean": "bool",
    "timestamp without time zone": "timestamp", "timestamp with time zone": "timestamptz", "double precision": "float8",
    "real": "float4", "character": "bpchar", "time without time zone": "time", "time with time zone": "timetz",
}  # fmt: skip


def table_constraints(catalog: Catalog) -> Rows:
    """information_schema.table_constraints."""
    for table in catalog.tables.values():
        for one in table.constraints:
            if one.kind is not ConstraintKind.EXCLUSION:
                yield {
                    "constraint_catalog": "database", "constraint_schema": table.key[0], "constraint_name": one.name,
                    "table_catalog": "database", "table_schema": table.key[0], "table_name": table.key[1],
                    "constraint_type": one.kind.value.upper(), "is_deferrable": "YES" if one.deferrable else "NO",
                    "initially_deferred": "YES" if one.initially_deferred else "NO", "enforced": "YES",
                }  # fmt: skip


def key_columns(catalog: Catalog) -> Rows:
    """information_schema.key_column_usage."""
    for table in catalog.tables.values():
        for one in table.constraints:
            if one.kind is ConstraintKind.CHECK:
                continue
            for place, column in enumerate(one.columns, 1):
                target = one.references
                referred = one.references_columns[place - 1 : place] if target else ()
                yield {
                    "constraint_catalog": "database", "constraint_schema": table.key[0], "constraint_name": one.name,
                    "table_catalog": "database", "table_schema": table.key[0], "table_name": table.key[1],
                    "column_name": column, "ordinal_position": place,
                    "position_in_unique_constraint": place if target else None,
                    "referenced_table_schema": target[0] if target else None,
                    "referenced_table_name": target[1] if target else None,
                    "referenced_column_name": referred[0] if referred else None,
                }  # fmt: skip


def constraint_columns(catalog: Catalog) -> Rows:
    """information_schema.constraint_column_usage: for a foreign key, the columns it refers to."""
    for table in catalog.tables.values():
        for one in table.constraints:
            key = one.references or table.key
            for column in one.references_columns if one.references else one.columns:
                yield {
                    "constraint_catalog": "database", "constraint_schema": table.key[0], "constraint_name": one.name,
                    "table_catalog": "database", "table_schema": key[0], "table_name": key[1], "column_name": column,
                }  # fmt: skip


def referential(catalog: Catalog) -> Rows:
    """information_schema.referential_constraints."""
    for table in catalog.tables.values():
        for one in table.constraints:
            if one.kind is ConstraintKind.FOREIGN and one.references is not None:
                target = catalog.tables.get(one.references)
                keys = target.constraints if target is not None else ()
                unique = next((c.name for c in keys if c.columns == one.references_columns and c.index), None)
                yield {
                    "constraint_catalog": "database", "constraint_schema": table.key[0], "constraint_name": one.name,
                    "unique_constraint_schema": one.references[0], "unique_constraint_name": unique,
                    "match_option": one.match or "NONE", "update_rule": one.on_update.value,
                    "delete_rule": one.on_delete.value, "table_name": table.key[1],
                    "referenced_table_name": one.references[1],
                }  # fmt: skip


def check_rows(catalog: Catalog) -> Rows:
    """information_schema.check_constraints."""
    for table in catalog.tables.values():
        for one in table.constraints:
            if one.kind is ConstraintKind.CHECK:
                yield {"constraint_schema": table.key[0], "constraint_name": one.name, "table_name": table.key[1],
                       "check_clause": one.expression.text if one.expression is not None else ""}  # fmt: skip


def statistics(catalog: Catalog) -> Rows:
    """information_schema.statistics (MySQL)."""
    for table in catalog.tables.values():
        for index in table.indexes:
            for place, element in enumerate(index.elements, 1):
                yield {"table_schema": table.key[0], "table_name": table.key[1], "index_schema": table.key[0],
                       "index_name": index.name, "seq_in_index": place, "column_name": element.column,
                       "non_unique": 0 if index.unique else 1, "sub_part": element.prefix, "index_type": "BTREE",
                       "nullable": "", "comment": "", "index_comment": ""}  # fmt: skip


def index_rows(catalog: Catalog) -> Rows:
    """pg_indexes."""
    for one in relations(catalog):
        for index in one.indexes if isinstance(one, (Table, View)) else ():
            keys = ", ".join(e.column or (e.expression.text if e.expression else "") for e in index.elements)
            yield {"schemaname": one.key[0], "tablename": one.key[1], "indexname": index.name, "tablespace": None,
                   "indexdef": f"CREATE {'UNIQUE ' if index.unique else ''}INDEX {index.name} "
                   f"ON {one.key[0]}.{one.key[1]} USING {index.method} ({keys})"}  # fmt: skip


def classes(catalog: Catalog) -> Rows:
    """pg_class."""
    for one in relations(catalog):
        kind = (
            ("m" if one.materialized else "v")
            if isinstance(one, View)
            else "p"
            if one.partition_by is not None
            else "r"
        )
        yield {"oid": one.key[1], "relname": one.key[1], "relnamespace": one.key[0], "relkind": kind, "reltuples": -1,
               "relpages": 0, "relowner": "user",
               "relispartition": isinstance(one, Table) and one.partition_of is not None,
               "relrowsecurity": isinstance(one, Table) and one.row_security, "relpersistence": "p"}  # fmt: skip
        for index in one.indexes:
            yield {"oid": index.name, "relname": index.name, "relnamespace": one.key[0], "relkind": "i",
                   "reltuples": -1,
                   "relpages": 0, "relowner": "user", "relispartition": False, "relpersistence": "p"}  # fmt: skip
    for key in catalog.sequences:
        yield {
            "oid": key[1],
            "relname": key[1],
            "relnamespace": key[0],
            "relkind": "S",
            "reltuples": -1,
            "relpersistence": "p",
        }


def attributes(catalog: Catalog) -> Rows:
    """pg_attribute."""
    for one in relations(catalog):
        for place, column in enumerate(one.columns, 1):
            kind = format_type(column.type, catalog) if column.type is not None else ""
            yield {"attrelid": one.key[1], "attname": column.name, "attnum": place, "attnotnull": not column.nullable,
                   "attisdropped": False, "atttypid": kind, "atttypmod": -1, "atthasdef": column.default is not None,
                   "attidentity": {"always": "a", "by default": "d"}.get(column.identity or "", ""),
                   "attgenerated": "s" if column.stored else ""}  # fmt: skip


LETTERS = {ConstraintKind.PRIMARY: "p", ConstraintKind.UNIQUE: "u", ConstraintKind.CHECK: "c",
           ConstraintKind.FOREIGN: "f",
           ConstraintKind.EXCLUSION: "x"}  # fmt: skip


def constraint_rows(catalog: Catalog) -> Rows:
    """pg_constraint."""
    for table in catalog.tables.values():
        numbers = {c.name: i for i, c in enumerate(table.columns, 1)}
        for one in table.constraints:
            yield {"oid": definition(one), "conname": one.name, "connamespace": table.key[0],
                   "contype": LETTERS[one.kind],
                   "conrelid": table.key[1], "confrelid": one.references[1] if one.references else 0,
                   "convalidated": one.valid, "condeferrable": one.deferrable, "condeferred": one.initially_deferred,
                   "conkey": [numbers[c] for c in one.columns if c in numbers], "conindid": one.index or 0,
                   "confdeltype": one.on_delete.value[:1].lower(),
                   "confupdtype": one.on_update.value[:1].lower()}  # fmt: skip


def definition(one: ConstraintState) -> str:
    """pg_get_constraintdef(), near enough to look for words in it."""
    listed = ", ".join(one.columns)
    match one.kind:
        case ConstraintKind.CHECK:
            return f"CHECK (({one.expression.text if one.expression else ''}))"
        case ConstraintKind.FOREIGN:
            target = one.references[1] if one.references else ""
            action = f" ON DELETE {one.on_delete.value}" if one.on_delete.value != "NO ACTION" else ""
            return f"FOREIGN KEY ({listed}) REFERENCES {target}({', '.join(one.references_columns)}){action}"
        case _:
            return f"{one.kind.value.upper()} ({listed})"


def type_rows(catalog: Catalog) -> Rows:
    """pg_type: the user's own."""
    for key, one in catalog.types.items():
        kind = "e" if isinstance(one, EnumType) else "d" if isinstance(one, DomainType) else "c"
        yield {
            "oid": key[1],
            "typname": key[1],
            "typnamespace": key[0],
            "typtype": kind,
            "typowner": "user",
            "typrelid": 0,
        }


def enum_rows(catalog: Catalog) -> Rows:
    """pg_enum."""
    for key, one in catalog.types.items():
        if isinstance(one, EnumType):
            for place, label in enumerate(one.labels, 1):
                yield {
                    "oid": f"{key[1]}.{label}",
                    "enumtypid": key[1],
                    "enumlabel": label,
                    "enumsortorder": float(place),
                }


def index_catalog(catalog: Catalog) -> Rows:
    """pg_index."""
    for one in relations(catalog):
        numbers = {c.name: i for i, c in enumerate(one.columns, 1)}
        for index in one.indexes:
            yield {"indexrelid": index.name, "indrelid": one.key[1], "indisunique": index.unique,
                   "indisvalid": index.valid,
                   "indisprimary": index.primary, "indisready": True,
                   "indkey": [numbers.get(c or "", 0) for c in index.columns],
                   "indpred": index.where.text if index.where is not None else None,
                   "indnkeyatts": len(index.elements)}  # fmt: skip


def triggers(catalog: Catalog) -> Rows:
    """pg_trigger and information_schema.triggers."""
    for table in catalog.tables.values():
        for one in table.triggers:
            for event in one.events or ("insert",):
                yield {"tgname": one.name, "tgrelid": table.key[1], "tgisinternal": False, "trigger_name": one.name,
                       "trigger_schema": table.key[0], "event_object_schema": table.key[0],
                       "event_object_table": table.key[1],
                       "event_manipulation": event.upper(), "action_timing": one.timing.upper(),
                       "tgenabled": "O"}  # fmt: skip


def view_rows(catalog: Catalog) -> Rows:
    """pg_views, pg_matviews and information_schema.views."""
    for key, one in catalog.views.items():
        yield {"schemaname": key[0], "viewname": key[1], "matviewname": key[1], "table_schema": key[0],
               "table_name": key[1],
               "definition": one.query.text, "view_definition": one.query.text, "materialized": one.materialized,
               "ispopulated": one.populated, "viewowner": "user"}  # fmt: skip


def sequence_rows(catalog: Catalog) -> Rows:
    """pg_sequences and information_schema.sequences."""
    for key, one in catalog.sequences.items():
        yield {"schemaname": key[0], "sequencename": key[1], "sequence_schema": key[0], "sequence_name": key[1],
               "data_type": one.data_type, "start_value": one.start, "increment_by": one.increment,
               "increment": one.increment,
               "min_value": one.minimum, "max_value": one.maximum, "last_value": None}  # fmt: skip


def function_rows(catalog: Catalog) -> Rows:
    """pg_proc and information_schema.routines."""
    for key, functions in catalog.functions.items():
        for one in functions:
            yield {"oid": key[1], "proname": key[1], "pronamespace": key[0], "routine_name": key[1],
                   "routine_schema": key[0],
                   "routine_type": one.kind.upper(), "specific_name": key[1], "prosrc": one.body,
                   "routine_definition": one.body}  # fmt: skip


def schema_rows(catalog: Catalog) -> Rows:
    """pg_namespace and information_schema.schemata."""
    for name in sorted(
        {
            *catalog.schemas,
            *(("pg_catalog", "information_schema") if catalog.server.engine is Engine.POSTGRESQL else ()),
        }
    ):
        yield {"oid": name, "nspname": name, "schema_name": name, "nspowner": "user", "catalog_name": "database"}


def pg_tables(catalog: Catalog) -> Rows:
    """pg_tables and pg_stat_user_tables."""
    for key, one in catalog.tables.items():
        yield {"schemaname": key[0], "tablename": key[1], "relname": key[1], "relid": key[1], "tableowner": "user",
               "hasindexes": bool(one.indexes), "n_live_tup": 0, "n_dead_tup": 0,
               "rowsecurity": one.row_security}  # fmt: skip


def children(catalog: Catalog) -> Rows:
    """pg_inherits."""
    for parent, found in catalog.children.items():
        for child in found:
            yield {"inhrelid": child[1], "inhparent": parent[1], "inhseqno": 1}


def policies(catalog: Catalog) -> Rows:
    """pg_policies and pg_policy."""
    for table in catalog.tables.values():
        for kind, name in table.policies:
            if kind == "policy":
                yield {
                    "schemaname": table.key[0],
                    "tablename": table.key[1],
                    "policyname": name,
                    "polname": name,
                    "polrelid": table.key[1],
                }


def nothing(_: Catalog) -> Rows:
    """A table that has no rows here."""
    return iter(())


TABLES: dict[str, Callable[[Catalog], Rows]] = {
    "tables": tables, "columns": columns, "table_constraints": table_constraints, "key_column_usage": key_columns,
    "constraint_column_usage": constraint_columns, "referential_constraints": referential,
    "check_constraints": check_rows,
    "statistics": statistics, "schemata": schema_rows, "views": view_rows, "sequences": sequence_rows,
    "routines": function_rows, "triggers": triggers, "pg_class": classes, "pg_attribute": attributes,
    "pg_constraint": constraint_rows, "pg_type": type_rows, "pg_enum": enum_rows, "pg_index": index_catalog,
    "pg_indexes": index_rows, "pg_tables": pg_tables, "pg_stat_user_tables": pg_tables, "pg_views": view_rows,
    "pg_matviews": view_rows, "pg_sequences": sequence_rows, "pg_namespace": schema_rows, "pg_proc": function_rows,
    "pg_trigger": triggers, "pg_inherits": children, "pg_policies": policies, "pg_policy": policies,
    "pg_attrdef": nothing, "pg_locks": nothing, "pg_stat_activity": nothing, "pg_description": nothing,
    "pg_roles": lambda c: iter([{"oid": "user", "rolname": "user", "rolsuper": True}]),
    "pg_user": lambda c: iter([{"usename": "user", "usesuper": True}]),
    "pg_database": lambda c: iter([{"oid": 1, "datname": "database"}]),
    "pg_extension": lambda c: ({"oid": e, "extname": e, "extversion": "1.0"} for e in sorted(c.extensions)),
    "pg_available_extensions": nothing, "pg_settings": nothing, "pg_depend": nothing, "pg_collation": nothing,
    "pg_am": lambda c: iter([{"oid": "heap", "amname": "heap"}, {"oid": "btree", "amname": "btree"}]),
    "pg_publication": nothing, "pg_publication_tables": nothing, "pg_partitioned_table": nothing,
}  # fmt: skip


def system_relation(database: Database, name: Name) -> Relation | None:
    """A table of the system's by name; None for one that is not made here. Rows of statistics are guesses."""
    made = TABLES.get(name.name.lower())
    if made is None or (name.schema is None and not name.name.lower().startswith("pg_")):
        return None
    if name.name.lower() == "pg_settings" and database.server.engine is Engine.POSTGRESQL:
        return whole(name, [dict(r) for r in settings.rows(database)])
    if not _kept or _kept[0][0] is not database.catalog:
        _kept[:] = [(database.catalog, {})]
    known = _kept[0][1]
    if name not in known:
        known[name] = whole(name, [dict(r) for r in made(database.catalog)])
    return known[name]


_kept: list[tuple[Catalog, dict[Name, Relation]]] = []
"""The last catalog that was asked about, and its relations: a comparison asks the same of each table."""


def whole(name: Name, rows: list[dict[str, Any]]) -> Relation:
    """A relation of the system's from its rows."""
    if name.name.lower() == "pg_matviews":
        rows = [r for r in rows if r["materialized"]]
    columns_found = tuple(dict.fromkeys(c for r in rows for c in r)) or tuple(EMPTY.get(name.name.lower(), ("oid",)))
    if (name.schema is not None and name.schema.isupper()) or any(c.isupper() for c in name.name):
        upper = {c: c.upper() for c in columns_found}
        rows = [r | {upper[c]: v for c, v in r.items()} for r in rows]
        columns_found = (*columns_found, *(u for c, u in upper.items() if u != c))
    return Relation(columns_found, rows, guessed=name.name.lower().startswith(("pg_stat", "pg_locks")))


EMPTY: dict[str, tuple[str, ...]] = {
    "tables": ("table_catalog", "table_schema", "table_name", "table_type"),
    "columns": ("table_schema", "table_name", "column_name", "data_type", "is_nullable", "column_default",
                "character_maximum_length", "udt_name", "ordinal_position"),
    "table_constraints": ("constraint_schema", "constraint_name", "table_schema", "table_name", "constraint_type"),
    "key_column_usage": ("constraint_schema", "constraint_name", "table_schema", "table_name", "column_name",
                         "referenced_table_name", "referenced_column_name", "ordinal_position",
                         "referenced_table_schema"),
    "constraint_column_usage": ("constraint_schema", "constraint_name", "table_schema", "table_name", "column_name"),
    "referential_constraints": ("constraint_schema", "constraint_name", "unique_constraint_name", "delete_rule",
                                "update_rule", "table_name"),
    "check_constraints": ("constraint_schema", "constraint_name", "check_clause", "table_name"),
    "statistics": ("table_schema", "table_name", "index_name", "column_name", "non_unique", "seq_in_index"),
    "views": ("table_schema", "table_name", "view_definition"), "sequences": ("sequence_schema", "sequence_name"),
    "routines": ("routine_schema", "routine_name", "routine_type"),
    "triggers": ("trigger_schema", "trigger_name", "event_object_table"),
    "pg_class": ("oid", "relname", "relnamespace", "relkind", "reltuples", "relispartition", "relowner"),
    "pg_attribute": ("attrelid", "attname", "attnum", "attnotnull", "attisdropped", "atttypid", "attidentity"),
    "pg_constraint": ("oid", "conname", "connamespace", "contype", "conrelid", "confrelid", "convalidated", "conkey"),
    "pg_type": ("oid", "typname", "typnamespace", "typtype"), "pg_enum": ("enumtypid", "enumlabel", "enumsortorder"),
    "pg_index": ("indexrelid", "indrelid", "indisunique", "indisvalid", "indisprimary", "indkey"),
    "pg_indexes": ("schemaname", "tablename", "indexname", "indexdef"), "pg_tables": ("schemaname", "tablename"),
    "pg_stat_user_tables": ("schemaname", "relname", "n_live_tup"),
    "pg_views": ("schemaname", "viewname", "definition"),
    "pg_matviews": ("schemaname", "matviewname", "definition", "ispopulated"),
    "pg_sequences": ("schemaname", "sequencename"),
    "pg_proc": ("oid", "proname", "pronamespace", "prosrc"), "pg_trigger": ("tgname", "tgrelid", "tgisinternal"),
    "pg_inherits": ("inhrelid", "inhparent"), "pg_policies": ("schemaname", "tablename", "policyname"),
    "pg_policy": ("polname", "polrelid"), "pg_extension": ("oid", "extname", "extversion"),
    "pg_locks": ("pid", "relation", "granted", "mode", "locktype"),
    "pg_stat_activity": ("pid", "state", "query", "datname", "usename"), "pg_settings": ("name", "setting"),
    "pg_description": ("objoid", "objsubid", "description"),
    "pg_depend": ("objid", "refobjid", "deptype", "classid", "refclassid", "refobjsubid"),
    "pg_attrdef": ("adrelid", "adnum", "adbin"),
    "pg_available_extensions": ("name", "default_version", "installed_version"),
}  # fmt: skip
