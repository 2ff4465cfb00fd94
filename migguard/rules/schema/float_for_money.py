"""MG921: money in binary fractions."""

import re
from collections.abc import Iterator

from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.recipes import typed
from migguard.rules.facts.schema.introduced import Typing, new_columns
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import label

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY)"
BAD = Example('op.add_column("orders", sa.Column("total_price", sa.Float()))', given=GIVEN)
GOOD = Example('op.add_column("orders", sa.Column("total_price", sa.Numeric(12, 2)))', given=GIVEN)

FLOATS = {"real", "double precision", "double", "float", "binary_float", "binary_double", "float4", "float8"}
MONEY = {"price", "prices", "amount", "amounts", "balance", "balances", "total", "totals"}


@rule(
    "MG921",
    "float-for-money",
    Severity.OFF,
    "A column for money is a float.",
    bad=BAD,
    good=GOOD,
)
def float_for_money(change: Typing, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    0.1 is no binary fraction: a float keeps the nearest one, sums drift by cents, and `=` on them fails.

    ## What is let through
    Columns whose name has none of the words price, amount, balance and total; numeric, and integers that
    count cents.
    """
    for table, column, data_type in new_columns(change, ctx):
        if data_type.name.lower() not in FLOATS or not MONEY.intersection(words(column.name)):
            continue
        name = label(table.key, ctx)
        yield ctx.finding(
            f"{name}.{column.name} looks like money and is {data_type.name.lower()}: amounts such as 0.10 "
            "are kept "
            "only nearly, and sums of them drift.",
            table=table.key,
            advice="Count exactly:\n" + typed(change, column.name, "sa.Numeric(12, 2)"),
        )


def words(name: str) -> list[str]:
    """The words of a name, in lower case: `unitPrice` and `unit_price` are unit and price."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z]+", " ", name).lower().split()
