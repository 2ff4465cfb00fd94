"""PostgreSQL: what attaching, detaching and creating partitions costs, and which bounds the server takes on trust."""

from __future__ import annotations

from datetime import UTC, datetime

from migguard.catalog.lookup import table_key
from migguard.catalog.schema import Catalog, Column, ConstraintKind, Key, Server, Table
from migguard.changes import AttachPartition, Condition, CreateTable, DetachPartition, PartitionBound
from migguard.effects.cost import UTC_NAMES, Cost, partitions, session_zone, tree
from migguard.effects.model import LockMode
from migguard.effects.postgresql_indexes import new_indexes
from migguard.trace import Step

DOCS = "https://www.postgresql.org/docs/current/sql-altertable.html"
ATTACH = "src/backend/commands/tablecmds.c: ATExecAttachPartition, PartConstraintImpliedByRelConstraint"
DETACH = "src/backend/commands/tablecmds.c: DetachPartitionFinalize, DropClonedTriggersFromPartition"
WITH_ZONE = "timestamp with time zone"


def attach(step: Step, change: AttachPartition, cost: Cost) -> None:
    """ATTACH PARTITION: SHARE UPDATE EXCLUSIVE on the parent (ACCESS EXCLUSIVE before 12), ACCESS EXCLUSIVE elsewhere.

    The partition is read unless a valid CHECK implies the bounds; so is the default partition.
    """
    parent, child = table_key(step.before, change.table), table_key(step.before, change.partition)
    if parent is None or child is None:
        return
    light = step.before.server.since(12)
    cost.lock(parent, LockMode.SHARE_UPDATE_EXCLUSIVE if light else LockMode.ACCESS_EXCLUSIVE)
    cost.cite(DOCS, ATTACH)
    above = step.before.tables[parent]
    proven = default_of_none(step.before, parent, change.bound) or bounds_proven(
        above, step.before.tables[child], change.bound, step.before
    )
    for key in tree(step.before, child):
        cost.lock(key, LockMode.ACCESS_EXCLUSIVE)
        if not proven and not bounds_proven(above, step.before.tables[key], change.bound, step.before):
            cost.scan(key, f"no valid CHECK proves that the rows of {key[1]} are within the bounds")
    default_partition_read(step.before, parent, change.bound, cost)
    new_indexes(step, partitions(step.before, child), cost)
    foreign_keys_taken_over(step.before, parent, child, cost)


def created(step: Step, change: CreateTable, cost: Cost) -> None:
    """CREATE TABLE … PARTITION OF takes ACCESS EXCLUSIVE on the parent, and reads its default partition."""
    parent = table_key(step.before, change.partition_of) if change.partition_of is not None else None
    if parent is None:
        return
    cost.lock(parent, LockMode.ACCESS_EXCLUSIVE, target=False)
    cost.cite("https://www.postgresql.org/docs/current/sql-createtable.html", ATTACH)
    if change.bound is not None:
        default_partition_read(step.before, parent, change.bound, cost)
    foreign_keys_taken_over(step.before, parent, None, cost)


def default_partition(catalog: Catalog, parent: Key) -> Key | None:
    """The default partition of a partitioned table."""
    for key in catalog.children.get(parent, ()):
        table = catalog.tables.get(key)
        if table is not None and table.bound is not None and table.bound.default:
            return key
    return None


def default_of_none(catalog: Catalog, parent: Key, bound: PartitionBound) -> bool:
    """Whether it becomes the default partition of a table without another one: any row may be in it."""
    return bound.default and not catalog.children.get(parent, ())


def default_partition_read(catalog: Catalog, parent: Key, bound: PartitionBound, cost: Cost) -> None:
    """A new partition makes the server look whether the default partition holds rows that belong into it.

    Unless its valid CHECKs say that it holds none (check_default_partition_contents).
    """
    default = default_partition(catalog, parent)
    if default is None or bound.default:
        return
    above = catalog.tables[parent]
    proven = nothing_within(above, catalog.tables[default], (bound,), catalog)
    for key in tree(catalog, default):
        cost.lock(key, LockMode.ACCESS_EXCLUSIVE, target=False)
        if not proven and not nothing_within(above, catalog.tables[key], (bound,), catalog):
            cost.scan(key, f"the default partition {key[1]} is read for rows of the new one")


