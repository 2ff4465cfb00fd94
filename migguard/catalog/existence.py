"""Relations that the history never made: taken as existing where it may not start from nothing, else refused."""

from __future__ import annotations

from migguard.catalog.copying import replace
from migguard.catalog.edit import Refused, nearest, put_table
from migguard.catalog.lookup import relation_key, table_key
from migguard.catalog.schema import Catalog, Column, ConstraintKind, ConstraintState, Index, Key, RefusalKind, Table
from migguard.changes import DataType, Engine, IndexElement, Name

SYSTEM_SCHEMAS = frozenset({"pg_catalog", "information_schema", "sys", "mysql", "performance_schema", "temp"})


def need_table(catalog: Catalog, name: Name, *, if_exists: bool = False) -> tuple[Key | None, Catalog]:
    """The key of a table, taken as existing where the history may not start from nothing.

    (None, catalog) with `if_exists` for one that is not there, and for a view of that name. Raises Refused for one
    that cannot be there.
    """
    key = table_key(catalog, name)
    if key is not None:
        return key, catalog
    if relation_key(catalog, name) is not None or is_system(name):
        return None, catalog
    if if_exists:
        return None, catalog
    return assumed(catalog, name)


def need_relation(catalog: Catalog, name: Name) -> tuple[Key, Catalog]:
    """The key of a table or view, taken as existing where the history may not start from nothing. Raises Refused."""
    key = relation_key(catalog, name)
    return (key, catalog) if key is not None else assumed(catalog, name)


def uncertain(catalog: Catalog) -> bool:
    """Whether there may be more in the database than the catalog knows."""
    return bool(catalog.assumed or catalog.unread) or not begun(catalog)


def begun(catalog: Catalog, but: Key | None = None) -> bool:
    """Whether the history has made any table or view so far, `but` one that is just being made."""
    return len(catalog.tables) > (but in catalog.tables) or bool(catalog.views or catalog.dropped)


def is_system(name: Name) -> bool:
    """Whether a relation belongs to the server itself."""
    if name.schema is not None:
        return name.schema in SYSTEM_SCHEMAS
    return name.name.startswith(("pg_", "sqlite_"))


def is_foreign(catalog: Catalog, name: Name) -> bool:
    """Whether a name is that of a foreign table, of which only the name is kept."""
    return any(kind == "foreign table" and other.rpartition(".")[2] == name.name for kind, other in catalog.others)


def need_referenced(catalog: Catalog, table: Table, name: Name) -> tuple[Key, Catalog]:
    """The key of the table that a foreign key of another refers to, or of that other. Raises Refused."""
    if name.name == table.key[1] and name.schema in (None, table.key[0]):
        return table.key, catalog
    key = table_key(catalog, name)
    if key is not None:
        return key, catalog
    if relation_key(catalog, name) is not None:
        raise Refused(RefusalKind.INVALID, f'the referenced "{name}" is no table', str(name))
    try:
        return assumed(catalog, name, but=table.key)
    except Refused as refused:
        kind, message = refused.refusal.kind, refused.refusal.message
        raise Refused(kind, message.replace("the table", "the referenced table", 1), str(name)) from None


def assumed(catalog: Catalog, name: Name, *, but: Key | None = None) -> tuple[Key, Catalog]:
    """A table that the history never made, taken as existing. Raises Refused where it would have been known."""
    key = (name.schema or catalog.default_schema, name.name)
    if name.name == catalog.version_table:
        return key, put_table(catalog, version_table(catalog, key), oids=1)
    if is_foreign(catalog, name):
        return key, with_assumed(catalog, frozenset({key}))
    if key in catalog.dropped or (begun(catalog, but) and not (catalog.assumed or catalog.unread)):
        hint = nearest(name.name, (k[1] for k in (*catalog.tables, *catalog.views) if k != but))
        if catalog.stamped and not hint and key not in catalog.dropped:
            return key, with_assumed(catalog, frozenset({key}))
        raise Refused(RefusalKind.UNKNOWN_RELATION, f'the table "{name}" does not exist{hint}', str(name))
    catalog = put_table(catalog, Table(key, complete=False, oid=identity(catalog)))
    return key, replace(with_schemas(catalog, frozenset({key[0]})), assumed=catalog.assumed | {key})


def identity(catalog: Catalog) -> int:
    """An identity for a relation that the history never made: negative, so that it is older than all that it makes."""
    others = (table.oid for table in catalog.beyond.values() if table is not None)
    lowest = min((*(table.oid for table in catalog.tables.values()), *others), default=0)
    return min(lowest, -len(catalog.assumed) - len(catalog.dropped)) - 1


def with_assumed(catalog: Catalog, keys: frozenset[Key]) -> Catalog:
    """The catalog with tables that the history never made, as they were before the first statement that names them."""
    for key in sorted(keys):
        catalog = put_table(catalog, Table(key, complete=False, oid=identity(catalog)))
    return replace(with_schemas(catalog, frozenset(k[0] for k in keys)), assumed=catalog.assumed | keys)


def with_schemas(catalog: Catalog, names: frozenset[str]) -> Catalog:
    """The catalog with schemas that the history works in, and never made where it does not have them yet."""
    met = names - catalog.schemas
    if not met:
        return catalog
    return replace(catalog, schemas=catalog.schemas | met, assumed_schemas=catalog.assumed_schemas | met)


def with_version_table(catalog: Catalog) -> Catalog:
    """The catalog with Alembic's own table, which is there while revisions run, for those who ask what there is."""
    key = (catalog.default_schema, catalog.version_table)
    return catalog if key in catalog.tables else put_table(catalog, version_table(catalog, key))


def version_table(catalog: Catalog, key: Key) -> Table:
    """Alembic's own table, which is there before the first revision (MigrationContext._version)."""
    text = "character varying" if catalog.server.engine is Engine.POSTGRESQL else "varchar"
    column = Column("version_num", DataType(text, ("32",)), nullable=False, oid=catalog.next_oid)
    name = f"{key[1]}_pkc"
    primary = ConstraintState(name, ConstraintKind.PRIMARY, ("version_num",), index=name, oid=catalog.next_oid)
    index = Index(name, (IndexElement("version_num"),), unique=True, primary=True, constraint=name)
    return Table(key, (column,), (primary,), (index,), oid=0)
