"""Sequences, views, schemas, comments and what else a catalog keeps."""

from __future__ import annotations

from dataclasses import replace

from migguard.catalog.columns import sequence_state
from migguard.catalog.constraints import need_constraint, not_null_column
from migguard.catalog.defaults import nextval, sequence_name
from migguard.catalog.drops import Fall, drop_relation, drop_sequence, shown
from migguard.catalog.edit import Refused, put_sequence, put_table, put_view, remove_sequence, replace_column
from migguard.catalog.lookup import (
    relation_at,
    relation_key,
    sequence_key,
    table_key,
    type_key,
)
from migguard.catalog.naming import relation_taken
from migguard.catalog.other_refusals import refuse_start, statistics_of
from migguard.catalog.schema import (
    Catalog,
    Column,
    Key,
    RefusalKind,
    View,
)
from migguard.catalog.tables import move, query_columns, schema_for
from migguard.catalog.user_types import drop_type, next_oid, rename_type
from migguard.changes import (
    AlterSequence,
    Comment,
    CreateSequence,
    CreateView,
    DropType,
    Engine,
    Name,
    ObjectAction,
    OtherObject,
    RefreshMaterializedView,
    SequenceOptions,
)

# --- sequences ----------------------------------------------------------------------------------------------------


def create_sequence(catalog: Catalog, change: CreateSequence) -> Catalog:
    """CREATE SEQUENCE."""
    key = (schema_for(catalog, change.sequence, temporary=change.temporary), change.sequence.name)
    if relation_taken(catalog, *key):
        if change.if_not_exists:
            return catalog
        raise Refused(RefusalKind.DUPLICATE, f'a relation "{key[1]}" already exists', key[1])
    catalog = replace(catalog, schemas=catalog.schemas | {key[0]})
    made = replace(sequence_state(key, change.options), oid=catalog.next_oid)
    refuse_start(catalog, made)
    return own(next_oid(put_sequence(catalog, made)), key, change.options)


def own(catalog: Catalog, key: Key, options: SequenceOptions) -> Catalog:
    """OWNED BY: the sequence goes with its column from now on."""
    sequence = catalog.sequences[key]
    if sequence.owner is not None and (options.owned_by is not None or options.owned_by_none):
        table = catalog.tables.get(sequence.owner[0])
        column = table.column(sequence.owner[1]) if table is not None else None
        if table is not None and column is not None and column.sequence == key:
            catalog = put_table(catalog, replace_column(table, column.name, replace(column, sequence=None)))
        catalog = put_sequence(catalog, replace(sequence, owner=None))
    if options.owned_by is None:
        return catalog
    table_at = table_key(catalog, options.owned_by[0])
    table = catalog.tables.get(table_at) if table_at is not None else None
    column = table.column(options.owned_by[1]) if table is not None else None
    if table is None or column is None:
        if (table is not None and not table.complete) or catalog.assumed:
            return catalog
        raise Refused(
            RefusalKind.UNKNOWN_COLUMN, f"there is no column {options.owned_by[0]}.{options.owned_by[1]}", key[1]
        )
    catalog = put_sequence(catalog, replace(catalog.sequences[key], owner=(table.key, column.name)))
    return put_table(catalog, replace_column(catalog.tables[table.key], column.name, replace(column, sequence=key)))


def need_sequence(catalog: Catalog, name: Name, *, if_exists: bool) -> Key | None:
    """The key of a sequence. Raises Refused where it is not there."""
    key = sequence_key(catalog, name)
    if key is None and not if_exists and not (catalog.assumed or catalog.unread):
        raise Refused(RefusalKind.UNKNOWN_RELATION, f'the sequence "{name}" does not exist', str(name))
    return key


def alter_sequence(catalog: Catalog, change: AlterSequence) -> Catalog:
    """ALTER SEQUENCE."""
    key = need_sequence(catalog, change.sequence, if_exists=change.if_exists)
    if key is None:
        return catalog
    made = sequence_state(key, change.options, catalog.sequences[key])
    refuse_start(catalog, made)
    return own(put_sequence(catalog, made), key, change.options)


