"""PostgreSQL: what building, dropping and building indexes again costs."""

from __future__ import annotations

from migguard.catalog import believed
from migguard.catalog.lookup import index_key, relation_key, table_key, table_of_index
from migguard.catalog.schema import Catalog, Index, Key, Table, View
from migguard.changes import AttachIndex, CreateIndex, DropIndex, Reindex
from migguard.effects.cost import Cost, partitions
from migguard.effects.model import LockMode
from migguard.trace import Step

CREATE = "https://www.postgresql.org/docs/current/sql-createindex.html"
DROP = "https://www.postgresql.org/docs/current/sql-dropindex.html"
REINDEX = "https://www.postgresql.org/docs/current/sql-reindex.html"
PARTITIONED = "src/backend/commands/indexcmds.c: ReindexPartitions"


def create_index(step: Step, change: CreateIndex, cost: Cost) -> None:
    """SHARE on the table and its partitions, which are read; CONCURRENTLY takes SHARE UPDATE EXCLUSIVE."""
    key = relation_key(step.before, change.table)
    if key is None:
        return
    cost.cite(CREATE)
    table = step.before.tables.get(key)
    if change.concurrently:
        cost.transaction_block = False
        if table is not None and table.partition_by is not None:
            cost.refused = "CREATE INDEX CONCURRENTLY is not possible on a partitioned table"
            return
    mode = LockMode.SHARE_UPDATE_EXCLUSIVE if change.concurrently else LockMode.SHARE
    for one in (key,) if change.only else partitions(step.before, key):
        cost.lock(one, mode)
    new_indexes(step, (key,) if change.only else partitions(step.before, key), cost)


def new_indexes(step: Step, keys: tuple[Key, ...], cost: Cost) -> None:
    """Build what these relations have after the step and had not before, by the names that the server gives.

    An index of a partitioned table is built in its partitions, and goes by its own name.
    """
    for key in keys:
        had = {i.oid for i in indexes_of(step.before, key)}
        for index in indexes_of(step.after, key):
            if index.oid not in had and cost.stored(key):
                cost.build(whole(step, key, index), key)
            elif index.oid not in had and populated_never(step.before, key):
                cost.builds[index.name] = None


def populated_never(catalog: Catalog, key: Key) -> bool:
    """Whether it is a materialized view without data: an index of it is built, of nothing."""
    view = catalog.views.get(key)
    return view is not None and view.materialized and not view.populated


def whole(step: Step, key: Key, index: Index) -> str:
    """The name of the index that a new index is a part of, if that is new too; else its own."""
    while (above := part_of(step.after, key, index)) is not None:
        owner, upper = above
        if upper.oid in {i.oid for i in indexes_of(step.before, owner)}:
            break
        key, index = owner, upper
    return index.name


def part_of(catalog: Catalog, key: Key, index: Index) -> tuple[Key, Index] | None:
    """The index of the partitioned table that a partition's index belongs to, with that table."""
    if index.parent is not None:
        owner = catalog.index_owner.get(index.parent)
        found = catalog.tables[owner].index(index.parent[1]) if owner is not None else None
        return (owner, found) if owner is not None and found is not None else None
    table = catalog.tables.get(key)
    constraint = table.constraint(index.constraint) if table is not None and index.constraint is not None else None
    if table is None or table.partition_of is None or constraint is None or not constraint.inherited:
        return None
    upper = catalog.tables[table.partition_of].indexes
    twin = next((i for i in upper if (i.elements, i.primary) == (index.elements, index.primary)), None)
    return (table.partition_of, twin) if twin is not None else None


def indexes_of(catalog: Catalog, key: Key) -> tuple[Index, ...]:
    """The indexes of a table or materialized view."""
    relation: Table | View | None = catalog.tables.get(key) or catalog.views.get(key)
    return relation.indexes if relation is not None else ()


def drop_index(step: Step, change: DropIndex, cost: Cost) -> None:
    """ACCESS EXCLUSIVE on the table and its partitions; CONCURRENTLY takes SHARE UPDATE EXCLUSIVE."""
    if change.concurrently:
        cost.transaction_block = False
    key = table_of_index(step.before, change.index, change.table) or stated_owner(step, change)
    if key is None:
        if step.before.unknown_names and not change.if_exists:
            cost.known = False
            cost.reasons[f"nobody knows which table has the index {change.index.name}"] = None
        return
    cost.cite(DROP)
    table = step.before.tables.get(key)
    if change.concurrently and table is not None and table.partition_by is not None:
        cost.refused = "DROP INDEX CONCURRENTLY is not possible on a partitioned table"
        return
    for one in partitions(step.before, key):
        cost.lock(one, LockMode.SHARE_UPDATE_EXCLUSIVE if change.concurrently else LockMode.ACCESS_EXCLUSIVE)


