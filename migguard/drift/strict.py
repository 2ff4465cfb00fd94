"""What Alembic's comparators do not look at: the models' schema and the other one, held together part by part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate.api import AutogenContext

from migguard.catalog.copying import replace as copied
from migguard.catalog.schema import Catalog, EnumType, Key
from migguard.catalog.types import loses
from migguard.drift.details import Detail, Pair, Same
from migguard.drift.modelled import Modelled, Written, modelled, written
from migguard.drift.sides import (
    function_details,
    guard_details,
    sequence_details,
    table_details,
    type_details,
    view_details,
)
from migguard.findings import Severity

Reported = set[tuple[str, Key, str | None]]
"""What Alembic said: the kind, the table, the object."""

ALEMBICS = frozenset(
    {"add_column", "remove_column", "modify_nullable", "modify_comment", "modify_table_comment", "add_index",
     "remove_index", "add_unique", "remove_unique", "add_foreign_key", "remove_foreign_key", "modify_index_validity"}
)  # fmt: skip
"""Differences that Alembic finds all of, but for those that env.py hides from it."""
OWN_NAMES = {"modify_type": "modify_type_arguments", "modify_default": "modify_server_default"}
"""Kinds that Alembic has too: what it does not see of them goes by another name."""
OF_COLUMNS = frozenset({"modify_type", "modify_default", "modify_computed", "modify_identity", "modify_collation"})
NOT_DECLARED = frozenset({"modify_partitioning", "modify_table_options", "modify_inheritance", "modify_index_options"})
"""What models seldom declare: their silence is no error."""
KINDS = {
    "index": "index",
    "unique": "unique_constraint",
    "foreign": "foreign_key_constraint",
    "check": "check_constraint",
}


def strict_details(
    catalog: Catalog,
    context: AutogenContext,
    models: list[sa.MetaData],
    reported: Reported,
    same: Same | None = None,
    ran: Written | None = None,
) -> tuple[list[Detail], Modelled]:
    """What the schema has more, less or otherwise than the models' own, without what Alembic reported.

    `ran` is what the models run, where it was asked for before.
    """
    made = modelled(ran if ran is not None else written(models, catalog.server), catalog)
    second = copied(made.catalog, search_path=catalog.search_path)
    pair = Pair(catalog, second, same)
    found: list[Detail] = []
    for key in sorted(set(catalog.tables) & set(second.tables)):
        known = second.tables[key].complete and key not in second.assumed and key not in catalog.assumed
        if known and looked_at(key, catalog, context, models):
            details: Iterable[Detail] = table_details(key, pair)
            if any(t.triggers or t.policies for t in second.tables.values()):
                details = [*details, *guard_details(key, pair)]
            found += [d for d in details if wanted(d, context, models, reported, catalog)]
    found += loose_details(pair, made, context)
    return [renamed(d, pair) for d in found], made


def renamed(detail: Detail, pair: Pair) -> Detail:
    """The difference under a name of its own, and graded."""
    kind = OWN_NAMES.get(detail.kind, detail.kind)
    severity = detail.severity
    if detail.kind == "modify_type" and holds(detail, pair):
        severity = Severity.NOTICE
    if detail.kind in NOT_DECLARED and not detail.second:
        severity = min(severity, Severity.NOTICE)
    return Detail(
        kind, detail.what, detail.first, detail.second, detail.key, detail.object, detail.also, severity, detail.inside
    )


def holds(detail: Detail, pair: Pair) -> bool:
    """Whether the column takes every value of the models' type."""
    mine, theirs = (side.tables[detail.key].column(detail.object or "") for side in (pair.first, pair.second))
    if mine is None or theirs is None or mine.type is None or theirs.type is None:
        return False
    return mine.type.name == theirs.type.name and loses(theirs.type, mine.type, pair.first) is None


