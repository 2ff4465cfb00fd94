"""What a revision takes from the application, by how it uses it: each kind has another cure."""

import ast
from collections.abc import Iterable, Iterator
from enum import Enum

from migguard.rules.script_places import dotted
from migguard.source import Script


class Taken(Enum):
    """What an imported name stands for in the script."""

    TABLE = "a table or model"
    VALUE = "a constant or enum"
    FUNCTION = "a function"
    SESSION = "a session or engine"


SESSIONS = ("session", "engine", "connection")
STATEMENTS = frozenset({"select", "insert", "update", "delete", "query", "get", "join", "select_from", "aliased"})
"""Calls that take a table or a mapped class."""
OF_A_TABLE = frozenset({"__table__", "__tablename__", "metadata", "query", "c", "columns", "objects"})
OF_A_VALUE = frozenset({"value", "name", "__members__", "values", "items", "keys"})


def taken(script: Script, modules: Iterable[str]) -> dict[str, Taken]:
    """The names that a script takes from these modules and uses, each with what it seems to be."""
    wanted = set(modules)
    names: dict[str, str] = {}
    whole: dict[str, str] = {}
    for node in script.nodes:
        if isinstance(node, ast.ImportFrom) and not node.level and node.module in wanted:
            names.update({a.asname or a.name: a.name for a in node.names if a.name != "*"})
        elif isinstance(node, ast.Import):
            whole.update({a.asname or a.name: a.name for a in node.names if a.name in wanted})
    above = {id(child): node for node in script.nodes for child in ast.iter_child_nodes(node)}
    uses: dict[str, list[ast.expr]] = {}
    for node in script.nodes:
        if isinstance(node, ast.Name) and node.id in names:
            uses.setdefault(node.id, []).append(node)
        elif isinstance(node, ast.Attribute) and dotted(node.value, {}) in whole:
            uses.setdefault(node.attr, []).append(node)
    return {name: kind(names.get(name, name), found, above) for name, found in uses.items()}


def kind(name: str, uses: list[ast.expr], above: dict[int, ast.AST]) -> Taken:
    """What a name stands for, by its uses and, where they do not tell, by how it is spelled."""
    if name == "db" or any(word in name.lower() for word in SESSIONS):
        return Taken.SESSION
    said = {one for use in uses for one in told(use, above)}
    for one in (Taken.TABLE, Taken.VALUE, Taken.FUNCTION):
        if one in said:
            return one
    return Taken.VALUE if name.isupper() else Taken.TABLE if name[:1].isupper() else Taken.FUNCTION


def told(use: ast.expr, above: dict[int, ast.AST]) -> Iterator[Taken]:
    """What one use tells of a name."""
    around = above.get(id(use))
    if isinstance(around, ast.Call) and around.func is use:
        if not (dotted(use, {}).rpartition(".")[2])[:1].isupper():
            yield Taken.FUNCTION
    elif isinstance(around, ast.Call):
        called = around.func.attr if isinstance(around.func, ast.Attribute) else getattr(around.func, "id", "")
        if called in STATEMENTS:
            yield Taken.TABLE
        elif called in ("Enum", "ENUM", "list", "tuple", "sorted", "len"):
            yield Taken.VALUE
    elif isinstance(around, ast.Attribute):
        outer = above.get(id(around))
        if around.attr in OF_A_TABLE:
            yield Taken.TABLE
        elif (
            (isinstance(outer, ast.Attribute) and outer.attr in OF_A_VALUE)
            or around.attr.isupper()
            or around.attr in OF_A_VALUE
        ):
            yield Taken.VALUE
    elif isinstance(around, (ast.For, ast.comprehension)) and around.iter is use:
        yield Taken.VALUE


def instead(name: str, what: Taken) -> str:
    """A line of Python that takes the place of an imported name."""
    match what:
        case Taken.TABLE:
            return 'sa.table("…", sa.column("id", sa.BigInteger()), ...)'
        case Taken.VALUE:
            return f"{name} = ...  # the values as they are today"
        case Taken.FUNCTION:
            return f"def {name}(*arguments): ...  # a copy of it as it is today"
        case Taken.SESSION:
            return f"op.get_bind().execute(...)  # and not {name}: it is Alembic's connection that the revision has"