def foreign_keys_taken_over(catalog: Catalog, parent: Key, child: Key | None, cost: Cost) -> None:
    """Foreign keys of the parent become the partition's, those that refer to the parent refer to it too.

    The rows of a partition that was a table are looked up, unless it has the foreign key already.
    """
    for constraint in catalog.tables[parent].constraints:
        if constraint.kind is not ConstraintKind.FOREIGN or constraint.references is None:
            continue
        own = catalog.tables[child].constraints if child is not None else ()
        twin = any(
            (c.kind, c.columns, c.references, c.references_columns)
            == (constraint.kind, constraint.columns, constraint.references, constraint.references_columns)
            and c.valid
            for c in own
        )
        for other in partitions(catalog, constraint.references):
            # The triggers of a foreign key that the partition has already are dropped on the referenced table.
            cost.lock(other, LockMode.ACCESS_EXCLUSIVE if twin else LockMode.SHARE_ROW_EXCLUSIVE, target=False)
            if child is not None and not twin:
                cost.scan(other)
        if child is not None and not twin:
            for one in partitions(catalog, child):
                cost.scan(one, f"every row of {one[1]} is looked up in {constraint.references[1]}")
    for referring in referring_to(catalog, parent):
        cost.lock(referring, LockMode.SHARE_ROW_EXCLUSIVE, target=False)


def referring_to(catalog: Catalog, key: Key) -> tuple[Key, ...]:
    """The tables with a foreign key to a table, or to a partitioned table that it is a part of."""
    found: dict[Key, None] = {}
    up: Key | None = key
    while up is not None:
        for other in catalog.referenced_by.get(up, frozenset()):
            found.update(dict.fromkeys(partitions(catalog, other)))
        table = catalog.tables.get(up)
        up = table.partition_of if table is not None else None
    return tuple(found)


def detaches_concurrently(server: Server) -> bool:
    """Whether the server has DETACH PARTITION … CONCURRENTLY."""
    return server.since(14)


def detach(step: Step, change: DetachPartition, cost: Cost) -> None:
    """DETACH PARTITION takes ACCESS EXCLUSIVE on both; CONCURRENTLY less on the parent, and no transaction block.

    Tables that refer to the partitioned table are read for rows that point into the partition.
    """
    parent, child = table_key(step.before, change.table), table_key(step.before, change.partition)
    if parent is None or child is None:
        return
    light = change.concurrently or change.finalize
    cost.lock(parent, LockMode.SHARE_UPDATE_EXCLUSIVE if light else LockMode.ACCESS_EXCLUSIVE)
    for one in tree(step.before, child):
        cost.lock(one, LockMode.ACCESS_EXCLUSIVE)
    cost.transaction_block = not change.concurrently
    cost.cite(DOCS, DETACH)
    default = default_partition(step.before, parent)
    if default is not None and change.concurrently:
        cost.refused = "DETACH PARTITION CONCURRENTLY is not possible while there is a default partition"
        return
    if default is not None and default != child:
        cost.lock(default, LockMode.ACCESS_EXCLUSIVE, target=False)
    for constraint in step.before.tables[child].constraints:
        if constraint.kind is ConstraintKind.FOREIGN and constraint.references is not None:
            for other in partitions(step.before, constraint.references):
                cost.lock(other, LockMode.SHARE_ROW_EXCLUSIVE, target=False)
    for referring in referring_to(step.before, parent):
        cost.lock(referring, LockMode.ACCESS_EXCLUSIVE, target=False)
        cost.scan(referring, f"{referring[1]} is read for rows that refer to {child[1]}")


# --- what proves the bounds ---------------------------------------------------------------------------------------


def bounds_proven(parent: Table, partition: Table, bound: PartitionBound, catalog: Catalog) -> bool:
    """Whether valid CHECKs of the partition imply its bounds and its key columns are NOT NULL.

    Only ranges and lists over one plain column are decided; everything else counts as not proven, as it is read.
    """
    if bound.default:
        siblings = (catalog.tables.get(k) for k in catalog.children.get(parent.key, ()))
        others = tuple(t.bound for t in siblings if t is not None and t.bound is not None)
        return nothing_within(parent, partition, others, catalog)
    known = key_column(parent, partition)
    if parent.partition_by is None or known is None:
        return False
    conditions, zone = conditions_on(partition, known.name), zone_for(known, catalog)
    nulls = bound.values and None in bound.values
    if not nulls and known.nullable and not any(c.operator == "is not null" for c in conditions):
        return False
    if parent.partition_by.strategy == "range":
        return at_least(conditions, bound.lower[0] if bound.lower else None, zone) and below(
            conditions, bound.upper[0] if bound.upper else None, zone
        )
    if parent.partition_by.strategy == "list":
        allowed = set(bound.values)
        return any(
            (c.operator == "=" and c.value in allowed) or (c.operator == "in" and c.values and set(c.values) <= allowed)
            for c in conditions
        )
    return False


