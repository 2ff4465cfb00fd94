"""MG925: an index over many columns."""

from collections.abc import Iterator

from migguard.changes import Engine
from migguard.findings import Finding, Severity
from migguard.rules.facts.schema.introduced import Indexing, new_indexes
from migguard.rules.facts.schema.unknown_names import made_up
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import label, listed

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, a int, b int, c int, d int)"
BAD = Example('op.create_index("ix_orders_abcd", "orders", ["a", "b", "c", "d"])', given=GIVEN)
GOOD = Example('op.create_index("ix_orders_abc", "orders", ["a", "b", "c"])', given=GIVEN)

MOST = 3


@rule(
    "MG925",
    "wide-index",
    Severity.OFF,
    "An index that is not unique covers more than three columns.",
    bad=BAD,
    good=GOOD,
)
def wide_index(change: Indexing, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    Each further column makes the index larger and more often written, and helps only queries that fix all
    columns before it. Past three it mostly serves one query, which two narrower indexes serve nearly as well.

    ## What is let through
    Unique indexes and keys, whose columns are what has to be unique; columns in INCLUDE, which are not
    searched.
    """
    for table, index in new_indexes(change, ctx):
        if index.unique or index.primary or index.constraint is not None or len(index.elements) <= MOST:
            continue
        columns = [
            e.column or (e.expression.text if e.expression is not None else "an expression") for e in index.elements
        ]
        name = label(table.key, ctx)
        shown = "A new index" if made_up(index.name, ctx) else f"The index {index.name}"
        yield ctx.finding(
            f"{shown} on {name} covers {len(columns)} columns, {listed(columns)}: every "
            f"write to {name} pays for all of them, and few queries use the last ones.",
            table=table.key,
            advice="Keep the columns that queries compare with =, the most selective first"
            + (
                "; put columns that are only read into postgresql_include=[…]."
                if ctx.after.server.engine is Engine.POSTGRESQL
                else "."
            ),
        )
