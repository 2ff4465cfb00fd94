"""PostgreSQL: what creating, dropping and describing objects costs on the tables they belong to."""

from __future__ import annotations

from migguard.catalog.lookup import domain_named, relation_key, table_key, table_of_index
from migguard.catalog.schema import Catalog, ConstraintKind, Index, Key, Table
from migguard.changes import (
    AlterCompositeType,
    AlterDomain,
    AlterTableObject,
    AttachIndex,
    Comment,
    CreateIndex,
    CreatePolicy,
    CreateTable,
    CreateTrigger,
    CreateView,
    DropIndex,
    DropPolicy,
    DropTrigger,
    ForeignKey,
    Grant,
    ObjectAction,
    OtherObject,
    RefreshMaterializedView,
    Reindex,
)
from migguard.effects.cost import Cost, tree
from migguard.effects.model import LockMode
from migguard.effects.postgresql_alter import default_partition_read
from migguard.effects.postgresql_data import read, with_views
from migguard.trace import Step

INDEX = "https://www.postgresql.org/docs/current/sql-createindex.html"


def create_table(step: Step, change: CreateTable, cost: Cost) -> None:
    """A new table locks what it refers to, what it is copied from and what it becomes a part of."""
    if change.if_not_exists and step.before.next_oid == step.after.next_oid:
        return
    for constraint in change.constraints:
        if isinstance(constraint, ForeignKey):
            other = table_key(step.before, constraint.references)
            for one in tree(step.before, other) if other is not None else ():
                cost.lock(one, LockMode.SHARE_ROW_EXCLUSIVE, target=False)
    for like in change.likes:
        source = relation_key(step.before, like.source)
        if source is not None:
            cost.lock(source, LockMode.ACCESS_SHARE, target=False)
    for name in change.inherits:
        parent = table_key(step.before, name)
        if parent is not None:
            cost.lock(parent, LockMode.SHARE_UPDATE_EXCLUSIVE, target=False)
    if change.query is not None:
        read(step.before, change.query, cost)
        if not change.with_data:
            cost.scans.clear()
    if change.partition_of is not None:
        partition_of(step, change, cost)
    cost.cite("https://www.postgresql.org/docs/current/sql-createtable.html")


def partition_of(step: Step, change: CreateTable, cost: Cost) -> None:
    """PARTITION OF takes ACCESS EXCLUSIVE on the parent, and reads its default partition."""
    assert change.partition_of is not None
    parent = table_key(step.before, change.partition_of)
    if parent is None:
        return
    cost.lock(parent, LockMode.ACCESS_EXCLUSIVE, target=False)
    if change.bound is not None:
        default_partition_read(step.before, parent, change.bound, cost)
    for constraint in step.before.tables[parent].constraints:
        if constraint.kind is ConstraintKind.FOREIGN and constraint.references is not None:
            cost.lock(constraint.references, LockMode.SHARE_ROW_EXCLUSIVE, target=False)


# --- drops --------------------------------------------------------------------------------------------------------


def drop(step: Step, cost: Cost) -> None:
    """ACCESS EXCLUSIVE on all that goes, on the tables that lose something, and on partitions' parents."""
    gone = [k for k in (*step.before.tables, *step.before.views) if not survives(step, k)]
    for key in gone:
        cost.lock(key, LockMode.ACCESS_EXCLUSIVE)
    lost(step, tuple(gone), cost)
    for key in gone:
        table = step.before.tables.get(key)
        if table is not None and table.partition_of is not None and survives(step, table.partition_of):
            cost.lock(table.partition_of, LockMode.ACCESS_EXCLUSIVE, target=False)
            for sibling in step.before.children.get(table.partition_of, ()):
                other = step.before.tables.get(sibling)
                if other is not None and other.bound is not None and other.bound.default and sibling != key:
                    cost.lock(sibling, LockMode.ACCESS_EXCLUSIVE, target=False)
    cost.cite("https://www.postgresql.org/docs/current/ddl-depend.html")


def survives(step: Step, key: Key) -> bool:
    """Whether a relation is still there after the step."""
    return key in step.after.tables or key in step.after.views