def nothing_within(parent: Table, partition: Table, bounds: tuple[PartitionBound, ...], catalog: Catalog) -> bool:
    """Whether valid CHECKs of a default partition leave no row that would belong within one of the bounds."""
    known = key_column(parent, partition)
    if parent.partition_by is None or known is None:
        return False
    conditions, zone = conditions_on(partition, known.name), zone_for(known, catalog)
    if parent.partition_by.strategy == "range":
        return all(
            (b.lower and b.lower[0] is not None and below(conditions, b.lower[0], zone))
            or (b.upper and b.upper[0] is not None and at_least(conditions, b.upper[0], zone))
            for b in bounds
        )
    taken = {v for b in bounds for v in b.values}
    if None in taken and known.nullable:
        return False
    return parent.partition_by.strategy == "list" and any(
        (c.operator == "=" and c.value is not None and c.value not in taken)
        or (c.operator == "in" and c.values and not taken.intersection(c.values))
        for c in conditions
    )


def key_column(parent: Table, partition: Table) -> Column | None:
    """The partition's column that its table is partitioned by, where that is one plain column."""
    if parent.partition_by is None or len(parent.partition_by.columns) != 1:
        return None
    name = parent.partition_by.columns[0]
    return partition.column(name) if name is not None else None


def conditions_on(table: Table, column: str) -> list[Condition]:
    """What the valid CHECKs of a table say of a column."""
    return [
        c
        for k in table.constraints
        if k.kind is ConstraintKind.CHECK and k.valid and k.enforced and k.expression is not None
        for c in k.expression.conditions
        if c.column == column
    ]


def zone_for(column: Column, catalog: Catalog) -> str | None:
    """The zone that constants of a column without an offset are in: the session's, where that matters."""
    zoned = column.type is not None and column.type.name == WITH_ZONE
    return session_zone(catalog) if zoned else "UTC"


def at_least(conditions: list[Condition], bound: str | None, zone: str | None) -> bool:
    """Whether the conditions imply `column >= bound`; None is MINVALUE."""
    if bound is None:
        return True
    return any(
        c.value is not None and c.operator in (">=", ">", "=") and reaches(c.value, bound, zone) for c in conditions
    )


def below(conditions: list[Condition], bound: str | None, zone: str | None) -> bool:
    """Whether the conditions imply `column < bound`; None is MAXVALUE."""
    if bound is None:
        return True
    return any(
        c.value is not None
        and (
            (c.operator == "<" and reaches(bound, c.value, zone))
            or (c.operator in ("<=", "=") and exceeds(bound, c.value, zone))
        )
        for c in conditions
    )


def exceeds(a: str, b: str, zone: str | None) -> bool:
    """Whether a > b, as numbers or as moments where both are; what is neither is not decided."""
    order = compared(a, b, zone)
    return order is not None and order > 0


def reaches(a: str, b: str, zone: str | None) -> bool:
    """Whether a >= b."""
    order = compared(a, b, zone)
    return a == b or (order is not None and order >= 0)


def compared(a: str, b: str, zone: str | None) -> float | None:
    """How far a is above b, as numbers or as moments; None where that cannot be told."""
    try:
        return float(a) - float(b)
    except ValueError:
        pass
    try:
        x, y = datetime.fromisoformat(a), datetime.fromisoformat(b)
    except ValueError:
        return None
    if (x.tzinfo is None) == (y.tzinfo is None):
        return (x - y).total_seconds()
    # One names its offset, the other is in the session's zone.
    if zone is None or zone.upper() not in UTC_NAMES:
        return None
    return (in_utc(x) - in_utc(y)).total_seconds()


def in_utc(moment: datetime) -> datetime:
    """A moment without an offset taken for one in UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
