"""MG917: a timestamp that does not know its time zone."""

from collections.abc import Iterator

from migguard.changes import Engine
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.recipes import typed
from migguard.rules.facts.schema.introduced import Typing, new_columns
from migguard.rules.frame import POSTGRESQL, Example, StepContext, rule
from migguard.rules.wording import label

BAD = Example(
    """
    op.create_table(
        "visits",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("at", sa.DateTime()),
    )
    """
)
GOOD = Example(
    """
    op.create_table(
        "visits",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True)),
    )
    """
)

ZONELESS = {
    Engine.POSTGRESQL: {"timestamp without time zone"},
    Engine.MSSQL: {"datetime", "datetime2", "smalldatetime"},
    Engine.ORACLE: {"timestamp"},
}


@rule(
    "MG917",
    "timestamp-without-timezone",
    Severity.OFF,
    "A timestamp column keeps no time zone.",
    engines=POSTGRESQL | {Engine.MSSQL, Engine.ORACLE},
    bad=BAD,
    good=GOOD,
)
def timestamp_without_timezone(change: Typing, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    `timestamp without time zone` keeps what a clock on a wall shows. Which moment that was depends on the
    session that wrote it and the one that reads it, and one hour a year happens twice. With a time zone the
    moment itself is kept.

    ## What is let through
    Dates and times of day; columns that had this type before. MySQL, MariaDB and SQLite, which have no type
    that keeps a moment for as long as dates go.
    """
    wanted = ZONELESS.get(ctx.after.server.engine, set())
    for table, column, data_type in new_columns(change, ctx):
        if data_type.name.lower() not in wanted:
            continue
        name = label(table.key, ctx)
        yield ctx.finding(
            f"{name}.{column.name} is {data_type.name.lower()}: every session reads it in a time zone of "
            "its own choice.",
            table=table.key,
            advice="Keep the moment:\n" + typed(change, column.name, "sa.DateTime(timezone=True)"),
        )
