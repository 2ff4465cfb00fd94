"""Tables: creating them in all their forms, renaming and moving them, partitions."""

from __future__ import annotations

from dataclasses import replace

from immutables import Map

from migguard.catalog import naming
from migguard.catalog.columns import make_column, ordered, refuse_generated
from migguard.catalog.constraints import add_constraint
from migguard.catalog.defaults import nextval, stored
from migguard.catalog.edit import Refused, put_sequence, put_table, put_view, remove_sequence, remove_table
from migguard.catalog.expression_rules import refuse_partition_key
from migguard.catalog.indexes import create_index, on_partition
from migguard.catalog.lookup import TEMPORARY, relation_at, relation_key, table_key
from migguard.catalog.partition_triggers import with_trigger, without_trigger
from migguard.catalog.references import outputs
from migguard.catalog.schema import Catalog, Column, ConstraintKind, Key, RefusalKind, Table, View
from migguard.changes import (
    AttachPartition,
    ColumnDefinition,
    Constraint,
    CreateIndex,
    CreateTable,
    DetachPartition,
    Engine,
    Like,
    Name,
    Persistence,
    Query,
    SetInheritance,
    SetTableOption,
    TableAction,
)

BATCH_PREFIX = "_alembic_tmp_"
"""Alembic's batch mode copies a table under this name and then renames the copy to the original."""


def schema_for(catalog: Catalog, name: Name, *, temporary: bool = False) -> str:
    """The schema in which a new object is made. Raises Refused for one that is not there."""
    if catalog.server.engine is Engine.POSTGRESQL and (temporary or name.schema == TEMPORARY):
        return TEMPORARY  # which is there as soon as it is named: https://www.postgresql.org/docs/18/runtime-config-client.html
    if name.schema is None:
        there = (s for s in catalog.search_path if s in catalog.schemas)
        return next(there, catalog.search_path[0] if catalog.search_path else catalog.default_schema)
    if catalog.server.engine is Engine.POSTGRESQL and name.schema not in catalog.schemas:
        if catalog.assumed or catalog.unread:
            return name.schema
        raise Refused(RefusalKind.UNKNOWN_SCHEMA, f'the schema "{name.schema}" does not exist', name.schema)
    return name.schema


def create_table(catalog: Catalog, change: CreateTable) -> Catalog:
    """CREATE TABLE."""
    temporary = change.persistence is Persistence.TEMPORARY
    schema = schema_for(catalog, change.table, temporary=temporary)
    key = (schema, change.table.name)
    if taken(catalog, key):
        if change.if_not_exists:
            return catalog
        if change.or_replace and key in catalog.tables:
            catalog = remove_table(catalog, key)
        else:
            raise Refused(RefusalKind.DUPLICATE, f'a relation "{change.table.name}" already exists', change.table.name)
    table = Table(
        key,
        persistence=Persistence.TEMPORARY if schema == TEMPORARY else change.persistence,
        partition_by=change.partition_by,
        options=Map({**dict(change.options), **({"of": str(change.of_type)} if change.of_type is not None else {})}),
        comment=dict(change.options).get("comment"),
        complete=change.of_type is None,
        oid=catalog.next_oid,
    )
    start = replace(catalog, next_oid=catalog.next_oid + 1, schemas=catalog.schemas | {schema})
    catalog = put_table(start, table)
    inherited: list[Constraint] = []
    catalog = inherit(catalog, key, change)
    for like in change.likes:
        catalog, more = copy_like(catalog, key, like)
        inherited += more
    catalog = define(catalog, key, change)
    for definition in change.columns:
        refuse_generated(catalog, catalog.tables[key], definition)
    refuse_partition_key(catalog, catalog.tables[key], change.partition_by)
    for constraint in ordered((*inherited, *change.constraints)):
        catalog = add_constraint(catalog, key, constraint)
    for index in change.indexes:
        catalog = create_index(catalog, key, index)
    if change.partition_of is not None:
        catalog = become_partition(catalog, key, change)
    if change.query is not None:
        named = tuple(c.name for c in change.columns if c.type is None)
        catalog = from_query(catalog, key, change.query, named)
    return catalog


def taken(catalog: Catalog, key: Key) -> bool:
    """Whether a relation of that name is there."""
    if catalog.server.engine is Engine.POSTGRESQL:
        return naming.relation_taken(catalog, *key) or key in catalog.types
    return relation_key(catalog, Name(key[1], key[0])) is not None


