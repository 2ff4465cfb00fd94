"""PostgreSQL: ALTER TABLE actions that touch no column's contents, renames, partitions."""

from __future__ import annotations

from migguard.catalog.lookup import relation_key, table_key
from migguard.catalog.schema import Catalog, ConstraintKind, Key, Table
from migguard.changes import (
    AlterConstraint,
    AttachPartition,
    Condition,
    DetachPartition,
    Name,
    PartitionBound,
    RenameConstraint,
    RenameTable,
    SetColumnOption,
    SetInheritance,
    SetSchema,
    SetTableOption,
    TableAction,
)
from migguard.effects.cost import Cost, tree
from migguard.effects.model import LockMode
from migguard.trace import Step

LEVELS = "src/backend/commands/tablecmds.c: AlterTableGetLockLevel"
DOCS = "https://www.postgresql.org/docs/current/sql-altertable.html"


def recursing(step: Step, table: Name, cost: Cost, mode: LockMode = LockMode.ACCESS_EXCLUSIVE) -> Key | None:
    """Take a lock on a table and on everything below it; return its key."""
    key = relation_key(step.before, table)
    if key is not None:
        for one in tree(step.before, key):
            cost.lock(one, mode)
        cost.cite(LEVELS)
    return key


def column_option(step: Step, change: SetColumnOption, cost: Cost) -> None:
    """SET STATISTICS and attribute options let reads and writes go on; STORAGE and COMPRESSION do not."""
    light = change.option in ("statistics", "set", "reset")
    recursing(step, change.table, cost, LockMode.SHARE_UPDATE_EXCLUSIVE if light else LockMode.ACCESS_EXCLUSIVE)


def constraint_detail(step: Step, change: RenameConstraint | AlterConstraint, cost: Cost) -> None:
    """RENAME CONSTRAINT and ALTER CONSTRAINT take ACCESS EXCLUSIVE on the table (and its partitions)."""
    key = recursing(step, change.table, cost)
    if key is None or not isinstance(change, AlterConstraint):
        return
    table = step.before.tables.get(key)
    constraint = table.constraint(change.name) if table is not None else None
    if constraint is not None and constraint.references is not None and change.enforced is not None:
        for other in tree(step.before, constraint.references):
            cost.lock(other, LockMode.SHARE_ROW_EXCLUSIVE, target=False)
        if change.enforced:
            cost.scan(key)
            cost.scan(constraint.references)


LIGHT = {
    TableAction.CLUSTER_ON: LockMode.SHARE_UPDATE_EXCLUSIVE,
    TableAction.WITHOUT_CLUSTER: LockMode.SHARE_UPDATE_EXCLUSIVE,
    TableAction.ENABLE_TRIGGER: LockMode.SHARE_ROW_EXCLUSIVE,
    TableAction.DISABLE_TRIGGER: LockMode.SHARE_ROW_EXCLUSIVE,
}
HEAVY_PARAMETERS = {"user_catalog_table", "security_barrier", "security_invoker", "check_option"}
"""Storage parameters and view options whose change needs ACCESS EXCLUSIVE (reloptions.c); the others need less."""


def table_option(step: Step, change: SetTableOption, cost: Cost) -> None:
    """The lock of an action is the one its kind needs; some rewrite the table where they change something."""
    if change.kind in ("index", "sequence"):
        return  # locks the index or the sequence alone
    key = relation_key(step.before, change.table)
    if key is None:
        return
    mode = LIGHT.get(change.action, LockMode.ACCESS_EXCLUSIVE)
    if change.action is TableAction.STORAGE_PARAMETERS:
        heavy = any(name in HEAVY_PARAMETERS for name, _ in change.options)
        mode = LockMode.ACCESS_EXCLUSIVE if heavy or change.kind == "view" else LockMode.SHARE_UPDATE_EXCLUSIVE
    cost.lock(key, mode)
    cost.cite(LEVELS)
    table = step.before.tables.get(key)
    if table is not None:
        rewriting_option(change, table, step.after, cost)
    if change.action in (TableAction.ENABLE_TRIGGER, TableAction.DISABLE_TRIGGER):
        for child in tree(step.before, key)[1:]:
            cost.lock(child, mode)


