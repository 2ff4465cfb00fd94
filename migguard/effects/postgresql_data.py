"""PostgreSQL: what statements over rows cost, and LOCK, VACUUM and their like."""

from __future__ import annotations

from migguard.catalog.lookup import relation_key, table_key
from migguard.catalog.schema import Catalog, ConstraintKind, ConstraintState, Key, Table
from migguard.changes import (
    Delete,
    Expression,
    ForeignKeyAction,
    Insert,
    LockTable,
    Maintain,
    Merge,
    Name,
    Query,
    Truncate,
    Update,
)
from migguard.effects.cost import Cost, partitions, tree
from migguard.effects.model import LockMode
from migguard.trace import Step

LOCKING = "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"


def read(catalog: Catalog, query: Query, cost: Cost) -> None:
    """A SELECT: ACCESS SHARE, or ROW SHARE where rows are locked; whole tables are read unless it is filtered."""
    locked = {relation_key(catalog, name) for name in query.locked}
    for name in query.relations:
        key = relation_key(catalog, name)
        if key is None:
            continue
        mode = LockMode.ROW_SHARE if key in locked else LockMode.ACCESS_SHARE
        for one in with_views(catalog, key):
            cost.lock(one, mode, target=False)
            if not query.filtered:
                cost.scan(one)
    cost.cite(LOCKING)


def with_views(catalog: Catalog, key: Key) -> tuple[Key, ...]:
    """A relation, its partitions, and what it reads where it is a plain view."""
    view = catalog.views.get(key)
    if view is None:
        return tree(catalog, key)
    if view.materialized:
        return (key,)
    found: dict[Key, None] = {key: None}
    for name in view.query.relations:
        inner = relation_key(catalog, name)
        if inner is not None and inner not in found:
            found.update(dict.fromkeys(with_views(catalog, inner)))
    return tuple(found)


def truncate(step: Step, change: Truncate, cost: Cost) -> None:
    """ACCESS EXCLUSIVE on the table, its partitions and, with CASCADE, all that refer to it."""
    key = table_key(step.before, change.table)
    if key is None:
        return
    seen: dict[Key, None] = {}
    waiting = [key]
    while waiting:
        one = waiting.pop()
        for member in (one,) if change.only else tree(step.before, one):
            if member in seen:
                continue
            seen[member] = None
            if change.cascade:
                waiting += step.before.referenced_by.get(member, frozenset())
    for one in seen:
        cost.lock(one, LockMode.ACCESS_EXCLUSIVE, target=one == key or one in tree(step.before, key))
        if cost.stored(one):
            cost.replaced[one] = None
    cost.cite("https://www.postgresql.org/docs/current/sql-truncate.html")


def write(step: Step, change: Insert | Update | Delete | Merge, cost: Cost) -> None:
    """ROW EXCLUSIVE on the target, ACCESS SHARE on what is read; the target is read whole without a bounding WHERE.

    Through a view, the tables beneath are written. Rows may go to any partition of a partitioned table.
    """
    key = relation_key(step.before, change.table)
    if key is not None:
        for one in with_views(step.before, key):
            cost.lock(one, LockMode.ROW_EXCLUSIVE)
            if (isinstance(change, (Update, Delete)) and not bounded(step.before, one, change.where)) or isinstance(
                change, Merge
            ):
                cost.scan(one)
            foreign_keys_looked_up(step.before, one, change, cost)
    if isinstance(change, Insert):
        if change.query is not None:
            read(step.before, change.query, cost)
        return
    others(step.before, change.others, cost)
    cost.cite(LOCKING)


def foreign_keys_looked_up(catalog: Catalog, key: Key, change: Insert | Update | Delete | Merge, cost: Cost) -> None:
    """Triggers of foreign keys: rows that are referred to are locked, rows that refer are looked for, and changed.

    Source: src/backend/utils/adt/ri_triggers.c. Checks that are deferred come later, but come.
    """
    table = catalog.tables.get(key)
    if table is None:
        return
    for constraint in table.constraints:
        if constraint.kind is not ConstraintKind.FOREIGN or constraint.references is None or not constraint.enforced:
            continue
        if isinstance(change, Delete) or not given_a_value(table, constraint, change):
            continue
        for one in partitions(catalog, constraint.references):
            cost.lock(one, LockMode.ROW_SHARE, target=False)
    if not isinstance(change, Delete):
        return
    for other in catalog.referenced_by.get(key, frozenset()):
        referring = catalog.tables.get(other)
        for constraint in referring.constraints if referring is not None else ():
            if constraint.references == key and constraint.enforced:
                passive = constraint.on_delete in (ForeignKeyAction.NO_ACTION, ForeignKeyAction.RESTRICT)
                for one in partitions(catalog, other):
                    cost.lock(one, LockMode.ROW_SHARE if passive else LockMode.ROW_EXCLUSIVE, target=False)
                    if not indexed(catalog, one, constraint.columns):
                        cost.scan(one, f"no index of {one[1]} finds the rows that refer to a deleted one")


