"""PostgreSQL: which expressions give the same value for every row of a statement."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

from migguard.catalog.lookup import functions_named
from migguard.catalog.schema import Catalog
from migguard.changes import Expression

KEYWORD_FUNCTIONS = frozenset(
    [
        "current_timestamp",
        "current_date",
        "current_time",
        "localtime",
        "localtimestamp",
        "current_user",
        "current_role",
        "session_user",
        "user",
        "current_catalog",
        "current_schema",
        "coalesce",
        "nullif",
        "greatest",
        "least",
        "row",
        "array",
        "timezone",
        "cast",
        "extract",
        "overlay",
        "position",
        "substring",
        "trim",
        "system_user",
        "normalize",
        "json_object",
        "json_array",
        "json_scalar",
        "json_serialize",
        "json",
        "xmlelement",
    ]
)
"""Functions that the grammar spells as keywords; all of them are stable or immutable."""


@lru_cache(maxsize=1)
def stable_builtins() -> frozenset[str]:
    """Names of PostgreSQL's own functions of which every overload is stable or immutable (pg_proc of 15 and 18)."""
    text = resources.files("migguard.effects").joinpath("postgresql_stable_functions.txt").read_text(encoding="ascii")
    return frozenset(text.split()) | KEYWORD_FUNCTIONS


def volatile_call(expression: Expression, catalog: Catalog) -> str | None:
    """The first function of an expression that is volatile or not known to be stable, as `name()`; None without one.

    A function of the user's counts as what it was declared, by all of its overloads. An expression that could not be
    read counts as volatile.
    """
    if not expression.readable:
        return f"the default {expression.text}"
    for name in expression.functions:
        own = functions_named(catalog, name)
        if own:
            if any(f.volatility == "volatile" for f in own):
                return f"{name}()"
        elif name not in stable_builtins():
            return f"{name}()"
    return None
