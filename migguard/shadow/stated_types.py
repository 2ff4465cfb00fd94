"""The type that a script says a column has: `existing_type` of alter_column, known where the statement is compiled.

It may be wrong, so it is believed only where the history does not know: where a stand-in gave the column its type.
"""

from __future__ import annotations

from typing import Any

from alembic.ddl.base import AlterColumn
from sqlalchemy.engine import Dialect

from migguard.catalog.copying import replace
from migguard.catalog.edit import put_table, replace_column
from migguard.catalog.lookup import table_key, type_at
from migguard.catalog.schema import Catalog
from migguard.changes import DataType, Engine, Name
from migguard.records import dataclass
from migguard.sql.type_text import data_type


@dataclass(frozen=True, slots=True)
class Stated:
    """A column that gets another type, with the one that the script says it has."""

    table: Name
    column: str
    type: DataType


def stated(context: Any, dialect: Dialect, engine: Engine) -> Stated | None:
    """What the operation behind a statement says of its column; None for any other statement."""
    made = getattr(getattr(context, "compiled", None), "statement", None)
    existing = getattr(made, "existing_type", None)  # MySQL's MODIFY has none
    if not isinstance(made, AlterColumn) or existing is None or not hasattr(made, "type_"):
        return None
    try:
        text = dialect.type_compiler_instance.process(existing)
    except Exception:  # noqa: BLE001 - whatever a type of the application's own raises
        return None
    read = data_type(text, engine)
    return Stated(Name(str(made.table_name), made.schema), str(made.column_name), read) if read is not None else None


def with_stated(catalog: Catalog, said: Stated | None) -> Catalog:
    """The schema in which the column has the type that the script states, if nothing else is known of it."""
    key = table_key(catalog, said.table) if said is not None else None
    table = catalog.tables.get(key) if key is not None else None
    column = table.column(said.column) if table is not None and said is not None else None
    if said is None or table is None or column is None or column.type is None:
        return catalog
    unknown = column.type.name in catalog.assumed_types and type_at(catalog, column.type) is None
    if not unknown or not (said.type.builtin or type_at(catalog, said.type) is not None):
        return catalog
    return put_table(catalog, replace_column(table, column.name, replace(column, type=said.type)))
