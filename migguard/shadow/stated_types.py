"""What a script says beside its statement: `existing_type` and `existing_nullable` of alter_column, and the table of
an index that it drops.

It may be wrong, so it is believed only where the history does not know: of the columns of a table that no revision
made, of a type that a stand-in gave, and of an index that no revision made. It is known where the statement is
compiled.
"""

from __future__ import annotations

from typing import Any

from alembic.ddl.base import AlterColumn
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import DropIndex as DropIndexElement

from migguard.catalog.copying import replace
from migguard.catalog.edit import put_table, replace_column, tell
from migguard.catalog.lookup import table_key, type_at
from migguard.catalog.schema import Catalog, Table
from migguard.changes import Change, DataType, DropIndex, Engine, Name
from migguard.records import dataclass
from migguard.sql.type_text import data_type

NO_TABLE = "no_table"
"""What Alembic calls the table of an index for which a script names none (alembic/operations/schemaobj.py)."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A column that is changed, with what the script says of its type and nullability; None: nothing."""

    table: Name
    column: str
    type: DataType | None
    nullable: bool | None


def stated(context: Any, dialect: Dialect, engine: Engine) -> Stated | None:
    """What the operation behind a statement says of its column; None for any other statement."""
    made = getattr(getattr(context, "compiled", None), "statement", None)
    if not isinstance(made, AlterColumn):
        return None
    kind, nullable = getattr(made, "existing_type", None), getattr(made, "existing_nullable", None)  # not in MODIFY
    read = None
    if kind is not None:
        try:
            read = data_type(dialect.type_compiler_instance.process(kind), engine)
        except Exception:  # noqa: BLE001 - whatever a type of the application's own raises
            read = None
    nullable = nullable if isinstance(nullable, bool) else None
    return Stated(Name(str(made.table_name), made.schema), str(made.column_name), read, nullable)


def stated_table(context: Any) -> Name | None:
    """The table that the operation behind a DROP INDEX names; None for any other statement, and where it names none."""
    made = getattr(getattr(context, "compiled", None), "statement", None)
    table = made.element.table if isinstance(made, DropIndexElement) else None
    if table is None or table.name == NO_TABLE:
        return None
    return Name(str(table.name), table.schema)


def of_stated(change: Change, table: Name | None) -> Change:
    """A change with the table that its operation names, where it drops an index."""
    return replace(change, stated=table) if table is not None and isinstance(change, DropIndex) else change


def with_stated(catalog: Catalog, said: Stated | None) -> Catalog:
    """The schema in which the column is as the script states it, as far as nothing else is known of it."""
    key = table_key(catalog, said.table) if said is not None else None
    table = catalog.tables.get(key) if key is not None else None
    if said is None or table is None:
        return catalog
    kind = said.type
    if kind is not None and not (kind.builtin or type_at(catalog, kind) is not None):
        kind = None
    made = as_stated(table, said.column, kind, said.nullable, catalog)
    return put_table(catalog, made) if made is not table else catalog


def as_stated(table: Table, name: str, kind: DataType | None, nullable: bool | None, catalog: Catalog) -> Table:
    """The table with what is stated of one of its columns; itself where that is known, or nothing is stated."""
    column = table.column(name)
    if column is not None:
        unknown = column.type is not None and column.type.name in catalog.assumed_types
        if column.type is None or kind is None or not unknown or type_at(catalog, column.type) is not None:
            return table
        return replace_column(table, column.name, replace(column, type=kind))
    told = table.told_of(name)
    more: dict[str, object] = {}
    if kind is not None and told.type is None:
        more["type"] = kind
    if nullable is not None and told.nullable is None:
        more["nullable"] = nullable
    return tell(table, name, **more) if more and not table.complete else table
