"""What has to be said beside a recipe that SQLite does not run, where the history is written for SQLite too.

SQLite adds and drops no constraint and alters no column (https://sqlite.org/lang_altertable.html): Alembic raises
there, which is what its batches are for (https://alembic.sqlalchemy.org/en/latest/batch.html).
"""

import ast

from migguard.changes import Engine
from migguard.dialect_sides import of_other_engines
from migguard.source import Origin, Script

ALTERING = frozenset(
    ("create_check_constraint", "create_exclude_constraint", "create_foreign_key", "create_primary_key",
     "create_unique_constraint", "drop_constraint")
)  # fmt: skip
"""Operations that raise on SQLite outside of a batch."""

RENAMING = frozenset({"new_column_name", "schema", "existing_type"})
"""What SQLite's ALTER TABLE has words for in an `alter_column`."""

WORDS = frozenset({"ALTER", "COMMENT", "LOCK", "RESET", "SET", "TRUNCATE"})
"""First words of statements of ours that SQLite does not have, or not so."""

ONLY = ("unnest(", "jsonb_to_recordset(", "ctid", "::", "pg_constraint", "pg_index")
"""Words of queries of ours that PostgreSQL alone knows."""

ASKED = {Engine.POSTGRESQL: '== "postgresql"', Engine.MYSQL: '== "mysql"', Engine.MARIADB: 'in ("mysql", "mariadb")'}


def kept_from_sqlite(recipe: str, engine: Engine, origin: Origin | None, script: Script | None) -> list[str]:
    """The comment that keeps a recipe for a statement at that place to its server, if it needs one."""
    if engine not in ASKED or "op." not in recipe or not unable(recipe):
        return []
    if script is not None and origin is not None and origin.path == script.path and "dialect" in script.text:
        tree = script.tree
        if tree is not None and any(origin.line in lines for lines in of_other_engines(tree, Engine.SQLITE)):
            return []
    asked = f"if op.get_context().dialect.name {ASKED[engine]}:"
    return [f"# SQLite cannot do this: if the history runs there too, as it looks, put it under\n# {asked}"]


def unable(recipe: str) -> bool:
    """Whether SQLite fails at a recipe."""
    try:
        nodes = list(ast.walk(ast.parse(recipe)))
    except SyntaxError:
        return False
    asks = "dialect.name" in recipe  # so that only that server comes to its queries
    calls = [n for n in nodes if isinstance(n, ast.Call)]
    return any(fails(n) or (only_there(n) and not asks) for n in calls)


def only_there(call: ast.Call) -> bool:
    """Whether a call is given a query of PostgreSQL's own: `op.get_bind().execute(sa.text("…"))`."""
    match call:
        case ast.Call(func=ast.Attribute(attr="execute" | "text"), args=[ast.Constant(value=str(text)), *_]):
            return any(word in text for word in ONLY)
        case _:
            return False


def fails(call: ast.Call) -> bool:
    """Whether a call of Alembic's raises on SQLite."""
    if (
        not isinstance(call.func, ast.Attribute)
        or not isinstance(call.func.value, ast.Name)
        or call.func.value.id != "op"
    ):
        return False
    match call.func.attr, call.args:
        case "alter_column", _:
            return not RENAMING.issuperset(k.arg or "" for k in call.keywords)
        case "execute", [ast.Constant(value=str(text)), *_]:
            first, _, rest = text.lstrip().partition(" ")
            return first in WORDS or (first == "CREATE" and rest.startswith("SEQUENCE"))
        case name, _:
            return name in ALTERING