def lost(step: Step, keys: tuple[Key, ...], cost: Cost) -> None:
    """Locks on the other tables that a drop changes: far sides of foreign keys, dependent views, users of a type."""
    before, after = step.before, step.after
    if before.tables is after.tables and before.views is after.views:
        return
    for key, table in neighbours(step, keys):
        kept = after.tables.get(key)
        if kept is table:
            continue
        names = {c.name for c in kept.constraints} if kept is not None else set()
        for constraint in table.constraints:
            if constraint.kind is ConstraintKind.FOREIGN and constraint.name not in names:
                cost.lock(key, LockMode.ACCESS_EXCLUSIVE, target=key in keys)
                if constraint.references is not None:
                    cost.lock(constraint.references, LockMode.ACCESS_EXCLUSIVE, target=constraint.references in keys)
        if kept is not None and kept != table and key not in keys:
            cost.lock(key, LockMode.ACCESS_EXCLUSIVE, target=False)
    for key in before.views:
        if key not in after.views:
            cost.lock(key, LockMode.ACCESS_EXCLUSIVE, target=key in keys)


def neighbours(step: Step, keys: tuple[Key, ...]) -> list[tuple[Key, Table]]:
    """The tables that a drop could change: those named, those that refer to them; all of them for other objects."""
    before = step.before
    if not keys:
        return list(before.tables.items())
    found: dict[Key, None] = {}
    for key in keys:
        found.update(dict.fromkeys(tree(before, key)))
        for other in before.referenced_by.get(key, frozenset()):
            found[other] = None
    return [(k, before.tables[k]) for k in found if k in before.tables]


# --- indexes ------------------------------------------------------------------------------------------------------


def create_index(step: Step, change: CreateIndex, cost: Cost) -> None:
    """SHARE on the table and its partitions, which are read; CONCURRENTLY takes SHARE UPDATE EXCLUSIVE."""
    key = relation_key(step.before, change.table)
    if key is None:
        return
    cost.cite(INDEX)
    table = step.before.tables.get(key)
    if change.concurrently:
        cost.transaction_block = False
        if table is not None and table.partition_by is not None:
            cost.refused = "CREATE INDEX CONCURRENTLY is not possible on a partitioned table"
            return
    mode = LockMode.SHARE_UPDATE_EXCLUSIVE if change.concurrently else LockMode.SHARE
    members = (key,) if change.only else tree(step.before, key)
    if table is not None and table.partition_by is None:
        members = (key,)  # inheritance does not pass indexes on
    skipped = change.if_not_exists and step.before.tables is step.after.tables and step.before.views is step.after.views
    for one in members:
        cost.lock(one, mode)
        if not skipped and not (change.only and not cost.stored(one)):
            cost.scan(one, f"the index is built from all of {one[1]}")
    if not skipped and change.name is not None:
        cost.builds[change.name.name] = None
    elif not skipped:
        cost.builds[built(step, key)] = None


def built(step: Step, key: Key) -> str:
    """The name that the server chose for a new index."""
    before, after = step.before.tables.get(key), step.after.tables.get(key)
    had: set[str] = {i.name for i in before.indexes} if before is not None else set()
    return next((i.name for i in (after.indexes if after is not None else ()) if i.name not in had), "the index")


def drop_index(step: Step, change: DropIndex, cost: Cost) -> None:
    """ACCESS EXCLUSIVE on the table and its partitions; CONCURRENTLY takes SHARE UPDATE EXCLUSIVE."""
    key = table_of_index(step.before, change.index, change.table)
    if key is None:
        return
    cost.cite("https://www.postgresql.org/docs/current/sql-dropindex.html")
    table = step.before.tables.get(key)
    if change.concurrently:
        cost.transaction_block = False
        if table is not None and table.partition_by is not None:
            cost.refused = "DROP INDEX CONCURRENTLY is not possible on a partitioned table"
            return
    members = tree(step.before, key) if table is not None and table.partition_by is not None else (key,)
    for one in members:
        cost.lock(one, LockMode.SHARE_UPDATE_EXCLUSIVE if change.concurrently else LockMode.ACCESS_EXCLUSIVE)