def rewriting_option(change: SetTableOption, table: Table, after: Catalog, cost: Cost) -> None:
    """SET (UN)LOGGED, TABLESPACE and ACCESS METHOD write the table again unless it is so already."""
    now = after.tables.get(table.key)
    if now is None:
        return
    match change.action:
        case TableAction.LOGGED | TableAction.UNLOGGED:
            if table.persistence is not now.persistence or not table.complete:
                cost.rewrite(table.key, f"{table.key[1]} is written again to change its persistence")
        case TableAction.TABLESPACE:
            if (table.options.get("tablespace") != change.value and change.value != "pg_default") or (
                change.value == "pg_default" and table.options.get("tablespace")
            ):
                cost.rewrites[table.key] = None
                cost.reasons[f"{table.key[1]} is copied to the tablespace {change.value}"] = None
        case TableAction.ACCESS_METHOD:
            if table.options.get("using", "heap") != (change.value or "heap"):
                cost.rewrite(table.key, f"{table.key[1]} is written again for another access method")
        case _:
            pass


def relation(step: Step, change: RenameTable | SetSchema | SetInheritance, cost: Cost) -> None:
    """Renames and SET SCHEMA take ACCESS EXCLUSIVE; INHERIT takes it on the child and less on the parent."""
    match change:
        case RenameTable():
            key = relation_key(step.before, change.table)
        case SetSchema():
            if change.kind not in ("table", "view", "materialized view", "foreign table"):
                return
            key = relation_key(step.before, change.name)
        case SetInheritance():
            key = relation_key(step.before, change.table)
            parent = table_key(step.before, change.parent)
            if parent is not None:
                mode = LockMode.SHARE_UPDATE_EXCLUSIVE if change.inherit else LockMode.SHARE
                cost.lock(parent, mode if change.inherit else LockMode.ACCESS_SHARE, target=False)
            if key is not None and change.inherit:
                for child in tree(step.before, key)[1:]:
                    cost.lock(child, LockMode.ACCESS_EXCLUSIVE)
    if key is not None:
        cost.lock(key, LockMode.ACCESS_EXCLUSIVE)
    cost.cite(LEVELS)


# --- partitions ---------------------------------------------------------------------------------------------------


def default_partition(catalog: Catalog, parent: Key) -> Key | None:
    """The default partition of a partitioned table."""
    for key in catalog.children.get(parent, ()):
        table = catalog.tables.get(key)
        if table is not None and table.bound is not None and table.bound.default:
            return key
    return None


def attach(step: Step, change: AttachPartition, cost: Cost) -> None:
    """ATTACH PARTITION: SHARE UPDATE EXCLUSIVE on the parent (ACCESS EXCLUSIVE before 12), ACCESS EXCLUSIVE elsewhere.

    The partition is read unless a valid CHECK implies the bounds; so is the default partition.
    """
    parent, child = table_key(step.before, change.table), table_key(step.before, change.partition)
    if parent is None or child is None:
        return
    light = step.before.server.since(12)
    cost.lock(parent, LockMode.SHARE_UPDATE_EXCLUSIVE if light else LockMode.ACCESS_EXCLUSIVE)
    cost.cite(DOCS, "src/backend/commands/tablecmds.c: ATExecAttachPartition")
    for key in tree(step.before, child):
        cost.lock(key, LockMode.ACCESS_EXCLUSIVE)
        if not bounds_proven(step.before.tables[parent], step.before.tables[key], change.bound):
            cost.scan(key, f"no valid CHECK proves that the rows of {key[1]} are within the bounds")
    default_partition_read(step.before, parent, change.bound, cost)
    missing_keys(step, parent, child, cost)


def default_partition_read(catalog: Catalog, parent: Key, bound: PartitionBound, cost: Cost) -> None:
    """A new partition makes the server look whether the default partition holds rows that belong into it."""
    default = default_partition(catalog, parent)
    if default is None or bound.default:
        return
    for key in tree(catalog, default):
        cost.lock(key, LockMode.ACCESS_EXCLUSIVE, target=False)
        cost.scan(key, f"the default partition {key[1]} is read for rows of the new one")


