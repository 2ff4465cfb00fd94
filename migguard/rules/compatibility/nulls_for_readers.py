"""MG611: an existing column may be NULL from now on."""

from collections.abc import Iterator

from migguard.changes import ModifyColumn, SetNullable
from migguard.findings import Finding, Severity
from migguard.rules.facts.schema.deployment_end import out_of_reach, released, survivor
from migguard.rules.facts.schema.introduced import same
from migguard.rules.facts.schema.running_code import old_table
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import label, python, target

GIVEN = "CREATE TABLE people (id bigint PRIMARY KEY, email text NOT NULL, phone text)"
BAD = Example('op.alter_column("people", "email", existing_type=sa.Text(), nullable=True)', given=GIVEN)
GOOD = Example('op.alter_column("people", "phone", existing_type=sa.Text(), nullable=True)', given=GIVEN)


@rule(
    "MG611",
    "nulls-for-readers",
    Severity.OFF,
    "An existing column loses its NOT NULL, and the running code may not be ready for NULL.",
    bad=BAD,
    good=GOOD,
)
def nulls_for_readers(change: SetNullable | ModifyColumn, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    As soon as new code writes a NULL, old code that is still running reads it, where its models promise a value.

    ## What is let through
    Columns that were nullable already, or are NOT NULL again or gone when the deployment ends; columns and tables that
    this deployment creates. Where the models of the running code are known: columns that they do not map, or declare
    nullable.
    """
    table = target(ctx, change.table)
    old, end = (released(table, ctx), survivor(table, ctx)) if table is not None else (None, None)
    column = table.column(change.column) if table is not None else None
    if ctx.step.refusal is not None or table is None or column is None or old is None or end is None:
        return
    was, last = same(column, old.columns), same(column, end.columns)
    if was is None or last is None or was.oid != column.oid or column.nullable or was.nullable or not last.nullable:
        return
    if isinstance(change, SetNullable) and not change.nullable:
        return
    if out_of_reach(end, ctx):
        return
    code = old_table(table, ctx)
    promised = code.of(column) if code is not None else None
    if code is not None and (promised is None or promised.nullable):
        return
    because = f": {code.said(promised)} promises one" if code is not None else ""
    name = label(table.key, ctx)
    yield ctx.finding(
        f"{name}.{change.column} may be NULL from now on, and the running code may rely on a value{because}.",
        table=table.key,
        advice=(
            "Release code that can read NULL there first, and let the column go nullable in the deployment after it:\n"
            f"op.alter_column({python(change.table.name)}, {python(change.column)}, nullable=True)"
        ),
    )
