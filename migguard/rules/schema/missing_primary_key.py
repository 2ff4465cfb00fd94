"""MG912: a new table without a primary key."""

from collections.abc import Iterator

from migguard.catalog.lookup import table_key
from migguard.catalog.schema import ConstraintKind, Table
from migguard.changes import CreateTable
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.widened_keys import wider
from migguard.rules.facts.schema.introduced import lasting_table
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import label, python, quoted, schema_argument

BAD = Example('op.create_table("visits", sa.Column("page", sa.Text()), sa.Column("at", sa.DateTime(timezone=True)))')
GOOD = Example(
    """
    op.create_table(
        "visits",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("page", sa.Text()),
    )
    """
)


@rule(
    "MG912",
    "missing-primary-key",
    Severity.WARNING,
    "A new table has no primary key.",
    bad=BAD,
    good=GOOD,
)
def missing_primary_key(change: CreateTable, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    Without a primary key no row can be told from its twin: the ORM cannot map the table, a duplicate cannot
    be deleted alone, a backfill has no key to walk along, and logical replication refuses UPDATE and DELETE.

    Where a unique key over columns that are never NULL tells the rows apart, it is a notice.

    ## What is let through
    A table that gets its primary key later in the deployment; temporary tables, partitions, tables that the
    deployment drops again, and the copies that Alembic's batch mode makes.
    """
    table = lasting_table(change, ctx)
    if table is None or table.primary_key is not None:
        return
    name, (key, index) = label(table.key, ctx), unique_key(table)
    without = "nothing tells one of its rows from another"
    if key:
        without = f"only the unique key {index} over {', '.join(key)} tells its rows apart, which no tool looks for"
    yield ctx.finding(
        f"The new table {name} has no primary key: {without}.",
        severity=Severity.NOTICE if key else None,
        table=table.key,
        advice=advice(change, table, ctx),
    )


def unique_key(table: Table) -> tuple[list[str], str]:
    """The columns of a unique index that are never NULL, and its name; nothing where there is none."""
    columns = {c.name: c for c in table.columns}
    for index in table.indexes:
        key = [c for c in index.columns if c is not None and c in columns and not columns[c].nullable]
        if index.unique and index.where is None and len(key) == len(index.elements) > 0:
            return key, index.name
    return [], ""


def advice(change: CreateTable, table: Table, ctx: StepContext) -> str:
    """A primary key over columns that are unique and never NULL already, else an identity column."""
    key, index = unique_key(table)
    begun = ctx.after.tables.get(table_key(ctx.after, change.table) or table.key)
    if key and begun is not None and index not in {i.name for i in begun.indexes}:
        return (
            f"Make ({', '.join(key)}), which is unique and never NULL, its primary key where {index} is made, in the "
            f"place of that:\nop.create_primary_key({python(f'pk_{table.key[1]}')}, {python(table.key[1])}, "
            f"[{quoted(key)}]{schema_argument(change.table)})"
        )
    if key:
        return (
            f"Make ({', '.join(key)}), which is unique and never NULL, its primary key:\n"
            f"sa.PrimaryKeyConstraint({quoted(key)}, name={python(f'pk_{change.table.name}')})"
        )
    columns = {c.name for c in table.columns}
    referring = [c for k in table.constraints if k.kind is ConstraintKind.FOREIGN for c in k.columns]
    if len(set(referring)) > 1 and set(referring) == columns:  # a row of a link table is what it links
        key = list(dict.fromkeys(referring))
        return (
            "Make all of the columns its primary key, which also keeps a link from being there twice:\n"
            f"sa.PrimaryKeyConstraint({quoted(key)}, name={python(f'pk_{change.table.name}')})"
        )
    if "id" in columns:
        return (
            "Make id its primary key, which is what its name says that it is:\n"
            f"sa.PrimaryKeyConstraint({quoted(['id'])}, name={python(f'pk_{change.table.name}')})"
        )
    made = f'sa.Column("id", {wider(ctx)}, sa.Identity(), primary_key=True)'
    where = schema_argument(change.table)
    return f"Give it one while it is empty:\nop.create_table({python(change.table.name)}, {made}, ...{where})"
