"""MG302: DROP COLUMN of an existing column."""

from collections.abc import Iterator

from migguard.catalog.schema import Column, Table
from migguard.changes import DropColumn, Name
from migguard.findings import Finding, Safe, Severity
from migguard.rules.facts.advice.batches import row_key
from migguard.rules.facts.advice.fresh_names import free
from migguard.rules.facts.advice.left_unused import demands, left_out, made_again, unknown_rules
from migguard.rules.facts.advice.name_taken import out_of_the_way, taken_by
from migguard.rules.facts.advice.names_needed_later import dropping, gone_with, in_the_way, left_as, only, without
from migguard.rules.facts.rows.empty_tables import empty
from migguard.rules.facts.rows.kept_copies import kept, values_left
from migguard.rules.facts.schema.deployment_end import final
from migguard.rules.facts.schema.running_code import unmapped
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import identifier, label, listed, python, sql_name, target, waiting

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, fax text)"
BAD = Example('op.drop_column("orders", "fax")', given=GIVEN)
GOOD = Example(
    'op.drop_column("orders", "note")', given=GIVEN, earlier=('op.add_column("orders", sa.Column("note", sa.Text()))',)
)


@rule("MG302", "drop-column", Severity.ERROR, "An existing column and all its values are dropped.", bad=BAD, good=GOOD)
def drop_column(change: DropColumn, ctx: StepContext) -> Iterator[Finding | Safe]:
    """## Why it matters
    The values are gone: a downgrade brings back an empty column at best. Instances of the old code that are still
    running name the column in every SELECT and INSERT of the mapped class, and fail until they are replaced.

    ## What is let through
    A column that this deployment added; `IF EXISTS` of a column that is not there; a virtual generated column, whose
    values are stored nowhere. In a table that the deployment has emptied before (MG305 and MG304 say so) it is a notice
    about the code that is still running, and silent where MG603 knows that code's models. Where they are known and do
    not map the column, dropping it is the last step of taking it away: a notice.
    """
    table = target(ctx, change.table)
    if table is None or ctx.step.refusal is not None:
        return
    column = table.column(change.column)
    if column is None and change.if_exists:
        return
    if column is not None and not ctx.deployment.existing(column.oid):
        yield ctx.safe(f"this deployment adds {change.column}: there is nothing in it that was released")
        return
    derived = column is not None and column.generated is not None
    if derived and column is not None and not column.stored:
        return
    name = label(table.key, ctx)
    if empty(table, ctx.step, ctx.known):
        if ctx.running is not None:
            yield ctx.safe(f"this deployment has taken all rows out of {name} before: no value is left in it")
            return
        yield ctx.finding(
            f"Dropping {name}.{change.column} destroys no value, since this deployment has emptied {name} before; "
            "running code that names the column in its queries fails from then on.",
            severity=Severity.NOTICE,
            lock=waiting(ctx, table.key, ctx.effect) or None,
            table=table.key,
            advice=advice(table, column, change.column, ctx),
        )
        return
    along = gone_with(table, change.column)
    extra = f" {listed(along)} {'goes' if len(along) == 1 else 'go'} with it." if along else ""
    unused = column is not None and unmapped(table, ctx, column)
    copied = kept(table, change.column, ctx)
    extra += copied
    if unused:
        extra = f"{extra} No model of the running code maps it."
    yield ctx.finding(
        f"Dropping {name}.{change.column} destroys {values_left(table, change.column, ctx)}.{extra}",
        severity=Severity.NOTICE if derived or unused else None,
        lock=waiting(ctx, table.key, ctx.effect) or None,
        table=table.key,
        advice=last_step(change, table, copied, ctx)
        if unused and taken_by(table, change.column, ctx) is None
        else advice(table, column, change.column, ctx),
    )


def last_step(change: DropColumn, table: Table, copied: str, ctx: StepContext) -> str:
    """No model maps it any more: what is left is text that names it, and the values."""
    sure = "Make sure that no SQL written as text names it"
    if copied:
        return f"{sure}."
    copy = Name(free(f"{change.table.name}_{change.column}", table, ctx.before, final(ctx)), change.table.schema)
    picked = ", ".join(identifier(c) for c in dict.fromkeys((*row_key(table), change.column)))
    made = f"CREATE TABLE {sql_name(copy)} AS SELECT {picked} FROM {sql_name(change.table)}"
    return f"{sure}, and keep its values until nobody misses them:\nop.execute({python(made)})"


def advice(table: Table, column: Column | None, called: str, ctx: StepContext) -> str:
    """Drop it a release later; what INSERTs must name has to be free to leave out before."""
    rest = f"{called} from the models, release that, and drop the column in the next deployment, when no running code"
    taker = taken_by(table, called, ctx)
    if taker is not None:
        return out_of_the_way(table, column, called, taker, ctx)
    keys = in_the_way(table, called, ctx)
    calls = dropping(table, keys, column, ctx)
    table, column = without(table, keys), left_as(column, keys)
    unknown = unknown_rules(column, table)
    column = (made_again(table, called, ctx) if unknown else None) or column
    unsure = unknown and (column is None or unknown_rules(column, table))
    if not unsure and (column is None or not demands(column, ctx)):
        return "\n".join((f"{only(keys)}Remove {rest} names it{':' if calls else '.'}", *calls))
    lead = f"An INSERT that does not name {called} fails {'if' if unsure else 'while'} it is NOT NULL without a default"
    known = " (which is not known here: nothing in the history made it)" if unsure else ""
    calls.append(left_out(table, column or Column(called, None), ctx))
    return "\n".join(
        (f"{only(keys)}{lead}{known}, so change that in this deployment; then remove {rest} names it:", *calls)
    )
