"""One change to a catalog: the catalog after it, and what the server would refuse. Total: it never raises."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from immutables import Map

from migguard.catalog import (
    columns,
    constraints,
    drops,
    indexes,
    objects,
    postgresql_refusals,
    routines,
    tables,
    user_types,
)
from migguard.catalog.drops import Fall
from migguard.catalog.edit import Refused, put_table
from migguard.catalog.existence import assumed, need_relation, need_table
from migguard.catalog.lookup import (
    index_key,
    relation_key,
    sequence_key,
    table_key,
    table_of_index,
)
from migguard.catalog.mysql import modify_column
from migguard.catalog.schema import Applied, Catalog, Key, RefusalKind, Table
from migguard.changes import (
    AddColumn,
    AddConstraint,
    AddEnumValue,
    AlterAlgorithm,
    AlterColumnType,
    AlterCompositeType,
    AlterConstraint,
    AlterDomain,
    AlterSequence,
    AlterTableObject,
    AttachIndex,
    AttachPartition,
    Change,
    Comment,
    CreateCompositeType,
    CreateDomain,
    CreateEnum,
    CreateExtension,
    CreateFunction,
    CreateIndex,
    CreatePolicy,
    CreateSchema,
    CreateSequence,
    CreateTable,
    CreateTrigger,
    CreateView,
    Delete,
    DetachPartition,
    DropColumn,
    DropConstraint,
    DropExtension,
    DropFunction,
    DropIndex,
    DropPolicy,
    DropSchema,
    DropSequence,
    DropTable,
    DropTrigger,
    DropType,
    DropView,
    Engine,
    Grant,
    Insert,
    LockTable,
    Maintain,
    Merge,
    ModifyColumn,
    Name,
    Nothing,
    Opaque,
    OtherObject,
    RefreshMaterializedView,
    Reindex,
    RenameColumn,
    RenameConstraint,
    RenameEnumValue,
    RenameIndex,
    RenameSchema,
    RenameSequence,
    RenameTable,
    RenameType,
    Select,
    SetColumnOption,
    SetDefault,
    SetGenerated,
    SetIdentity,
    SetInheritance,
    SetNullable,
    SetSchema,
    SetTableOption,
    SetVariable,
    TransactionControl,
    Truncate,
    Unknown,
    Update,
    ValidateConstraint,
)

MOST_ROWS = 100
"""How many inserted rows a table remembers for the script to read back."""


def apply(catalog: Catalog, change: Change) -> Applied:
    """The catalog after a change. A change that the server would refuse leaves it as it was."""
    before = catalog
    gone: list[tuple[str, str]] = []
    try:
        after = applied(catalog, change, gone)
    except Refused as refused:
        return Applied(before, refused.refusal, verified=certain(before, change))
    return Applied(after, None, certain(after, change), tuple(gone))


def certain(catalog: Catalog, change: Change) -> bool:
    """Whether what the change touches rests on nothing assumed, unread or opaque."""
    if isinstance(change, Unknown):
        return False
    if isinstance(change, Opaque):
        return change.complete
    if not catalog.assumed and not catalog.unread and not catalog.in_doubt:
        return True
    if None in catalog.unread:
        return False
    name = getattr(change, "table", None)
    if isinstance(name, Name):
        key = relation_key(catalog, name)
        table = catalog.tables.get(key) if key is not None else None
        if table is not None and table.oid in catalog.in_doubt:
            return False
        return key not in catalog.assumed and key not in catalog.unread and (table is None or table.complete)
    return True


def applied(catalog: Catalog, change: Change, gone: list[tuple[str, str]]) -> Catalog:
    """The catalog after a change. Raises Refused."""
    if catalog.server.engine is Engine.POSTGRESQL:
        postgresql_refusals.refuse(catalog, change)
    match change:
        case CreateTable():
            return tables.create_table(catalog, change)
        case DropTable() | DropView() | DropSequence() | DropIndex() | DropType() | DropSchema() | DropFunction():
            return dropped(catalog, change, gone)
        case DropColumn() | DropConstraint():
            return taken_out(catalog, change, gone)
        case RenameTable():
            return renamed_table(catalog, change)
        case SetSchema():
            return moved(catalog, change)
        case (
            AddColumn()
            | AlterColumnType()
            | SetDefault()
            | SetNullable()
            | SetIdentity()
            | SetGenerated()
            | SetColumnOption()
            | ModifyColumn()
            | AddConstraint()
            | RenameConstraint()
            | ValidateConstraint()
            | AlterConstraint()
            | AttachPartition()
            | DetachPartition()
            | SetInheritance()
        ):
            return altered(catalog, change)
        case SetTableOption():
            return option_set(catalog, change)
        case RenameColumn():
            return renamed_column(catalog, change)
        case CreateIndex():
            key, catalog = need_relation(catalog, change.table)
            return indexes.create_index(catalog, key, change)
        case RenameIndex():
            return renamed_index(catalog, change)
        case AttachIndex():
            return indexes.attach_index(catalog, change)
        case CreateEnum() | CreateDomain() | CreateCompositeType():
            return user_types.create_type(catalog, change)
        case AddEnumValue():
            return user_types.add_value(catalog, change)
        case RenameEnumValue():
            return user_types.rename_value(catalog, change)
        case AlterDomain():
            return user_types.alter_domain(catalog, change)
        case AlterCompositeType():
            return user_types.alter_composite(catalog, change)
        case RenameType():
            return user_types.rename_type_to(catalog, change)
        case CreateSequence():
            return objects.create_sequence(catalog, change)
        case AlterSequence():
            return objects.alter_sequence(catalog, change)
        case RenameSequence():
            counter = objects.need_sequence(catalog, change.sequence, if_exists=change.if_exists)
            return catalog if counter is None else objects.move_sequence(catalog, counter, (counter[0], change.new))
        case CreateView():
            return objects.create_view(catalog, change)
        case RefreshMaterializedView():
            return objects.refreshed(catalog, change)
        case CreateFunction():
            return routines.create_function(catalog, change)
        case CreateTrigger():
            return routines.create_trigger(catalog, change)
        case DropTrigger():
            return routines.drop_trigger(catalog, change)
        case CreatePolicy() | DropPolicy() | AlterTableObject():
            return routines.change_policy(catalog, change)
        case CreateExtension():
            return replace(catalog, extensions=catalog.extensions | {change.name})
        case DropExtension():
            return replace(catalog, extensions=catalog.extensions - {change.name})
        case CreateSchema():
            return created_schema(catalog, change)
        case RenameSchema():
            return objects.rename_schema(catalog, change.schema, change.new)
        case OtherObject():
            return objects.other(catalog, change)
        case Comment():
            return objects.comment(catalog, change)
        case Truncate() | Insert() | Update() | Delete() | Merge():
            return written(catalog, change)
        case SetVariable():
            return set_variable(catalog, change)
        case Opaque():
            return opaque(catalog, change)
        case Unknown():
            return unread(catalog, change)
        case (
            Reindex()
            | Grant()
            | LockTable()
            | Maintain()
            | Select()
            | TransactionControl()
            | Nothing()
            | AlterAlgorithm()
        ):
            return catalog
        case _:
            assert_never(change)


# --- alterations --------------------------------------------------------------------------------------------------


def altered(
    catalog: Catalog,
    change: AddColumn
    | AlterColumnType
    | SetDefault
    | SetNullable
    | SetIdentity
    | SetGenerated
    | SetColumnOption
    | ModifyColumn
    | AddConstraint
    | RenameConstraint
    | ValidateConstraint
    | AlterConstraint
    | AttachPartition
    | DetachPartition
    | SetInheritance,
) -> Catalog:
    """One action of ALTER TABLE."""
    key, catalog = need_table(catalog, change.table, if_exists=getattr(change, "table_if_exists", False))
    if key is None:
        return catalog
    match change:
        case AddColumn():
            return columns.add_column(catalog, key, change)
        case AlterColumnType():
            return columns.alter_type(catalog, key, change)
        case SetDefault():
            return columns.set_default(catalog, key, change)
        case SetNullable():
            return columns.set_nullable(catalog, key, change)
        case SetIdentity():
            return columns.set_identity(catalog, key, change)
        case SetGenerated():
            return columns.set_generated(catalog, key, change)
        case SetColumnOption():
            return columns.set_option(catalog, key, change)
        case ModifyColumn():
            if change.if_exists and catalog.tables[key].column(change.column) is None:
                return catalog
            return modify_column(catalog, key, change)
        case AddConstraint():
            return constraints.add_constraint(catalog, key, change.constraint, only=change.only)
        case RenameConstraint():
            return constraints.rename(catalog, key, change.name, change.new)
        case ValidateConstraint():
            return constraints.validate(catalog, key, change.name)
        case AlterConstraint():
            return constraints.alter(catalog, key, change)
        case AttachPartition():
            return tables.attach(catalog, key, change)
        case DetachPartition():
            return tables.detach(catalog, key, change)
        case SetInheritance():
            return tables.set_inheritance(catalog, key, change)
        case _:
            assert_never(change)


def option_set(catalog: Catalog, change: SetTableOption) -> Catalog:
    """Storage parameters, owners and the like."""
    if change.kind in ("index", "sequence"):
        return catalog
    key = relation_key(catalog, change.table)
    if key is None:
        other = index_key(catalog, change.table) or sequence_key(catalog, change.table)  # ALTER TABLE is for these too
        if change.if_exists or change.kind != "table" or other is not None:
            return catalog
        key, catalog = assumed(catalog, change.table)
    return tables.set_option(catalog, key, change)


def renamed_table(catalog: Catalog, change: RenameTable) -> Catalog:
    """RENAME TO. SQLite's batch copy takes over the identity of the table whose name it gets."""
    key = relation_key(catalog, change.table)
    if key is None:
        index, sequence = index_key(catalog, change.table), sequence_key(catalog, change.table)
        if index is not None:
            return indexes.rename_index(catalog, RenameIndex(change.table, change.new.name))
        if sequence is not None:
            return objects.move_sequence(catalog, sequence, (sequence[0], change.new.name))
        if change.if_exists:
            return catalog
        key, catalog = assumed(catalog, change.table)
    new = (change.new.schema or key[0], change.new.name)
    catalog = tables.move(catalog, key, new)
    return tables.adopt(catalog, key, new) if new in catalog.tables else catalog


