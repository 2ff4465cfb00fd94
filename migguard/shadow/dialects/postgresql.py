"""PostgreSQL's dialect on the shadow driver."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import DOMAIN
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.engine.reflection import ObjectKind, ObjectScope, ReflectionDefaults

from migguard.catalog.defaults import display
from migguard.catalog.lookup import TEMPORARY, relation_key, sequence_key, type_key, visible
from migguard.catalog.naming import quote
from migguard.catalog.schema import Catalog, Column, ConstraintKind, DomainType, EnumType, Index, Table, View
from migguard.catalog.types import format_type
from migguard.changes import Engine, ForeignKeyAction, Name
from migguard.shadow.dialects.base import ShadowMixin, async_dialect, known_options
from migguard.shadow.dialects.table_names import TableNames, there, told

REFLECT_TYPE = frozenset(inspect.signature(PGDialect._reflect_type).parameters)
"""SQLAlchemy's own reader of types is private, and its parameters differ between releases."""
INCLUDE_IN_UNIQUE = any(
    c is sa.UniqueConstraint and "include" in (o or {}) for c, o in getattr(PGDialect, "construct_arguments", ())
)
NEXTVAL = re.compile(r"(.*nextval\(')([^']+)('.*)", re.DOTALL)
ACCEPTED = ("json_serializer", "json_deserializer", "native_inet_types", "isolation_level")