def stated_owner(step: Step, change: DropIndex) -> Key | None:
    """The table that a script says an unknown index is of; None where there is certainly no such index."""
    catalog = step.before
    key = table_key(catalog, change.stated) if change.stated is not None else None
    if key is None or step.refusal is not None or believed.whole(catalog):
        return None
    return None if change.if_exists and believed.just_so(catalog, catalog.tables[key]) else key


def reindex(step: Step, change: Reindex, cost: Cost) -> None:
    """SHARE on the table whose indexes are built again; CONCURRENTLY takes SHARE UPDATE EXCLUSIVE.

    Of a partitioned table or index, each partition is done in a transaction of its own (PostgreSQL 14; earlier
    servers refuse or skip it). Even CONCURRENTLY, SHARE is taken on its partitions while they are looked up.
    """
    cost.cite(REINDEX)
    catalog = step.before
    if change.concurrently and not catalog.server.since(12):
        cost.refused = "REINDEX CONCURRENTLY needs PostgreSQL 12"
        return
    cost.transaction_block = not change.concurrently and change.kind in ("index", "table")
    mode = LockMode.SHARE_UPDATE_EXCLUSIVE if change.concurrently else LockMode.SHARE
    if change.kind == "index" and change.name is not None:
        key = table_of_index(catalog, change.name)
        index = next((i for i in indexes_of(catalog, key) if i.name == change.name.name), None) if key else None
        if key is None:
            return
        cost.lock(key, mode)
        if partitioned(catalog, key):
            within(cost, catalog)
            parts(catalog, (key[0], change.name.name), key, mode, cost)
        elif index is None or not skipped(index, change):
            again(change.name.name, key, cost)
        return
    for key in reindexed(catalog, change):
        cost.lock(key, mode)
        if partitioned(catalog, key):
            within(cost, catalog)
        for one in partitions(catalog, key):
            cost.lock(one, mode if one == key else LockMode.SHARE)
            for index in indexes_of(catalog, one):
                if not partitioned(catalog, one) and not skipped(index, change):
                    again(index.name, one, cost)


def within(cost: Cost, catalog: Catalog) -> None:
    """REINDEX of something partitioned runs in no transaction block, and not at all before PostgreSQL 14."""
    cost.transaction_block = False
    cost.cite(PARTITIONED)
    if not catalog.server.since(14):
        cost.refused = "before PostgreSQL 14, REINDEX does not reach the partitions of a partitioned table"


def parts(catalog: Catalog, parent: Key, key: Key, mode: LockMode, cost: Cost) -> None:
    """The partitions' indexes that an index of a partitioned table consists of; the tables between are not locked."""
    for child in catalog.children.get(key, ()):
        for index in indexes_of(catalog, child):
            if index.parent != parent:
                continue
            if partitioned(catalog, child):
                parts(catalog, (child[0], index.name), child, mode, cost)
            else:
                cost.lock(child, mode)
                again(index.name, child, cost)


def again(name: str, key: Key, cost: Cost) -> None:
    """Build an index again."""
    cost.rebuilds[name] = None
    cost.scan(key, f"the index {name} of {key[1]} is built again")


def skipped(index: Index, change: Reindex) -> bool:
    """Whether REINDEX CONCURRENTLY leaves an index out: it cannot build one of an exclusion constraint."""
    return change.concurrently and any(e.operator is not None for e in index.elements)


def partitioned(catalog: Catalog, key: Key) -> bool:
    """Whether a relation is a partitioned table."""
    table = catalog.tables.get(key)
    return table is not None and table.partition_by is not None


def reindexed(catalog: Catalog, change: Reindex) -> list[Key]:
    """The relations whose indexes a REINDEX TABLE, SCHEMA or DATABASE builds again, those without any included."""
    if change.kind == "table" and change.name is not None:
        key = relation_key(catalog, change.name)
        return [key] if key is not None else []
    schema = change.name.name if change.kind == "schema" and change.name is not None else None
    stored = [k for k in catalog.tables if not partitioned(catalog, k)]
    return [k for k in (*stored, *(k for k, v in catalog.views.items() if v.materialized)) if schema in (None, k[0])]


def attach_index(step: Step, change: AttachIndex, cost: Cost) -> None:
    """ALTER INDEX … ATTACH PARTITION locks the indexes, and lets reads and writes of the tables go on."""
    for name in (change.index, change.child):
        if index_key(step.before, name) is not None:
            key = table_of_index(step.before, name)
            if key is not None:
                cost.lock(key, LockMode.ACCESS_SHARE, target=False)
