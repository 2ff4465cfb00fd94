"""What uses a relation, a column or a function in the replayed schema, and stands in the way of its drop."""

from collections.abc import Iterator
from dataclasses import dataclass

from migguard.catalog.lookup import function_key, relation_key
from migguard.catalog.rename import mentions
from migguard.catalog.schema import Catalog, Key, RefusalKind, Table
from migguard.changes import Change, DropColumn, DropFunction, DropTable, DropView, Engine
from migguard.rules.frame import display
from migguard.sql.row_fields import row_fields
from migguard.trace import Step


@dataclass(frozen=True, slots=True)
class Dependent:
    """Something that uses what is dropped: `kind` and `name` in words, its key or that of its table."""

    kind: str
    name: str
    key: Key


def standing_in_the_way(step: Step) -> list[Dependent]:
    """The views, generated columns, triggers and policies because of which PostgreSQL refuses the step's drop."""
    catalog, change = step.before, step.change
    if catalog.server.engine is not Engine.POSTGRESQL or getattr(change, "cascade", False):
        return []
    if step.refusal is not None and step.refusal.kind is not RefusalKind.DEPENDENTS:
        return []
    return list(dict.fromkeys(users(change, catalog)))


def users(change: Change, catalog: Catalog) -> Iterator[Dependent]:
    """What uses the thing that a drop names."""
    match change:
        case DropColumn():
            key = relation_key(catalog, change.table)
            if key is not None:
                yield from views(key, change.column, catalog)
                yield from parts(key, change.column, catalog)
        case DropTable():
            key = relation_key(catalog, change.table)
            if key is not None:
                yield from views(key, None, catalog)
        case DropView():
            key = relation_key(catalog, change.view)
            if key is not None:
                yield from views(key, None, catalog)
        case DropFunction():
            key = function_key(catalog, change.function)
            if key is not None and len(catalog.functions[key]) == 1:
                yield from triggers(key, catalog)
        case _:
            pass


def views(key: Key, column: str | None, catalog: Catalog) -> Iterator[Dependent]:
    """The views that read a relation, or one column of it."""
    for user in sorted(catalog.view_users.get(key, frozenset())):
        view = catalog.views.get(user)
        if view is None or user == key:
            continue
        if any(k == key and (column is None or c is None or c == column) for k, c in view.uses):
            kind = "materialized view" if view.materialized else "view"
            yield Dependent(kind, display(user, catalog), user)


def parts(key: Key, column: str, catalog: Catalog) -> Iterator[Dependent]:
    """The generated columns, policies and triggers of a table that name one of its columns."""
    table = catalog.tables.get(key)
    if table is None or table.column(column) is None:
        return
    for other in table.columns:
        if other.generated is not None and other.name != column and mentions(other.generated, column):
            yield Dependent("generated column", f"{display(key, catalog)}.{other.name}", key)
    for kind, name, names in table.policy_columns:
        if column in names:
            yield Dependent(kind, f"{name} of {display(key, catalog)}", key)
    yield from conditional_triggers(table, column, catalog)


def conditional_triggers(table: Table, column: str, catalog: Catalog) -> Iterator[Dependent]:
    """The triggers whose WHEN names a column of the row."""
    for trigger in table.triggers:
        if trigger.function is not None and column in row_fields(trigger.text, catalog.server.engine):
            yield Dependent("trigger", f"{trigger.name} of {display(table.key, catalog)}", table.key)


def triggers(function: Key, catalog: Catalog) -> Iterator[Dependent]:
    """The triggers that call a function."""
    for table in catalog.tables.values():
        for trigger in table.triggers:
            if trigger.function == function and not trigger.inherited:
                yield Dependent("trigger", f"{trigger.name} of {display(table.key, catalog)}", table.key)
