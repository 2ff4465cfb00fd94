"""PostgreSQL: what is done to a relation of another kind than the statement is for, or to one that is not there.

Sources: ATSimplePermissions() and RangeVarCallbackForAlterRelation() in src/backend/commands/tablecmds.c, and the
callbacks of TRUNCATE, LOCK TABLE, REINDEX and CLUSTER.
"""

from __future__ import annotations

from migguard.catalog.believed import need_any, whole
from migguard.catalog.edit import Refused
from migguard.catalog.existence import is_foreign, is_system
from migguard.catalog.lookup import key_in, path, relation_key, type_key
from migguard.catalog.schema import Catalog, Key, RefusalKind
from migguard.changes import (
    AddColumn,
    AddConstraint,
    AlterColumnType,
    AlterConstraint,
    AttachPartition,
    Change,
    Comment,
    DetachPartition,
    DropColumn,
    DropConstraint,
    Grant,
    LockTable,
    Maintain,
    Name,
    Reindex,
    RenameColumn,
    RenameTable,
    SetColumnOption,
    SetDefault,
    SetGenerated,
    SetInheritance,
    SetNullable,
    SetSchema,
    SetTableOption,
    TableAction,
    Truncate,
    ValidateConstraint,
)

OF_VIEWS = {TableAction.OWNER, TableAction.STORAGE_PARAMETERS, TableAction.OTHER_OPTION}
"""The actions of ALTER TABLE that are for views too."""

OF_MATERIALIZED = OF_VIEWS | {
    TableAction.CLUSTER_ON, TableAction.WITHOUT_CLUSTER, TableAction.TABLESPACE, TableAction.ACCESS_METHOD,
    TableAction.REPLICA_IDENTITY,
}  # fmt: skip
"""Those that are for materialized views."""

AN = {"index": "an index"}


def kind_at(catalog: Catalog, name: Name) -> str | None:
    """What relation a name finds: table, view, materialized view, sequence or index; None for none."""
    for schema in path(catalog, name):
        key = (schema, name.name)
        if key in catalog.tables:
            return "table"
        if key in catalog.views:
            return "materialized view" if catalog.views[key].materialized else "view"
        if key in catalog.sequences:
            return "sequence"
        if key in catalog.index_owner:
            return "index"
    return None


def refuse_kind(catalog: Catalog, name: Name, *allowed: str) -> None:
    """Raise Refused where a name finds a relation of no allowed kind."""
    kind = kind_at(catalog, name)
    if kind is not None and kind not in allowed:
        message = f'"{name}" is {AN.get(kind, f"a {kind}")}, and this is for {listed(allowed)}'
        raise Refused(RefusalKind.INVALID, message, str(name))


def listed(kinds: tuple[str, ...]) -> str:
    """Kinds in a sentence."""
    plural = ["indexes" if k == "index" else f"{k}s" for k in kinds]
    return plural[0] if len(plural) == 1 else f"{', '.join(plural[:-1])} and {plural[-1]}"


def refuse_altering(catalog: Catalog, change: Change) -> None:
    """Raise Refused for ALTER of a relation that has no such thing, or is called something that it is not."""
    match change:
        case (
            AddColumn(table=name)
            | DropColumn(table=name)
            | AlterColumnType(table=name)
            | SetNullable(table=name)
            | SetGenerated(table=name)
            | AddConstraint(table=name)
            | DropConstraint(table=name)
            | ValidateConstraint(table=name)
            | AlterConstraint(table=name)
            | AttachPartition(table=name)
            | DetachPartition(table=name)
            | SetInheritance(table=name)
        ):
            if type_key(catalog, name) is None or relation_key(catalog, name) is not None:
                refuse_kind(catalog, name, "table")
        case SetDefault(table=name):
            refuse_kind(catalog, name, "table", "view")
        case SetColumnOption(table=name):
            refuse_kind(catalog, name, "table", "materialized view", "index")
        case SetTableOption():
            refuse_option(catalog, change)
        case RenameTable(table=name, kind=kind) | SetSchema(name=name, kind=kind):
            if kind in ("view", "materialized view"):
                refuse_kind(catalog, name, kind)
        case RenameColumn(kind=kind) if kind != "type":
            refuse_view_column(catalog, change)
        case _:
            pass