def move_sequence(catalog: Catalog, old: Key, new: Key) -> Catalog:
    """A sequence under another key: defaults that draw from it follow."""
    if relation_taken(catalog, *new):
        raise Refused(RefusalKind.DUPLICATE, f'a relation "{new[1]}" already exists', new[1])
    sequence = replace(catalog.sequences[old], key=new)
    drawing = [
        (t, c)
        for t in catalog.tables.values()
        for c in t.columns
        if c.sequence == old or (c.default is not None and "nextval" in c.default.functions and drawn(catalog, c, old))
    ]
    catalog = put_sequence(remove_sequence(catalog, old), sequence)
    for table, column in drawing:
        default = (
            nextval(new, catalog)
            if column.default is not None and "nextval" in column.default.functions
            else column.default
        )
        made = replace(column, default=default, sequence=new if column.sequence == old else column.sequence)
        catalog = put_table(catalog, replace_column(catalog.tables[table.key], column.name, made))
    return catalog


def drawn(catalog: Catalog, column: Column, key: Key) -> bool:
    """Whether a column's default draws from a sequence."""
    name = sequence_name(column.default) if column.default is not None else None
    return name is not None and sequence_key(catalog, name) == key


# --- views --------------------------------------------------------------------------------------------------------


def refreshed(catalog: Catalog, change: RefreshMaterializedView) -> Catalog:
    """REFRESH MATERIALIZED VIEW fills a view, or empties it."""
    key = relation_key(catalog, change.view)
    view = catalog.views.get(key) if key is not None else None
    if key is None and catalog.tables and not (catalog.assumed or catalog.unread):
        raise Refused(RefusalKind.UNKNOWN_RELATION, f'the view "{change.view}" does not exist', str(change.view))
    if key is not None and (view is None or not view.materialized):
        raise Refused(RefusalKind.INVALID, f'"{change.view}" is no materialized view', str(change.view))
    if key is None or view is None or view.populated is change.with_data:
        return catalog
    return replace(catalog, views=catalog.views.set(key, replace(view, populated=change.with_data)))


def create_view(catalog: Catalog, change: CreateView) -> Catalog:
    """CREATE [OR REPLACE] [MATERIALIZED] VIEW."""
    key = (schema_for(catalog, change.view, temporary=change.temporary), change.view.name)
    old = catalog.views.get(key)
    if (old is None and relation_taken(catalog, *key)) or (old is not None and not change.or_replace):
        if change.if_not_exists:
            return catalog
        raise Refused(RefusalKind.DUPLICATE, f'a relation "{key[1]}" already exists', key[1])
    catalog = replace(catalog, schemas=catalog.schemas | {key[0]})
    uses: set[tuple[Key, str | None]] = set()
    for name in change.query.relations:
        used = relation_key(catalog, name)
        if used is None:
            known = catalog.server.engine is Engine.POSTGRESQL and not (catalog.assumed or catalog.unread)
            itself = name == change.view  # CREATE RECURSIVE VIEW
            if known and not itself and not name.schema and not name.name.startswith(("pg_", "generate_")):
                raise Refused(RefusalKind.UNKNOWN_RELATION, f'the relation "{name}" does not exist', str(name))
            continue
        relation = relation_at(catalog, name)
        told = relation is not None and relation.complete
        uses.add((used, None) if change.query.star and not told else (used, ""))
        columns = {c.name for c in relation.columns} if relation is not None else set()
        for owner, column in change.query.columns_used:
            if (owner == name.name or owner is None) and column in columns:
                uses.add((used, column))
        if change.query.star:
            uses |= {(used, c) for c in columns}
    columns_made, complete = query_columns(catalog, change.query)
    if change.columns:
        pairs = zip(
            change.columns, (*columns_made, *[Column("", None, assumed=True)] * len(change.columns)), strict=False
        )
        columns_made, complete = [replace(c, name=n) for n, c in pairs], True
    if old is not None and old.materialized is not change.materialized:
        raise Refused(RefusalKind.INVALID, f"{key[1]} is {'a' if old.materialized else 'no'} materialized view", key[1])
    made = View(
        key,
        change.query,
        tuple(replace(c, oid=0, sequence=None, default=None, nullable=True) for c in columns_made),
        frozenset(uses),
        materialized=change.materialized,
        temporary=change.temporary,
        populated=change.with_data,
        complete=complete,
        oid=old.oid if old is not None else catalog.next_oid,
        comment=old.comment if old is not None else None,
    )
    if old is not None:
        refuse_replacing(old, made)
    return put_view(next_oid(catalog) if old is None else catalog, made)


