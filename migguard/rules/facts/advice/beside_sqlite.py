"""What has to be said beside a recipe that SQLite or MySQL does not run, where the history is written for them too.

SQLite adds and drops no constraint and alters no column (https://sqlite.org/lang_altertable.html): Alembic raises
there, which is what its batches are for (https://alembic.sqlalchemy.org/en/latest/batch.html).
"""

import ast

from migguard.changes import Engine
from migguard.dialect_sides import run_elsewhere
from migguard.history import History
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

POSTGRESQL_WORDS = (
    *ONLY, "SEQUENCE", " CONCURRENTLY", " NOT VALID", " VALIDATE ", " USING ", " TYPE ", "SET NOT NULL", "DROP NOT NULL"
)  # fmt: skip
"""Words of statements of ours that MySQL does not have."""

ASKED = {Engine.POSTGRESQL: '== "postgresql"', Engine.MYSQL: '== "mysql"', Engine.MARIADB: 'in ("mysql", "mariadb")'}


def kept_from_others(
    recipe: str, engine: Engine, origin: Origin | None, script: Script | None, history: History
) -> list[str]:
    """The comment that keeps a recipe for a statement at that place to its server, if it needs one."""
    if engine not in ASKED or "op." not in recipe:
        return []
    asked = f"if op.get_context().dialect.name {ASKED[engine]}:"
    others = [(Engine.SQLITE, "SQLite", unable, history.sqlite)]
    if engine is Engine.POSTGRESQL:  # after SQLite: what is under that condition is kept from both
        others.append((Engine.MYSQL, "MySQL", unable_on_mysql, history.mysql))
    for other, name, fails, runs in others:
        if fails(recipe) and not (script is not None and run_elsewhere(origin, script, other)) and runs():
            # what the dots stand for is run by every engine, and what a recipe replaces is still run by the others
            dots = "\n..." in f"\n{recipe}"
            keeps, put = ("", "each call below, without the dots,") if dots else (", and keeps what is here", "it")
            when = "if the history runs there too, as it looks"
            return [f"# {name} cannot do this{keeps}: {when}, put {put} under\n# {asked}"]
    return []


def unable(recipe: str) -> bool:
    """Whether SQLite fails at a recipe."""
    asks = "dialect.name" in recipe  # so that only that server comes to its queries
    return any(fails(n) or (only_there(n) and not asks) for n in calls(recipe))


def unable_on_mysql(recipe: str) -> bool:
    """Whether MySQL fails at a recipe for PostgreSQL: at SQL, for Alembic's own operations are written for both."""
    texts = (
        argument.value
        for call in calls(recipe)
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("execute", "text")
        for argument in call.args[:1]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    )
    return "dialect.name" not in recipe and any(
        text.startswith(("SET ", "RESET ")) or any(word in text for word in POSTGRESQL_WORDS) for text in texts
    )


def calls(recipe: str) -> list[ast.Call]:
    """The calls of a recipe; none of what is no Python."""
    try:
        return [n for n in ast.walk(ast.parse(recipe)) if isinstance(n, ast.Call)]
    except SyntaxError:
        return []


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
