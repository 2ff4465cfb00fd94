"""MG602: an existing column is renamed under the code that is running."""

from collections.abc import Iterator

from migguard.catalog.schema import Column, Table
from migguard.changes import ModifyColumn, RenameColumn
from migguard.findings import Finding, Safe, Severity
from migguard.rules.facts.advice.left_unused import demands
from migguard.rules.facts.rows.restrictions import table_named
from migguard.rules.facts.rows.rewritten_values import rewritten
from migguard.rules.facts.schema.deployment_end import out_of_reach, survivor
from migguard.rules.facts.schema.running_code import old_table
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import label, python, schema_argument, target

GIVEN = "CREATE TABLE people (id bigint PRIMARY KEY, mail text)"
BAD = Example('op.alter_column("people", "mail", new_column_name="email")', given=GIVEN)
GOOD = Example(
    """
    op.add_column("people", sa.Column("post", sa.Text()))
    op.alter_column("people", "post", new_column_name="address")
    """,
    given=GIVEN,
)


@rule(
    "MG602",
    "rename-column",
    Severity.ERROR,
    "An existing column is renamed, and the running code still uses its old name.",
    bad=BAD,
    good=GOOD,
)
def rename_column(change: RenameColumn | ModifyColumn, ctx: StepContext) -> Iterator[Finding | Safe]:
    """## Why it matters
    Instances of the old code run on while the schema changes. A mapped class names all of its columns in every SELECT
    and INSERT: from the rename until the last old instance is replaced, everything on this table fails.

    ## What is let through
    The old name added again as a generated column, or taken over by another column that is renamed to it (a swap);
    columns and tables that this deployment adds; tables of which it leaves nothing under the old name (MG601). Where
    the models of the running code are known: a column that they do not map; a generated column is enough only for one
    that they do not write.
    """
    table = target(ctx, change.table)
    column = table.column(change.column) if table is not None else None
    new = change.new if isinstance(change, RenameColumn) else change.definition.name
    if table is None or ctx.step.refusal is not None or new == change.column:
        return
    if column is not None and not ctx.deployment.existing(column.oid):
        return
    if out_of_reach(table, ctx):
        return
    old = old_table(table, ctx)
    mapped = old.of(column) if old is not None and column is not None else None
    written = mapped is not None and not mapped.generated
    other = added_again(table.oid, table.key, change.column, ctx)
    if other is not None and other.generated is not None and not written:
        return
    if taken_over(table, change.column, ctx):
        return
    name, where = label(table.key, ctx), schema_argument(change.table)
    if old is not None and column is not None and mapped is None:
        yield ctx.safe(f"No model of the running code maps {name}.{change.column}.")
        return
    turned = column is not None and rewritten(column, table, ctx) is not None
    instead = (
        "Its values change too, so another attribute for it is not enough. In three deployments:"
        if turned
        else "Keep the column's name and rename only the attribute "
        f"({new} = mapped_column({python(change.column)}, ...), or Column in SQLAlchemy 1.4). Or in three deployments:"
    )
    if other is not None and other.generated is None:
        # Its name is there again when the deployment ends: no query misses it, and an attribute for what the column is
        # called in between would read what the script is about to leave behind.
        yield ctx.finding(
            f"Renaming {name}.{change.column} to {new} and adding another {change.column} gives the running code that "
            "one: its type and values have to suit the old code and the new.",
            table=table.key,
            advice=(
                f"Leave {change.column} as it is. In three deployments: add what takes its place under a name of its "
                "own and write both, copy the values in batches, stop using the old one and drop it:\n"
                f'op.add_column({python(change.table.name)}, sa.Column("…", ..., nullable=True){where})'
            ),
        )
        return
    free = "let the old one be NULL, " if column is not None and demands(column, ctx) else ""
    because = f": {old.said(mapped)} maps the column" if old is not None and mapped is not None else ""
    yield ctx.finding(
        f"Renaming {name}.{change.column} to {new} breaks every query of the running code on {name} "
        f"until it is replaced{because}.",
        table=table.key,
        advice=(
            f"{instead} add the new column and write both, copy the {'converted' if turned else 'old'} values in "
            f"batches, {free}stop using the old one and drop it:\n"
            f"op.add_column({python(change.table.name)}, sa.Column({python(new)}, ..., nullable=True){where})"
        ),
    )


def added_again(oid: int, key: tuple[str, str], column: str, ctx: StepContext) -> Column | None:
    """What has the old name when the deployment ends."""
    final = ctx.deployment.upgrades[-1].after
    table = final.tables.get(key) if oid == 0 else next((t for t in final.tables.values() if t.oid == oid), None)
    return table.column(column) if table is not None else None


def taken_over(table: Table, name: str, ctx: StepContext) -> bool:
    """Whether a column is renamed to the old name, or back to it, and has it when the deployment ends."""
    end = survivor(table, ctx)
    if end is None or end.column(name) is None:
        return False
    for step in ctx.deployment.steps():
        done = step.change
        if isinstance(done, RenameColumn) and done.new == name and step.refusal is None:
            there = table_named(step.before, done.table)
            if there is not None and there.oid == table.oid:
                return True
    return False