def reindex(step: Step, change: Reindex, cost: Cost) -> None:
    """SHARE on the table whose indexes are built again; CONCURRENTLY takes SHARE UPDATE EXCLUSIVE."""
    cost.cite("https://www.postgresql.org/docs/current/sql-reindex.html")
    mode = LockMode.SHARE_UPDATE_EXCLUSIVE if change.concurrently else LockMode.SHARE
    cost.transaction_block = not change.concurrently and change.kind in ("index", "table")
    if change.kind == "index" and change.name is not None:
        key = table_of_index(step.before, change.name, None)
        if key is not None:
            for one in tree(step.before, key):
                if one != key and step.before.tables[key].partition_by is None:
                    continue
                cost.lock(one, mode)
                cost.scan(one, f"{change.name} is built again")
            cost.rebuilds[change.name.name] = None
        return
    for key in reindexed(step.before, change):
        for one in tree(step.before, key):
            cost.lock(one, mode)
            indexes = indexes_of(step.before, one)
            if indexes:
                cost.scan(one, f"the indexes of {one[1]} are built again")
            cost.rebuilds.update(dict.fromkeys(i.name for i in indexes))


def reindexed(catalog: Catalog, change: Reindex) -> list[Key]:
    """The relations whose indexes a REINDEX TABLE, SCHEMA or DATABASE builds again."""
    if change.kind == "table" and change.name is not None:
        key = relation_key(catalog, change.name)
        return [key] if key is not None else []
    schema = change.name.name if change.kind == "schema" and change.name is not None else None
    return [
        k for k in (*catalog.tables, *catalog.views) if (schema is None or k[0] == schema) and indexes_of(catalog, k)
    ]


def indexes_of(catalog: Catalog, key: Key) -> tuple[Index, ...]:
    """The indexes of a table or materialized view."""
    relation = catalog.tables.get(key) or catalog.views.get(key)
    return relation.indexes if relation is not None else ()


def attach_index(step: Step, change: AttachIndex, cost: Cost) -> None:
    """ALTER INDEX … ATTACH PARTITION locks the indexes, and lets reads and writes of the tables go on."""
    for name in (change.index, change.child):
        key = table_of_index(step.before, name, None)
        if key is not None:
            cost.lock(key, LockMode.ACCESS_SHARE, target=False)


# --- views, triggers, policies ------------------------------------------------------------------------------------


def create_view(step: Step, change: CreateView, cost: Cost) -> None:
    """ACCESS SHARE on what it reads; a replaced view itself takes ACCESS EXCLUSIVE."""
    key = relation_key(step.before, change.view)
    if key is not None and change.or_replace:
        cost.lock(key, LockMode.ACCESS_EXCLUSIVE)
    for name in change.query.relations:
        source = relation_key(step.before, name)
        if source is None:
            continue
        for one in with_views(step.before, source) if change.materialized else (source,):
            cost.lock(one, LockMode.ACCESS_SHARE, target=False)
            if change.materialized and change.with_data and not change.query.filtered:
                cost.scan(one)


def refresh(step: Step, change: RefreshMaterializedView, cost: Cost) -> None:
    """ACCESS EXCLUSIVE on the view, or EXCLUSIVE with CONCURRENTLY; ACCESS SHARE on what it reads."""
    key = relation_key(step.before, change.view)
    view = step.before.views.get(key) if key is not None else None
    if key is None or view is None:
        return
    cost.lock(key, LockMode.EXCLUSIVE if change.concurrently else LockMode.ACCESS_EXCLUSIVE)
    cost.cite("https://www.postgresql.org/docs/current/sql-refreshmaterializedview.html")
    if not change.concurrently:
        cost.rewrite(key, f"{key[1]} is written again") if change.with_data else cost.replaced.update({key: None})
    else:
        cost.scan(key)
    if change.with_data:
        for name in view.query.relations:
            source = relation_key(step.before, name)
            for one in with_views(step.before, source) if source is not None else ():
                cost.lock(one, LockMode.ACCESS_SHARE, target=False)
                cost.scan(one)


