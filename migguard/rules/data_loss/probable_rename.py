"""MG310: a column (or table) dropped and one like it added: autogenerate's picture of a rename."""

from collections.abc import Iterator

from migguard.changes import DropColumn, DropTable
from migguard.findings import Finding, Severity
from migguard.rules.facts.rows.empty_tables import empty
from migguard.rules.facts.rows.restrictions import table_named
from migguard.rules.facts.schema.rename_signs import filled, renewed, revision_of, successor, successor_table
from migguard.rules.frame import Context, Example, display, rule
from migguard.rules.wording import python, schema_argument
from migguard.trace import Deployment, Step

GIVEN = "CREATE TABLE people (id bigint PRIMARY KEY, surname varchar(60))"
BAD = Example(
    """
    op.add_column("people", sa.Column("last_name", sa.String(60)))
    op.drop_column("people", "surname")
    """,
    given=GIVEN,
)
GOOD = Example(
    """
    op.add_column("people", sa.Column("last_name", sa.String(60)))
    op.execute("UPDATE people SET last_name = surname WHERE id < 1000")
    op.drop_column("people", "surname")
    """,
    given=GIVEN,
)


@rule(
    "MG310",
    "probable-rename",
    Severity.ERROR,
    "Something is dropped and something alike is added: a rename that loses the data.",
    bad=BAD,
    good=GOOD,
)
def probable_rename(deployment: Deployment, ctx: Context) -> Iterator[Finding]:
    """## Why it matters
    Autogenerate cannot tell a rename from a removal and an addition. It writes the latter, and the values are lost.

    ## What is let through
    Data copied from the old to the new one before the drop, be it row by row in a loop; another type; a key for what is
    no key; a column that this deployment added itself, or adds again under its old name; a table that it emptied
    before; where more columns are added than dropped, or fewer, one that none of them is like by its name; a column
    that refers to another table, or that a default of its own is to fill; a table with another primary key; what is
    added in another revision than this and its neighbours.
    """
    steps = list(deployment.steps())
    for step in steps:
        match step.change:
            case DropColumn():
                yield from renamed_column(step, step.change, steps, deployment, ctx)
            case DropTable():
                yield from renamed_table(step, step.change, steps, deployment, ctx)
            case _:
                pass


def renamed_column(
    drop: Step, change: DropColumn, steps: list[Step], deployment: Deployment, ctx: Context
) -> Iterator[Finding]:
    """The finding for a dropped column that has a twin added in this deployment."""
    table = table_named(drop.before, change.table)
    column = table.column(change.column) if table is not None else None
    if table is None or column is None or not deployment.existing(column.oid) or not deployment.existing(table.oid):
        return
    if column.name in renewed(table, steps) or ctx.lookup is None or empty(table, drop, ctx.lookup):
        return
    step, added = successor(drop, column, steps, deployment, table)
    if step is None or added is None or filled(deployment, ctx, (added.name,), table.key[1]):
        return
    name = display(table.key, drop.before)
    yield ctx.finding(
        f"{name}.{column.name} is dropped and {name}.{added.name} of the same type is added: if that is a rename, "
        "its values are lost.",
        origin=drop.statement.origin,
        sql=drop.statement.sql,
        revision=revision_of(deployment, drop),
        table=name,
        related=(step.statement.origin,) if step.statement.origin else (),
        advice=(
            "While old code is running, add the new column, copy the values, and drop the old one in a later "
            "deployment. If nothing runs meanwhile, rename it:\n"
            f"op.alter_column({python(change.table.name)}, {python(column.name)}, "
            f"new_column_name={python(added.name)}{schema_argument(change.table)})"
        ),
    )


def renamed_table(
    drop: Step, change: DropTable, steps: list[Step], deployment: Deployment, ctx: Context
) -> Iterator[Finding]:
    """The finding for a dropped table that has a twin created in this deployment."""
    table = table_named(drop.before, change.table)
    if table is None or not deployment.existing(table.oid) or not table.complete or not table.columns:
        return
    if ctx.lookup is None or empty(table, drop, ctx.lookup):
        return
    found = successor_table(drop, table, steps, deployment, ctx)
    if found is None:
        return
    step, twin = found
    old, new = display(table.key, drop.before), display(twin.key, step.after)
    yield ctx.finding(
        f"{old} is dropped and {new} with the same columns is created: if that is a rename, its rows are lost.",
        origin=drop.statement.origin,
        sql=drop.statement.sql,
        revision=revision_of(deployment, drop),
        table=old,
        advice=(
            "If it is one, rename it, or copy the rows before the drop:\n"
            f"op.rename_table({python(change.table.name)}, {python(twin.key[1])}{schema_argument(change.table)})"
        ),
    )