class Postgresql(ShadowMixin, PGDialect):  # type: ignore[misc]  # the mixin stands in for parts of the dialect
    """PostgreSQL, as a schema."""

    shadow_engine = Engine.POSTGRESQL
    supports_statement_cache = True

    def __init__(self, **given: Any) -> None:
        super().__init__(**known_options(given, ACCEPTED))  # type: ignore[no-untyped-call]  # SQLAlchemy's is
        self.paramstyle, self.positional = "named", False
        self._backslash_escapes = False
        self.supports_smallserial = True

    def create_connect_args(self, url: Any) -> tuple[list[Any], dict[str, Any]]:
        """The driver is given the database, and the dialect its version."""
        found = super().create_connect_args(url)
        self.take_version()
        return found

    def initialize(self, connection: Any) -> None:
        """What SQLAlchemy would ask of the server."""
        del connection
        self.take_version()

    def take_version(self) -> None:
        """The features of the configured version."""
        version = self.database.server.version
        self.server_version_info = (*version, 0)[:2] if len(version) < 2 else version
        self.default_schema_name = self.catalog.default_schema
        self.default_isolation_level = "READ COMMITTED"
        self.supports_identity_columns = version >= (10,)
        self.supports_virtual_generated_columns = version >= (18,)
        self._supports_drop_index_concurrently = True
        self._supports_jsonb_subscripting = version >= (14,)
        self._supports_create_index_concurrently = True

    def get_isolation_level(self, dbapi_connection: Any) -> Any:
        """The isolation level."""
        return ShadowMixin.get_isolation_level(self, dbapi_connection)

    def _get_server_version_info(self, connection: Any) -> tuple[int, ...]:
        del connection
        return self.database.server.version

    def _get_default_schema_name(self, connection: Any) -> str:
        del connection
        return self.catalog.search_path[0]

    @property
    def catalog(self) -> Catalog:
        """The schema now."""
        return self.database.seen

    # --- what there is ---

    def _relations(self, schema: str | None, names: Any, scope: Any, kind: Any) -> Iterator[Table | View]:
        catalog = self.catalog
        where = schema or catalog.search_path[0]
        wanted = set(names) if names else None
        temporary = scope is not None and scope is ObjectScope.TEMPORARY
        where = TEMPORARY if temporary and schema is None else where
        if kind is None or ObjectKind.TABLE in kind:
            for key in sorted(k for k in catalog.tables if k[0] == where):
                if wanted is None or key[1] in wanted:
                    if wanted is not None:
                        told(catalog.tables[key], self.database)
                    yield catalog.tables[key]
        for key in sorted(k for k in catalog.views if k[0] == where):
            view = catalog.views[key]
            asked = (
                kind is not None and (ObjectKind.MATERIALIZED_VIEW if view.materialized else ObjectKind.VIEW) in kind
            )
            if asked and (wanted is None or key[1] in wanted):
                yield view

    def get_schema_names(self, connection: Any, **_: Any) -> list[str]:
        """The schemas."""
        return sorted(s for s in self.catalog.schemas if s != TEMPORARY)

    def get_table_names(self, connection: Any, schema: str | None = None, **_: Any) -> list[str]:
        """The tables of a schema."""
        return TableNames(
            [t.key[1] for t in self._relations(schema, None, None, ObjectKind.TABLE)], self.database, schema
        )

    def get_temp_table_names(self, connection: Any, schema: str | None = None, **_: Any) -> list[str]:
        """The temporary tables."""
        return sorted(k[1] for k in self.catalog.tables if k[0] == TEMPORARY)

    def get_view_names(self, connection: Any, schema: str | None = None, **_: Any) -> list[str]:
        """The views of a schema."""
        return [v.key[1] for v in self._relations(schema, None, None, ObjectKind.VIEW)]

    def get_temp_view_names(self, connection: Any, schema: str | None = None, **_: Any) -> list[str]:
        """The temporary views."""
        return sorted(k[1] for k, v in self.catalog.views.items() if v.temporary)

    def get_materialized_view_names(self, connection: Any, schema: str | None = None, **_: Any) -> list[str]:
        """The materialized views of a schema."""
        return [v.key[1] for v in self._relations(schema, None, None, ObjectKind.MATERIALIZED_VIEW)]

    def get_sequence_names(self, connection: Any, schema: str | None = None, **_: Any) -> list[str]:
        """The sequences of a schema."""
        where = schema or self.catalog.search_path[0]
        return sorted(k[1] for k in self.catalog.sequences if k[0] == where)

    def has_schema(self, connection: Any, schema: str, **_: Any) -> bool:  # type: ignore[override]  # PGDialect's name
        """Whether there is a schema of that name."""
        return schema in self.catalog.schemas

    def has_table(self, connection: Any, table_name: str, schema: str | None = None, **_: Any) -> bool:
        """Whether there is a table or view of that name."""
        found = relation_key(self.catalog, Name(table_name, schema)) is not None
        return there(found, table_name, schema, self.database)

    def has_multi_table(self, connection: Any, table_names: Any, schema: str | None = None, **_: Any) -> list[Any]:
        """The same for several."""
        return [((schema, n), self.has_table(connection, n, schema)) for n in table_names]

    def has_sequence(self, connection: Any, sequence_name: str, schema: str | None = None, **_: Any) -> bool:
        """Whether there is a sequence of that name."""
        return sequence_key(self.catalog, Name(sequence_name, schema)) is not None

    def has_type(self, connection: Any, type_name: str, schema: str | None = None, **_: Any) -> bool:
        """Whether there is a type of that name."""
        return type_key(self.catalog, Name(type_name, schema)) is not None

    def has_index(self, connection: Any, table_name: str, index_name: str, schema: str | None = None, **_: Any) -> bool:
        """Whether a table has an index of that name."""
        key = relation_key(self.catalog, Name(table_name, schema))
        relation = self.catalog.tables.get(key) or self.catalog.views.get(key) if key is not None else None
        return relation is not None and any(i.name == index_name for i in relation.indexes)

    def get_table_oid(self, connection: Any, table_name: str, schema: str | None = None, **_: Any) -> int:
        """The identity of a table. Raises NoSuchTableError."""
        key = relation_key(self.catalog, Name(table_name, schema))
        relation = self.catalog.tables.get(key) or self.catalog.views.get(key) if key is not None else None
        if relation is None:
            raise sa.exc.NoSuchTableError(f"{schema}.{table_name}" if schema else table_name)
        return relation.oid

    def get_view_definition(self, connection: Any, view_name: str, schema: str | None = None, **_: Any) -> str:
        """The query of a view. Raises NoSuchTableError."""
        key = relation_key(self.catalog, Name(view_name, schema))
        view = self.catalog.views.get(key) if key is not None else None
        if view is None:
            raise sa.exc.NoSuchTableError(f"{schema}.{view_name}" if schema else view_name)
        return view.query.text

    def _load_enums(self, connection: Any, schema: str | None = None, **_: Any) -> list[dict[str, Any]]:
        found = []
        for key, made in sorted(self.catalog.types.items()):
            if isinstance(made, EnumType) and self._shown(key, schema):
                found.append(
                    {
                        "name": key[1],
                        "schema": key[0],
                        "visible": visible(self.catalog, key),
                        "labels": list(made.labels),
                    }
                )
        return found

    def _load_domains(self, connection: Any, schema: str | None = None, **_: Any) -> list[dict[str, Any]]:
        found = []
        for key, made in sorted(self.catalog.types.items()):
            if isinstance(made, DomainType) and self._shown(key, schema):
                checks = [{"name": c.name, "check": c.expression.text if c.expression else ""} for c in made.checks]
                found.append({
                    "name": key[1], "schema": key[0], "visible": visible(self.catalog, key),
                    "type": format_type(made.base, self.catalog), "nullable": not made.not_null,
                    "default": made.default.text if made.default is not None else None, "constraints": checks,
                    "collation": made.collation, "collation_schema": None,
                })  # fmt: skip
        return found

    def _shown(self, key: tuple[str, str], schema: str | None) -> bool:
        return schema in ("*", key[0]) or (schema is None and visible(self.catalog, key))

    # --- columns ---

    def _type(self, column: Column, loader: Any) -> Any:
        if column.type is None:
            return sa.types.NULLTYPE
        text = format_type(column.type, self.catalog)
        described = f"column '{column.name}'"
        reflect: Any = self._reflect_type  # called as this release has it
        if "named_type_loader" in REFLECT_TYPE:
            return reflect(text, loader, type_description=described, collation=column.collation)
        enums = {self._type_key(e): e for e in self._load_enums(None, "*")}
        domains = {self._type_key(d): d for d in self._load_domains(None, "*")}
        if "collation" in REFLECT_TYPE:
            return reflect(text, domains, enums, described, column.collation)
        return reflect(text, domains, enums, described)

    def _type_key(self, entry: dict[str, Any]) -> tuple[str, ...]:
        return (quote(entry["name"]),) if entry["visible"] else (quote(entry["schema"]), quote(entry["name"]))

    def get_multi_columns(
        self,
        connection: Any,
        schema: Any = None,
        filter_names: Any = None,
        scope: Any = None,
        kind: Any = None,
        **_: Any,
    ) -> Any:
        """The columns of relations."""
        loader = None
        if "named_type_loader" in REFLECT_TYPE:
            from sqlalchemy.dialects.postgresql import base

            loader = base._NamedTypeLoader(self, connection, {})
        found: dict[tuple[str | None, str], Any] = {}
        for one in self._relations(schema, filter_names, scope, kind):
            found[(schema, one.key[1])] = [self._column(c, loader, schema) for c in one.columns]
        return found.items()

    def _column(self, column: Column, loader: Any, schema: str | None) -> dict[str, Any]:
        kind = self._type(column, loader)
        default, nullable = display(column.default, self.catalog), column.nullable
        if isinstance(kind, DOMAIN):
            of_domain = str(kind.default) if kind.default is not None else None
            default, nullable = default or of_domain, nullable and not kind.not_null
        counted = column.default is not None and "nextval" in column.default.functions
        sequence_of = NEXTVAL.fullmatch(default or "")
        if sequence_of is not None and schema is not None and "." not in sequence_of[2]:
            default = f'{sequence_of[1]}"{schema}".{sequence_of[2]}{sequence_of[3]}'  # as SQLAlchemy does
        made: dict[str, Any] = {
            "name": column.name,
            "type": kind,
            "nullable": nullable,
            "default": default,
            "autoincrement": column.identity is not None or (counted and issubclass(kind._type_affinity, sa.Integer)),
            "comment": column.comment,
        }
        if column.generated is not None:
            made["computed"] = {"sqltext": column.generated.text, "persisted": column.stored}
        sequence = self.catalog.sequences.get(column.sequence) if column.sequence is not None else None
        if column.identity is not None and sequence is not None:
            made["identity"] = {
                "always": column.identity == "always", "start": sequence.start, "increment": sequence.increment,
                "minvalue": sequence.minimum, "maxvalue": sequence.maximum, "cache": sequence.cache,
                "cycle": sequence.cycle,
            }  # fmt: skip
        return made

    # --- constraints ---

    def get_multi_pk_constraint(
        self,
        connection: Any,
        schema: Any = None,
        filter_names: Any = None,
        scope: Any = None,
        kind: Any = None,
        **_: Any,
    ) -> Any:
        """The primary keys of relations."""
        found: dict[tuple[str | None, str], Any] = {}
        for one in self._relations(schema, filter_names, scope, kind):
            key = one.primary_key if isinstance(one, Table) else None
            if key is None or not isinstance(one, Table):
                found[(schema, one.key[1])] = ReflectionDefaults.pk_constraint()
                continue
            index = one.index(key.index or "")
            found[(schema, one.key[1])] = {
                "constrained_columns": list(key.columns), "name": key.name, "comment": key.comment,
                "dialect_options": {"postgresql_include": list(index.include) if index is not None else []},
            }  # fmt: skip
        return found.items()

    def get_multi_unique_constraints(
        self,
        connection: Any,
        schema: Any = None,
        filter_names: Any = None,
        scope: Any = None,
        kind: Any = None,
        **_: Any,
    ) -> Any:
        """The UNIQUE constraints of relations."""
        found: dict[tuple[str | None, str], Any] = {}
        for one in self._relations(schema, filter_names, scope, kind):
            entries = found[(schema, one.key[1])] = []
            for key in one.constraints if isinstance(one, Table) else ():
                if key.kind is not ConstraintKind.UNIQUE or not isinstance(one, Table):
                    continue
                index = one.index(key.index or "")
                options: dict[str, Any] = {
                    "postgresql_nulls_not_distinct": index is not None and index.nulls_not_distinct
                }
                if INCLUDE_IN_UNIQUE:
                    options["postgresql_include"] = list(index.include) if index is not None else []
                entries.append(
                    {
                        "column_names": list(key.columns),
                        "name": key.name,
                        "comment": key.comment,
                        "dialect_options": options,
                    }
                )
        return found.items()

    def get_multi_foreign_keys(
        self,
        connection: Any,
        schema: Any = None,
        filter_names: Any = None,
        scope: Any = None,
        kind: Any = None,
        postgresql_ignore_search_path: bool = False,
        **_: Any,
    ) -> Any:
        """The foreign keys of relations."""
        found: dict[tuple[str | None, str], Any] = {}
        for one in self._relations(schema, filter_names, scope, kind):
            entries = found[(schema, one.key[1])] = []
            keys = one.constraints if isinstance(one, Table) else ()
            for key in sorted((k for k in keys if k.kind is ConstraintKind.FOREIGN), key=lambda k: k.name):
                assert key.references is not None
                target = None if visible(self.catalog, key.references) else key.references[0]
                if target is None and schema is not None and schema == key.references[0]:
                    target = schema
                options: dict[str, Any] = {}
                for name, action in (("onupdate", key.on_update), ("ondelete", key.on_delete)):
                    if action is not ForeignKeyAction.NO_ACTION:
                        options[name] = action.value + (
                            f" ({', '.join(key.set_columns)})" if name == "ondelete" and key.set_columns else ""
                        )
                if key.deferrable:
                    options["deferrable"] = True
                if key.initially_deferred:
                    options["initially"] = "DEFERRED"
                if key.match:
                    options["match"] = key.match
                entries.append({
                    "name": key.name, "constrained_columns": list(key.columns), "referred_schema": target,
                    "referred_table": key.references[1], "referred_columns": list(key.references_columns),
                    "options": options, "comment": key.comment,
                })  # fmt: skip
        return found.items()

    def get_multi_check_constraints(
        self,
        connection: Any,
        schema: Any = None,
        filter_names: Any = None,
        scope: Any = None,
        kind: Any = None,
        **_: Any,
    ) -> Any:
        """The CHECK constraints of relations."""
        found: dict[tuple[str | None, str], Any] = {}
        for one in self._relations(schema, filter_names, scope, kind):
            entries = found[(schema, one.key[1])] = []
            keys = one.constraints if isinstance(one, Table) else ()
            for key in sorted((k for k in keys if k.kind is ConstraintKind.CHECK), key=lambda k: k.name):
                entry: dict[str, Any] = {
                    "name": key.name,
                    "sqltext": key.expression.text if key.expression else "",
                    "comment": key.comment,
                }
                if not key.valid:
                    entry["dialect_options"] = {"not_valid": True}
                entries.append(entry)
        return found.items()

    # --- indexes ---

    def get_multi_indexes(
        self,
        connection: Any,
        schema: Any = None,
        filter_names: Any = None,
        scope: Any = None,
        kind: Any = None,
        **_: Any,
    ) -> Any:
        """The indexes of relations."""
        found: dict[tuple[str | None, str], Any] = {}
        for one in self._relations(schema, filter_names, scope, kind):
            ordered = sorted((i for i in one.indexes if not i.primary), key=lambda i: i.name)
            found[(schema, one.key[1])] = [self._index(i) for i in ordered]
        return found.items()

    def _index(self, index: Index) -> dict[str, Any]:
        made: dict[str, Any] = {"name": index.name, "unique": index.unique}
        words = [e.column or (e.expression.text if e.expression is not None else "") for e in index.elements]
        if any(e.column is None for e in index.elements):
            made["column_names"], made["expressions"] = [e.column for e in index.elements], words
        else:
            made["column_names"] = words
        sorting = {}
        for word, element in zip(words, index.elements, strict=True):
            flags: tuple[str, ...] = ()
            if element.descending:
                flags += ("desc",)
                if element.nulls_first is False:
                    flags += ("nulls_last",)
            elif element.nulls_first:
                flags += ("nulls_first",)
            if flags:
                sorting[word] = flags
        if sorting:
            made["column_sorting"] = sorting
        if index.constraint is not None:
            made["duplicates_constraint"] = index.name
        options: dict[str, Any] = {}
        operators = {w: e.opclass for w, e in zip(words, index.elements, strict=True) if e.opclass}
        if operators:
            options["postgresql_ops"] = operators
        storage = {k: v for k, v in index.options if k != "tablespace"}
        if storage:
            options["postgresql_with"] = storage
        if index.method != "btree":
            options["postgresql_using"] = index.method
        if index.where is not None:
            options["postgresql_where"] = index.where.text
        options["postgresql_include"] = list(index.include)
        if index.nulls_not_distinct:
            options["postgresql_nulls_not_distinct"] = True
        made["dialect_options"] = options
        return made

    def get_multi_table_comment(
        self,
        connection: Any,
        schema: Any = None,
        filter_names: Any = None,
        scope: Any = None,
        kind: Any = None,
        **_: Any,
    ) -> Any:
        """The comments of relations."""
        return {
            (schema, o.key[1]): {"text": o.comment} for o in self._relations(schema, filter_names, scope, kind)
        }.items()

    def get_multi_table_options(
        self,
        connection: Any,
        schema: Any = None,
        filter_names: Any = None,
        scope: Any = None,
        kind: Any = None,
        **_: Any,
    ) -> Any:
        """Storage options: none are told."""
        return {(schema, o.key[1]): {} for o in self._relations(schema, filter_names, scope, kind)}.items()


PostgresqlAsync = async_dialect(Postgresql, "PostgresqlAsync")
