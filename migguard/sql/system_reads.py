"""Whether a query reads nothing but what the server says of itself: its catalogs, and the names of where one is."""

from __future__ import annotations

from functools import lru_cache

from migguard.changes import Engine
from migguard.sql.tokens import Unread
from migguard.sql.trees import parse

SCHEMAS = frozenset({"pg_catalog", "information_schema", "performance_schema", "mysql", "sys"})
TABLES = frozenset(
    {"sqlite_master", "sqlite_schema", "sqlite_sequence", "user_constraints", "user_tables", "all_tables"}
)
FREE = frozenset({"pg_description", "pg_shdescription", "pg_settings", "pg_stat_activity", "pg_stats", "pg_statistic"})
"""Those that hold texts of users."""
NAMES = frozenset(
    {"current_schema", "current_database", "current_catalog", "current_user", "session_user", "database", "schema",
     "version", "to_regclass", "pg_get_serial_sequence", "enum_range", "enum_first", "enum_last", "unnest", "explode"}
)  # fmt: skip


@lru_cache(maxsize=512)
def reads_the_system(text: str, engine: Engine) -> bool:
    """Whether all relations of a query are of the server's own catalogs; False where the tree cannot be had."""
    from sqlglot import exp

    try:
        tree = parse(text, engine)
    except Unread:
        return text.split(maxsplit=1)[:1] in (["SHOW"], ["show"], ["PRAGMA"], ["pragma"])
    if isinstance(tree, (exp.Show, exp.Pragma)):
        return True
    if not isinstance(tree, exp.Query):
        return False
    own = {one.alias for one in tree.find_all(exp.CTE)}
    tables = [t for t in tree.find_all(exp.Table) if t.name not in own or t.db]
    if tables:
        return all(is_system(t.name.lower(), t.db.lower()) for t in tables)
    functions = [f for f in tree.find_all(exp.Func) if not isinstance(f, exp.Cast)]
    return bool(functions) and all(f.name.lower() in NAMES or f.sql_name().lower() in NAMES for f in functions)


def is_system(name: str, schema: str) -> bool:
    """Whether a relation is one of the server's own, and holds names and definitions only."""
    return name not in FREE and (schema in SCHEMAS or (not schema and (name.startswith("pg_") or name in TABLES)))