def renamed_index(catalog: Catalog, change: RenameIndex) -> Catalog:
    """ALTER INDEX … RENAME TO, which on PostgreSQL renames any relation."""
    if change.table is None and index_key(catalog, change.index) is None:
        found = relation_key(catalog, change.index) or sequence_key(catalog, change.index)
        if found is not None and catalog.server.engine is Engine.POSTGRESQL:
            return renamed_table(catalog, RenameTable(change.index, Name(change.new), change.if_exists))
    return indexes.rename_index(catalog, change)


def moved(catalog: Catalog, change: SetSchema) -> Catalog:
    """SET SCHEMA."""
    if change.schema not in catalog.schemas and not (catalog.assumed or catalog.unread):
        raise Refused(RefusalKind.UNKNOWN_SCHEMA, f'the schema "{change.schema}" does not exist', change.schema)
    match change.kind:
        case "type" | "domain":
            return user_types.set_type_schema(catalog, change.name, change.schema)
        case "sequence":
            key = objects.need_sequence(catalog, change.name, if_exists=change.if_exists)
            return catalog if key is None else objects.move_sequence(catalog, key, (change.schema, key[1]))
        case "table" | "view" | "materialized view" | "foreign table":
            found = relation_key(catalog, change.name)
            counter = sequence_key(catalog, change.name)
            if found is None and counter is not None:
                return objects.move_sequence(catalog, counter, (change.schema, counter[1]))
            if found is None:
                if change.if_exists:
                    return catalog
                found, catalog = assumed(catalog, change.name)
            return tables.move(catalog, found, (change.schema, found[1]))
        case _:
            return catalog


