"""What an INSERT that does not name a column puts into it: the code that is running does not name new columns."""

from migguard.catalog.lookup import domain_of
from migguard.catalog.schema import Catalog, Column, Table
from migguard.sql.row_fields import row_fields


def must_be_named(column: Column) -> bool:
    """Whether an INSERT fails that leaves the column out, as far as the column itself tells."""
    if column.nullable or column.generated is not None or column.identity is not None:
        return False
    return column.default is None and not column.auto_increment


def filled_for(table: Table, column: Column, catalog: Catalog) -> bool:
    """Whether the column's domain, or a trigger before INSERT, puts a value into it."""
    domain = domain_of(catalog, column.type) if column.type is not None else None
    return (domain is not None and domain.default is not None) or by_trigger(table, column.name, catalog)


def by_trigger(table: Table, column: str, catalog: Catalog) -> bool:
    """Whether a trigger before INSERT names the column of its row."""
    engine = catalog.server.engine
    for trigger in table.triggers:
        if trigger.timing.lower() != "before" or "insert" not in {e.lower() for e in trigger.events}:
            continue
        bodies = [f.body for f in catalog.functions.get(trigger.function, ())] if trigger.function else [trigger.body]
        if any(column in row_fields(body, engine) for body in bodies):
            return True
    return False
