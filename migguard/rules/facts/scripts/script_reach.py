"""Where the parts of a script run: in which direction, and whether inside an autocommit block."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property

from migguard.source import Script

Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
WITHS = (ast.With, ast.AsyncWith)


class Reach:
    """What a script's functions reach, by the names that they use."""

    def __init__(self, script: Script) -> None:
        self._nodes = script.nodes
        self._functions: dict[str, Function] = {n.name: n for n in script.nodes if isinstance(n, FUNCTIONS)}
        self._open: set[str] = set()

    def comes_to(self, node: ast.AST, function: str) -> bool:
        """Whether a function, `upgrade` or `downgrade`, comes to a part of the script."""
        return id(node) in self._from(function)

    def only_backwards(self, node: ast.AST) -> bool:
        """Whether only downgrade() comes to a part of the script."""
        return id(node) in self._from("downgrade") and id(node) not in self._from("upgrade")

    def in_autocommit(self, node: ast.AST) -> bool:
        """Whether a part of the script stands in an autocommit block, or in a function that is only called in one."""
        if id(node) in self._blocks:
            return True
        inside = [f for f in self._functions.values() if any(n is node for n in ast.walk(f))]
        name = inside[-1].name if inside else ""
        if not name or name in self._open:
            return False
        self._open.add(name)
        try:
            calls = [n for n in self._nodes if isinstance(n, ast.Call) and called(n) == name]
            return bool(calls) and all(self.in_autocommit(call) for call in calls)
        finally:
            self._open.discard(name)

    @cached_property
    def _blocks(self) -> set[int]:
        """All that stands in a `with` that opens an autocommit block, itself or by a function of the script."""
        return {
            id(inner)
            for node in self._nodes
            if isinstance(node, WITHS) and any(self._opens(item.context_expr) for item in node.items)
            for part in node.body
            for inner in ast.walk(part)
        }

    def _opens(self, node: ast.expr) -> bool:
        """Whether a context manager is an autocommit block, or a function that yields inside one."""
        if not isinstance(node, ast.Call):
            return False
        name = called(node)
        if name == "autocommit_block":
            return True
        made = self._functions.get(name)
        withs = (n for n in ast.walk(made) if isinstance(n, WITHS)) if made is not None else ()
        return any(
            called(item.context_expr) == "autocommit_block" and any(isinstance(n, ast.Yield) for n in ast.walk(block))
            for block in withs
            for item in block.items
        )

    def _from(self, start: str) -> set[int]:
        """All that a function comes to."""
        if start not in self._reached:
            self._reached[start] = {id(n) for part in self._parts(start) for n in ast.walk(part)}
        return self._reached[start]

    @cached_property
    def _reached(self) -> dict[str, set[int]]:
        return {}

    def _parts(self, start: str) -> Iterator[Function]:
        """A function of the script, those for one of several databases (`upgrade_engine1`), and all that they name."""
        waiting = [f for name, f in self._functions.items() if name == start or name.startswith(f"{start}_")]
        seen = {id(f) for f in waiting}
        while waiting:
            part = waiting.pop()
            yield part
            for node in ast.walk(part):
                name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
                found = self._functions.get(name)
                if found is not None and id(found) not in seen:
                    seen.add(id(found))
                    waiting.append(found)


def called(node: ast.expr | None) -> str:
    """The name of the function or method that a call calls."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