def refuse_replacing(old: View, new: View) -> None:
    """Raise Refused where CREATE OR REPLACE would drop, rename or change a column of a view."""
    if not (old.complete and new.complete):
        return
    if len(new.columns) < len(old.columns):
        raise Refused(RefusalKind.INVALID, f"the view {old.key[1]} cannot lose a column by OR REPLACE", old.key[1])
    for before, after in zip(old.columns, new.columns, strict=False):
        if before.name != after.name:
            message = f"OR REPLACE cannot rename the column {before.name} of the view {old.key[1]} to {after.name}"
            raise Refused(RefusalKind.INVALID, message, before.name)
        if before.type is not None and after.type is not None and before.type != after.type:
            message = f"OR REPLACE cannot change the type of the column {before.name} of the view {old.key[1]}"
            raise Refused(RefusalKind.INVALID, message, before.name)


# --- schemas and the rest -----------------------------------------------------------------------------------------


def drop_schema(fall: Fall, name: str, *, if_exists: bool) -> None:
    """DROP SCHEMA: all that is in it is dependent."""
    catalog = fall.catalog
    if name not in catalog.schemas:
        if if_exists or catalog.assumed or catalog.unread:
            return
        raise Refused(RefusalKind.UNKNOWN_SCHEMA, f'the schema "{name}" does not exist', name)
    inside = [k for k in (*catalog.tables, *catalog.views) if k[0] == name]
    rest = [k for k in (*catalog.types, *catalog.sequences, *catalog.functions) if k[0] == name]
    fall.refuse(f"the schema {name}", (shown(k, catalog) for k in (*inside, *rest)))
    for key in inside:
        if key in fall.catalog.tables or key in fall.catalog.views:
            fall.took("table" if key in fall.catalog.tables else "view", shown(key, catalog))
            drop_relation(fall, key)
    for key in [k for k in fall.catalog.types if k[0] == name]:
        drop_type(fall, DropType(Name(key[1], key[0]), cascade=True))
    for key in [k for k in fall.catalog.sequences if k[0] == name]:
        drop_sequence(fall, key)
    for key in [k for k in fall.catalog.functions if k[0] == name]:
        fall.catalog = replace(fall.catalog, functions=fall.catalog.functions.delete(key))
    fall.catalog = replace(fall.catalog, schemas=fall.catalog.schemas - {name})


def rename_schema(catalog: Catalog, old: str, new: str) -> Catalog:
    """ALTER SCHEMA … RENAME TO: everything in it moves."""
    if old not in catalog.schemas:
        raise Refused(RefusalKind.UNKNOWN_SCHEMA, f'the schema "{old}" does not exist', old)
    if new in catalog.schemas:
        raise Refused(RefusalKind.DUPLICATE, f'a schema "{new}" already exists', new)
    catalog = replace(catalog, schemas=(catalog.schemas - {old}) | {new})
    for key in [k for k in catalog.types if k[0] == old]:
        catalog = rename_type(catalog, key, (new, key[1]))
    for key in [k for k in (*catalog.tables, *catalog.views) if k[0] == old]:
        catalog = move(catalog, key, (new, key[1]))
    for key in [k for k in catalog.sequences if k[0] == old]:
        catalog = move_sequence(catalog, key, (new, key[1]))
    for key in [k for k in catalog.functions if k[0] == old]:
        functions = tuple(replace(f, key=(new, key[1])) for f in catalog.functions[key])
        catalog = replace(catalog, functions=catalog.functions.delete(key).set((new, key[1]), functions))
    return catalog


