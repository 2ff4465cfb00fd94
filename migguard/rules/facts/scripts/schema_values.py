"""Which values in a script can break no statement: names that the schema has, and values that hold no quote."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from migguard.changes import Engine
from migguard.sql.system_reads import reads_the_system

ASKING = frozenset({"execute", "exec_driver_sql", "scalar", "scalars"})
"""Methods that send a query."""
INSPECTING = frozenset(
    {"get_check_constraints", "get_columns", "get_enums", "get_foreign_keys", "get_indexes",
     "get_materialized_view_names", "get_multi_check_constraints", "get_multi_columns",
     "get_multi_foreign_keys", "get_multi_indexes",
     "get_multi_pk_constraint", "get_multi_unique_constraints", "get_pk_constraint", "get_schema_names",
     "get_sequence_names", "get_sorted_table_and_fkc_names", "get_table_names", "get_temp_table_names",
     "get_unique_constraints", "get_view_names"}
)  # fmt: skip
"""Methods of SQLAlchemy's inspector whose answers are names of the schema."""
QUOTING = frozenset({"quote", "quote_identifier", "format_table", "format_column", "quote_schema", "f", "compile"})
"""Functions and methods whose answer SQLAlchemy's own preparer has quoted, or SQLAlchemy has compiled."""
NUMBERS = frozenset({"abs", "bool", "float", "hash", "id", "int", "len", "ord", "round", "sum"})
CLOCK = frozenset({"ctime", "isoformat", "now", "strftime", "time", "timestamp", "today", "utcnow", "fromtimestamp"})
"""Methods of the standard library's clocks and dates; what they give holds no quote."""
CLOCKS = frozenset({"arrow", "date", "datetime", "dt", "pendulum", "time", "timezone"})
RANDOM = frozenset({"token_hex", "uuid1", "uuid3", "uuid4", "uuid5", "uuid6", "uuid7", "uuid8", "randint", "randrange"})
WRAPPERS = frozenset({"str", "list", "tuple", "set", "sorted", "next", "iter", "enumerate", "reversed", "zip", "dict"})
DIGITS = frozenset({"d", "f", "x", "X", "b", "o", "e", "g", "n", "%"})
"""How a format ends that only a number can have."""


class Harmless:
    """Tells whether a value can break no statement.

    `bindings` gives what the variable with a key stands for, `key` that of a name, `returned` what a function of the
    script gives back, `constant` whether an expression is made of literals.
    """

    def __init__(
        self,
        bindings: Callable[[str], list[ast.expr | None]],
        returned: Callable[[str], list[ast.expr]],
        constant: Callable[[ast.expr], bool],
        engine: Engine,
        key: Callable[[ast.Name], str],
    ) -> None:
        self._key = key
        self._bindings, self._returned, self._constant, self.engine = bindings, returned, constant, engine
        self._busy: set[str] = set()

    def value(self, node: ast.expr) -> bool:
        """Whether the value is a name of the schema or a quoted one, a number, a time, or has all quotes doubled."""
        match node:
            case ast.FormattedValue():
                return numeric(node) or self.value(node.value)
            case ast.Name():
                return self._name(self._key(node))
            case ast.Attribute(attr="__tablename__"):
                return True
            case ast.Subscript() | ast.Starred() | ast.Attribute() | ast.Await():
                return self.value(node.value)
            case ast.BoolOp():
                return all(self._fine(v) for v in node.values)
            case ast.IfExp():
                return self._fine(node.body) and self._fine(node.orelse)
            case ast.JoinedStr() | ast.BinOp():
                return all(self._fine(c) for c in ast.iter_child_nodes(node) if isinstance(c, ast.expr))
            case ast.ListComp() | ast.GeneratorExp() | ast.SetComp():
                return self._fine(node.elt)
            case ast.List(elts=parts) | ast.Set(elts=parts) | ast.Tuple(elts=parts):
                return all(self._fine(p) for p in parts)
            case ast.Dict():
                return all(self._fine(p) for p in (*node.keys, *node.values) if p is not None)
            case ast.Call(func=ast.Name(id=name)):
                if name in NUMBERS or name in RANDOM or name in QUOTING:
                    return True
                given = self._returned(name) or (node.args if name in WRAPPERS else [])
                return bool(given) and all(self._fine(a) for a in given)
            case ast.Call(func=ast.Attribute(attr=name, value=owner)):
                return self._method(node, name, owner)
            case _:
                return False

    def _fine(self, node: ast.expr) -> bool:
        return self._constant(node) or self.value(node)

    def _name(self, name: str) -> bool:
        if name in self._busy:
            return True  # a name built from itself: its other bindings decide
        found = self._bindings(name)
        self._busy.add(name)
        try:
            return bool(found) and all(v is not None and self._fine(v) for v in found)
        finally:
            self._busy.discard(name)

    def _method(self, call: ast.Call, name: str, owner: ast.expr) -> bool:
        if name in INSPECTING or name in RANDOM or name in QUOTING:
            return True
        if name in CLOCK and self._clock(owner):
            return True
        if name == "replace" and [getattr(a, "value", None) for a in call.args[:2]] == ["'", "''"]:
            return True
        if name in ASKING and call.args:
            texts = list(self._texts(call.args[0]))
            return bool(texts) and all(reads_the_system(text, self.engine) for text in texts)
        if name == "join":
            return self._constant(owner) and all(self._fine(a) for a in call.args)
        return self.value(owner) and all(self._fine(a) for a in call.args)

    def _clock(self, owner: ast.expr) -> bool:
        """Whether a method is called on a clock, a date or a time."""
        match owner:
            case ast.Name(id=name):
                found = self._bindings(self._key(owner))
                return name in CLOCKS or any(v is not None and self._clock(v) for v in found)
            case ast.Attribute(attr=name, value=inner):
                return name in CLOCKS or self._clock(inner)
            case ast.Call(func=ast.Attribute(attr=name, value=inner)):
                return name in (CLOCK | {"replace", "astimezone"}) and self._clock(inner)
            case ast.Call(func=ast.Name(id=name)):
                return name in CLOCKS
            case ast.BinOp():
                return self._clock(owner.left)
            case _:
                return False

    def _texts(self, node: ast.expr) -> Iterator[str]:
        """The texts that a query can be, with a plain word where something is put into them."""
        match node:
            case ast.Constant(value=str() as text):
                yield text
            case ast.JoinedStr():
                yield "".join(str(v.value) if isinstance(v, ast.Constant) else "x" for v in node.values)
            case ast.Call(args=[first, *_]):
                yield from self._texts(first)
            case ast.Call(func=ast.Attribute(value=owner)) | ast.Attribute(value=owner):
                yield from self._texts(owner)
            case ast.BinOp(op=ast.Mod()):
                yield from self._texts(node.left)
            case ast.Name() if (key := self._key(node)) not in self._busy:
                self._busy.add(key)
                for value in self._bindings(key):
                    yield from self._texts(value) if value is not None else ()
                self._busy.discard(key)
            case _:
                pass


def numeric(node: ast.FormattedValue) -> bool:
    """Whether a value is formatted as only a number can be."""
    match node.format_spec:
        case ast.JoinedStr(values=[ast.Constant(value=str() as spec)]):
            return spec[-1:] in DIGITS or spec.startswith("%")
        case _:
            return False