def given_a_value(table: Table, constraint: ConstraintState, change: Insert | Update | Delete | Merge) -> bool:
    """Whether rows are written with a foreign key that may hold a value."""
    match change:
        case Insert(columns=()) | Merge():
            return True
        case Insert():
            return all(c in change.columns or has_default(table, c) for c in constraint.columns)
        case Update():
            return any(name in constraint.columns for name, _ in change.assignments)
        case Delete():
            return False


def has_default(table: Table, name: str) -> bool:
    """Whether a column that is not named gets a value."""
    column = table.column(name)
    return column is None or column.default is not None or column.identity is not None or column.generated is not None


def indexed(catalog: Catalog, key: Key, columns: tuple[str, ...]) -> bool:
    """Whether an index begins with one of the columns."""
    table = catalog.tables.get(key)
    return table is not None and any(i.where is None and i.columns and i.columns[0] in columns for i in table.indexes)


def others(catalog: Catalog, names: tuple[Name, ...], cost: Cost) -> None:
    """Relations that are joined or asked: read under ACCESS SHARE."""
    for name in names:
        key = relation_key(catalog, name)
        for one in with_views(catalog, key) if key is not None else ():
            cost.lock(one, LockMode.ACCESS_SHARE, target=False)
            cost.scan(one)


def bounded(catalog: Catalog, key: Key, where: Expression | None) -> bool:
    """Whether a WHERE bounds the rows by the first column of an index."""
    if where is None or where.always_true:
        return False
    table = catalog.tables.get(key)
    leading = {i.columns[0] for i in table.indexes if i.columns} if table is not None else set()
    sharp = {"=", "in", "<", "<=", ">", ">="}
    return any(c.column in leading and c.operator in sharp for c in where.conditions)


def lock_table(step: Step, change: LockTable, cost: Cost) -> None:
    """LOCK TABLE takes what it names, on partitions and through views too."""
    key = relation_key(step.before, change.table)
    mode = LockMode[change.mode.upper().removesuffix(" MODE").replace(" ", "_")]
    if key is not None:
        for one in (key,) if change.only else with_views(step.before, key):
            cost.lock(one, mode)
    cost.cite(LOCKING)


def maintain(step: Step, change: Maintain, cost: Cost) -> None:
    """VACUUM, ANALYZE, CLUSTER."""
    catalog = step.before
    match change.action:
        case "vacuum":
            cost.transaction_block = False
            cost.cite("https://www.postgresql.org/docs/current/sql-vacuum.html")
            full = "full" in change.options
            for key in maintained(catalog, change):
                for one in reached(catalog, key, change):
                    cost.lock(one, LockMode.ACCESS_EXCLUSIVE if full else LockMode.SHARE_UPDATE_EXCLUSIVE)
                    if full:
                        cost.rewrite(one, f"{one[1]} is written again")
        case "analyze":
            cost.cite("https://www.postgresql.org/docs/current/sql-analyze.html")
            for key in maintained(catalog, change):
                for one in filter(cost.stored, tree(catalog, key)):
                    # Rows of what is below are sampled for it too (acquire_inherited_sample_rows).
                    cost.lock(one, LockMode.ACCESS_SHARE, target=False)
                for one in reached(catalog, key, change):
                    cost.lock(one, LockMode.SHARE_UPDATE_EXCLUSIVE)
        case "cluster":
            cluster(catalog, change, cost)
        case "checkpoint" | "load" | "discard":
            pass
        case _:
            cost.known = False
            cost.reasons[f"nothing is known about what {change.action} locks"] = None


def maintained(catalog: Catalog, change: Maintain) -> list[Key]:
    """The relations that a VACUUM or ANALYZE is for: all that hold rows where none is named."""
    if change.table is not None:
        key = relation_key(catalog, change.table)
        return [key] if key is not None else []
    return [*catalog.tables, *(k for k, v in catalog.views.items() if v.materialized)]


def reached(catalog: Catalog, key: Key, change: Maintain) -> tuple[Key, ...]:
    """What VACUUM and ANALYZE of a table do: its partitions too, from PostgreSQL 18 on all below it, unless ONLY."""
    if change.only:
        return (key,)
    return tree(catalog, key) if catalog.server.since(18) else partitions(catalog, key)


def cluster(catalog: Catalog, change: Maintain, cost: Cost) -> None:
    """CLUSTER writes a table again; a partitioned one (PostgreSQL 15) by its partitions, in no transaction block."""
    cost.cite("https://www.postgresql.org/docs/current/sql-cluster.html")
    key = relation_key(catalog, change.table) if change.table is not None else None
    if key is None:
        cost.transaction_block = change.table is not None
        if change.table is None:
            cost.known = False
            cost.reasons["which tables were clustered before is not known"] = None
        return
    members = partitions(catalog, key)
    if len(members) > 1 or not cost.stored(key):
        cost.transaction_block = False
        if not catalog.server.since(15):
            cost.refused = "CLUSTER of a partitioned table needs PostgreSQL 15"
    for one in members:
        if one == key or cost.stored(one):
            cost.lock(one, LockMode.ACCESS_EXCLUSIVE)
            cost.rewrite(one, f"{one[1]} is written again")
