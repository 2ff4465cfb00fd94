"""Tables and columns that a script fills where a replay does not see it: in a loop over rows, of which there are none.

Such a loop is read from the syntax tree, with the script's own functions that it calls, and with what the names in it
were bound to outside of it.
"""

import ast
import itertools
from collections.abc import Iterator
from functools import lru_cache

from migguard.rules.frame import StepContext
from migguard.source import Script
from migguard.trace import Outcome, RevisionTrace

Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
LOOPS = (ast.For, ast.While, ast.AsyncFor)
COMPREHENSIONS = (ast.ListComp, ast.GeneratorExp)

SENDERS = frozenset({"execute", "exec_driver_sql", "update", "bulk_update_mappings"})
TAKERS = frozenset(
    {"execute", "bulk_insert", "bulk_update_mappings", "bulk_insert_mappings", "bulk_save_objects", "add_all"}
)
"""Methods that take the rows to write as a list."""
WRITERS = SENDERS | TAKERS | {"merge", "add", "flush", "commit", "append"}


def filled_in_a_loop(column: str, ctx: StepContext, table: str | None = None) -> bool:
    """Whether this or an earlier checked revision names the column, and the table if given, in a loop that writes."""
    for trace in ctx.deployment.upgrades:
        script = ctx.known.scripts.get(trace.revision)
        if script is not None and writes_in_loop(script, trace, (column,), table):
            return True
        if ctx.trace is not None and trace.revision == ctx.trace.revision:
            break
    return False


def writes_in_loop(script: Script, trace: RevisionTrace, names: tuple[str, ...], table: str | None = None) -> bool:
    """Whether what ran of the script has a loop over rows that writes and has all of these names in it."""
    return loop_writing(script, trace, names, table) is not None


def loop_writing(
    script: Script, trace: RevisionTrace, names: tuple[str, ...], table: str | None = None
) -> ast.AST | None:
    """The first loop over rows that writes, in what ran of the script, and that has all of these names in it: by what
    it turns over.

    With a table's name the loop names the table too, or gives the attributes of those names of its rows a value.
    Where a part of the script never ran, any call in it that can write a row will do.
    """
    return next((parts[0] for parts, _ in loops_writing(script, trace, names, table)), None)


def loops_writing(
    script: Script, trace: RevisionTrace, names: tuple[str, ...], table: str | None = None
) -> Iterator[tuple[list[ast.AST], "Reading"]]:
    """All such loops, each by its parts, the first of which is what it turns over; with what the names mean."""
    if script.tree is None or any(name not in script.text for name in names):
        return
    seen = reading_of(script.tree, trace.direction.value)
    found = [parts for parts in seen.loops() if seen.has(parts, names, table)]
    if not found and trace.outcome is not Outcome.FULL:
        found = [[call] for call in seen.calls(SENDERS) if seen.has([call], names, table)]
    yield from ((parts, seen) for parts in found)


