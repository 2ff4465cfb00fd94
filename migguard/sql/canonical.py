"""An expression in one spelling: what a person writes and what the server shows of it come to the same text.

The server keeps what it has understood: it brackets, labels literals and columns with their types, and unfolds IN and
BETWEEN. All that is taken back here. A cast of a column to text or to another kind of number is taken back too, since
nothing tells one that was written from one that the server put there.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from migguard.changes import Engine
from migguard.sql.cursor import Cursor
from migguard.sql.parts import spelled
from migguard.sql.tokens import Unread

LABELS = frozenset(
    {"TEXT", "VARCHAR", "CHAR", "BPCHAR", "NAME", "DECIMAL", "DOUBLE", "FLOAT", "BIGINT", "INT", "SMALLINT"}
)  # fmt: skip
"""Types that the server casts columns to by itself."""


OF_THE_READER = frozenset({"only_json_types", "requires_json", "is_string"})
"""Remarks of the reader that tell two spellings of one operator apart."""


@lru_cache(maxsize=2048)
def canonical(text: str, engine: Engine) -> str | None:
    """The expression in one spelling; its tokens where no tree can be made of it, None where not even those."""
    from migguard.sql.trees import parse

    try:
        tree = parse(f"SELECT {text}", engine)
    except Unread:
        return spaced(text, engine)
    if len(tree.expressions) != 1 or len([v for v in tree.args.values() if v]) != 1:
        return spaced(text, engine)
    return shape(simplified(tree.expressions[0]))


def spaced(text: str, engine: Engine) -> str | None:
    """The tokens of an expression."""
    try:
        tokens = Cursor(text, engine).tokens
    except Unread:
        return None
    return spelled(tokens)


def simplified(tree: Any) -> Any:
    """The tree without brackets and labels."""
    from sqlglot import exp

    def step(node: Any) -> Any:
        if isinstance(node, exp.Paren):
            return node.this
        if isinstance(node, exp.Cast) and type(node) is exp.Cast and label(node):
            return node.this
        if isinstance(node, exp.Interval) and node.this is not None:
            unit = f" {node.unit.name.lower()}" if node.unit is not None else ""
            return exp.Literal.string(f"{node.this.name}{unit}")
        if isinstance(node, exp.Column):
            name = node.this
            return exp.column(exp.to_identifier(name.name if name.quoted else name.name.lower(), quoted=True))
        if isinstance(node, exp.JSONPath) and len(node.expressions) == 2:
            return exp.Literal.string(str(node.expressions[1].this))
        if isinstance(node, exp.Between):
            low, high = (node.args["low"], node.args["high"])
            return exp.And(
                this=exp.GTE(this=node.this, expression=low), expression=exp.LTE(this=node.this.copy(), expression=high)
            )
        if isinstance(node, exp.Literal) and node.is_string and number(node.this):
            return exp.Literal.number(node.this)
        return node

    previous = None
    while True:
        tree = tree.transform(step).transform(listed).transform(joined)
        now = shape(tree)
        if now == previous:
            return tree
        previous = now


def shape(node: Any) -> str:
    """A tree as text in which nothing binds tighter than anything else."""
    from sqlglot import exp

    match node:
        case exp.Expression():
            if isinstance(node, (exp.Literal, exp.Identifier)):
                return repr(node.this)
            if isinstance(node, exp.Anonymous):
                parts = [str(node.this).lower(), *map(shape, node.expressions)]
            else:
                unit = isinstance(node, exp.TimestampTrunc)
                parts = [
                    f"{name}={value.name.lower() if unit and name == 'unit' else shape(value)}"
                    for name, value in sorted(node.args.items())
                    if value not in (None, False, []) and name not in OF_THE_READER
                ]
            return f"{type(node).__name__}({', '.join(parts)})"
        case list():
            return f"[{', '.join(map(shape, node))}]"
        case _:
            return str(node)


def number(text: str) -> bool:
    """Whether a string literal holds a number: the server shows a negative one so."""
    return text.lstrip("-").replace(".", "", 1).isdigit()


def label(cast: Any) -> bool:
    """Whether a cast may be the server's own: of a literal, of an array of them, or between texts or numbers."""
    from sqlglot import exp

    inner = cast.this
    while isinstance(inner, exp.Paren):
        inner = inner.this
    if isinstance(inner, (exp.Literal, exp.Null, exp.Boolean, exp.Array)):
        return True
    if isinstance(inner, exp.Neg) and isinstance(inner.this, exp.Literal):
        return True
    kind = cast.to
    name = kind.this.name if isinstance(kind.this, exp.DType) else str(kind.this)
    return name.upper() in LABELS and not kind.expressions


def listed(node: Any) -> Any:
    """`= ANY (ARRAY[…])` as IN, `<> ALL (ARRAY[…])` as NOT IN, with the values in order."""
    from sqlglot import exp

    match node:
        case exp.EQ(this=left, expression=exp.Any(this=exp.Array(expressions=values))):
            return exp.In(this=left, expressions=ordered(values))
        case exp.NEQ(
            this=left, expression=exp.Anonymous(this=str(name), expressions=[exp.Array(expressions=values)])
        ) if name.lower() == "all":
            return exp.Not(this=exp.In(this=left, expressions=ordered(values)))
        case exp.Is(this=left, expression=right) if node.args.get("negate"):
            return exp.Not(this=exp.Is(this=left, expression=right))
        case exp.In(this=left, expressions=values) if values and len(values) == 1:
            return exp.EQ(this=left, expression=values[0])
        case exp.In(this=left, expressions=values) if values:
            return exp.In(this=left, expressions=ordered(values))
        case _:
            return node


def ordered(values: list[Any]) -> list[Any]:
    """Values in the order of their texts."""
    return sorted(values, key=lambda v: str(v.sql("postgres")))


def joined(node: Any) -> Any:
    """AND and OR bind to the left, however they were bracketed."""
    from sqlglot import exp

    for kind in (exp.And, exp.Or):
        if isinstance(node, kind) and isinstance(node.expression, kind):
            right = node.expression
            return kind(this=kind(this=node.this, expression=right.this), expression=right.expression)
    return node