def define(catalog: Catalog, key: Key, change: CreateTable) -> Catalog:
    """The columns of a new table."""
    made: list[Column] = list(catalog.tables[key].columns)
    seen = {c.name for c in made}
    for definition in change.columns:
        if definition.name in seen and not (change.inherits or change.partition_of or change.of_type):
            raise Refused(RefusalKind.DUPLICATE, f'the column "{definition.name}" stands there twice', definition.name)
        if change.partition_of is not None:
            made = [own_options(c, definition, catalog) if c.name == definition.name else c for c in made]
            continue
        if definition.type is None and catalog.server.engine is not Engine.SQLITE:
            continue
        column, catalog = make_column(catalog, key, definition)
        if definition.name in seen:
            made = [merged(c, column) if c.name == column.name else c for c in made]
        else:
            made.append(column)
        seen.add(definition.name)
    return put_table(catalog, replace(catalog.tables[key], columns=tuple(made)))


def merged(parent: Column, own: Column) -> Column:
    """A column that a parent has and the child defines too: NOT NULL of either holds, the child's default wins."""
    return replace(
        own, inherited=True, nullable=own.nullable and parent.nullable, default=own.default or parent.default
    )


def own_options(column: Column, definition: ColumnDefinition, catalog: Catalog) -> Column:
    """A partition's column with what the partition says of it: another default, NOT NULL."""
    default = stored(definition.default, column.type, catalog) if definition.default is not None else column.default
    return replace(column, default=default, nullable=column.nullable and definition.nullable is not False)


def fresh(catalog: Catalog, column: Column, **given: object) -> tuple[Column, Catalog]:
    """A column like another, with an identity of its own."""
    made = replace(column, oid=catalog.next_oid, **given)  # type: ignore[arg-type]  # fields of Column
    return made, replace(catalog, next_oid=catalog.next_oid + 1)


def inherit(catalog: Catalog, key: Key, change: CreateTable) -> Catalog:
    """The columns and CHECKs that a table inherits."""
    names = (*change.inherits, *((change.partition_of,) if change.partition_of is not None else ()))
    for name in names:
        parent_key = table_key(catalog, name)
        parent = catalog.tables.get(parent_key) if parent_key is not None else None
        if parent is None or parent_key is None:
            raise Refused(RefusalKind.UNKNOWN_RELATION, f'the table "{name}" does not exist', str(name))
        columns = list(catalog.tables[key].columns)
        for column in parent.columns:
            if not any(c.name == column.name for c in columns):
                own, catalog = fresh(catalog, column, inherited=True, sequence=None)
                columns.append(own)
        checks = tuple(
            replace(c, inherited=True)
            for c in parent.constraints
            if c.kind is ConstraintKind.CHECK and not c.no_inherit
        )
        table = catalog.tables[key]
        table = replace(
            table,
            columns=tuple(columns),
            constraints=(*table.constraints, *checks),
            inherits=(*table.inherits, parent_key) if name in change.inherits else table.inherits,
            complete=table.complete and parent.complete,
        )
        catalog = put_table(catalog, table)
    return catalog


def become_partition(catalog: Catalog, key: Key, change: CreateTable) -> Catalog:
    """Keys, foreign keys and indexes of the parent, on its new partition."""
    assert change.partition_of is not None
    parent_key = table_key(catalog, change.partition_of)
    if parent_key is None:
        return catalog
    catalog = put_table(catalog, replace(catalog.tables[key], partition_of=parent_key, bound=change.bound))
    return take_over(catalog, key, catalog.tables[parent_key])


