"""What a revision takes from the application, by how it uses it: each kind has another cure."""

import ast
from collections.abc import Iterable, Iterator
from enum import Enum

from migguard.rules.facts.scripts.script_places import dotted
from migguard.rules.facts.scripts.script_reach import called
from migguard.source import Script


class Taken(Enum):
    """What an imported name stands for in the script."""

    TABLE = "a table or model"
    TYPE = "a column type"
    VALUE = "a constant or enum"
    FUNCTION = "a function"
    SESSION = "a session or engine"


SESSIONS = ("session", "engine", "connection")
STATEMENTS = frozenset({"select", "insert", "update", "delete", "query", "get", "join", "select_from", "aliased"})
"""Calls that take a table or a mapped class."""
TYPED = frozenset({"Column", "column", "mapped_column", "cast", "type_coerce"})
"""Calls that take a column's type."""
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
    found: dict[str, list[ast.expr]] = {}
    for name, places in uses.items():
        for part, nodes in within(name, places, above, called_so=names.get(name, name)):
            found.setdefault(part, []).extend(nodes)
    kinds = {name: kind(names.get(name, name), places, above) for name, places in found.items()}
    return {spelled(found[name][0]) if what is Taken.TYPE else name: what for name, what in kinds.items()}


def spelled(use: ast.expr) -> str:
    """How a script writes what it uses, in full: a part of a factory says little without it."""
    return dotted(use, {}) or ast.unparse(use)


def within(
    name: str, places: list[ast.expr], above: dict[int, ast.AST], called_so: str
) -> Iterator[tuple[str, list[ast.expr]]]:
    """What a script uses of a name: of a module of the application's what it takes from that, else the name itself."""
    inside: dict[str, list[ast.expr]] = {}
    for place in places:
        outer = above.get(id(place))
        if isinstance(outer, ast.Attribute):
            inside.setdefault(outer.attr, []).append(outer)
        elif isinstance(outer, ast.Call) and (outer.func is place or any(told(place, above))):
            inside = {}
            break
    if not inside or not name.islower() or is_session(called_so):
        yield name, places
        return
    for part, nodes in inside.items():
        deeper = [above.get(id(node)) for node in nodes]
        if all(isinstance(o, ast.Attribute) and o.attr not in OF_A_TABLE | OF_A_VALUE for o in deeper):
            yield from within(part, nodes, above, part)
        else:
            yield part, nodes


def is_session(name: str) -> bool:
    """Whether a name is called as sessions and engines are."""
    return name == "db" or any(word in name.lower() for word in SESSIONS)


def kind(name: str, uses: list[ast.expr], above: dict[int, ast.AST]) -> Taken:
    """What a name stands for, by its uses and, where they do not tell, by how it is spelled."""
    if is_session(name):
        return Taken.SESSION
    said = {one for use in uses for one in told(use, above)}
    for one in (Taken.TYPE, Taken.TABLE, Taken.VALUE, Taken.FUNCTION):
        if one in said:
            return one
    return Taken.VALUE if name.isupper() else Taken.TABLE if name[:1].isupper() else Taken.FUNCTION


def told(use: ast.expr, above: dict[int, ast.AST]) -> Iterator[Taken]:
    """What one use tells of a name."""
    around = above.get(id(use))
    made: ast.AST | None = around if isinstance(around, ast.Call) and around.func is use else use
    beyond = above.get(id(made))
    call = above.get(id(beyond)) if isinstance(beyond, ast.keyword) else beyond
    if isinstance(call, ast.Call) and call is not around:
        typed = isinstance(beyond, ast.keyword) and beyond.arg in ("type_", "existing_type")
        if typed or (called(call) in TYPED and made in call.args):
            yield Taken.TYPE
    if isinstance(around, ast.Call) and around.func is use:
        if not (dotted(use, {}).rpartition(".")[2])[:1].isupper():
            yield Taken.FUNCTION
    elif isinstance(around, ast.Call):
        if called(around) in STATEMENTS:
            yield Taken.TABLE
        elif called(around) in TYPED and isinstance(use, ast.Name) and not use.id.isupper():
            yield Taken.TYPE
        elif called(around) in ("Enum", "ENUM", "list", "tuple", "sorted", "len"):
            yield Taken.VALUE
    elif isinstance(around, ast.Attribute):
        outer = above.get(id(around))
        if around.attr in OF_A_TABLE:
            yield Taken.TABLE
        elif around.attr.isupper() or OF_A_VALUE & {around.attr, getattr(outer, "attr", "")}:
            yield Taken.VALUE
    elif isinstance(around, (ast.For, ast.comprehension)) and around.iter is use:
        yield Taken.VALUE


def instead(name: str, what: Taken, kind: str | None = None) -> str:
    """A line of Python that takes the place of an imported name; `kind` is the type that it is in the database."""
    match what:
        case Taken.TABLE:
            return 'sa.table("…", sa.column("id", sa.BigInteger()), ...)'
        case Taken.TYPE if kind is not None:
            return f'sa.Column("…", {kind}, ...)  # in the place of {name}'
        case Taken.TYPE:
            return f'sa.Column("…", ...)  # in the place of {name}: the type as the database has it'
        case Taken.VALUE:
            return f"{name} = ...  # the values as they are today"
        case Taken.FUNCTION:
            return f"def {name}(*arguments): ...  # a copy of it as it is today"
        case Taken.SESSION:
            return f"op.get_bind().execute(...)  # and not {name}: it is Alembic's connection that the revision has"
