"""Answer a SELECT: from the catalog where it asks about the schema, honestly empty where it asks about rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migguard.catalog.lookup import relation_at, relation_key
from migguard.changes import Engine, Name, Select
from migguard.shadow.answers.functions import function_value
from migguard.shadow.answers.tables import SYSTEM_SCHEMAS, system_relation
from migguard.sql.evaluate import Relation, Result, evaluate
from migguard.sql.query_values import CannotEvaluate
from migguard.sql.read import read

if TYPE_CHECKING:
    from migguard.shadow.database import Database


def answer_query(database: Database, sql: str, parameters: Any) -> Result:
    """The answer to a query. `guessed` where it rests on rows that nobody knows, or could not be evaluated."""
    engine = database.server.engine
    if sql.lstrip()[:4].upper() in ("SHOW", "DESC") or sql.lstrip()[:7].upper() == "EXPLAIN":
        from migguard.shadow.answers.show import answer_show

        return answer_show(database, sql)

    def source(name: Name) -> Relation | None:
        return relation_of(database, name)

    def function(name: str, arguments: list[Any]) -> Any:
        return function_value(database, name, arguments)

    if isinstance(parameters, list) and parameters and isinstance(parameters[0], (dict, tuple, list)):
        parameters = parameters[0]
    try:
        return evaluate(sql, parameters, engine, source, function)
    except CannotEvaluate:
        return unknown(sql, engine)


def unknown(sql: str, engine: Engine) -> Result:
    """The answer where the query cannot be evaluated: its column names, no row, and that it is a guess."""
    for change in read(sql, engine):
        if isinstance(change, Select):
            names = tuple(c or f"column{i + 1}" for i, c in enumerate(change.query.columns))
            return Result(names or ("?column?",), [], guessed=True)
    return Result(("?column?",), [], guessed=True)


def relation_of(database: Database, name: Name) -> Relation | None:
    """The rows behind a name in FROM."""
    if name.schema in SYSTEM_SCHEMAS or (name.schema is None and name.name.startswith(("pg_", "sqlite_"))):
        return system_relation(database, name)
    if name.name == database.version_table:
        return Relation(("version_num",), [{"version_num": v} for v in database.version_rows])
    catalog = database.catalog
    relation = relation_at(catalog, name)
    if relation is None:
        return system_relation(database, name) or Relation((), guessed=True)
    key = relation_key(catalog, name)
    columns = tuple(c.name for c in relation.columns)
    rows = catalog.rows.get(key, ()) if key is not None else ()
    made = [{c: typed(r.get(c)) for c in columns} for r in rows]
    return Relation(columns, made, guessed=True)


def typed(value: Any) -> Any:
    """A constant of an INSERT as a value: numbers as numbers."""
    if isinstance(value, str) and value.lstrip("-").isdigit() and len(value) < 19 and str(int(value)) == value:
        return int(value)
    return value
