"""Find what a name means: through the search path, as the server does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from migguard.catalog.schema import Catalog, DomainType, Function, Key, SequenceState, Table, UserType, View
from migguard.changes import DataType, Engine, Name

TEMPORARY = "pg_temp"
"""The schema in which temporary tables are kept here."""


def path(catalog: Catalog, name: Name) -> Iterator[str]:
    """The schemas in which a name is looked for, in order."""
    if name.schema is not None:
        yield name.schema
        return
    if TEMPORARY in catalog.schemas:
        yield TEMPORARY
    yield from catalog.search_path


def key_in(catalog: Catalog, name: Name, among: Mapping[Key, object]) -> Key | None:
    """The key of the first object of that name along the path; caseless where the engine's names are."""
    for schema in path(catalog, name):
        if (schema, name.name) in among:
            return (schema, name.name)
    if catalog.server.engine in (Engine.SQLITE, Engine.MSSQL):
        lowered = name.name.lower()
        within = name.schema.lower() if name.schema is not None else None
        return next((k for k in among if k[1].lower() == lowered and within in (None, k[0].lower())), None)
    return None


def table_key(catalog: Catalog, name: Name) -> Key | None:
    """The key of a table."""
    return key_in(catalog, name, catalog.tables)


def relation_key(catalog: Catalog, name: Name) -> Key | None:
    """The key of a table or view, whichever comes first along the path."""
    for schema in path(catalog, name):
        key = (schema, name.name)
        if key in catalog.tables or key in catalog.views:
            return key
    return key_in(catalog, name, catalog.tables) or key_in(catalog, name, catalog.views)


def relation_at(catalog: Catalog, name: Name) -> Table | View | None:
    """The table or view of that name."""
    key = relation_key(catalog, name)
    return None if key is None else catalog.tables.get(key) or catalog.views.get(key)


def sequence_key(catalog: Catalog, name: Name) -> Key | None:
    """The key of a sequence."""
    return key_in(catalog, name, catalog.sequences)


def type_key(catalog: Catalog, name: Name) -> Key | None:
    """The key of a user type."""
    return key_in(catalog, name, catalog.types)


def type_at(catalog: Catalog, data_type: DataType) -> UserType | None:
    """The user type that a column type names, or None for a built-in or unknown one."""
    if data_type.builtin:
        return None
    key = type_key(catalog, Name(data_type.name, data_type.schema))
    return catalog.types.get(key) if key is not None else None


def type_of_own_rows(catalog: Catalog, table: Name, data_type: DataType) -> bool:
    """PostgreSQL: whether a column type names the rows of its own table, of which no column can be.

    Each relation has a type of its name (https://www.postgresql.org/docs/current/rowtypes.html), so that no enum can
    have that name beside it.
    """
    if data_type.builtin or type_at(catalog, data_type) is not None:
        return False
    key = relation_key(catalog, Name(data_type.name, data_type.schema))
    return key is not None and key in catalog.tables and key == relation_key(catalog, table)


def domain_of(catalog: Catalog, data_type: DataType) -> DomainType | None:
    """The domain that a column type names."""
    made = type_at(catalog, data_type)
    return made if isinstance(made, DomainType) else None


def domain_named(catalog: Catalog, name: Name) -> DomainType | None:
    """The domain of that name."""
    key = type_key(catalog, name)
    made = catalog.types.get(key) if key is not None else None
    return made if isinstance(made, DomainType) else None


def index_key(catalog: Catalog, name: Name) -> Key | None:
    """The key of an index, where indexes have names of their own in a schema."""
    return key_in(catalog, name, catalog.index_owner)


def table_of_index(catalog: Catalog, index: Name, table: Name | None = None) -> Key | None:
    """The table or materialized view that an index belongs to."""
    if table is not None:
        return relation_key(catalog, table)
    key = index_key(catalog, index)
    return catalog.index_owner.get(key) if key is not None else None


def function_key(catalog: Catalog, name: Name) -> Key | None:
    """The key under which a user's functions of that name are found."""
    return key_in(catalog, name, catalog.functions)


def functions_named(catalog: Catalog, name: str) -> tuple[Function, ...]:
    """The user's functions of that name along the search path."""
    key = function_key(catalog, Name(name))
    return catalog.functions[key] if key is not None else ()


def sequence_at(catalog: Catalog, name: Name) -> SequenceState | None:
    """The sequence of that name."""
    key = sequence_key(catalog, name)
    return catalog.sequences.get(key) if key is not None else None


def visible(catalog: Catalog, key: Key) -> bool:
    """Whether an object is found by its bare name."""
    return key[0] in catalog.search_path or key[0] == TEMPORARY


def leaves(catalog: Catalog, key: Key) -> Iterator[Key]:
    """The partitions of a table that hold rows."""
    for child in catalog.children.get(key, ()):
        table = catalog.tables.get(child)
        if table is not None and table.partition_by is not None:
            yield from leaves(catalog, child)
        else:
            yield child