def renamed_column(catalog: Catalog, change: RenameColumn) -> Catalog:
    """RENAME COLUMN of a table or view."""
    if change.kind == "type":
        return user_types.rename_attribute(catalog, change.table, change.column, change.new)
    found = relation_key(catalog, change.table)
    if found is not None and found in catalog.views:
        view = catalog.views[found]
        renamed = tuple(replace(c, name=change.new) if c.name == change.column else c for c in view.columns)
        return replace(catalog, views=catalog.views.set(found, replace(view, columns=renamed)))
    key, catalog = need_table(catalog, change.table, if_exists=change.table_if_exists)
    if key is None:
        return catalog
    refuse_inherited(catalog.tables[key], change.column, catalog)
    return columns.rename_column(catalog, key, change.column, change.new)


# --- drops --------------------------------------------------------------------------------------------------------


def dropped(
    catalog: Catalog,
    change: DropTable | DropView | DropSequence | DropIndex | DropType | DropSchema | DropFunction,
    gone: list[tuple[str, str]],
) -> Catalog:
    """DROP of an object with a name of its own."""
    fall = Fall(catalog, change.cascade, gone)
    match change:
        case DropTable():
            drop_table(fall, change)
        case DropView():
            drop_view(fall, change)
        case DropSequence():
            key = objects.need_sequence(catalog, change.sequence, if_exists=change.if_exists)
            if key is not None:
                drops.drop_sequence(fall, key)
        case DropIndex():
            drop_index(fall, change)
        case DropType():
            user_types.drop_type(fall, change)
        case DropSchema():
            objects.drop_schema(fall, change.schema, if_exists=change.if_exists)
        case DropFunction():
            routines.drop_function(fall, change)
    return fall.catalog


