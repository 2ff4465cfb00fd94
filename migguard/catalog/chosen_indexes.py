"""PostgreSQL: statements that need an index of a certain kind, and are refused without one.

Sources: ATExecReplicaIdentity() in src/backend/commands/tablecmds.c, check_index_is_clusterable() in cluster.c and
RefreshMatViewByOid() in matview.c.
"""

from __future__ import annotations

from migguard.catalog.believed import just_so, whole
from migguard.catalog.edit import Refused
from migguard.catalog.lookup import relation_key
from migguard.catalog.schema import Catalog, Index, RefusalKind, Table, View
from migguard.changes import Change, Maintain, Name, RefreshMaterializedView, SetTableOption, TableAction

UNORDERED = frozenset({"hash", "gin", "brin", "spgist"})
"""The server's own access methods whose indexes order no table; extensions may bring more."""


def refuse_unfit_index(catalog: Catalog, change: Change) -> None:
    """Raise Refused where a statement names an index that cannot serve it, or finds none."""
    match change:
        case RefreshMaterializedView(concurrently=True):
            refuse_refresh(catalog, change)
        case SetTableOption(action=TableAction.REPLICA_IDENTITY, value=str() as value):
            word, _, name = value.partition(" ")
            if word == "index" and name:
                refuse_identity(catalog, change.table, name)
        case SetTableOption(action=TableAction.CLUSTER_ON, value=str() as name):
            refuse_clustering(catalog, change.table, name)
        case Maintain(action="cluster", table=Name() as table):
            refuse_clustering(catalog, table, change.index)
        case _:
            pass


def relation_of(catalog: Catalog, name: Name) -> Table | View | None:
    """The table or materialized view of that name, where it is as the catalog has it."""
    key = relation_key(catalog, name)
    if key is None or catalog.unknown_names:
        return None
    table = catalog.tables.get(key)
    if table is not None:
        return table if just_so(catalog, table) else None
    return catalog.views[key] if key not in catalog.unread and None not in catalog.unread else None


def need_index_of(relation: Table | View, name: str) -> Index:
    """The index of a relation. Raises Refused."""
    index = next((i for i in relation.indexes if i.name == name), None)
    if index is None:
        raise Refused(RefusalKind.UNKNOWN_INDEX, f'{relation.key[1]} has no index "{name}"', name)
    return index


def refuse_refresh(catalog: Catalog, change: RefreshMaterializedView) -> None:
    """Raise Refused where a view has no index by which its rows could be told apart."""
    if not change.with_data:
        message = "a view cannot be refreshed CONCURRENTLY and WITH NO DATA"
        raise Refused(RefusalKind.INVALID, message, str(change.view))
    view = relation_of(catalog, change.view)
    if not isinstance(view, View) or not view.materialized:
        return
    if not any(i.unique and i.valid and i.where is None and plain(i) for i in view.indexes):
        message = (
            f'"{change.view}" cannot be refreshed CONCURRENTLY, because it has no unique index over plain columns '
            "and without WHERE"
        )
        raise Refused(RefusalKind.INVALID, message, str(change.view))


def plain(index: Index) -> bool:
    """Whether an index is over columns alone."""
    return all(e.column is not None for e in index.elements)


def refuse_identity(catalog: Catalog, name: Name, index_name: str) -> None:
    """Raise Refused for a replica identity that is not unique, immediate, whole and NOT NULL."""
    table = relation_of(catalog, name)
    if not isinstance(table, Table):
        return
    index = need_index_of(table, index_name)
    constraint = table.constraint(index.constraint or "")
    nullable = [c.name for c in table.columns if c.name in index.columns and c.nullable]
    why = None
    if not index.unique:
        why = "not unique"
    elif index.where is not None:
        why = "partial"
    elif not plain(index):
        why = "over an expression"
    elif constraint is not None and constraint.deferrable:
        why = "deferrable"
    elif not index.valid:
        why = "not valid"
    elif nullable:
        why = f"over {nullable[0]}, which may be NULL"
    if why is not None:
        raise Refused(RefusalKind.INVALID, f'"{index_name}" cannot be the replica identity: it is {why}', index_name)


def refuse_clustering(catalog: Catalog, name: Name, index_name: str | None) -> None:
    """Raise Refused for clustering on a partial or unordered index, or on none."""
    relation = relation_of(catalog, name)
    if relation is None:
        return
    if index_name is None:
        if not relation.indexes and whole(catalog):
            message = f"there is no index that {relation.key[1]} was clustered on before"
            raise Refused(RefusalKind.UNKNOWN_INDEX, message, str(name))
        return
    index = need_index_of(relation, index_name)
    if index.where is not None or index.method in UNORDERED or not index.valid:
        why = "partial" if index.where is not None else "not valid" if not index.valid else f"a {index.method} index"
        raise Refused(
            RefusalKind.INVALID, f'{relation.key[1]} cannot be clustered on "{index_name}": it is {why}', index_name
        )
