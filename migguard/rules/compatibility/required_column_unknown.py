"""MG605: a new column that every INSERT has to name."""

from collections.abc import Iterator

from migguard.catalog.schema import Column, Table
from migguard.changes import AddColumn, AddConstraint, ModifyColumn, SetDefault, SetIdentity, SetNullable
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.required_columns import kept_fillable
from migguard.rules.facts.rows.inserts import filled_for, must_be_named
from migguard.rules.facts.rows.restrictions import table_named
from migguard.rules.facts.schema.deployment_end import final, out_of_reach, released, survivor
from migguard.rules.facts.schema.introduced import same
from migguard.rules.facts.schema.running_code import OldTable, old_table
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import label

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
    the column; a column that is nullable, has its default or is gone when the deployment ends; one that takes the name
    of a column that had to be named before; tables that this deployment creates, columns that are older than it. Where
    the models of the running code are known: tables that they do not map, columns that they fill; and older columns
    that they do not know are judged like new ones.
    """
    table = table_named(ctx.after, change.table)
    end = survivor(table, ctx) if table is not None else None
    if ctx.step.refusal is not None or table is None or end is None or not ctx.deployment.existing(table.oid):
        return
    if out_of_reach(end, ctx):
        return
    name, old = label(table.key, ctx), old_table(table, ctx)
    if old is not None and old.model is None:
        return
    for column in table.columns:
        last = same(column, end.columns)
        if last is None or last.oid != column.oid:  # it goes, and another column gets its name
            continue
        if column.inherited or not decisive(column, table, ctx) or written(last, old, ctx):
            continue
        if not must_be_named(last) or filled_for(end, last, final(ctx)):
            continue
        former = namesake(last, table, ctx)
        if former is not None and must_be_named(former):
            continue  # every INSERT names it already
        because = f" ({old.said()})" if old is not None else ""
        which = "which does not know the column, fails" if former is None else "which may leave it out, fails then"
        later = f" (which is {last.name} in the end)" if last.name != column.name else ""
        yield ctx.finding(
            f"Every INSERT into {name} must name {column.name}{later} from now on, and the running code{because}, "
            f"{which} until it is replaced.",
            table=table.key,
            advice=kept_fillable(change.table, column, last, end, added=isinstance(change, AddColumn)),
        )


def namesake(column: Column, table: Table, ctx: StepContext) -> Column | None:
    """The released column whose name a new one has in the end: the running code knows the name."""
    was = released(table, ctx)
    return was.column(column.name) if was is not None and not ctx.deployment.existing(column.oid) else None


def written(column: Column, old: OldTable | None, ctx: StepContext) -> bool:
    """Whether the running code gives the column a value, or another rule speaks of it.

    Of a column that is older than the deployment that can be said only where its models are known; what they map is
    MG606's, and a default that it loses MG609's.
    """
    existing, mapped = ctx.deployment.existing(column.oid), old.of(column) if old is not None else None
    if not existing:
        return mapped is not None and (mapped.filled or not mapped.nullable)
    was = same(column, old.was.columns) if old is not None and old.was is not None else None
    return old is None or mapped is not None or was is None or was.default is not None or was.identity is not None


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
