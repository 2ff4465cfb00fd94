"""Whether an expression can make NULL of a value that is there, as its writer says: NULL, NULLIF, a CASE with such."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from migguard.changes import Engine
from migguard.sql.trees import value_tree


@lru_cache(maxsize=512)
def makes_null(text: str, engine: Engine) -> bool:
    """Whether the value is NULL for some rows by the expression's own words; False where the tree cannot be had."""
    tree = value_tree(text, engine)
    return tree is not None and null_in(tree)


def null_in(node: Any) -> bool:
    """Whether one of the values that an expression chooses from is NULL."""
    from sqlglot import exp

    match node:
        case exp.Null() | exp.Nullif():
            return True
        case exp.Paren() | exp.Cast() | exp.Lower() | exp.Upper() | exp.Trim():
            return null_in(node.this)
        case exp.Case():
            chosen = [one.args.get("true") for one in node.args.get("ifs") or ()]
            return any(null_in(one) for one in (*chosen, node.args.get("default")))
        case _:
            return False