def take_over(catalog: Catalog, key: Key, parent: Table) -> Catalog:
    """Give a partition what its parent has: row triggers, keys, foreign keys, indexes."""
    for trigger in parent.triggers:
        if trigger.each_row:
            catalog = with_trigger(catalog, key, trigger)
    for constraint in parent.constraints:
        table = catalog.tables[key]
        if constraint.kind in (ConstraintKind.PRIMARY, ConstraintKind.UNIQUE):
            twin = next(
                (c for c in table.constraints if c.kind is constraint.kind and c.columns == constraint.columns), None
            )
            if twin is None:
                from migguard.changes import PrimaryKey, Unique

                kind = PrimaryKey if constraint.kind is ConstraintKind.PRIMARY else Unique
                catalog = add_constraint(catalog, key, kind(constraint.columns), only=True)
                table = catalog.tables[key]
                twin = table.constraints[-1]
            above = parent.index(constraint.index or "")
            indexes = tuple(
                replace(i, parent=(parent.key[0], above.name)) if above is not None and i.name == twin.index else i
                for i in table.indexes
            )
            constraints = tuple(replace(c, inherited=True) if c is twin else c for c in table.constraints)
            catalog = put_table(catalog, replace(table, indexes=indexes, constraints=constraints))
        elif constraint.kind is ConstraintKind.FOREIGN and table.constraint(constraint.name) is None:
            made = replace(constraint, inherited=True)
            catalog = put_table(catalog, replace(table, constraints=(*table.constraints, made)))
    for index in parent.indexes:
        if index.constraint is None:
            wish = CreateIndex(
                Name(key[1], key[0]), index.elements, unique=index.unique, method=index.method, include=index.include,
                where=index.where, nulls_not_distinct=index.nulls_not_distinct, options=index.options, kind=index.kind,
            )  # fmt: skip
            catalog = on_partition(catalog, key, wish, (parent.key[0], index.name))
    return catalog


def copy_like(catalog: Catalog, key: Key, like: Like) -> tuple[Catalog, list[Constraint]]:
    """The columns of LIKE, and the constraints and indexes that INCLUDING asks for."""
    source = relation_at(catalog, like.source)
    if source is None:
        raise Refused(RefusalKind.UNKNOWN_RELATION, f'the relation "{like.source}" does not exist', str(like.source))
    mysql = catalog.server.engine in (Engine.MYSQL, Engine.MARIADB)

    def wanted(what: str) -> bool:
        return mysql or ((what in like.including or "all" in like.including) and what not in like.excluding)

    columns = list(catalog.tables[key].columns)
    for column in source.columns:
        given: dict[str, object] = {"inherited": False}
        if not wanted("defaults"):
            given["default"] = None
        if not wanted("generated"):
            given |= {"generated": None, "stored": False}
        if not wanted("comments"):
            given["comment"] = None
        if not wanted("identity"):
            given |= {"identity": None}
        if not mysql:
            given |= {"sequence": None}
        made, catalog = fresh(catalog, column, **given)
        columns.append(made)
    complete = source.complete if isinstance(source, (Table, View)) else False
    catalog = put_table(catalog, replace(catalog.tables[key], columns=tuple(columns), complete=complete))
    constraints: list[Constraint] = []
    if isinstance(source, Table):
        constraints = like_constraints(source, checks=wanted("constraints"), keys=wanted("indexes"))
        if wanted("indexes"):
            for index in source.indexes:
                if index.constraint is None:
                    name = Name(index.name) if mysql else None
                    on = Name(key[1], key[0])
                    there = {i.name for i in catalog.tables[key].indexes}
                    copy = CreateIndex(
                        on,
                        index.elements,
                        name,
                        index.unique,
                        method=index.method,
                        include=index.include,
                        where=index.where,
                    )
                    catalog = create_index(catalog, key, copy)
                    if index.comment is not None and wanted("comments"):
                        table = catalog.tables[key]
                        indexes = tuple(
                            i if i.name in there else replace(i, comment=index.comment) for i in table.indexes
                        )
                        catalog = put_table(catalog, replace(table, indexes=indexes))
    return catalog, constraints


def like_constraints(source: Table, *, checks: bool, keys: bool) -> list[Constraint]:
    """The constraints that LIKE copies."""
    from migguard.changes import Check, PrimaryKey, Unique

    found: list[Constraint] = []
    for constraint in source.constraints:
        if constraint.kind is ConstraintKind.CHECK and checks and constraint.expression is not None:
            found.append(Check(constraint.expression, constraint.name))
        elif constraint.kind is ConstraintKind.PRIMARY and keys:
            found.append(PrimaryKey(constraint.columns))
        elif constraint.kind is ConstraintKind.UNIQUE and keys:
            found.append(Unique(constraint.columns))
    return found