def loose_details(pair: Pair, made: Modelled, context: AutogenContext) -> Iterator[Detail]:
    """Types, sequences, views and functions: the last two where the models make any."""
    first, second = pair.first, pair.second
    leftover = {
        k
        for k, t in first.types.items()
        if isinstance(t, EnumType) and k not in made.types and not first.type_users.get(k) and not first.functions
    }
    yield from (d for d in type_details(set(made.types) | leftover, pair) if in_schema(d.key, context, first))
    yield from (d for d in sequence_details(set(made.sequences), pair) if in_schema(d.key, context, first))
    if second.views:
        yield from (
            d for d in view_details(set(first.views) | set(second.views), pair) if in_schema(d.key, context, first)
        )
    if second.functions != first.functions:
        yield from function_details(set(second.functions), pair)


def in_schema(key: Key, context: AutogenContext, catalog: Catalog) -> bool:
    """Whether Alembic looks into the schema."""
    return key[0] == catalog.default_schema or bool(context.opts.get("include_schemas"))


def looked_at(key: Key, catalog: Catalog, context: AutogenContext, models: list[sa.MetaData]) -> bool:
    """Whether env.py lets Alembic see the table."""
    if not in_schema(key, context, catalog):
        return False
    schema = None if key[0] == catalog.default_schema else key[0]
    table = table_of(key, catalog, models)
    return (
        table is not None
        and context.run_name_filters(key[1], "table", {"schema_name": schema})
        and context.run_object_filters(table, key[1], "table", False, table)
    )


def table_of(key: Key, catalog: Catalog, models: list[sa.MetaData]) -> sa.Table | None:
    """The table of the models."""
    for metadata in models:
        for name in (f"{key[0]}.{key[1]}", key[1] if key[0] == catalog.default_schema else None):
            if name is not None and name in metadata.tables:
                return metadata.tables[name]
    return None


def wanted(
    detail: Detail, context: AutogenContext, models: list[sa.MetaData], reported: Reported, catalog: Catalog
) -> bool:
    """Whether a difference is news: not Alembic's, and not hidden by env.py."""
    if detail.kind in ALEMBICS or not compared(detail, context):
        return False
    names = {detail.object, detail.also} - {None}
    if detail.kind in OF_COLUMNS:
        said = {kind for kind, key, name in reported if key == detail.key and name == detail.object}
        if detail.kind in said or (said & {"modify_default"} and detail.kind in ("modify_computed", "modify_identity")):
            return False
    elif any(key == detail.key and name in names for _, key, name in reported if name is not None):
        return False
    table = table_of(detail.key, catalog, models)
    return table is not None and visible(detail, table, context, catalog)


def compared(detail: Detail, context: AutogenContext) -> bool:
    """Whether env.py leaves it to us: types and defaults that it has compared are Alembic's."""
    options = context.opts
    if detail.kind == "modify_type":
        return options.get("compare_type", True) is True
    if detail.kind == "modify_default":
        return not options.get("compare_server_default", False)
    return True


def visible(detail: Detail, table: sa.Table, context: AutogenContext, catalog: Catalog) -> bool:
    """Whether the filters of env.py let the object pass."""
    if detail.object is None:
        return True
    schema = None if detail.key[0] == catalog.default_schema else detail.key[0]
    kind = "column" if detail.kind in OF_COLUMNS else next((v for k, v in KINDS.items() if k in detail.kind), None)
    if kind is None:
        return True
    parents: Any = {"schema_name": schema, "table_name": detail.key[1]}
    if not context.run_name_filters(detail.also or detail.object, kind, parents):  # type: ignore[arg-type]
        return False
    one = object_of(table, detail.object)
    return one is None or context.run_object_filters(one, detail.object, kind, False, None)  # type: ignore[arg-type]


def object_of(table: sa.Table, name: str) -> Any:
    """The column, index or constraint of that name in the models."""
    for one in (*table.columns, *table.indexes, *table.constraints):
        if one.name == name:
            return one
    return None
