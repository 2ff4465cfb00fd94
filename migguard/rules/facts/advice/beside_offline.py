"""What has to be said beside a recipe that needs a connection, where the history is run without one too."""

import ast

OFFLINE = "# needs a connection: offline (--sql), which scripts of this history ask for, execute() gives None."
"""Alembic writes a statement out there, and answers nothing
(https://alembic.sqlalchemy.org/en/latest/offline.html#writing-migration-scripts-to-support-script-generation)."""


def needs_answers(recipe: str) -> bool:
    """Whether a recipe uses what a statement gives: its rows, or how many it has changed."""
    if ".execute(" not in recipe:
        return False
    try:
        nodes = ast.walk(ast.parse(recipe))
    except SyntaxError:
        return False
    return any(
        isinstance(n, ast.Attribute)
        and isinstance(n.value, ast.Call)
        and isinstance(n.value.func, ast.Attribute)
        and n.value.func.attr == "execute"
        for n in nodes
    )