def from_query(catalog: Catalog, key: Key, query: Query, named: tuple[str, ...]) -> Catalog:
    """The columns of CREATE TABLE AS, as far as they can be told; the first are called as `named` says."""
    columns, complete = query_columns(catalog, query)
    if catalog.server.engine is Engine.POSTGRESQL and len(named) < len(columns):
        given = outputs(catalog, query.scope) if query.scope is not None else None
        complete = complete and given is not None and None not in given
    made = []
    for column in columns:
        own, catalog = fresh(
            catalog, column, nullable=True, default=None, identity=None, sequence=None, inherited=False
        )
        made.append(own)
    table = catalog.tables[key]
    if named:
        made = [replace(c, name=n) for c, n in zip(made, named, strict=False)] + made[len(named) :]
    names = {c.name for c in table.columns}
    kept = (*table.columns, *(c for c in made if c.name not in names))
    return put_table(catalog, replace(table, columns=kept, complete=complete))


def query_columns(catalog: Catalog, query: Query) -> tuple[list[Column], bool]:
    """The columns that a query gives back, and whether they are all known by name."""
    sources = [r for n in query.relations if (r := relation_at(catalog, n)) is not None]
    found: list[Column] = []
    complete = query.readable and len(sources) == len(query.relations)
    for name in query.columns:
        if name is None:
            if query.star and complete and all(s.complete for s in sources):
                found += [c for s in sources for c in s.columns if not any(f.name == c.name for f in found)]
            else:
                complete = False
            continue
        origin = next((c for s in sources for c in s.columns if c.name == name), None)
        plain = any(c == name for _, c in query.columns_used)
        if origin is not None and plain:
            found.append(origin)
        else:
            found.append(Column(name, None, assumed=True))
    if complete and query.scope is not None:
        names = outputs(catalog, query.scope)
        complete = names is not None and {c.name for c in found}.issuperset(n for n in names if n is not None)
    return found, complete


# --- renames and moves --------------------------------------------------------------------------------------------


def move(catalog: Catalog, old: Key, new: Key) -> Catalog:
    """A relation under another key, and everything that refers to it."""
    if old == new:
        return catalog
    if taken(catalog, new) and not (old[1].lower() == new[1].lower() and old[0] == new[0]):
        raise Refused(RefusalKind.DUPLICATE, f'a relation "{new[1]}" already exists', new[1])
    view = catalog.views.get(old)
    if view is not None:
        return move_view(catalog, view, new)
    table = catalog.tables[old]
    users = catalog.view_users.get(old, frozenset())
    children = catalog.children.get(old, ())
    referring = catalog.referenced_by.get(old, frozenset())
    moved = replace(
        table,
        key=new,
        constraints=tuple(replace(c, references=new) if c.references == old else c for c in table.constraints),
        indexes=tuple(
            replace(i, parent=(new[0], i.parent[1])) if i.parent and i.parent[0] == old[0] != new[0] else i
            for i in table.indexes
        ),
    )
    if catalog.server.engine is Engine.SQLITE:
        moved = automatically_named(moved)
    rows = catalog.rows.get(old)
    catalog = put_table(remove_table(catalog, old), moved)
    catalog = replace(
        catalog,
        dropped=(catalog.dropped | {old}) - {new},
        rows=catalog.rows.set(new, rows) if rows is not None else catalog.rows,
        assumed=(catalog.assumed - {old}) | {new} if old in catalog.assumed else catalog.assumed,
    )
    for key in referring:
        if key == old:
            continue
        other = catalog.tables[key]
        constraints = tuple(replace(c, references=new) if c.references == old else c for c in other.constraints)
        catalog = put_table(catalog, replace(other, constraints=constraints))
    for key in children:
        child = catalog.tables[key]
        catalog = put_table(
            catalog,
            replace(
                child,
                partition_of=new if child.partition_of == old else child.partition_of,
                inherits=tuple(new if k == old else k for k in child.inherits),
            ),
        )
    for key in users:
        catalog = retarget_view(catalog, catalog.views[key], old, new)
    return move_sequences(catalog, moved)


def automatically_named(table: Table) -> Table:
    """SQLite: the indexes that it made for keys have the table's name in theirs, and get the new one."""

    def named(name: str) -> str:
        if not name.startswith(naming.AUTOMATIC):
            return name
        return naming.automatic(table.key[1], name.rpartition("_")[2])

    return replace(
        table,
        constraints=tuple(replace(c, name=named(c.name), index=c.index and named(c.index)) for c in table.constraints),
        indexes=tuple(replace(i, name=named(i.name)) for i in table.indexes),
    )


