"""Time limits around what a recipe does: lifted for a concurrent build, and put back to what was in force before."""

import ast
import json

from migguard.catalog.schema import Catalog
from migguard.changes import Engine
from migguard.placeholders import is_placeholder
from migguard.settings import Settings, milliseconds
from migguard.transactions import Limit, limit_in_force

LIMITS = ("lock_timeout", "statement_timeout")


def call(statement: str) -> str:
    """`op.execute("…")` of a setting."""
    return f"op.execute({json.dumps(statement, ensure_ascii=False)})"


def put_back(name: str, catalog: Catalog) -> str:
    """The call that gives a session the setting that it has there: RESET goes to the connection's own, and throws away
    what env.py has set by a statement."""
    value = catalog.variables.get(name)
    if value is None:
        return call(f"RESET {name}")
    if is_placeholder(value):
        return f"...  # {name} back to what it was"
    return call(f"SET {name} = {value}" if value.isdigit() else f"SET {name} = '{value}'")


def too_short(name: str, catalog: Catalog, settings: Settings) -> Limit | None:
    """The limit of a session that would end a concurrent build half-way."""
    limit = limit_in_force(catalog, name, lasting=True)
    if limit is None or limit.milliseconds is None:
        return None
    return limit if 0 < limit.milliseconds < milliseconds(settings.min_build_timeout) else None


def lifted(recipe: str, catalog: Catalog, settings: Settings) -> str:
    """A recipe whose blocks with a concurrent build lift the limits that would end it."""
    short = [(name, limit) for name in LIMITS if (limit := too_short(name, catalog, settings)) is not None]
    if catalog.server.engine is not Engine.POSTGRESQL or not short or "oncurrently" not in recipe.lower():
        return recipe
    try:
        tree = ast.parse(recipe)
    except SyntaxError:
        return recipe  # a sketch: what it leaves to the reader has no place to stand around
    lines = recipe.splitlines()
    for block in sorted((n for n in ast.walk(tree) if isinstance(n, ast.With)), key=lambda n: -n.lineno):
        if not any(builds(n) for n in ast.walk(block)):
            continue
        first, last = block.body[0], block.body[-1]
        indent = " " * first.col_offset
        back = [f"{indent}{put_back(name, catalog)}" for name, _ in short]
        lines[last.end_lineno : last.end_lineno] = back
        lift = [
            f"{indent}{call(f'SET {name} = 0')}  # else {limit.text} would end the build half-way"
            for name, limit in short
        ]
        lines[first.lineno - 1 : first.lineno - 1] = lift
    return "\n".join(lines)


def builds(node: ast.AST) -> bool:
    """Whether a node of a recipe is the call that builds an index concurrently."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    if node.func.attr == "create_index":
        return any(k.arg == "postgresql_concurrently" for k in node.keywords)
    texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    return any(t.startswith(("CREATE", "REINDEX")) and "CONCURRENTLY" in t for t in texts)