def drop_table(fall: Fall, change: DropTable) -> None:
    """DROP TABLE."""
    key = table_key(fall.catalog, change.table)
    if key is None:
        if relation_key(fall.catalog, change.table) is not None:
            raise Refused(RefusalKind.INVALID, f'"{change.table}" is no table', str(change.table))
        if change.if_exists:
            return
        key, fall.catalog = assumed(fall.catalog, change.table)
    fall.catalog = tables.remember_batch(fall.catalog, fall.catalog.tables[key])
    drops.drop_table(fall, key)


def drop_view(fall: Fall, change: DropView) -> None:
    """DROP [MATERIALIZED] VIEW."""
    key = relation_key(fall.catalog, change.view)
    if key is None or key not in fall.catalog.views:
        if change.if_exists or fall.catalog.assumed or fall.catalog.unread or not fall.catalog.tables:
            return
        raise Refused(RefusalKind.UNKNOWN_RELATION, f'the view "{change.view}" does not exist', str(change.view))
    if fall.catalog.views[key].materialized != change.materialized and fall.catalog.server.engine is Engine.POSTGRESQL:
        raise Refused(
            RefusalKind.INVALID,
            f'"{change.view}" is {"no" if change.materialized else "a"} materialized view',
            str(change.view),
        )
    drops.drop_view(fall, key)


def drop_index(fall: Fall, change: DropIndex) -> None:
    """DROP INDEX."""
    if change.if_exists:
        key = table_of_index(fall.catalog, change.index, change.table)
        relation = fall.catalog.tables.get(key) if key is not None else None
        if key is None or (
            relation is not None and relation.index(change.index.name) is None and key not in fall.catalog.views
        ):
            return
    else:
        key = indexes.need_index(fall.catalog, change.index, change.table)
    if key is not None:
        drops.drop_index(fall, key, named(fall.catalog, key, change.index.name))


def named(catalog: Catalog, key: Key, name: str) -> str:
    """An index's name as it is kept, where names are caseless."""
    relation = catalog.tables.get(key) or catalog.views.get(key)
    found = (i.name for i in relation.indexes if i.name.lower() == name.lower()) if relation is not None else iter(())
    return next(found, name)


def taken_out(catalog: Catalog, change: DropColumn | DropConstraint, gone: list[tuple[str, str]]) -> Catalog:
    """DROP COLUMN and DROP CONSTRAINT."""
    key, catalog = need_table(catalog, change.table, if_exists=change.table_if_exists)
    if key is None:
        return catalog
    fall = Fall(catalog, change.cascade, gone)
    table = catalog.tables[key]
    if isinstance(change, DropColumn):
        if change.if_exists and table.column(change.column) is None:
            return catalog
        refuse_inherited(table, change.column, catalog)
        drops.drop_column(fall, key, change.column)
        return fall.catalog
    name = constraint_name(table, change)
    if name is None or (change.if_exists and table.constraint(name) is None):
        return catalog
    drops.drop_constraint(fall, key, name)
    return fall.catalog


def refuse_inherited(table: Table, column: str, catalog: Catalog) -> None:
    """Raise Refused for a column that a parent keeps: it goes, and is renamed, with the parent's."""
    there = table.column(column)
    if there is not None and there.inherited and catalog.server.engine is Engine.POSTGRESQL:
        raise Refused(RefusalKind.INVALID, f"{table.key[1]}.{column} is inherited from a parent", column)


def constraint_name(table: Table, change: DropConstraint) -> str | None:
    """The name of the constraint that is dropped: MySQL's DROP PRIMARY KEY names none."""
    if change.kind == "primary key" and change.name is None:
        primary = table.primary_key
        if primary is None and table.complete:
            raise Refused(RefusalKind.UNKNOWN_CONSTRAINT, f"{table.key[1]} has no primary key", table.key[1])
        return primary.name if primary is not None else None
    return change.name


# --- data, session, the rest --------------------------------------------------------------------------------------