def move_sequences(catalog: Catalog, table: Table) -> Catalog:
    """The sequences of a table's columns stay with it; with a table that changes its schema they move along."""
    columns = []
    for column in table.columns:
        sequence = catalog.sequences.get(column.sequence) if column.sequence is not None else None
        if sequence is not None:
            key = (table.key[0], sequence.key[1])
            made = replace(sequence, key=key, owner=(table.key, column.name))
            catalog = put_sequence(remove_sequence(catalog, sequence.key), made)
            default = nextval(key, catalog) if column.serial and key != sequence.key else column.default
            column = replace(column, sequence=key, default=default)
        columns.append(column)
    if tuple(columns) == table.columns:
        return catalog
    return put_table(catalog, replace(catalog.tables[table.key], columns=tuple(columns)))


def move_view(catalog: Catalog, view: View, new: Key) -> Catalog:
    """A view under another key."""
    from migguard.catalog.edit import remove_view

    users = catalog.view_users.get(view.key, frozenset())
    catalog = put_view(remove_view(catalog, view.key), replace(view, key=new))
    catalog = replace(catalog, dropped=(catalog.dropped | {view.key}) - {new})
    for key in users:
        catalog = retarget_view(catalog, catalog.views[key], view.key, new)
    return catalog


def retarget_view(catalog: Catalog, view: View, old: Key, new: Key) -> Catalog:
    """A view after a relation that it uses got another key: PostgreSQL follows, by identity."""
    if catalog.server.engine is not Engine.POSTGRESQL:
        return catalog
    uses = frozenset((new, c) if k == old else (k, c) for k, c in view.uses)
    relations = tuple(
        Name(new[1], new[0] if n.schema else None) if n.name == old[1] else n for n in view.query.relations
    )
    return put_view(catalog, replace(view, uses=uses, query=replace(view.query, relations=relations)))


def adopt(catalog: Catalog, old: Key, new: Key) -> Catalog:
    """After a batch copy took the original's name, it is the original: identity of table and columns by name."""
    table = catalog.tables[new]
    original = catalog.rows.get(("batch", new[1]))
    if original is None or not old[1].startswith(BATCH_PREFIX):
        return catalog
    identity = dict(original[0])
    columns = tuple(replace(c, oid=identity.get(c.name, c.oid)) for c in table.columns)
    made = replace(table, oid=identity.get("", table.oid), columns=columns)
    return put_table(replace(catalog, rows=catalog.rows.delete(("batch", new[1]))), made)


def remember_batch(catalog: Catalog, table: Table) -> Catalog:
    """Remember a table's identity while a batch copy of it is there and it is dropped."""
    if (table.key[0], BATCH_PREFIX + table.key[1]) not in catalog.tables:
        return catalog
    identity: Map[str, int] = Map({"": table.oid, **{c.name: c.oid for c in table.columns}})
    return replace(catalog, rows=catalog.rows.set(("batch", table.key[1]), (identity,)))


# --- partitions and options ---------------------------------------------------------------------------------------


def attach(catalog: Catalog, parent_key: Key, change: AttachPartition) -> Catalog:
    """ATTACH PARTITION."""
    child_key = table_key(catalog, change.partition)
    if child_key is None:
        raise Refused(
            RefusalKind.UNKNOWN_RELATION, f'the table "{change.partition}" does not exist', str(change.partition)
        )
    parent, child = catalog.tables[parent_key], catalog.tables[child_key]
    if below(catalog, child_key, parent_key):
        raise Refused(RefusalKind.INVALID, "circular inheritance not allowed", child_key[1])
    if parent.complete and parent.partition_by is None:
        raise Refused(RefusalKind.INVALID, f"{parent_key[1]} is not partitioned", parent_key[1])
    if child.partition_of is not None:
        raise Refused(RefusalKind.INVALID, f"{child_key[1]} is a partition already", child_key[1])
    columns = tuple(replace(c, inherited=True) if parent.column(c.name) else c for c in child.columns)
    catalog = put_table(catalog, replace(child, partition_of=parent_key, bound=change.bound, columns=columns))
    return take_over(catalog, child_key, parent)


