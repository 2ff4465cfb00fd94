"""Whether what a script does for each row gives a column a value, and does not only name it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from migguard.changes import Delete, Engine, Update
from migguard.rules.facts.scripts.filling_loops import Reading
from migguard.rules.facts.scripts.placed_values import pieces, plain
from migguard.sql.read import read

CHOOSING = frozenset({"filter", "filter_by", "get", "query", "where"})
"""Methods on which `update` and `delete` are those of rows; a dict and a set have some of that name too."""
PLACED = "x"
"""What stands in a text for a value that is put into it."""


class Loop:
    """What is done for each row of a loop, with what the names in it stand for."""

    def __init__(self, parts: list[ast.AST], seen: Reading, engine: Engine) -> None:
        self._nodes = list(followed(parts[1:] or parts, seen))
        self._engine = engine

    def assigns(self, column: str, table: str) -> bool:
        """Whether it gives the column a value, in a statement or as a row's attribute."""
        return any(self._gives(node, column, table) for node in self._nodes)

    def deletes(self, table: str) -> bool:
        """Whether it deletes rows, in a statement of the table's or by a session or a query."""
        for node in self._nodes:
            if isinstance(node, ast.Call) and last(node.func) == "delete":
                return True
            done = self._statements(node, "delete")
            if any(isinstance(d, Delete) and d.table.name in (table, PLACED) for d in done):
                return True
        return False

    def _gives(self, node: ast.AST, column: str, table: str) -> bool:
        match node:
            case ast.Assign(targets=targets):
                return any(isinstance(t, ast.Attribute) and t.attr == column for t in targets)
            case ast.AugAssign(target=ast.Attribute(attr=name)):
                return name == column
            case ast.Call(func=ast.Name(id="setattr"), args=[_, ast.Constant(value=name), _]):
                return name == column
            case ast.Call(func=ast.Attribute(attr="values", value=owner)) if "update" in chain(owner):
                return names(node, column)
            case ast.Call(func=ast.Attribute(attr="update", value=owner)) if CHOOSING & chain(owner):
                return names(node, column)
            case ast.Call(func=ast.Attribute(attr="bulk_update_mappings")):
                return any(names(n, column) for n in ast.walk(node) if isinstance(n, ast.Call | ast.Dict))
            case _:
                return any(
                    isinstance(done, Update)
                    and done.table.name in (table, PLACED)
                    and any(name in (column, PLACED) for name, _ in done.assignments)
                    for done in self._statements(node, "update")
                )

    def _statements(self, node: ast.AST, word: str) -> Iterable[object]:
        """The statements of a text that has a word."""
        if not isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp | ast.Call):
            return ()
        text = plain(list(pieces(node)))
        return read(text, self._engine) if word in text.lower() else ()


def followed(parts: list[ast.AST], seen: Reading) -> Iterator[ast.AST]:
    """The nodes of some parts, and of what their names are bound to."""
    waiting, met = list(parts), set[str]()
    while waiting:
        for node in ast.walk(waiting.pop()):
            yield node
            if isinstance(node, ast.Name) and node.id not in met:
                met.add(node.id)
                waiting += seen.bindings.get(node.id, ())


def names(node: ast.Call | ast.Dict, column: str) -> bool:
    """Whether a keyword, or a key of a dict, is the column."""
    keys: list[ast.expr | None] = list(node.keys) if isinstance(node, ast.Dict) else []
    if isinstance(node, ast.Call):
        if any(k.arg == column for k in node.keywords):
            return True
        keys += [key for given in node.args if isinstance(given, ast.Dict) for key in given.keys]
    return any(last(key) == column for key in keys if key is not None)


def last(node: ast.expr) -> str:
    """The last name that an expression spells: of `t.c.name`, `t.c["name"]` and `"name"`."""
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name) | ast.Constant(value=str() as name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str() as name)):
            return name
        case _:
            return ""


def chain(node: ast.expr) -> set[str]:
    """The names of the calls in a chain of them."""
    found = set[str]()
    while isinstance(node, ast.Call | ast.Attribute):
        if isinstance(node, ast.Call):
            found.add(last(node.func))
        node = node.func if isinstance(node, ast.Call) else node.value
    return found
