"""MG919: a string type with a length."""

from collections.abc import Iterator

from migguard.catalog.types import format_type
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.recipes import typed
from migguard.rules.facts.schema.introduced import Typing, new_columns
from migguard.rules.frame import POSTGRESQL, Example, StepContext, rule
from migguard.rules.wording import identifier, label, python

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY)"
BAD = Example('op.add_column("orders", sa.Column("code", sa.CHAR(8)))', given=GIVEN)
GOOD = Example('op.add_column("orders", sa.Column("code", sa.Text()))', given=GIVEN)


@rule(
    "MG919",
    "fixed-or-limited-string",
    Severity.OFF,
    "A column is char(n), or varchar(n) where text would do.",
    engines=POSTGRESQL,
    bad=BAD,
    good=GOOD,
)
def fixed_or_limited_string(change: Typing, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    On PostgreSQL `char(n)` is stored with the spaces that fill it up and compared without them, and
    `varchar(n)` is no smaller or faster than `text`. The length is a rule about the data: making it stricter
    reads the table under a lock. As a CHECK it can be added and taken away without one.

    ## What is let through
    `varchar` without a length and `text`; columns that had this type before. The other engines, which need
    the length to index a string.
    """
    for table, column, data_type in new_columns(change, ctx):
        fixed = data_type.name in ("character", "bpchar")
        if not data_type.builtin or not (fixed or (data_type.name == "character varying" and data_type.arguments)):
            continue
        name, shown = f"{label(table.key, ctx)}.{column.name}", format_type(data_type, ctx.after)
        why = (
            "its values are filled up with spaces"
            if fixed
            else "it is no smaller than text, and another length is a change of type"
        )
        yield ctx.finding(
            f"{name} is {shown}: {why}.",
            table=table.key,
            advice="Make it text, with a CHECK if the length is a rule:\n"
            + f"{typed(change, column.name, 'sa.Text()')}\n"
            + check(table.key[1], column.name, data_type.arguments[0] if data_type.arguments else "1", fixed=fixed),
        )


def check(table: str, column: str, length: str, *, fixed: bool) -> str:
    """The CHECK that says what the length said."""
    condition = f"char_length({identifier(column)}) {'=' if fixed else '<='} {length}"
    return f"sa.CheckConstraint({python(condition)}, name={python(f'ck_{table}_{column}_length')})"
