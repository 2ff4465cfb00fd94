"""MG609: a default on which INSERTs of the running code may rely is dropped."""

from collections.abc import Iterator

from migguard.catalog.schema import Column, Table
from migguard.changes import SetDefault, SetIdentity
from migguard.findings import Finding, Severity
from migguard.models import ModelColumn, ModelTable
from migguard.rules.facts.rows.inserts import filled_for, must_be_named
from migguard.rules.facts.schema.deployment_end import final, out_of_reach, released, survivor
from migguard.rules.facts.schema.introduced import same
from migguard.rules.facts.schema.running_code import old_table
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import label, python, target

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, state text NOT NULL DEFAULT 'new', note text DEFAULT '')"
BAD = Example('op.alter_column("orders", "state", server_default=None)', given=GIVEN)
GOOD = Example('op.alter_column("orders", "note", server_default=None)', given=GIVEN)


@rule(
    "MG609",
    "default-dropped",
    Severity.WARNING,
    "The default of an existing NOT NULL column is dropped: INSERTs of the running code that leave it out fail.",
    bad=BAD,
    good=GOOD,
)
def default_dropped(change: SetDefault | SetIdentity, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    Code that leaves the column to the database runs on until the last old instance is replaced. Without the default
    each of its INSERTs fails on the NOT NULL column.

    ## What is let through
    Columns that can be NULL when the deployment ends, have a default again, become an identity or a generated column,
    or are gone; a trigger before INSERT that sets the column; columns and tables of this deployment (MG605 speaks of
    those); partitions, whose rows come in through their parent and take its default. Where the models of the running
    code are known: columns that they fill, and tables that they do not map. A mapped class leaves a column to the
    database only where it declares a `server_default`; for any other it sends NULL where it has no value. A column that
    no model knows is left out of every INSERT: an error.
    """
    table = target(ctx, change.table)
    end = survivor(table, ctx) if table is not None else None
    if ctx.step.refusal is not None or table is None or end is None or table.partition_of is not None:
        return
    if isinstance(change, SetDefault) and change.default is not None and not change.default.is_null:
        return
    if out_of_reach(end, ctx):
        return
    column = table.column(change.column)
    last = same(column, end.columns) if column is not None else None
    if column is None or last is None or not had_default(column, table, ctx):
        return
    if must_be_named(column) or not must_be_named(last) or filled_for(end, last, final(ctx)):
        return
    name, old = label(table.key, ctx), old_table(table, ctx)
    if old is not None and (old.model is None or named_always(old.of(column), old.model)):
        return
    mapped = old.of(column) if old is not None else None
    unknown = old is not None and (mapped is None or (mapped.primary_key and mapped.server_default))
    because = f" ({old.said(mapped)})" if old is not None else ""
    who = "all of those" if unknown else "those"
    yield ctx.finding(
        f"Without its default {name}.{change.column} must be named in every INSERT, and {who} of the running code"
        f"{because}{' fail: they leave it out' if unknown else ' that leave it out fail'}.",
        severity=Severity.ERROR if unknown else None,
        table=table.key,
        advice=(
            f"Release code that always names {change.column} first, and drop the default in the deployment after it:\n"
            f"op.alter_column({python(change.table.name)}, {python(change.column)}, server_default=None)"
        ),
    )


def named_always(column: ModelColumn | None, model: ModelTable) -> bool:
    """Whether every INSERT of the running code names the column: Core's leave out what they are not given."""
    return column is not None and (column.filled or (bool(model.classes) and not column.server_default))


def had_default(column: Column, table: Table, ctx: StepContext) -> bool:
    """Whether the column was there before the deployment, and did not have to be named."""
    old = released(table, ctx)
    was = same(column, old.columns) if old is not None else None
    return was is not None and was.oid == column.oid and (was.default is not None or was.identity is not None)
