"""How far a catalog is to be believed where it says that something is not there, or is just so."""

from __future__ import annotations

from migguard.catalog.edit import Refused
from migguard.catalog.existence import assumed, is_foreign, is_system, uncertain
from migguard.catalog.lookup import index_key, relation_key, sequence_key, type_key
from migguard.catalog.schema import Catalog, RefusalKind, Table
from migguard.changes import Name

WITHOUT_RELATIONS = frozenset(
    {"btree_gin", "btree_gist", "citext", "cube", "dblink", "earthdistance", "fuzzystrmatch", "hstore", "intarray",
     "isn", "lo", "ltree", "moddatetime", "pg_trgm", "pgcrypto", "plpgsql", "postgres_fdw", "seg", "tablefunc",
     "tsm_system_rows", "unaccent", "uuid-ossp", "vector"}
)  # fmt: skip
"""Extensions that bring no table and no view."""

OF_EXTENSIONS = frozenset(
    {"geography_columns", "geometry_columns", "raster_columns", "raster_overviews", "spatial_ref_sys"}
)
"""Relations of widely used extensions, which somebody may have installed by other means than a revision."""


def whole(catalog: Catalog) -> bool:
    """Whether the database was made by the history alone, and all that it did was read."""
    return not (catalog.stamped or catalog.in_doubt or uncertain(catalog))


def just_so(catalog: Catalog, table: Table) -> bool:
    """Whether a table is as the catalog has it: made by the history, with nothing unread about it since."""
    unread = catalog.unread
    doubtful = table.key in catalog.assumed or table.oid in catalog.in_doubt or table.key in unread or None in unread
    return table.complete and not doubtful


def need_any(catalog: Catalog, name: Name, kind: str = "table") -> None:
    """Raise Refused where there is certainly no relation of that name: no table, view, sequence, index or type."""
    if is_system(name) or is_foreign(catalog, name) or name.name in OF_EXTENSIONS:
        return
    if any(find(catalog, name) is not None for find in (relation_key, sequence_key, index_key, type_key)):
        return
    elsewhere = name.schema is not None and name.schema not in catalog.schemas
    if elsewhere or catalog.extensions - WITHOUT_RELATIONS or not whole(catalog):
        return
    try:
        assumed(catalog, name)
    except Refused as refused:
        if kind == "table":
            raise
        unknown = RefusalKind.UNKNOWN_INDEX if kind == "index" else refused.refusal.kind
        raise Refused(unknown, f'the {kind} "{name}" does not exist', str(name)) from None