def missing_keys(step: Step, parent: Key, child: Key, cost: Cost) -> None:
    """Indexes and foreign keys of the parent that the partition does not have yet are made."""
    above, table = step.before.tables[parent], step.before.tables[child]
    after = step.after.tables.get(child)
    had = {i.name for i in table.indexes}
    for index in after.indexes if after is not None else ():
        if index.name not in had:
            cost.builds[index.name] = None
            cost.scan(child, f"the index {index.name} is built on {child[1]}")
    for constraint in above.constraints:
        if constraint.kind is ConstraintKind.FOREIGN and constraint.references is not None:
            cost.lock(constraint.references, LockMode.SHARE_ROW_EXCLUSIVE, target=False)
            cost.scan(child)
            cost.scan(constraint.references)


def bounds_proven(parent: Table, partition: Table, bound: PartitionBound) -> bool:
    """Whether valid CHECKs of the partition imply its bounds and its key columns are NOT NULL.

    Only ranges and lists over one plain column are decided; everything else counts as not proven, as it is read.
    """
    if parent.partition_by is None or bound.default or len(parent.partition_by.columns) != 1:
        return False
    column = parent.partition_by.columns[0]
    known = partition.column(column) if column is not None else None
    if column is None or known is None:
        return False
    conditions = [
        c
        for k in partition.constraints
        if k.kind is ConstraintKind.CHECK and k.valid and k.enforced and k.expression is not None
        for c in k.expression.conditions
        if c.column == column
    ]
    nulls = bound.values and None in bound.values
    if not nulls and known.nullable and not any(c.operator == "is not null" for c in conditions):
        return False
    if parent.partition_by.strategy == "range":
        return at_least(conditions, bound.lower[0] if bound.lower else None) and below(
            conditions, bound.upper[0] if bound.upper else None
        )
    if parent.partition_by.strategy == "list":
        allowed = set(bound.values)
        return any(
            (c.operator == "=" and c.value in allowed) or (c.operator == "in" and c.values and set(c.values) <= allowed)
            for c in conditions
        )
    return False


def at_least(conditions: list[Condition], bound: str | None) -> bool:
    """Whether the conditions imply `column >= bound`; None is MINVALUE."""
    if bound is None:
        return True
    return any(c.value is not None and (c.operator in (">=", ">", "=") and reaches(c.value, bound)) for c in conditions)


def below(conditions: list[Condition], bound: str | None) -> bool:
    """Whether the conditions imply `column < bound`; None is MAXVALUE."""
    if bound is None:
        return True
    return any(
        c.value is not None
        and ((c.operator == "<" and reaches(bound, c.value)) or (c.operator in ("<=", "=") and exceeds(bound, c.value)))
        for c in conditions
    )


def number(text: str) -> float | None:
    """The number that a text spells, if it does."""
    try:
        return float(text)
    except ValueError:
        return None


def exceeds(a: str, b: str) -> bool:
    """Whether a > b, as numbers where both are, else as text of one shape (ISO dates and times order as text)."""
    x, y = number(a), number(b)
    if x is not None and y is not None:
        return x > y
    return x is None and y is None and len(a) == len(b) and a > b


def reaches(a: str, b: str) -> bool:
    """Whether a >= b."""
    return a == b or exceeds(a, b)


def detach(step: Step, change: DetachPartition, cost: Cost) -> None:
    """DETACH PARTITION takes ACCESS EXCLUSIVE on both; CONCURRENTLY less on the parent, and no transaction block."""
    parent, child = table_key(step.before, change.table), table_key(step.before, change.partition)
    if parent is None or child is None:
        return
    light = change.concurrently or change.finalize
    cost.lock(parent, LockMode.SHARE_UPDATE_EXCLUSIVE if light else LockMode.ACCESS_EXCLUSIVE)
    cost.lock(child, LockMode.ACCESS_EXCLUSIVE)
    cost.transaction_block = not change.concurrently
    cost.cite(DOCS)
    default = default_partition(step.before, parent)
    if default is not None and default != child:
        cost.lock(default, LockMode.ACCESS_EXCLUSIVE, target=False)
    for constraint in step.before.tables[child].constraints:
        if constraint.kind is ConstraintKind.FOREIGN and constraint.references is not None:
            cost.lock(constraint.references, LockMode.SHARE_ROW_EXCLUSIVE, target=False)