class Reading:
    """The part of a script that one of its functions runs, and what its names stand for."""

    def __init__(self, tree: ast.Module, start: str) -> None:
        self.functions: dict[str, Function] = {n.name: n for n in ast.walk(tree) if isinstance(n, FUNCTIONS)}
        # those that a script for several databases finds by their names in globals() begin with it
        own = [f for name, f in self.functions.items() if name == start or name.startswith(f"{start}_")]
        found = [part for function in own for part in reached(function, self.functions)]
        self.parts: list[ast.AST] = found if start in self.functions else [tree]
        top = [n for n in tree.body if not isinstance(n, FUNCTIONS)]
        self.bindings: dict[str, list[ast.AST]] = {}
        self._nodes = [n for part in self.parts for n in ast.walk(part)]
        for node in itertools.chain((n for part in top for n in ast.walk(part)), self._nodes):
            for name, value in (*bound(node), *self.passed(node)):
                self.bindings.setdefault(name, []).append(value)

    def passed(self, node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
        """The parameters of the script's own functions, each with what a call gives for it."""
        called = (
            self.functions.get(node.func.id) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else None
        )
        if isinstance(node, ast.Call) and called is not None:
            names = [a.arg for a in (*called.args.posonlyargs, *called.args.args)]
            yield from zip(names, node.args, strict=False)
            yield from ((k.arg, k.value) for k in node.keywords if k.arg is not None)

    def nodes(self) -> Iterator[ast.AST]:
        """The nodes of the part."""
        return iter(self._nodes)

    def calls(self, methods: frozenset[str]) -> Iterator[ast.Call]:
        """The calls of methods of these names."""
        return (n for n in self.nodes() if isinstance(n, ast.Call) and method(n) in methods)

    def loops(self) -> Iterator[list[ast.AST]]:
        """What is done for each row: the bodies of loops that write, and the lists that are made to be written.

        The first of each says over what; a loop over the script's own literals runs in a replay and is left out.
        """
        for node in self.nodes():
            if isinstance(node, LOOPS):
                if isinstance(node, ast.For) and isinstance(node.iter, (ast.List, ast.Tuple)):
                    continue
                body = [r for b in node.body for r in reached(b, self.functions)]
                if any(writes(part) for part in body):
                    yield [node.test if isinstance(node, ast.While) else node.iter, *body]
        for call in self.calls(TAKERS):
            given = [v for a in call.args for v in (a, *self.bindings.get(getattr(a, "id", ""), ()))]
            for made in (v for v in given if isinstance(v, COMPREHENSIONS)):
                yield [made.generators[0].iter, made.elt, call]

    def has(self, parts: list[ast.AST], names: tuple[str, ...], table: str | None) -> bool:
        """Whether a loop, of which these are the parts, has all the names in it, and the table's."""
        body = parts[1:] or parts
        found = {word for part in body for word in self.words(part)}
        if not found.issuperset(names):
            return False
        if table is None or table in found:
            return True
        over = {word for part in parts for word in self.words(part)}
        return table in over or any(attribute in names for part in body for attribute in set_attributes(part))

    def words(self, node: ast.AST) -> Iterator[str]:
        """The names, keywords, attributes and words of strings in a node, and in what its names are bound to."""
        waiting, seen = [node], set[str]()
        while waiting:
            for part in ast.walk(waiting.pop()):
                match part:
                    case ast.Constant(value=str() as text):
                        yield from "".join(c if c.isalnum() or c == "_" else " " for c in text).split()
                    case ast.keyword(arg=str() as name) | ast.Attribute(attr=name):
                        yield name
                    case ast.Name(id=name):
                        yield name
                        if name not in seen:
                            seen.add(name)
                            waiting += self.bindings.get(name, ())
                    case _:
                        pass


@lru_cache(maxsize=8)
def reading_of(tree: ast.Module, start: str) -> Reading:
    """What one of a script's functions runs. The last ones are kept: many rules ask for them in turn."""
    return Reading(tree, start)


def reached(start: ast.AST, functions: dict[str, Function]) -> Iterator[ast.AST]:
    """A part of a script, and the script's functions that it and they name."""
    waiting, seen = [start], {id(start)}
    while waiting:
        part = waiting.pop()
        yield part
        for node in ast.walk(part):
            name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
            found = functions.get(name)
            if found is not None and id(found) not in seen:
                seen.add(id(found))
                waiting.append(found)


def bound(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """The names that a statement binds, each with what it stands for; not the variable of a loop."""
    match node:
        case ast.Assign():
            yield from ((t.id, node.value) for t in node.targets if isinstance(t, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, value
        case ast.NamedExpr(target=ast.Name(id=name)):
            yield name, node.value
        case ast.ClassDef():
            yield node.name, node
        case _:
            pass


def method(node: ast.AST) -> str | None:
    """The method that a call calls."""
    return node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else None


def writes(node: ast.AST) -> bool:
    """Whether a node calls something that can write a row, or puts a value into an attribute of one."""
    return any(method(n) in WRITERS for n in ast.walk(node)) or any(True for _ in set_attributes(node))


def set_attributes(node: ast.AST) -> Iterator[str]:
    """The attributes that a node puts a value into."""
    assigned = (t for n in ast.walk(node) if isinstance(n, ast.Assign) for t in n.targets)
    return (t.attr for t in assigned if isinstance(t, ast.Attribute))
