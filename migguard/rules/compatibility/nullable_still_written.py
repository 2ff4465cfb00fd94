"""MG606: a column becomes NOT NULL while the running code may still write NULL into it."""

from collections.abc import Iterator

from migguard.catalog.schema import Column, Table
from migguard.changes import AddConstraint, CreateTable, ModifyColumn, SetDefault, SetNullable
from migguard.findings import Finding, Severity
from migguard.models import ModelColumn, ModelTable
from migguard.rules.facts.rows.inserts import filled_for, must_be_named
from migguard.rules.facts.rows.restrictions import table_named
from migguard.rules.facts.schema.deployment_end import final
from migguard.rules.facts.schema.introduced import at_end, original, same, table_before
from migguard.rules.facts.schema.running_code import old_table
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import label, python

GIVEN = "CREATE TABLE people (id bigint PRIMARY KEY, email text)"
MODEL = """
class Person(Base):
    __tablename__ = "people"
    id = sa.Column(sa.BigInteger, primary_key=True)
    email = sa.Column(sa.Text{more})
"""
CODE = 'op.alter_column("people", "email", existing_type=sa.Text(), nullable=False)'
BAD = Example(CODE, given=GIVEN, models=MODEL.format(more=""))
GOOD = Example(CODE, given=GIVEN, models=MODEL.format(more=", nullable=False"))

Requiring = SetNullable | ModifyColumn | AddConstraint | CreateTable | SetDefault


@rule(
    "MG606",
    "nullable-still-written",
    Severity.WARNING,
    "A column becomes NOT NULL while the models of the running code leave it nullable and without a default.",
    bad=BAD,
    good=GOOD,
)
def nullable_still_written(change: Requiring, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    A mapped class names all of its columns in an INSERT and sends NULL for those that have no value, also where the
    database has a default. From SET NOT NULL on each such INSERT or UPDATE fails until the last old instance is
    replaced.

    ## What is let through
    Columns that the models of the running code declare NOT NULL, give a default, or leave to a default that the
    database still has; columns that they do not map (MG605 speaks of those); columns that are nullable again or gone
    when the deployment ends; columns and tables that this deployment creates. Where the models are not known, MG702
    says what can be said of the rows that are there.
    """
    table = table_named(ctx.after, change.table)
    before = table_before(table, ctx) if table is not None else None
    end = at_end(table, ctx) if table is not None else None
    if ctx.step.refusal is not None or table is None or before is None or end is None:
        return
    old = old_table(before, ctx)
    if old is None or old.was is None or old.model is None:
        return
    for column in table.columns:
        was, last, mapped = same(column, old.was.columns), same(column, end.columns), old.of(column)
        there = same(column, before.columns)
        if was is None or last is None or mapped is None or there is None or column.generated is not None:
            continue
        if mapped.server_default and (was.default is not None or was.identity is not None):
            continue  # MG609 speaks of the default
        if not was.nullable or last.nullable or column.nullable or refused(there, before, mapped, old.model, ctx):
            continue
        if not refused(last, end, mapped, old.model, ctx):
            continue
        name = label(original(table.key), ctx)
        how = (
            "leaves it to a default that is gone" if mapped.server_default else "leaves it nullable and has no default"
        )
        yield ctx.finding(
            f"{name}.{last.name} takes no NULL from now on, and the running code may still write one: "
            f"{old.said(mapped)} {how}.",
            table=original(table.key),
            advice=(
                "Release code that always gives it a value (nullable=False, or a default=), and set it NOT NULL in the "
                "deployment after it:\n"
                f"op.alter_column({python(original(table.key)[1])}, {python(last.name)}, nullable=False)"
            ),
        )


def refused(column: Column, table: Table, mapped: ModelColumn, model: ModelTable, ctx: StepContext) -> bool:
    """Whether the server refuses an INSERT of the running code that has no value for the column."""
    if column.nullable or not mapped.nullable or mapped.filled or mapped.primary_key:
        return False
    left_out = mapped.server_default or not model.classes
    return (must_be_named(column) or not left_out) and not filled_for(table, column, final(ctx))
