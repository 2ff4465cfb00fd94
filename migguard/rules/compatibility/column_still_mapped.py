"""MG603: a column is dropped that the running code still maps."""

from collections.abc import Iterator

from migguard.catalog.copying import replace
from migguard.catalog.schema import Column, Table
from migguard.changes import CreateTable, DropColumn, DropType
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.left_unused import demands, left_out
from migguard.rules.facts.advice.names_needed_later import dropping, in_the_way, left_as, only, without
from migguard.rules.facts.rows.restrictions import table_named
from migguard.rules.facts.schema.deployment_end import final
from migguard.rules.facts.schema.introduced import original, same, table_before
from migguard.rules.facts.schema.running_code import missing_from, old_table
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import label, python, schema_argument

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, fax text)"
MODEL = """
class Order(Base):
    __tablename__ = "orders"
    id = sa.Column(sa.BigInteger, primary_key=True)
"""
BAD = Example('op.drop_column("orders", "fax")', given=GIVEN, models=f"{MODEL}    fax = sa.Column(sa.Text)")
GOOD = Example('op.drop_column("orders", "fax")', given=GIVEN, models=MODEL)


@rule(
    "MG603",
    "column-still-mapped",
    Severity.ERROR,
    "A column is dropped that the models of the running code map.",
    bad=BAD,
    good=GOOD,
)
def column_still_mapped(change: DropColumn | CreateTable | DropType, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    Instances of the old code run on while the schema changes. A mapped class names all of its columns in every SELECT
    and most of them in every INSERT, a deferred one too: from the drop until the last old instance is replaced,
    everything on this table fails.

    ## What is let through
    Columns that no model at the base of the branch maps: dropping them is the last step. A column of that name that is
    there when the deployment ends, also in a view under the table's old name; tables and columns of this deployment.
    Where the models are not known, MG302 says what can be said.
    """
    for table, column in lost(change, ctx):
        old = old_table(table, ctx)
        mapped = old.of(column) if old is not None else None
        if old is None or mapped is None or not ctx.deployment.existing(column.oid):
            continue
        end = final(ctx)
        if (old.key not in end.tables and old.key not in end.views) or not missing_from(old.key, [mapped.name], end):
            continue
        name = label(original(table.key), ctx)
        yield ctx.finding(
            f"Dropping {name}.{column.name} breaks the running code on {name} until it is replaced: {old.said(mapped)} "
            "maps the column.",
            table=original(table.key),
            advice=advice(change, table, column, ctx),
        )


def lost(change: DropColumn | CreateTable | DropType, ctx: StepContext) -> Iterator[tuple[Table, Column]]:
    """The columns of existing tables that the step takes away: by name, by a batch copy, or with their type."""
    if ctx.step.refusal is not None:
        return
    if isinstance(change, DropType):
        pairs = [(t, ctx.after.tables.get(k)) for k, t in ctx.before.tables.items() if ctx.existing(k)]
        changed = [(before, after) for before, after in pairs if after is not None and after is not before]
    else:
        table = table_named(ctx.after, change.table)
        before = table_before(table, ctx) if table is not None else None
        if table is None or before is None or not ctx.deployment.existing(before.oid):
            return
        changed = [(before, table)]
    for before, after in changed:
        yield from ((before, c) for c in before.columns if same(c, after.columns) is None)


def advice(change: DropColumn | CreateTable | DropType, table: Table, column: Column, ctx: StepContext) -> str:
    """Drop it a release later."""
    given = change.table if isinstance(change, DropColumn) else None
    name, where = (given.name, schema_argument(given)) if given is not None else (original(table.key)[1], "")
    lines = [f"op.drop_column({python(name)}, {python(column.name)}{where})"]
    keys = in_the_way(table, column.name, ctx)
    left, there = left_as(column, keys) or column, replace(without(table, keys), key=original(table.key))
    first = dropping(there, keys, column, ctx)
    if demands(left, ctx):
        first += ["# in this deployment, since an INSERT that does not name it fails:", left_out(there, left, ctx)]
    if first:
        lines = [*first, "# in the one after:", *lines]
    rest = f"Take {column.name} out of the models, release that, and drop the column in the deployment after it:"
    return "\n".join((f"{only(keys)}{rest}", *lines))
