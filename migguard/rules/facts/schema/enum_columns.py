"""The columns of an enum before the deployment."""

from __future__ import annotations

from collections.abc import Iterator

from migguard.catalog.schema import Catalog, Column, DomainType, EnumType, Key, Table, UserType
from migguard.changes import DataType


def columns_of(enum: EnumType, catalog: Catalog) -> Iterator[tuple[Table, Column]]:
    """The columns that have the type, those of domains over it included."""
    for key in sorted({enum.key, *(d.key for d in catalog.types.values() if over(d, enum))}):
        for user in sorted(catalog.type_users.get(key, frozenset())):
            table = catalog.tables.get(user)
            if table is not None:
                yield from ((table, column) for column in table.columns if of_type(column.type, key))


def of_type(data_type: DataType | None, key: Key) -> bool:
    """Whether a column's type is that user type, or an array of it."""
    return data_type is not None and not data_type.builtin and (data_type.schema, data_type.name) == key


def over(domain: UserType, enum: EnumType) -> bool:
    """Whether a type is a domain over the enum."""
    return isinstance(domain, DomainType) and of_type(domain.base, enum.key)