def written(catalog: Catalog, change: Truncate | Insert | Update | Delete | Merge) -> Catalog:
    """Rows: what a script inserts itself is remembered where that is cheap, and which columns it filled."""
    key = relation_key(catalog, change.table)
    if key is None:
        if isinstance(change, Truncate):
            key, catalog = assumed(catalog, change.table)
        return catalog
    table = catalog.tables.get(key)
    if table is None:
        return catalog
    match change:
        case Insert() if change.values and change.columns:
            there = catalog.rows.get(key, ())
            made = tuple(Map(dict(zip(change.columns, row, strict=False))) for row in change.values)
            if len(there) + len(made) <= MOST_ROWS:
                return replace(catalog, rows=catalog.rows.set(key, (*there, *made)))
            return catalog
        case Update():
            filled = {c for c, e in change.assignments if not e.is_null}
            if not any(c.name in filled and not c.filled for c in table.columns):
                return catalog
            made_columns = tuple(replace(c, filled=True) if c.name in filled else c for c in table.columns)
            return put_table(catalog, replace(table, columns=made_columns))
        case Truncate():
            return replace(catalog, rows=catalog.rows.delete(key)) if key in catalog.rows else catalog
        case Delete() if change.where is None and key in catalog.rows:
            return replace(catalog, rows=catalog.rows.delete(key))
        case _:
            return catalog


def set_variable(catalog: Catalog, change: SetVariable) -> Catalog:
    """SET and RESET; a search_path takes effect at once."""
    if change.is_global:
        coming = catalog.coming_defaults
        if change.value is not None:
            return replace(catalog, coming_defaults=coming.set(change.name, change.value))
        return replace(catalog, coming_defaults=coming.delete(change.name)) if change.name in coming else catalog
    if change.name == "all" and change.value is None:
        return with_path(replace(catalog, variables=Map(), local_variables=Map()))
    kept = catalog.local_variables if change.local else catalog.variables
    if change.value is None:
        kept = kept.delete(change.name) if change.name in kept else kept
    else:
        kept = kept.set(change.name, ", ".join(change.items) if change.name == "search_path" else change.value)
    made = replace(catalog, local_variables=kept) if change.local else replace(catalog, variables=kept)
    if not change.local and change.name in made.local_variables:
        made = replace(made, local_variables=made.local_variables.delete(change.name))
    return with_path(made) if change.name == "search_path" else made


def with_path(catalog: Catalog) -> Catalog:
    """The catalog with the search path that its variables say."""
    text = catalog.local_variables.get("search_path") or catalog.variables.get("search_path")
    if text is None:
        return replace(catalog, search_path=(catalog.default_schema,))
    names = [n.strip().strip('"') for n in text.split(",")]
    path = tuple(n for n in names if n and n not in ("$user", "pg_catalog"))
    return replace(catalog, search_path=path or (catalog.default_schema,))


def end_transaction(catalog: Catalog) -> Catalog:
    """What SET LOCAL had set is gone when the transaction ends."""
    if not catalog.local_variables:
        return catalog
    return with_path(replace(catalog, local_variables=Map()))


def new_session(catalog: Catalog, given: Map[str, str]) -> Catalog:
    """A session that begins: nothing of what was SET before is left; what its connection gives wins over defaults."""
    defaults = catalog.coming_defaults.update(given)
    fresh = replace(catalog, variables=Map(), local_variables=Map(), defaults=defaults)
    return with_path(fresh) if catalog.variables or catalog.local_variables else fresh


def created_schema(catalog: Catalog, change: CreateSchema) -> Catalog:
    """CREATE SCHEMA."""
    if change.schema in catalog.schemas and not change.if_not_exists:
        raise Refused(RefusalKind.DUPLICATE, f'a schema "{change.schema}" already exists', change.schema)
    if change.schema in catalog.schemas:
        return catalog
    assumed = catalog.assumed_schemas - {change.schema}
    return replace(catalog, schemas=catalog.schemas | {change.schema}, assumed_schemas=assumed)


def opaque(catalog: Catalog, change: Opaque) -> Catalog:
    """A block or call: its statements are changes of their own; what was not read in it may have changed anything."""
    if not change.doubtful:
        return catalog
    return replace(catalog, unread=catalog.unread.set(None, catalog.unread.get(None, 0) + 1))


def unread(catalog: Catalog, change: Unknown) -> Catalog:
    """A statement that nobody understood puts the catalog in doubt: one relation of it, or all."""
    key = relation_key(catalog, change.table) if change.table is not None else None
    return replace(catalog, unread=catalog.unread.set(key, catalog.unread.get(key, 0) + 1))
