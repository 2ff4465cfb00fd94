"""The sides of branches that could not be read, and so may do what nothing that was read does."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from migguard.rules.facts.scripts.filling_loops import LOOPS, reached, reading_of
from migguard.rules.facts.scripts.mapped_loops import ASKING, WHOLE
from migguard.rules.facts.scripts.script_places import imports, line_of
from migguard.rules.facts.scripts.script_reach import called
from migguard.rules.frame import StepContext
from migguard.source import Origin, Script
from migguard.trace import NoteKind, RevisionTrace

TABLES = frozenset({"table", "Table"})
LIBRARIES = frozenset({"sqlalchemy", "alembic", "sqlmodel"})
METHODS = WHOLE | ASKING | frozenset(
    {"filter", "filter_by", "delete", "add", "commit", "flush", "where", "values", "update", "mappings", "fetchall",
     "get", "items", "keys", "fromkeys", "append", "strip", "lower", "replace", "split", "join"}
)  # fmt: skip
"""What a session, a query or a value is asked for, which does nothing but to the tables that it names."""
PLAIN = frozenset(
    {"isinstance", "all", "any", "list", "dict", "set", "tuple", "len", "str", "int", "bool", "sorted", "enumerate",
     "zip", "range", "print", "min", "max", "sum"}
)  # fmt: skip
"""Functions of Python that do nothing to a database."""
TEXTS = frozenset({"text", "DDL", "exec_driver_sql"})


class Unread(NamedTuple):
    """The branch, and how it is called."""

    origin: Origin
    called: str


class Branch:
    """An `if` or a loop of a script, with what its names stand for."""

    def __init__(self, script: Script, trace: RevisionTrace, line: int) -> None:
        nodes = (n for n in script.nodes if isinstance(n, (ast.If, *LOOPS)) and n.lineno == line)
        self.script, self.node = script, next(nodes, None)
        self.seen = reading_of(script.tree or ast.Module([], []), trace.direction.value)

    def parts(self) -> list[ast.AST]:
        """What it asks or turns over, and what it does: with the functions of the script that it calls."""
        if self.node is None:
            return []
        asks = self.node.iter if isinstance(self.node, ast.For | ast.AsyncFor) else self.node.test
        return [asks, *(p for side in (*self.node.body, *self.node.orelse) for p in reached(side, self.seen.functions))]

    def says(self, words: tuple[str, ...]) -> bool:
        """Whether all the words are in it."""
        return self.node is not None and self.seen.has(self.parts(), words, None)

    def nodes(self) -> Iterator[ast.AST]:
        """The nodes of it, and of what the names in it are bound to."""
        waiting, met = self.parts(), set[str]()
        while waiting:
            for node in ast.walk(waiting.pop()):
                yield node
                # what is bound here, as __tablename__ in a class, is not what others bind by that name
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in met:
                    met.add(node.id)
                    waiting += self.seen.bindings.get(node.id, ())

    def tables(self) -> set[str]:
        """The tables that it names: by a mapped class of the script, or as a table of the library."""
        found = set[str]()
        for node in self.nodes():
            match node:
                case ast.Assign(targets=[ast.Name(id="__tablename__")], value=ast.Constant(value=str() as name)):
                    found.add(name)
                case ast.Call(args=[ast.Constant(value=str() as name), *_]) if called(node) in TABLES:
                    found.add(name)
                case _:
                    pass
        return found

    def followed(self) -> bool:
        """Whether all that it calls is its script's own, the library's, or what a session or a query can do."""
        brought = imports(self.script.nodes)
        own = {n.name for n in self.script.nodes if isinstance(n, ast.ClassDef)} | self.seen.functions.keys()

        def known(call: ast.Call) -> bool:
            start = root(call)
            if start in brought:
                return brought[start].split(".")[0] in LIBRARIES
            return called(call) in METHODS if isinstance(call.func, ast.Attribute) else start in own | PLAIN

        calls = (n for part in self.parts() for n in ast.walk(part) if isinstance(n, ast.Call))
        return all(known(call) for call in calls)

    def elsewhere(self, tables: set[str]) -> bool:
        """Whether it works on other tables than these: a word that is one's name may be a method's, too."""
        named = self.tables()
        return bool(named) and not named & tables and self.followed() and not self.may_name(tables)

    def may_name(self, tables: set[str]) -> bool:
        """Whether one of the names stands where it can be a table's: whole, as no method, or in a text that is sent."""
        nodes = list(self.nodes())
        calls = [n for n in nodes if isinstance(n, ast.Call)]
        methods = {id(c.func) for c in calls}
        for node in nodes:
            if isinstance(node, ast.Constant) and node.value in tables:
                return True
            if isinstance(node, ast.Attribute) and node.attr in tables and id(node) not in methods:
                return True
        sent = any(called(c) in TEXTS or (called(c) in ASKING and spelled(c)) for c in calls)
        return sent and any(self.says((name,)) for name in tables)


def unread_before(words: tuple[str, ...], ctx: StepContext, *, inside: bool = False) -> Unread | None:
    """A branch before the step, in a script with all the words, of whose other side some was not seen (MG008).

    The first word is a table's name. A branch with all the words in it, or in functions of the script that it calls,
    comes before one with the table alone, and that before others; but those that work on other tables are left out,
    unless they delete rows on which those of that one depend. Of those that are alike, one of the step's own revision
    comes before those of earlier ones. With `inside` it is one with all the words in it.
    """
    parents = referred_to(words[0], ctx)
    ranked: dict[int, Unread] = {}
    for trace, script, place, here in unread_branches(words, ctx):
        branch = Branch(script, trace, place.line)
        rank = 0 if branch.says(words) else 1 if branch.says(words[:1]) else 2
        near = {words[0]} | (parents if branch.says(("delete",)) or branch.says(("DELETE",)) else set())
        if (rank and inside) or branch.elsewhere(near):
            continue
        what = "the loop in" if isinstance(branch.node, LOOPS) else "the side of"
        line = line_of(place, trace.revision, trace.revision if here else "")
        ranked.setdefault(2 * rank + (not here), Unread(place, f"{what} {line}"))
    return ranked[min(ranked)] if ranked else None


def unread_branches(words: tuple[str, ...], ctx: StepContext) -> Iterator[tuple[RevisionTrace, Script, Origin, bool]]:
    """The branches before the step of which a side was not seen, in scripts with all the words.

    Each with whether it is of the step's own revision.
    """
    last = ctx.step.statement.origin
    for trace in ctx.deployment.upgrades:
        script = ctx.known.scripts.get(trace.revision)
        here = ctx.trace is not None and trace.revision == ctx.trace.revision
        if script is not None and all(word in script.text for word in words):
            for place in (n.origin for n in trace.notes if n.kind is NoteKind.BRANCH and n.unread):
                if place is not None and (
                    not here or last is None or last.path != place.path or place.line <= last.line
                ):
                    yield trace, script, place, here
        if here:
            break


def referred_to(name: str, ctx: StepContext) -> set[str]:
    """The tables to which those of that name refer, whose rows may take theirs along."""
    tables = (t for t in ctx.before.tables.values() if t.key[1] == name)
    return {c.references[1] for t in tables for c in t.constraints if c.references is not None}


def spelled(call: ast.Call) -> bool:
    """Whether what a call sends is a text, or a name, which may be one."""
    return bool(call.args) and isinstance(call.args[0], ast.Constant | ast.JoinedStr | ast.BinOp)


def root(call: ast.Call) -> str | None:
    """The name at which a chain of calls and attributes begins."""
    node: ast.AST = call
    while isinstance(node, ast.Call | ast.Attribute | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None
