"""Whether a text that is put together has a key in it that can be read out again: then no two rows have the same text.

'a1' || '1' is 'a' || '11'. A number in a text ends only where something stands that is no digit and no sign.
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import Any

from migguard.changes import Engine
from migguard.sql.queries import folded
from migguard.sql.trees import value_tree

IN_NUMBERS = frozenset("-0123456789")


class Within(Enum):
    """How a key stands in a text: to be read out of it, run together with what is beside it, or not at all."""

    APART = "apart"
    RUN_TOGETHER = "run together"
    NOT_THERE = "not there"


@lru_cache(maxsize=512)
def within(text: str, key: str, engine: Engine, *, fixed: bool) -> Within:
    """How a key stands in a text made by `||`, concat or concat_ws; `fixed` is one whose text is always as long."""
    tree = value_tree(text, engine)
    if tree is None:
        return Within.NOT_THERE
    parts = pieces(tree)
    places = [place for place, part in enumerate(parts) if is_key(part, key, engine)]
    if not places:
        return Within.NOT_THERE
    texts = [literal(part) for part in parts]
    return Within.APART if any(readable(texts, place, fixed) for place in places) else Within.RUN_TOGETHER


def readable(texts: list[str | None], place: int, fixed: bool) -> bool:
    """Whether the key at a place is told from what is beside it; only literals have a text."""
    before, after = texts[:place], texts[place + 1 :]
    if None not in after:
        last = next((t for t in reversed(before) if t != ""), "")
        if fixed or None not in before or (last is not None and last[-1:] not in IN_NUMBERS):
            return True
    if None not in before:
        first = next((t for t in after if t != ""), "")
        return fixed or (first is not None and first[:1] not in IN_NUMBERS - {"-"})
    return False


def pieces(node: Any) -> list[Any]:
    """What a text is put together of, in order."""
    from sqlglot import exp

    match node:
        case exp.Paren():
            return pieces(node.this)
        case exp.DPipe():
            return [*pieces(node.this), *pieces(node.expression)]
        case exp.ConcatWs(expressions=[by, first, *others]):
            return [*pieces(first), *(part for one in others for part in (by, *pieces(one)))]
        case exp.Concat():
            return [part for one in node.expressions for part in pieces(one)]
        case _:
            return [node]


def is_key(node: Any, key: str, engine: Engine) -> bool:
    """Whether a part is the key, or the key as a text that is not cut off."""
    from sqlglot import exp

    if isinstance(node, exp.Cast):
        kind = node.args.get("to")
        if not isinstance(kind, exp.DataType) or kind.expressions or not kind.is_type("text", "varchar"):
            return False
        return is_key(node.this, key, engine)
    return isinstance(node, exp.Column) and folded(node.this, engine) == key


def literal(node: Any) -> str | None:
    """The text of a literal."""
    from sqlglot import exp

    return str(node.this) if isinstance(node, exp.Literal) else None
