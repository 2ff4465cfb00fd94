"""MG920: serial where an identity column would do."""

from collections.abc import Iterator

from migguard.changes import AddColumn, CreateTable
from migguard.findings import Finding, Severity
from migguard.rules.facts.schema.introduced import new_columns
from migguard.rules.frame import POSTGRESQL, Example, StepContext, rule
from migguard.rules.wording import label, python

BAD = Example('op.create_table("orders", sa.Column("id", sa.BigInteger(), primary_key=True))')
GOOD = Example('op.create_table("orders", sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True))')


@rule(
    "MG920",
    "serial-not-identity",
    Severity.OFF,
    "A column is serial, not an identity column.",
    engines=POSTGRESQL,
    bad=BAD,
    good=GOOD,
)
def serial_not_identity(change: CreateTable | AddColumn, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    `serial` is shorthand for a sequence, a default and an ownership, each with rights and a life of its own:
    a role that may INSERT still needs USAGE on the sequence, and a table copied with LIKE draws from the
    original's. An identity column is one thing, and the SQL standard's. SQLAlchemy writes serial for an
    integer primary key unless the column has `sa.Identity()`.

    ## What is let through
    Identity columns; columns that were serial before this deployment; PostgreSQL 9.6 and older, which have no
    identity.
    """
    if not ctx.after.server.since(10):
        return
    for table, column, data_type in new_columns(change, ctx):
        if not column.serial:
            continue
        name = label(table.key, ctx)
        yield ctx.finding(
            f"{name}.{column.name} is serial: its sequence and its default are objects apart, with rights "
            "of their own.",
            table=table.key,
            advice="Make it an identity column:\n"
            f"sa.Column({python(column.name)}, "
            f"sa.{'Integer' if data_type.name == 'integer' else 'BigInteger'}(), "
            "sa.Identity(), ...)",
        )
