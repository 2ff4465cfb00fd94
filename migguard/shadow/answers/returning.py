"""INSERT … RETURNING: the values that were given, and numbers for generated keys."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from migguard.catalog.lookup import relation_at
from migguard.catalog.schema import Catalog, Column, Table
from migguard.changes import Delete, Insert, Update

if TYPE_CHECKING:
    from migguard.shadow.database import Answer, Database


def returned(database: Database, sql: str, change: Insert | Update | Delete, before: Catalog) -> Answer:
    """The rows that RETURNING gives back: one for each inserted row, none for UPDATE and DELETE."""
    from migguard.shadow.database import Answer

    tail = sql[sql.upper().rindex("RETURNING") + len("RETURNING") :]
    names = [part.split()[-1].split(".")[-1].strip('"`;') for part in tail.split(",") if part.strip()]
    table = relation_at(before, change.table)
    if names == ["*"] and table is not None:
        names = [c.name for c in table.columns]
    if not isinstance(change, Insert) or change.query is not None:
        if database.recorder is not None:
            database.recorder.guessed(sql, database.recorder.origin())
        return Answer(tuple(names), [], 0)
    rows = []
    for number in range(change.rows or 1):
        given = dict(zip(change.columns, change.values[number], strict=False)) if number < len(change.values) else {}
        rows.append(tuple(value(database, table, name, given) for name in names))
    return Answer(tuple(names), rows, len(rows), rows[0][0] if rows and isinstance(rows[0][0], int) else None)


def value(database: Database, table: object, name: str, given: dict[str, str | None]) -> Any:
    """One returned value."""
    if given.get(name) is not None:
        return given[name]
    column: Column | None = table.column(name) if isinstance(table, Table) else None
    if column is not None and column.type is not None and column.type.name == "uuid":
        return uuid.UUID(int=database.next_row(), version=4)
    return database.next_row()
