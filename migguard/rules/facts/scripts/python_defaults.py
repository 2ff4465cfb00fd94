"""The columns to which a script gives a value that only Python knows, and the server default that says the same."""

import ast
from collections.abc import Iterable

from migguard.rules.wording import python


def added_columns(nodes: Iterable[ast.AST]) -> dict[str, ast.Call]:
    """The columns with a Python-side default alone that the script makes, but for those of new tables."""
    calls = [n for n in nodes if isinstance(n, ast.Call)]
    tables = [
        c for c in calls if getattr(c.func, "attr", getattr(c.func, "id", "")) in ("create_table", "Table", "table")
    ]
    elsewhere = {id(n) for table in tables for n in ast.walk(table)}
    return {name: call for call in calls if id(call) not in elsewhere and (name := python_default(call))}


def python_default(call: ast.Call) -> str | None:
    """The name of the column that a call makes, if it has a Python-side default alone."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    given = {k.arg: k.value for k in call.keywords}
    first = call.args[0] if call.args else given.get("name")
    if not name.endswith("Column") or not isinstance(first, ast.Constant) or not isinstance(first.value, str):
        return None
    if "server_default" in given or "default" not in given or "identity" in given:
        return None
    value = given["default"]
    return None if isinstance(value, ast.Constant) and value.value is None else first.value


def server_side(value: ast.expr) -> str:
    """The server default that says the same, where that is plain."""
    match value:
        case ast.Constant(value=bool() as truth):
            return f"sa.{str(truth).lower()}()"
        case ast.Constant(value=int() | float() as number):
            return python(str(number))
        case ast.Constant(value=str() as text):
            return python(text)
        case _:
            return "..."
