"""PostgreSQL: ALTER TABLE actions that touch no column's contents, renames, partitions."""

from __future__ import annotations

from migguard.catalog.lookup import relation_key, table_key, table_of_index
from migguard.catalog.schema import Catalog, ConstraintKind, Key, Table
from migguard.changes import (
    AlterConstraint,
    Name,
    RenameConstraint,
    RenameTable,
    SetColumnOption,
    SetIdentity,
    SetInheritance,
    SetSchema,
    SetTableOption,
    TableAction,
)
from migguard.effects.cost import Cost, partitions, tree
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
    """SET STATISTICS and attribute options let reads and writes go on; STORAGE and COMPRESSION do not.

    STATISTICS and STORAGE reach what is below the table, the others do not (ATPrepCmd).
    """
    light = change.option in ("statistics", "set", "reset")
    mode = LockMode.SHARE_UPDATE_EXCLUSIVE if light else LockMode.ACCESS_EXCLUSIVE
    if change.option in ("set", "reset", "compression"):
        key = relation_key(step.before, change.table)
        if key is not None:
            cost.lock(key, mode)
            cost.cite(LEVELS)
    else:
        recursing(step, change.table, cost, mode)


def identity(step: Step, change: SetIdentity, cost: Cost) -> None:
    """ACCESS EXCLUSIVE on the table; partitions have their table's identity columns from PostgreSQL 17 on."""
    key = relation_key(step.before, change.table)
    if key is not None:
        for one in partitions(step.before, key) if step.before.server.since(17) else (key,):
            cost.lock(one, LockMode.ACCESS_EXCLUSIVE)
        cost.cite(LEVELS, "src/backend/commands/tablecmds.c: ATExecAddIdentity")


def constraint_detail(step: Step, change: RenameConstraint | AlterConstraint, cost: Cost) -> None:
    """RENAME CONSTRAINT and ALTER CONSTRAINT take ACCESS EXCLUSIVE on the table, and where the constraint goes on.

    A CHECK has the same name below (renameconstraint), a foreign key's parts on partitions are altered with it.
    """
    key = relation_key(step.before, change.table)
    if key is None:
        return
    cost.cite(LEVELS)
    table = step.before.tables.get(key)
    constraint = table.constraint(change.name) if table is not None else None
    if isinstance(change, RenameConstraint):
        inherited = constraint is None or (constraint.kind is ConstraintKind.CHECK and not constraint.no_inherit)
        for one in tree(step.before, key) if inherited else (key,):
            cost.lock(one, LockMode.ACCESS_EXCLUSIVE)
        return
    for one in partitions(step.before, key):
        cost.lock(one, LockMode.ACCESS_EXCLUSIVE)
    if constraint is not None and constraint.references is not None and change.enforced is not None:
        # NOT ENFORCED drops the triggers on the referenced table, ENFORCED makes them and looks every row up.
        mode = LockMode.SHARE_ROW_EXCLUSIVE if change.enforced else LockMode.ACCESS_EXCLUSIVE
        for other in partitions(step.before, constraint.references):
            cost.lock(other, mode, target=False)
            if change.enforced and not constraint.enforced:
                cost.scan(other)
        if change.enforced and not constraint.enforced:
            for one in partitions(step.before, key):
                cost.scan(one, f"every row of {one[1]} is looked up in {constraint.references[1]}")


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
    if change.kind == "index" and change.action is TableAction.TABLESPACE:
        index_moved(step, change, cost)
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
    elif change.action is TableAction.TABLESPACE and change.value != "pg_default":
        cost.rewrites[key] = None
        cost.reasons[f"{key[1]} is copied to the tablespace {change.value}"] = None
    if change.action in (TableAction.ENABLE_TRIGGER, TableAction.DISABLE_TRIGGER):
        for child in partitions(step.before, key)[1:]:
            cost.lock(child, mode)


def index_moved(step: Step, change: SetTableOption, cost: Cost) -> None:
    """ALTER INDEX … SET TABLESPACE copies the index under ACCESS EXCLUSIVE on it: whoever plans with it waits."""
    owner = table_of_index(step.before, change.table)
    table = step.before.tables.get(owner) if owner is not None else None
    if owner is not None and change.value != "pg_default" and (table is None or table.partition_by is None):
        cost.rebuilds[change.table.name] = None
        cost.reasons[f"{change.table.name} is copied, and every query that may use it waits"] = None


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
                if table.partition_by is None:
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
