"""Which values in a script are literals of the script itself."""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from typing import TypeGuard

from migguard.changes import Engine
from migguard.rules.facts.scripts.allow_lists import Checked
from migguard.rules.facts.scripts.changed_values import changes
from migguard.rules.facts.scripts.name_scopes import Function, Variables
from migguard.rules.facts.scripts.schema_values import WRAPPERS, Harmless, numeric
from migguard.rules.facts.scripts.script_elements import Elements, Part, places

PURE = frozenset({("json", "dumps"), ("textwrap", "dedent")})
"""Functions of the standard library that make a text of their arguments alone."""
KNOWN = sys.stdlib_module_names | {"sqlalchemy", "alembic"}
"""Modules whose functions are known to give what they give: what is not let through of them is foreign."""


class Constants:
    """Tells whether an expression is made of nothing but the script's own literals.

    A variable is constant if every assignment to it in the script is, and all that is put into it later; a loop
    variable if what it gets of what is looped over is; a function's parameter if every call in the script passes
    constants for it. `literals` are names that stand for a literal of another module of the project.
    """

    def __init__(
        self, nodes: Iterable[ast.AST], engine: Engine = Engine.POSTGRESQL, literals: Iterable[str] = ()
    ) -> None:
        nodes = tuple(nodes)
        self._variables = Variables(nodes[0])
        self._key = self._variables.key
        self._bindings: dict[str, list[ast.expr | None]] = {}
        self._functions = {n.name: n for n in nodes if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))}
        self._busy: set[str] = set()
        self._asked: set[str] = set()  # not `_busy`, which would make what hangs on them constant
        self._known: dict[str, bool] = {}
        self._imported = imported(nodes)
        self._elements = Elements(lambda key: self._bindings.get(key, []), self._key)
        self._checked = Checked(nodes, self._functions, self._listed)
        self._bindings.update({name: [ast.Constant("")] for name in literals})
        for node in nodes:
            self._bind(node)
        self._change([change for node in nodes for change in changes(node)])
        self._harmless = Harmless(self._whole, self._given_back, self.constant, engine, self._key)

    def _bind(self, node: ast.AST) -> None:
        match node:
            case ast.Assign():
                for target in node.targets:
                    self._target(target, node.value)
            case ast.AnnAssign() | ast.NamedExpr() if node.value is not None:
                self._target(node.target, node.value)
            case ast.AugAssign():
                self._target(node.target, node.value)
            case ast.For() | ast.comprehension():
                self._target(node.target, node.iter, each=True)
            case ast.ClassDef():
                values = [n.value for n in node.body if isinstance(n, (ast.Assign, ast.AnnAssign)) and n.value]
                self._bindings.setdefault(node.name, []).append(ast.Tuple(list(values)) if values else None)
            case ast.withitem() if node.optional_vars is not None:
                self._target(node.optional_vars, None)
            case ast.Call() if isinstance(node.func, ast.Name) and node.func.id in self._functions:
                self._arguments(node, self._functions[node.func.id])
            case ast.Call(func=ast.Name(id="map"), args=[function, *sequences]):
                self._mapped(function, sequences)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._defaults(node)
            case _:
                pass

    def _target(self, target: ast.expr, value: ast.expr | None, *, each: bool = False) -> None:
        parts = places(target) if value is not None and (each or not isinstance(target, ast.Name)) else None
        stored = [n for n in ast.walk(target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
        if value is not None and parts is not None:
            keys = {n.id: self._key(n) for n in stored}
            for own, path in parts:
                self._bindings.setdefault(keys[own], []).append(Part(value, path, each=each))
            return
        for name in stored:
            self._bindings.setdefault(self._key(name), []).append(value)

    def _change(self, found: list[tuple[ast.Name, ast.expr]]) -> None:
        """Bind what is put into a value to its name, and to the names that it has where it is changed by another."""
        same = {n: [self._key(v) for v in values if isinstance(v, ast.Name)] for n, values in self._bindings.items()}
        for name, value in found:
            reached, todo = set[str](), [self._key(name)]
            while todo:
                one = todo.pop()
                if one in same and one not in reached:  # what is bound nowhere is no literal, whatever is put into it
                    reached.add(one)
                    todo += same[one]
            for one in reached:
                self._bindings[one].append(value)

    def _whole(self, name: str) -> list[ast.expr | None]:
        """What a name is bound to; of what is taken apart, all of it."""
        return [v.of if isinstance(v, Part) else v for v in self._bindings.get(name, [])]

    def _arguments(self, call: ast.Call, function: Function) -> None:
        names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
        starred = any(isinstance(a, ast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords)
        for name, value in zip(names, call.args, strict=False):
            self._given(function, name, None if starred else value)
        for keyword in call.keywords:
            if keyword.arg is not None:
                self._given(function, keyword.arg, keyword.value)

    def _mapped(self, function: ast.expr, sequences: list[ast.expr]) -> None:
        """What a function of the script gets of each element that `map` calls it with."""
        own = self._functions.get(function.id) if isinstance(function, ast.Name) else function
        if isinstance(own, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for argument, value in zip((*own.args.posonlyargs, *own.args.args), sequences, strict=False):
                self._given(own, argument.arg, Part(value, (), each=True))

    def _given(self, function: Function | ast.Lambda, name: str, value: ast.expr | None) -> None:
        self._bindings.setdefault(self._variables.parameter(function, name), []).append(value)

    def _defaults(self, function: Function) -> None:
        arguments = function.args
        positional = [*arguments.posonlyargs, *arguments.args]
        for argument, value in zip(reversed(positional), reversed(arguments.defaults), strict=False):
            self._given(function, argument.arg, value)
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            if default is not None:
                self._given(function, argument.arg, default)

    def constant(self, node: ast.expr) -> bool:
        """Whether an expression is made of the script's own literals."""
        match node:
            case ast.Constant():
                return True
            case Part():
                found = self._elements.of(node)
                return all(self.constant(e) for e in found) if found is not None else self.constant(node.of)
            case ast.Subscript() | ast.Call() if (found := self._elements.of(node)) is not None:
                return all(self.constant(e) for e in found)
            case ast.JoinedStr() | ast.FormattedValue() | ast.BinOp() | ast.BoolOp() | ast.UnaryOp():
                return all(self.constant(c) for c in ast.iter_child_nodes(node) if isinstance(c, ast.expr))
            case ast.IfExp():
                return self.constant(node.body) and self.constant(node.orelse)
            case ast.Tuple() | ast.List() | ast.Set():
                return all(self.constant(c) for c in node.elts)
            case ast.Dict():
                return all(self.constant(c) for c in (*node.keys, *node.values) if c is not None)
            case ast.ListComp() | ast.GeneratorExp() | ast.SetComp():
                return self.constant(node.elt)
            case ast.Name():
                return self._checked.at(node) or self._name(self._key(node))
            case ast.Subscript() | ast.Starred() | ast.Attribute():
                return self.constant(node.value)
            case ast.Call():
                return self._call(node)
            case _:
                return False

    def _name(self, name: str) -> bool:
        if name in self._busy:
            return True  # a name built from itself: its other bindings decide
        if name not in self._known:
            bindings = self._bindings.get(name)
            self._busy.add(name)
            self._known[name] = bool(bindings) and all(v is not None and self.constant(v) for v in bindings or ())
            self._busy.discard(name)
        return self._known[name]

    def _call(self, node: ast.Call) -> bool:
        parts = [*node.args, *(k.value for k in node.keywords)]
        if isinstance(node.func, ast.Attribute):
            # a method of a constant, such as ", ".join(NAMES), NAMES.items() or TEMPLATE.format(name)
            if node.func.attr.lower() in ("table", "column") and node.args:
                return self.constant(node.args[0])  # its name
            if node.func.attr == "quoted_name" and node.args:
                return self.constant(node.args[0])  # formatted into a text it is as it came, not quoted
            if node.func.attr in ("get", "pop") and self.constant(node.func.value):
                return all(self.constant(p) for p in parts[1:])  # the key is not in what is given
            pure_here = isinstance(node.func.value, ast.Name) and (node.func.value.id, node.func.attr) in PURE
            return (pure_here or self.constant(node.func.value)) and all(self.constant(p) for p in parts)
        if isinstance(node.func, ast.Name):
            pure = {
                "str",
                "int",
                "len",
                "sorted",
                "tuple",
                "list",
                "set",
                "frozenset",
                "quoted_name",
                "dict",
                "zip",
                "enumerate",
                "range",
                "repr",
                "reversed",
            }
            if node.func.id == "map" and node.args:
                return self._made(node.args[0], node.args[1:])
            if node.func.id in self._functions:
                return all(self.constant(r) for r in returned(self._functions[node.func.id]))
            return node.func.id in pure and all(self.constant(p) for p in parts)
        return False

    def _made(self, function: ast.expr, sequences: list[ast.expr]) -> bool:
        """Whether what `map` makes of some sequences is constant."""
        match function:
            case ast.Lambda(body=body):
                return self.constant(body)
            case ast.Name(id=name) if name in self._functions:
                return all(self.constant(r) for r in returned(self._functions[name]))
            case ast.Name(id="str" | "repr") | ast.Attribute(value=ast.Name(id="str")):
                return all(self.constant(s) for s in sequences)
            case ast.Attribute(value=owner):
                return self.constant(owner) and all(self.constant(s) for s in sequences)
            case _:
                return False

    def _given_back(self, name: str) -> list[ast.expr]:
        return list(returned(self._functions[name])) if name in self._functions else []

    def _may_break(self, node: ast.expr) -> bool:
        return not self.constant(node) and not self._harmless.value(node)

    def _listed(self, node: ast.expr) -> bool:
        """Whether it is a list of literals of the script; not a text, of which a part would be in it too."""
        match node:
            case ast.Set() | ast.List() | ast.Tuple() | ast.Dict():
                return self.constant(node)
            case ast.Call(func=ast.Name(id="frozenset" | "set" | "tuple" | "list"), args=[inner]):
                return self._listed(inner)
            case ast.Name() if (name := self._key(node)) not in self._asked:
                self._asked.add(name)
                try:
                    found = self._whole(name)
                    return bool(found) and all(v is not None and self._listed(v) for v in found or ())
                finally:
                    self._asked.discard(name)
            case _:
                return False

    def foreign(self, node: ast.expr) -> bool:
        """Whether a value is what a function of another module gives, without being given anything that may break."""
        match node:
            case ast.Call(func=func):
                parts = [*node.args, *(k.value for k in node.keywords)]
                if any(self._may_break(p) and not self.foreign(p) for p in parts):
                    return False
                if isinstance(func, ast.Name) and func.id in WRAPPERS:
                    return any(self.foreign(p) for p in parts)
                return self.foreign(func.value) if called_on(func) else rooted(func) in self._imported
            case ast.Attribute() | ast.Subscript():
                return self.foreign(node.value)
            case ast.List(elts=parts) | ast.Set(elts=parts) | ast.Tuple(elts=parts) | ast.BoolOp(values=parts):
                return self._foreign(parts)
            case ast.Dict():
                return self._foreign([*node.keys, *node.values])
            case ast.Name() if (name := self._key(node)) not in self._asked:
                self._asked.add(name)
                try:
                    return self._foreign(self._whole(name))
                finally:
                    self._asked.discard(name)
            case _:
                return False

    def _foreign(self, values: Iterable[ast.expr | None]) -> bool:
        """Whether what may break of some values is of another module."""
        breaking = [v for v in values if v is None or self._may_break(v)]
        return bool(breaking) and all(v is not None and self.foreign(v) for v in breaking)

    def interpolated(self, node: ast.expr) -> ast.expr | None:
        """A part of a string-building expression that is not constant; None where nothing is interpolated.

        One that another module's function gives only where there is no other.
        """
        found = list(self._breaking(node))
        return next((part for part in found if not self.foreign(part)), found[0] if found else None)

    def _breaking(self, node: ast.expr) -> Iterator[ast.expr]:
        match node:
            case ast.JoinedStr():
                values = [v for v in node.values if isinstance(v, ast.FormattedValue)]
                yield from (v.value for v in values if self._may_break(v.value) and not numeric(v))
            case ast.BinOp(op=ast.Add() | ast.Mod()) if textual(node):
                yield from filter(self._may_break, operands(node))
            case ast.Call(func=ast.Attribute(attr="format", value=ast.Constant(value=str()))):
                yield from filter(self._may_break, (*node.args, *(k.value for k in node.keywords)))
            case _:
                pass


def imported(nodes: Iterable[ast.AST]) -> set[str]:
    """The names that a script imports from modules of which it is not known what they give."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").partition(".")[0] not in KNOWN):
            found.update(alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            names = [a for a in node.names if a.name.partition(".")[0] not in KNOWN]
            found.update(alias.asname or alias.name.partition(".")[0] for alias in names)
    return found


def called_on(func: ast.expr) -> TypeGuard[ast.Attribute]:
    """Whether it is a method of what was called before."""
    return isinstance(func, ast.Attribute) and isinstance(func.value, (ast.Call, ast.Subscript))


def rooted(func: ast.expr) -> str | None:
    """The name that a chain of attributes begins with."""
    while isinstance(func, ast.Attribute):
        func = func.value
    return func.id if isinstance(func, ast.Name) else None


BUILDING = re.compile(r"""[fF][rR]?["']|\+|%|format""")


def may_interpolate(text: str) -> bool:
    """Whether a script has any character that `interpolated` can come from: most have none, and are not parsed."""
    return BUILDING.search(text) is not None


def operands(node: ast.expr) -> Iterator[ast.expr]:
    """The leaves of a chain of additions and formattings."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Mod)):
        yield from operands(node.left)
        yield from operands(node.right)
    elif isinstance(node, ast.Tuple):
        yield from node.elts
    elif isinstance(node, ast.Dict):
        yield from (v for v in node.values)
    else:
        yield node


def textual(node: ast.BinOp) -> bool:
    """Whether a sum or formatting is of text."""
    leaves = list(operands(node))
    return any(
        (isinstance(x, ast.Constant) and isinstance(x.value, str)) or isinstance(x, ast.JoinedStr) for x in leaves
    )


def returned(function: Function) -> Iterator[ast.expr]:
    """What a function returns."""
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None:
            yield node.value
