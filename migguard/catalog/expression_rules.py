"""PostgreSQL: what CHECKs, defaults, generated columns, indexes and partition keys may hold.

Sources: transformColumnRef() and transformSubLink() in src/backend/parser/parse_expr.c, cookDefault() in
src/backend/catalog/heap.c, CheckPredicate() and ComputeIndexAttrs() in src/backend/commands/indexcmds.c; the functions
are those of which pg_proc has no immutable form. Held against servers by tests/live/name_statements.py.
"""

from __future__ import annotations

from migguard.catalog.edit import Refused
from migguard.catalog.lookup import functions_named
from migguard.catalog.references import OF_ROWS, SYSTEM, need_own
from migguard.catalog.schema import Catalog, RefusalKind, Table
from migguard.changes import Engine, Expression, PartitionBy
from migguard.placeholders import is_placeholder

NOT_IMMUTABLE = frozenset(
    {"array_to_string", "clock_timestamp", "concat", "concat_ws", "current_catalog", "current_database",
     "current_date", "current_role", "current_schema", "current_setting", "current_time", "current_timestamp",
     "current_user", "currval", "format", "gen_random_uuid", "json_build_array", "json_build_object",
     "jsonb_build_array", "jsonb_build_object", "lastval", "localtime", "localtimestamp", "nextval", "now", "random",
     "row_to_json", "session_user", "setval", "statement_timestamp", "timeofday", "to_char", "to_date", "to_json",
     "to_jsonb", "transaction_timestamp", "user", "version"}
)  # fmt: skip
"""Functions of the server's that are stable or volatile, whatever they are given."""


def refuse_expression(catalog: Catalog, table: Table, expression: Expression | None, what: str) -> None:
    """Raise Refused for a query, or a column that the table has not, in an expression about its rows."""
    if expression is None or catalog.server.engine is not Engine.POSTGRESQL:
        return
    refuse_query(expression, what)
    for qualifier, name in expression.named:
        if name in SYSTEM or unknown(name) or qualifier not in (None, table.key[1]):
            continue
        if qualifier is None and name == table.key[1]:
            continue
        if qualifier is not None and (name in OF_ROWS or functions_named(catalog, name)):
            continue
        if table.complete:
            need_own(table, name)


def unknown(name: str) -> bool:
    """Whether a name stands for a value that the replay did not know; `None` is what a script writes for one."""
    return name == "none" or is_placeholder(name)


def refuse_query(expression: Expression, what: str) -> None:
    """Raise Refused for a query in an expression that can have none."""
    if expression.subquery:
        raise Refused(RefusalKind.INVALID, f"there can be no query in {what}")


def refuse_changing(catalog: Catalog, expression: Expression | None, what: str) -> None:
    """Raise Refused for a function that does not always give the same, where only such as do are allowed."""
    if expression is None or catalog.server.engine is not Engine.POSTGRESQL or not expression.functions:
        return
    elsewhere = {r.name for r in expression.references if r.kind == "function" and r.qualifier is not None}
    for name in expression.functions:
        own = any(key[1] == name for key in catalog.functions)
        if name in NOT_IMMUTABLE and not own and name not in elsewhere and "case" not in expression.text.lower():
            raise Refused(RefusalKind.INVALID, f"{what} can only call immutable functions, and {name}() is not", name)


def refuse_default(catalog: Catalog, default: Expression | None) -> None:
    """Raise Refused for a query or a column in a default."""
    if default is None or catalog.server.engine is not Engine.POSTGRESQL:
        return
    refuse_query(default, "a default")
    for _, name in default.named:
        if not unknown(name):
            raise Refused(RefusalKind.INVALID, f'a default cannot name a column, as "{name}" here', name)


def refuse_partition_key(catalog: Catalog, table: Table, by: PartitionBy | None) -> None:
    """Raise Refused for a column in a partition key that the table has not."""
    if by is not None and catalog.server.engine is Engine.POSTGRESQL:
        for name in by.columns:
            if name is not None and name not in SYSTEM and table.complete:
                need_own(table, name)
