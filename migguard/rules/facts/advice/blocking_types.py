"""How rules spell a type: as the engine would."""

from migguard.catalog.schema import Catalog
from migguard.catalog.types import format_type
from migguard.changes import DataType


def spelled(data_type: DataType | None, catalog: Catalog) -> str:
    """The type as the engine formats it."""
    return format_type(data_type, catalog) if data_type is not None else "no type"
