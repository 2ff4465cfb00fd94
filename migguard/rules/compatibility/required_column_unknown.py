"""MG605: a new column that every INSERT has to name."""

from collections.abc import Iterator

from migguard.catalog.schema import Column, Table
from migguard.changes import AddColumn, AddConstraint, ModifyColumn, SetDefault, SetIdentity, SetNullable
from migguard.findings import Finding, Severity
from migguard.rules.deployment_end import final, survivor
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.inserts import filled_for, must_be_named
from migguard.rules.introduced import same
from migguard.rules.restrictions import table_named
from migguard.rules.wording import label, python, schema_argument

GIVEN = "CREATE TABLE members (id bigint PRIMARY KEY)"
ADD = 'op.add_column("members", sa.Column("locale", sa.Text(), nullable=False, server_default="en"))\n'
BAD = Example(ADD + 'op.alter_column("members", "locale", server_default=None)', given=GIVEN)
GOOD = Example(ADD, given=GIVEN)

Requiring = AddColumn | SetNullable | SetDefault | SetIdentity | ModifyColumn | AddConstraint


@rule(
    "MG605",
    "required-column-unknown",
    Severity.ERROR,
    "A new column is NOT NULL without a database default: INSERTs of the running code, which does not know it, fail.",
    bad=BAD,
    good=GOOD,
)
def required_column_unknown(change: Requiring, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    Instances of the old code run on while the schema changes, and their INSERTs do not name the new column. If the
    database has nothing to put there, each of them fails until the last old instance is replaced. A Python-side
    `default=` does not help: only the new code has it.

    ## What is let through
    A server default, identity, serial or generated column, a domain with a default, a trigger before INSERT that sets
    the column; a column that is nullable, has its default or is gone when the deployment ends; tables that this
    deployment creates, columns that are older than it.
    """
    table = table_named(ctx.after, change.table)
    end = survivor(table, ctx) if table is not None else None
    if ctx.step.refusal is not None or table is None or end is None or not ctx.deployment.existing(table.oid):
        return
    name = label(table.key, ctx)
    for column in table.columns:
        last = same(column, end.columns)
        if last is None or column.inherited or ctx.deployment.existing(last.oid) or not decisive(column, table, ctx):
            continue
        if not must_be_named(last) or filled_for(end, last, final(ctx)):
            continue
        yield ctx.finding(
            f"Every INSERT into {name} must name {last.name} from now on, and the running code, which does not "
            "know the column, fails until it is replaced.",
            table=table.key,
            advice=advice(change, last),
        )


def decisive(column: Column, table: Table, ctx: StepContext) -> bool:
    """Whether this step makes the column one that must be named: it was not so before, and is so after it."""
    before = table_of(table, ctx)
    was = same(column, before.columns) if before is not None else None
    return must_be_named(column) and not (was is not None and was.oid == column.oid and must_be_named(was))


def table_of(table: Table, ctx: StepContext) -> Table | None:
    """The same table before the step."""
    found = ctx.before.tables.get(table.key)
    if found is not None and found.oid == table.oid:
        return found
    return next((t for t in ctx.before.tables.values() if t.oid == table.oid), None)


def advice(change: Requiring, column: Column) -> str:
    """Keep a default for as long as old code runs."""
    where, name = schema_argument(change.table), python(column.name)
    return (
        "Let the column be nullable for as long as old code runs, or leave the database a default, and drop that in a "
        "later deployment:\n"
        f"op.alter_column({python(change.table.name)}, {name}, server_default=...{where})"
    )
