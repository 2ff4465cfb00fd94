"""PostgreSQL: what statements over rows cost, and LOCK, VACUUM and their like."""

from __future__ import annotations

from migguard.catalog.lookup import relation_key, table_key
from migguard.catalog.schema import Catalog, Key
from migguard.changes import Delete, Expression, Insert, LockTable, Maintain, Merge, Name, Query, Truncate, Update
from migguard.effects.cost import Cost, tree
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
    """ROW EXCLUSIVE on the target, ACCESS SHARE on what is read; the target is read whole without a bounding WHERE."""
    key = relation_key(step.before, change.table)
    if key is not None:
        members = (key,) if isinstance(change, Insert) else tree(step.before, key)
        for one in members:
            cost.lock(one, LockMode.ROW_EXCLUSIVE)
            if (isinstance(change, (Update, Delete)) and not bounded(step.before, one, change.where)) or isinstance(
                change, Merge
            ):
                cost.scan(one)
    if isinstance(change, Insert):
        if change.query is not None:
            read(step.before, change.query, cost)
        return
    others(step.before, change.others, cost)
    cost.cite(LOCKING)


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
    full = change.action == "vacuum" and "full" in change.options
    cost.transaction_block = change.action != "vacuum" and not (change.action == "cluster" and change.table is None)
    names = [change.table] if change.table is not None else []
    keys = [k for n in names if (k := relation_key(step.before, n)) is not None]
    if change.table is None and change.action in ("vacuum", "analyze", "cluster"):
        keys = [*step.before.tables]
    for key in keys:
        rewriting = full or change.action == "cluster"
        if change.action not in ("vacuum", "analyze", "cluster"):
            continue
        if change.action == "cluster" and change.table is None:
            continue  # only tables that were clustered before, which the schema does not tell
        for one in tree(step.before, key):
            cost.lock(one, LockMode.ACCESS_EXCLUSIVE if rewriting else LockMode.SHARE_UPDATE_EXCLUSIVE)
            if rewriting:
                cost.rewrite(one, f"{one[1]} is written again")
    if change.action == "vacuum":
        cost.cite("https://www.postgresql.org/docs/current/sql-vacuum.html")