def comment(catalog: Catalog, change: Comment) -> Catalog:
    """COMMENT ON."""
    if change.kind in ("type", "domain"):
        key = type_key(catalog, change.name)
        made = catalog.types.get(key) if key is not None else None
        if key is None or made is None:
            return catalog
        return replace(catalog, types=catalog.types.set(key, replace(made, comment=change.text)))
    if change.kind == "sequence":
        found = sequence_key(catalog, change.name)
        return (
            catalog if found is None else put_sequence(catalog, replace(catalog.sequences[found], comment=change.text))
        )
    if change.kind == "index":
        return comment_index(catalog, change)
    name = change.table or change.name
    key = relation_key(catalog, name)
    if key is None and change.kind == "column" and type_key(catalog, name) is not None:
        return catalog
    if key is None:
        if (
            change.kind in ("table", "view", "materialized view", "column", "constraint")
            and not catalog.assumed
            and catalog.tables
        ):
            raise Refused(RefusalKind.UNKNOWN_RELATION, f'the relation "{name}" does not exist', str(name))
        return catalog
    view = catalog.views.get(key)
    kinds = {"table": False, "view": True, "materialized view": True}
    if change.kind in kinds and kinds[change.kind] is (view is None):
        raise Refused(RefusalKind.INVALID, f"{key[1]} is no {change.kind}", key[1])
    if view is not None:
        return put_view(catalog, replace(view, comment=change.text)) if change.column is None else catalog
    table = catalog.tables[key]
    if change.column is not None:
        column = table.column(change.column)
        if column is None:
            if table.complete:
                raise Refused(RefusalKind.UNKNOWN_COLUMN, f'{key[1]} has no column "{change.column}"', change.column)
            return catalog
        return put_table(catalog, replace_column(table, column.name, replace(column, comment=change.text)))
    if change.kind == "constraint":
        if table.complete and not_null_column(catalog, table, change.name.name) is None:
            need_constraint(table, change.name.name)
        constraints = tuple(
            replace(c, comment=change.text) if c.name == change.name.name else c for c in table.constraints
        )
        return put_table(catalog, replace(table, constraints=constraints))
    return (
        put_table(catalog, replace(table, comment=change.text))
        if change.kind in ("table", "foreign table")
        else catalog
    )


def comment_index(catalog: Catalog, change: Comment) -> Catalog:
    """COMMENT ON INDEX."""
    from migguard.catalog.lookup import table_of_index

    key = table_of_index(catalog, change.name)
    table = catalog.tables.get(key) if key is not None else None
    if key is None and catalog.tables and not (catalog.assumed or catalog.unread):
        raise Refused(RefusalKind.UNKNOWN_INDEX, f'there is no index "{change.name}"', str(change.name))
    if table is None:
        return catalog
    indexes = tuple(replace(i, comment=change.text) if i.name == change.name.name else i for i in table.indexes)
    return put_table(catalog, replace(table, indexes=indexes))


def other(catalog: Catalog, change: OtherObject) -> Catalog:
    """Objects that are kept by name; of those that have none, or one of the server's choice, that there are any."""
    if change.name is None and change.action is ObjectAction.CREATE and change.kind in ("cast", "statistics"):
        return replace(catalog, others=catalog.others | {(change.kind, "")})
    if change.name is None:
        return catalog
    there = (change.kind, str(change.name))
    if change.kind == "statistics" and change.action is ObjectAction.CREATE:
        catalog = replace(catalog, statistics=catalog.statistics.set(str(change.name), statistics_of(catalog, change)))
    elif change.kind == "statistics" and str(change.name) in catalog.statistics:
        catalog = replace(catalog, statistics=catalog.statistics.delete(str(change.name)))
    if change.action is ObjectAction.CREATE:
        return replace(catalog, others=catalog.others | {there})
    if change.action is ObjectAction.DROP:
        return replace(catalog, others=catalog.others - {there})
    return catalog
