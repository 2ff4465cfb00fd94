"""MG702: SET NOT NULL on a column that may still hold NULLs."""

from collections.abc import Iterator
from itertools import islice

from migguard.catalog.schema import Table
from migguard.changes import AddConstraint, ModifyColumn, NotNull, PrimaryKey, SetNullable, ValidateConstraint
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.askable import askable
from migguard.rules.facts.advice.batches import picked, rounds
from migguard.rules.facts.advice.probes import column as spelled
from migguard.rules.facts.advice.probes import nulls, relation
from migguard.rules.facts.rows.emptied_values import emptied_by, made_null
from migguard.rules.facts.rows.nulls import holds_no_null
from migguard.rules.facts.rows.restrictions import is_new
from migguard.rules.facts.schema.introduced import same
from migguard.rules.facts.scripts.asked_fills import filled_where_asked
from migguard.rules.facts.scripts.unread_branches import unread_before
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import label, target

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, email text)"
NOT_NULL = 'op.alter_column("orders", "email", existing_type=sa.Text(), nullable=False)'
BAD = Example(NOT_NULL, given=GIVEN)
GOOD = Example(f"op.execute(\"UPDATE orders SET email = '' WHERE email IS NULL\")\n{NOT_NULL}", given=GIVEN)

Requiring = SetNullable | ModifyColumn | AddConstraint | ValidateConstraint


@rule(
    "MG702",
    "not-null-without-backfill",
    Severity.WARNING,
    "A column is made NOT NULL that no revision ever filled: an error if a row holds NULL.",
    bad=BAD,
    good=GOOD,
)
def not_null_without_backfill(change: Requiring, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    The column could be NULL until now, and no revision put a value into the rows that have none. The first of them
    stops the deployment, on production only. A primary key makes its columns NOT NULL too.

    ## What is let through
    Columns that an UPDATE of any revision filled, in SQL or in a loop over the rows, or where it has asked for rows
    without a value; that came with a default; whose empty rows this deployment deletes; for which a validated CHECK
    proves that there is no NULL, or that were NOT NULL when the deployment began; NOT NULL that is NOT VALID; tables
    that this deployment creates. An UPDATE of the deployment that makes NULL of values, as of `''`, opens gaps again.
    """
    table = target(ctx, change.table)
    if table is None or ctx.step.refusal is not None:
        return
    found = (f for name in required(change, table) for f in without_value(name, table, change, ctx))
    yield from islice(found, 1)  # the first column of a key will do: all of them fail alike


def without_value(name: str, table: Table, change: Requiring, ctx: StepContext) -> Iterator[Finding]:
    """The finding that rows have no value in a column that must have one from now on."""
    column = table.column(name)
    if column is None or (not column.nullable and column.not_null_valid):
        return
    emptied = emptied_by(table, name, ctx)
    if column.generated is not None or (emptied is None and holds_no_null(table, name, ctx)):
        return
    if emptied is not None:
        yield made_null(emptied, table, name, ctx)
    if emptied is not None or filled_where_asked(table, name, ctx):
        return
    shown = label(table.key, ctx)
    key = isinstance(change, AddConstraint) and isinstance(change.constraint, PrimaryKey)
    begin = f"A primary key over {shown}.{name}" if key else f"Making {shown}.{name} NOT NULL"
    new = f"as soon as {shown} has a row: nothing has put a value into it"
    message = f"{begin} fails {new if is_new(column, ctx) else f'if a row of {shown} has no value in it'}."
    there, unread = askable(table, [name], ctx), unread_before((table.key[1], name), ctx)
    if unread is not None:
        message += f" It was not to be read (MG008) whether {unread.called} fills such rows, or makes some."
    yield ctx.finding(
        message,
        verified=ctx.step.verified and unread is None,
        related=(unread.origin,) if unread is not None else (),
        table=table.key,
        advice=advice(table, name, ctx),
        probe=nulls(there.key, name, ctx.before) if there is not None else None,
    )


def required(change: Requiring, table: Table) -> tuple[str, ...]:
    """The columns that must have a value in every row from now on; of a key those that are known to lack NOT NULL."""
    match change:
        case SetNullable():
            return () if change.nullable else (change.column,)
        case AddConstraint(constraint=NotNull(not_valid=False) as made):
            return (made.column,)
        case ModifyColumn():
            return (change.column,) if change.definition.nullable is False else ()
        case AddConstraint(constraint=PrimaryKey() as key):
            index = table.index(key.using_index) if key.using_index else None
            names = key.columns if index is None else tuple(c for c in index.columns if c is not None)
            return tuple(c for c in names if table.never_null(c) is False)
        case ValidateConstraint():
            return tuple(c.name for c in table.columns if c.not_null_name == change.name)
        case _:
            return ()


def advice(table: Table, name: str, ctx: StepContext) -> str:
    """Fill the gaps in batches, in a revision before this one, by the names that are in use then."""
    then = ctx.trace.before if ctx.trace is not None else ctx.before
    column = table.column(name)
    was = next((t for t in then.tables.values() if t.oid == table.oid != 0), None)
    there = same(column, was.columns) if was is not None and column is not None else None
    late = was is None or there is None or (column is not None and there.oid != column.oid)
    if late or was is None or there is None:
        was, called, then = table, spelled(name, ctx.before), ctx.before
        lead = "Add the column in a revision before this one, and give the rows a value there, in batches"
    else:
        lead = "Give the rows a value first, in batches and in a revision before this one"
        called = spelled(there.name, then)
    return f"{lead}:\n" + rounds(
        f"UPDATE {relation(was.key, then)} SET {called} = … WHERE {picked(was, f'{called} IS NULL', then)}"
    )
