"""What names a table or column in a text that the server only reads when it runs: function bodies, views it forgets."""

from collections.abc import Iterable, Iterator

from migguard.catalog.schema import Catalog, Function, Key
from migguard.changes import Change, Delete, Engine, Expression, Insert, Merge, Name, Query, RenameTable, Select, Update
from migguard.rules.facts.schema.dependents import Dependent, views
from migguard.rules.facts.schema.deployment_end import final
from migguard.rules.frame import StepContext, display
from migguard.sql.body_queries import body_queries
from migguard.sql.postgresql_bodies import read_routine
from migguard.sql.row_fields import row_fields


def functions_naming(key: Key, column: str | None, catalog: Catalog) -> Iterator[Dependent]:
    """The functions whose bodies name a relation (or one of its columns), as the server would find it."""
    if catalog.server.engine is not Engine.POSTGRESQL:
        return
    for at in catalog.functions:
        for one in catalog.functions[at]:
            if key[1] not in one.body and (column is None or column not in one.body):
                continue
            queries = body_queries(one.body, catalog.server.engine)
            if any(in_query(query, key, column, catalog) for query in queries) or any(
                names(change, key, column, catalog) for change in inside(one, catalog)
            ):
                yield Dependent(one.kind, display(at, catalog), at)
            elif column is not None and of_rows(one, at, key, column, catalog):
                yield Dependent("trigger function", display(at, catalog), at)


def inside(function: Function, catalog: Catalog) -> Iterable[Change]:
    """The statements of a function's body."""
    from migguard.sql.postgresql_plpgsql import flat

    body = read_routine(function.language, function.body, catalog.server.engine)
    return [] if body is None else [c for part in flat(body.parts) for c in part.changes]


def of_rows(function: Function, at: Key, key: Key, column: str, catalog: Catalog) -> bool:
    """Whether a trigger of the table calls the function, and the function names that field of the row."""
    table = catalog.tables.get(key)
    called = table is not None and any(t.function == at for t in table.triggers)
    return called and column in row_fields(function.body, catalog.server.engine)


def names(change: Change, key: Key, column: str | None, catalog: Catalog) -> bool:
    """Whether a statement names a relation, or that column of it."""
    match change:
        case Select():
            return in_query(change.query, key, column, catalog)
        case Insert():
            if means(change.table, key, catalog) and (column is None or column in change.columns):
                return True
            return change.query is not None and in_query(change.query, key, column, catalog)
        case Update() | Delete():
            own = means(change.table, key, catalog)
            if column is None:
                return own or any(means(n, key, catalog) for n in change.others)
            values = change.assignments if isinstance(change, Update) else ()
            texts = [e for e in (change.where, *(v for _, v in values)) if e is not None]
            alone = own and not change.others
            return own and (column in {c for c, _ in values} or (alone and any(refers(e, column) for e in texts)))
        case Merge():
            return column is None and any(means(n, key, catalog) for n in (change.table, *change.others))
        case _:
            return False


def in_query(query: Query, key: Key, column: str | None, catalog: Catalog) -> bool:
    """Whether a query reads a relation, or that column of it."""
    if not any(means(n, key, catalog) for n in query.relations):
        return False
    return column is None or any(owner == key[1] and c == column for owner, c in query.columns_used)


def refers(expression: Expression, column: str) -> bool:
    """Whether an expression names a column."""
    return any(r.kind == "column" and r.name == column for r in expression.references)


def means(name: Name, key: Key, catalog: Catalog) -> bool:
    """Whether a name in a body means that relation."""
    if name.name != key[1]:
        return False
    return name.schema == key[0] or (name.schema is None and key[0] in (catalog.default_schema, *catalog.search_path))


def triggers_naming(key: Key, column: str | None, catalog: Catalog) -> Iterator[Dependent]:
    """The triggers with a body of their own (MySQL, SQLite) that name a column of their row."""
    table = catalog.tables.get(key)
    for trigger in table.triggers if table is not None and column is not None else ():
        if trigger.function is None and column in row_fields(trigger.body or trigger.text, catalog.server.engine):
            yield Dependent("trigger", f"{trigger.name} of {display(key, catalog)}", key)


def there_again(key: Key, column: str | None, end: Catalog) -> bool:
    """Whether the name means something again when the deployment ends."""
    if column is None:
        return key in end.tables or key in end.views
    table = end.tables.get(key)
    return table is not None and table.column(column) is not None


def left_behind(key: Key, column: str | None, change: Change, ctx: StepContext) -> Iterator[Dependent]:
    """What names it and is not told: function bodies; views and triggers where the server does not watch over them."""
    yield from functions_naming(key, column, ctx.before)
    if ctx.before.server.engine is not Engine.POSTGRESQL:
        if not (isinstance(change, RenameTable) and ctx.before.server.engine is Engine.SQLITE):
            yield from views(key, column, ctx.before)
        yield from triggers_naming(key, column, ctx.before)


def repaired(one: Dependent, key: Key, column: str | None, ctx: StepContext) -> bool:
    """Whether the deployment drops it, or leaves it with another text."""
    end = final(ctx)
    still = [*functions_naming(key, column, end), *views(key, column, end), *triggers_naming(key, column, end)]
    return not any((d.kind, d.name) == (one.kind, one.name) for d in still)
