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

VOLATILE = frozenset(
    {"clock_timestamp", "currval", "gen_random_uuid", "lastval", "nextval", "random", "setval", "timeofday", "uuidv7"}
)
"""Functions that are known to be volatile: of several that may be the reason, one of these is."""


@lru_cache(maxsize=1)
def stable_builtins() -> frozenset[str]:
    """Names of PostgreSQL's own functions of which every overload is stable or immutable (pg_proc of 15 and 18)."""
    text = resources.files("migguard.effects").joinpath("postgresql_stable_functions.txt").read_text(encoding="ascii")
    return frozenset(text.split()) | KEYWORD_FUNCTIONS


def volatile_call(expression: Expression, catalog: Catalog) -> str | None:
    """The function by which an expression is volatile, as `name()`; None where all of them are stable.

    One that is known to be volatile, else the first that is not known to be stable. A function of the user's counts as
    what it was declared, by all of its overloads. An expression that could not be read counts as volatile.
    """
    if not expression.readable:
        return f"the default {expression.text}"
    found: list[str] = []
    for name in expression.functions:
        own = functions_named(catalog, name)
        declared = any(f.volatility == "volatile" for f in own)
        if declared if own else name not in stable_builtins():
            found.append(name)
    culprit = next((n for n in found if n in VOLATILE), found[0] if found else None)
    return f"{culprit}()" if culprit is not None else None