def refuse_option(catalog: Catalog, change: SetTableOption) -> None:
    """Raise Refused for an action that this kind of relation does not take, or a kind that it is not of."""
    if change.kind in ("view", "materialized view", "sequence", "index"):
        refuse_kind(catalog, change.table, change.kind)
        if not change.if_exists:
            need_any(catalog, change.table, change.kind)
    elif change.action not in OF_MATERIALIZED:
        refuse_kind(catalog, change.table, "table", "sequence", "index")
    elif change.action not in OF_VIEWS:
        refuse_kind(catalog, change.table, "table", "materialized view", "sequence", "index")


def refuse_view_column(catalog: Catalog, change: RenameColumn) -> None:
    """Raise Refused for a column of a view that is not there, or whose new name is taken."""
    key = relation_key(catalog, change.table)
    view = catalog.views.get(key) if key is not None else None
    if key is None or view is None or not view.complete or key in catalog.unread or None in catalog.unread:
        return
    names = [c.name for c in view.columns]
    if change.column not in names:
        raise Refused(RefusalKind.UNKNOWN_COLUMN, f'{key[1]} has no column "{change.column}"', change.column)
    if change.new in names:
        raise Refused(RefusalKind.DUPLICATE, f'{key[1]} already has a column "{change.new}"', change.new)


def refuse_upkeep(catalog: Catalog, change: Change) -> None:
    """Raise Refused for TRUNCATE, LOCK, REINDEX, ANALYZE, CLUSTER or GRANT of what is not there, or not for it."""
    match change:
        case Truncate(table=name):
            refuse_kind(catalog, name, "table")
            need_any(catalog, name)
        case LockTable(table=name):
            refuse_kind(catalog, name, "table", "view")
            need_any(catalog, name)
        case Reindex(kind="table", name=Name() as name):
            refuse_kind(catalog, name, "table", "materialized view")
            need_any(catalog, name)
        case Reindex(kind="index", name=Name() as name):
            refuse_kind(catalog, name, "index")
            if not catalog.unknown_names:
                need_any(catalog, name, "index")
        case Maintain(table=Name() as name, action=action):
            if action == "cluster":
                refuse_kind(catalog, name, "table", "materialized view")
            need_any(catalog, name)
        case Grant(kind="table"):
            for name in change.relations:
                refuse_kind(catalog, name, "table", "view", "materialized view", "sequence")
                need_any(catalog, name)
        case _:
            pass


def refuse_comment(catalog: Catalog, change: Comment) -> None:
    """Raise Refused for COMMENT ON what is not there, or is called something that it is not."""
    name = change.name
    if change.kind in ("table", "view", "materialized view", "index", "sequence"):
        if is_foreign(catalog, name):
            return
        refuse_kind(catalog, name, change.kind)
        if change.kind == "sequence":
            need_any(catalog, name, "sequence")
    elif change.kind in ("type", "domain"):
        if type_key(catalog, name) is None and ours(catalog, name):
            raise Refused(RefusalKind.UNKNOWN_TYPE, f'the type "{name}" does not exist', str(name))
    elif change.kind == "column" and change.column is not None:
        refuse_column_comment(catalog, change, change.table or name)
    elif change.kind in ("trigger", "policy", "rule") and change.table is not None:
        key = relation_key(catalog, change.table)
        table = catalog.tables.get(key) if key is not None else None
        if table is None or not table.complete or key in catalog.unread or None in catalog.unread:
            return
        names = [t.name for t in table.triggers] if change.kind == "trigger" else [n for _, n in table.policies]
        if name.name not in names and whole(catalog):
            message = f'{table.key[1]} has no {change.kind} "{name.name}"'
            raise Refused(RefusalKind.UNKNOWN_OBJECT, message, name.name)


def ours(catalog: Catalog, name: Name) -> bool:
    """Whether a type of that name would be one of the history's: it once was, and is gone."""
    schemas = [name.schema] if name.schema is not None else list(catalog.search_path)
    return whole(catalog) and any((s, name.name) in catalog.dropped for s in schemas) and not is_system(name)


def refuse_column_comment(catalog: Catalog, change: Comment, name: Name) -> None:
    """Raise Refused for COMMENT ON COLUMN of an index or sequence, or of a column that a view has not."""
    refuse_kind(catalog, name, "table", "view", "materialized view")
    key: Key | None = key_in(catalog, name, catalog.views)
    if key is None or relation_key(catalog, name) != key:
        return
    view = catalog.views[key]
    known = view.complete and key not in catalog.unread and None not in catalog.unread
    if known and all(c.name != change.column for c in view.columns):
        raise Refused(RefusalKind.UNKNOWN_COLUMN, f'{key[1]} has no column "{change.column}"', change.column)


__all__ = ["kind_at", "refuse_altering", "refuse_comment", "refuse_kind", "refuse_upkeep"]