def detach(catalog: Catalog, parent_key: Key, change: DetachPartition) -> Catalog:
    """DETACH PARTITION: it keeps its indexes and constraints."""
    child_key = table_key(catalog, change.partition)
    child = catalog.tables.get(child_key) if child_key is not None else None
    if child is None or child_key is None:
        raise Refused(
            RefusalKind.UNKNOWN_RELATION, f'the table "{change.partition}" does not exist', str(change.partition)
        )
    if child.partition_of != parent_key and child.complete:
        raise Refused(RefusalKind.INVALID, f"{child_key[1]} is no partition of {parent_key[1]}", child_key[1])
    if change.concurrently and not catalog.server.since(14):
        raise Refused(RefusalKind.VERSION, "DETACH PARTITION CONCURRENTLY needs PostgreSQL 14")
    made = replace(
        child,
        partition_of=None,
        bound=None,
        columns=tuple(replace(c, inherited=False) for c in child.columns),
        constraints=tuple(replace(c, inherited=False) for c in child.constraints),
        indexes=tuple(replace(i, parent=None) for i in child.indexes),
    )
    catalog = put_table(catalog, made)
    for trigger in child.triggers:
        if trigger.inherited:
            catalog = without_trigger(catalog, child_key, trigger.name)
    return catalog


def below(catalog: Catalog, top: Key, wanted: Key) -> bool:
    """Whether a table is the top one, or a child of it on any level."""
    waiting, seen = [top], set[Key]()
    while waiting:
        key = waiting.pop()
        if key == wanted:
            return True
        if key not in seen:
            seen.add(key)
            waiting += catalog.children.get(key, ())
    return False


def set_inheritance(catalog: Catalog, key: Key, change: SetInheritance) -> Catalog:
    """[NO] INHERIT."""
    parent_key = table_key(catalog, change.parent)
    if parent_key is None:
        raise Refused(RefusalKind.UNKNOWN_RELATION, f'the table "{change.parent}" does not exist', str(change.parent))
    if change.inherit and below(catalog, key, parent_key):
        raise Refused(RefusalKind.INVALID, "circular inheritance not allowed", str(change.parent))
    table = catalog.tables[key]
    inherits = (*table.inherits, parent_key) if change.inherit else tuple(k for k in table.inherits if k != parent_key)
    parent = catalog.tables[parent_key]
    lacking = [c.name for c in parent.columns if table.column(c.name) is None]
    if change.inherit and lacking and table.complete:
        raise Refused(
            RefusalKind.UNKNOWN_COLUMN, f"{key[1]} lacks the column {lacking[0]} of {parent_key[1]}", lacking[0]
        )
    above = {c.name for k in inherits if k in catalog.tables for c in catalog.tables[k].columns}
    checks = {c.name for k in inherits if k in catalog.tables for c in catalog.tables[k].constraints}
    kind = ConstraintKind.CHECK
    made = replace(
        table,
        inherits=inherits,
        columns=tuple(replace(c, inherited=c.name in above) for c in table.columns),
        constraints=tuple(replace(c, inherited=c.name in checks) if c.kind is kind else c for c in table.constraints),
    )
    return put_table(catalog, made)


def set_option(catalog: Catalog, key: Key, change: SetTableOption) -> Catalog:
    """An action of ALTER TABLE that changes no column, key or index."""
    table = catalog.tables.get(key)
    if table is None:
        return catalog
    match change.action:
        case TableAction.LOGGED:
            table = replace(table, persistence=Persistence.PERMANENT)
        case TableAction.UNLOGGED:
            table = replace(table, persistence=Persistence.UNLOGGED)
        case TableAction.TABLESPACE:
            table = replace(table, options=table.options.set("tablespace", change.value or ""))
        case TableAction.ACCESS_METHOD:
            table = replace(table, options=table.options.set("using", change.value or "heap"))
        case TableAction.ROW_SECURITY:
            table = replace(
                table,
                row_security=change.value == "enable" or (table.row_security and change.value != "disable"),
            )
        case TableAction.COMMENT:
            table = replace(table, comment=change.value or None)
        case TableAction.ENGINE | TableAction.CONVERT_CHARSET | TableAction.DEFAULT_CHARSET | TableAction.ROW_FORMAT:
            table = replace(table, options=table.options.set(change.action.value, change.value or ""))
            if change.action is TableAction.CONVERT_CHARSET:
                columns = tuple(replace(c, charset=change.value) if c.charset is not None else c for c in table.columns)
                table = replace(table, columns=columns)
        case TableAction.STORAGE_PARAMETERS:
            options = table.options
            for name, value in change.options:
                options = (
                    options.set(name, value)
                    if change.value == "set"
                    else (options.delete(name) if name in options else options)
                )
            table = replace(table, options=options)
        case _:
            return catalog
    return put_table(catalog, table)