def table_object(
    step: Step, change: CreateTrigger | DropTrigger | CreatePolicy | DropPolicy | AlterTableObject, cost: Cost
) -> None:
    """CREATE TRIGGER takes SHARE ROW EXCLUSIVE; everything else about triggers, rules and policies ACCESS EXCLUSIVE."""
    key = relation_key(step.before, change.table) if change.table is not None else None
    if key is None:
        return
    mode = LockMode.SHARE_ROW_EXCLUSIVE if isinstance(change, CreateTrigger) else LockMode.ACCESS_EXCLUSIVE
    recursive = isinstance(change, (CreateTrigger, DropTrigger))
    table = step.before.tables.get(key)
    partitioned = table is not None and table.partition_by is not None
    for one in tree(step.before, key) if recursive and partitioned else (key,):
        cost.lock(one, mode)
    cost.cite("https://www.postgresql.org/docs/current/sql-createtrigger.html")


# --- types --------------------------------------------------------------------------------------------------------


def add_enum_value(step: Step, cost: Cost) -> None:
    """Locks no table. Before PostgreSQL 12 it refuses to run inside a transaction block."""
    cost.transaction_block = step.before.server.since(12)
    cost.cite("https://www.postgresql.org/docs/current/sql-altertype.html")


def alter_domain(step: Step, change: AlterDomain, cost: Cost) -> None:
    """A new constraint is verified in every table that uses the domain, under SHARE."""
    domain = domain_named(step.before, change.domain)
    if domain is None:
        return
    constraint = change.constraint
    verifying = (change.action == "add constraint" and constraint is not None and not constraint.not_valid) or (
        change.action in ("set not null", "validate constraint")
    )
    if not verifying:
        return
    light = change.action == "validate constraint" and step.before.server.since(18)
    for key in step.before.type_users.get(domain.key, frozenset()):
        cost.lock(key, LockMode.SHARE_UPDATE_EXCLUSIVE if light else LockMode.SHARE, target=False)
        cost.scan(key, f"{key[1]} is read to verify the domain's constraint")
    cost.cite("src/backend/commands/typecmds.c: validateDomainCheckConstraint")


def alter_composite(step: Step, change: AlterCompositeType, cost: Cost) -> None:
    """Changing an attribute of a type that tables are made of changes them too."""
    key = (change.type.schema or step.before.default_schema, change.type.name)
    for table in step.before.type_users.get(key, frozenset()):
        cost.lock(table, LockMode.ACCESS_EXCLUSIVE, target=False)


# --- the rest -----------------------------------------------------------------------------------------------------


def comment(step: Step, change: Comment, cost: Cost) -> None:
    """SHARE UPDATE EXCLUSIVE for a relation or column; ACCESS SHARE for what belongs to a table."""
    if change.kind in ("table", "view", "materialized view", "column", "foreign table"):
        key = relation_key(step.before, change.table or change.name)
        mode = LockMode.SHARE_UPDATE_EXCLUSIVE
    elif change.table is not None:
        key, mode = relation_key(step.before, change.table), LockMode.ACCESS_SHARE
    else:
        return
    if key is not None:
        cost.lock(key, mode)
    cost.cite("https://www.postgresql.org/docs/current/sql-comment.html")


def grant(step: Step, change: Grant, cost: Cost) -> None:
    """No lock before PostgreSQL 18, ACCESS SHARE from there on (observed)."""
    if not step.before.server.since(18) or change.kind != "table":
        return
    for name in change.relations:
        key = relation_key(step.before, name)
        if key is not None:
            cost.lock(key, LockMode.ACCESS_SHARE)


def other(step: Step, change: OtherObject, cost: Cost) -> None:
    """Publications and statistics take SHARE UPDATE EXCLUSIVE on their tables; server-wide objects refuse a block."""
    if change.kind in ("database", "tablespace") and change.action is not ObjectAction.ALTER:
        cost.transaction_block = False
    if change.kind == "system":
        cost.transaction_block = False
    if change.kind == "subscription" and change.action is not ObjectAction.ALTER:
        cost.transaction_block = False
    if change.kind in ("publication", "statistics"):
        for name in change.tables:
            key = relation_key(step.before, name)
            for one in tree(step.before, key) if key is not None else ():
                cost.lock(one, LockMode.SHARE_UPDATE_EXCLUSIVE, target=False)
