"""MG705: a type change that some rows, or all servers, refuse."""

from collections.abc import Iterator

from migguard.catalog.schema import Column, Table
from migguard.changes import AlterColumnType, DataType
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.askable import askable
from migguard.rules.facts.advice.blocking_types import spelled
from migguard.rules.facts.advice.looking_first import look_first, mended_before
from migguard.rules.facts.advice.probes import column, matching
from migguard.rules.facts.rows.narrowing import fails, told_as_narrowing
from migguard.rules.facts.rows.nulls import emptied
from migguard.rules.facts.rows.refused_casts import default_kept, refused_type_change
from migguard.rules.facts.rows.restrictions import is_new, table_named, written_here
from migguard.rules.frame import POSTGRESQL, Example, StepContext, rule
from migguard.rules.wording import label, python, schema_argument

GIVEN = "CREATE TABLE items (id bigint PRIMARY KEY, size text)"
BAD = Example('op.alter_column("items", "id", existing_type=sa.BigInteger(), type_=sa.String(9))', given=GIVEN)
GOOD = Example('op.alter_column("items", "id", existing_type=sa.BigInteger(), type_=sa.Numeric())', given=GIVEN)


@rule(
    "MG705",
    "cast-may-fail",
    Severity.WARNING,
    "A type change whose cast fails for some values, or that the server refuses without USING.",
    engines=POSTGRESQL,
    bad=BAD,
    good=GOOD,
)
def cast_may_fail(change: AlterColumnType, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    The first value that cannot be cast stops the deployment, after the table has been locked and in part rewritten.
    Without USING the server takes only casts that need not be written (text to integer does need it): then it refuses
    on every database, an empty one too. So it does where the column's default cannot follow without such a cast.

    ## What is let through
    Types that hold every value of the old one; casts that round or shorten without an error; an expression in USING
    that casts nothing but constants, or only inside a CASE; tables that this deployment creates and new columns that
    nothing has filled, unless the server refuses always; values that a narrower type of the same family cannot hold,
    where MG307 says that the change fails on them; enum values that the deployment has moved or deleted before, and
    text that a valid CHECK keeps to the enum's; types of extensions that the same type takes, and citext.
    """
    table = table_named(ctx.before, change.table)
    there = table.typed_column(change.column) if table is not None else None
    if table is None or there is None or there.type is None or there.assumed:
        return
    name = f"{label(table.key, ctx)}.{change.column}"
    new = spelled(change.type, ctx.before)
    shown = f"{spelled(there.type, ctx.before)} to {new}"
    refused = refused_type_change(change, ctx.step)
    if refused is not None:
        yield ctx.finding(
            f"Changing {name} from {shown} is refused: {refused}.",
            severity=Severity.ERROR,
            table=table.key,
            advice=spelled_out(change, there, change.type, ctx),
        )
        return
    found = fails(change, table, there, change.type, ctx)
    if (
        found is None
        or ctx.step.refusal is not None
        or not ctx.deployment.existing(table.oid)
        or empty(there, table, ctx)
        or emptied(table, ctx)
        or told_as_narrowing(change, table, ctx)
    ):
        return
    asked = askable(table, [change.column], ctx) if found.condition else None
    probe = matching(asked.key, found.condition, ctx.before) if asked and found.condition else None
    mends = mended_before([change.column], table, ctx)
    known = there.type.name not in ctx.before.assumed_types  # else a module that is not there has it
    what = f"{name} from {shown}" if known else f"{name}, whose type is not known here, to {new}"
    yield ctx.finding(
        f"Changing {what} fails if a row holds {found.values}.",
        verified=ctx.step.verified and known,
        table=table.key,
        advice=(
            f"{look_first('and mend them first.', mends, query=probe is not None)} "
            "Safer, and without the lock: add a column of the new type, fill it in batches, and let the code change "
            "over:\n"
            f"op.add_column({python(change.table.name)}, "
            f"sa.Column({python(change.column + '_new')}, ..., nullable=True){schema_argument(change.table)})"
        ),
        probe=probe,
    )


def empty(there: Column, table: Table, ctx: StepContext) -> bool:
    """Whether no row holds a value in the column yet."""
    return is_new(there, ctx) and there.default is None and not written_here(there.name, table, ctx)


def spelled_out(change: AlterColumnType, there: Column, new: DataType, ctx: StepContext) -> str:
    """The call with USING, around a default that is dropped first and set again."""
    table, own, where = python(change.table.name), python(change.column), schema_argument(change.table)
    text = f"{column(change.column, ctx.before)}::{spelled(new, ctx.before)}"
    call = f"op.alter_column({table}, {own}, type_=..., postgresql_using={python(text)}{where})"
    if there.default is None or not default_kept(there, change, ctx.step):
        return f"Say how the old values become new ones:\n{call}"
    return (
        "Drop the default, change the type, and set the default again in a call of its own:\n"
        f"op.alter_column({table}, {own}, server_default=None{where})\n{call}\n"
        f"op.alter_column({table}, {own}, server_default={python(there.default.constant or '...')}{where})"
    )
