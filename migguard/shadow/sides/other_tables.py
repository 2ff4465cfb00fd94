"""Tables that only a side of a branch has met or made: those of a database which no revision made."""

from __future__ import annotations

from collections.abc import Mapping

from migguard.catalog.copying import replace
from migguard.catalog.edit import put_table
from migguard.catalog.schema import Catalog, Key, RefusalKind, Table
from migguard.changes import AddColumn, AddConstraint, CreateIndex, CreateTable, DropTable
from migguard.trace import Statement


def with_others(catalog: Catalog, beyond: Mapping[Key, Table | None]) -> Catalog:
    """The catalog of a database that has tables which no revision made: what names one is not refused.

    `beyond` are those that the history has met, as it left them: None where it has dropped them.
    """
    for key, table in beyond.items():
        if table is not None and key not in catalog.tables:
            catalog = put_table(catalog, table)
            catalog = replace(catalog, assumed=catalog.assumed | {key})
    gone = frozenset(key for key, table in beyond.items() if table is None and key not in catalog.tables)
    known = catalog.assumed or frozenset({(catalog.default_schema, "")})
    return replace(catalog, assumed=known, dropped=catalog.dropped | gone)


def others(catalog: Catalog, main: Catalog) -> dict[Key, Table | None]:
    """The tables that only a side has met or made, as it leaves them."""
    left: dict[Key, Table | None] = {key: None for key in catalog.dropped if key not in main.dropped}
    return left | {key: table for key, table in catalog.tables.items() if key not in main.tables}


def with_oids_of(catalog: Catalog, other: Catalog) -> Catalog:
    """The catalog whose next objects are younger than all of another: who is the younger is told by oids."""
    return replace(catalog, next_oid=max(catalog.next_oid, other.next_oid))


def done_before(statement: Statement, beyond: Mapping[Key, Table | None]) -> bool:
    """Whether a statement makes what such a table has, or drops one that is gone."""
    for step in statement.steps:
        match step.change:
            case AddColumn() | AddConstraint() | CreateIndex() | CreateTable() as change:
                refused, name = RefusalKind.DUPLICATE, change.table
            case DropTable() as change:
                refused, name = RefusalKind.UNKNOWN_RELATION, change.table
            case _:
                continue
        if step.refusal is not None and step.refusal.kind is refused:
            return (name.schema or step.before.default_schema, name.name) in beyond
    return False
