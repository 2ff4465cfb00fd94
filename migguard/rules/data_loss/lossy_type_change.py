"""MG307: a type change to a type that cannot hold every value of the old one."""

from collections.abc import Iterator

from migguard.catalog.schema import Column, Table
from migguard.catalog.types import INTEGERS, misfits, rounds
from migguard.changes import AlterColumnType, DataType, Engine, ModifyColumn
from migguard.findings import Finding, Severity
from migguard.rules.facts.advice.askable import askable
from migguard.rules.facts.advice.blocking_types import spelled
from migguard.rules.facts.advice.probes import column as spelled_column
from migguard.rules.facts.advice.probes import matching
from migguard.rules.facts.rows.cast_failures import STRINGS, failure
from migguard.rules.facts.rows.narrowing import Narrowing, narrowing
from migguard.rules.frame import Example, StepContext, rule
from migguard.rules.wording import label, target

GIVEN = "CREATE TABLE orders (id bigint PRIMARY KEY, code varchar(80))"
BAD = Example('op.alter_column("orders", "code", existing_type=sa.String(80), type_=sa.String(40))', given=GIVEN)
GOOD = Example('op.alter_column("orders", "code", existing_type=sa.String(80), type_=sa.String(160))', given=GIVEN)


@rule(
    "MG307",
    "lossy-type-change",
    Severity.ERROR,
    "A column gets a type that cannot hold every value it may have.",
    bad=BAD,
    good=GOOD,
)
def lossy_type_change(change: AlterColumnType | ModifyColumn, ctx: StepContext) -> Iterator[Finding]:
    """## Why it matters
    A shorter string, a smaller number, fewer digits or a timestamp without its zone: the server either refuses as
    soon as one value does not fit, or cuts it without a word.

    ## What is let through
    Whatever the engine's own types hold without loss; columns, tables and enum values that this deployment adds; values
    that it has moved or deleted before, or that a valid CHECK keeps out; a table that it has emptied before.
    """
    table = target(ctx, change.table)
    column = table.typed_column(change.column) if table is not None else None
    new = change.type if isinstance(change, AlterColumnType) else change.definition.type
    found = narrowing(change, table, column, ctx) if table is not None and column is not None else None
    if table is None or column is None or column.type is None or new is None or found is None:
        return
    name = label(table.key, ctx)
    before, after = spelled(column.type, ctx.before), spelled(new, ctx.before)
    what = "fails on values that it cannot hold" if found.refused else "loses values"
    if found.refused and found.lost:
        what = "loses values, and fails on those that it cannot hold"
    query = probe(table, column, new, found, ctx)
    looked = "with the query of this finding " if query is not None else ""
    text = column.type.name in STRINGS and new.name in STRINGS
    yield ctx.finding(
        f"Changing {name}.{change.column} from {before} to {after} {what}: {found.reason}.",
        table=table.key,
        probe=query,
        advice=(
            f"Look for values that do not fit {looked}before the migration, mend them in a backfill of its own, and "
            "narrow the type only when none is left."
            + (
                " Instead of a shorter string, a CHECK on the length that is added NOT VALID and validated later says "
                "the same without a rewrite."
                if text
                else ""
            )
        ),
    )


def probe(table: Table, column: Column, new: DataType, found: Narrowing, ctx: StepContext) -> str | None:
    """The rows whose value does not survive; None where that cannot be asked before the deployment."""
    there = askable(table, [column.name], ctx)
    if there is None or column.type is None or ctx.before.server.engine is not Engine.POSTGRESQL:
        return None
    own = spelled_column(column.name, ctx.before)
    conditions = [c] if rounds(found.reason) and (c := rounded(column.type, new, own, ctx)) else []
    own_to_tell = misfits(found.reason) and not (
        column.type.name in STRINGS and new.name not in STRINGS
    )  # else MG705's
    failing = failure(column.type, new, own, ctx.before, assigned=True) if own_to_tell else None
    if failing is not None and failing.condition is not None:
        conditions.append(failing.condition)
    return matching(there.key, " OR ".join(conditions), ctx.before) if conditions else None


def rounded(old: DataType, new: DataType, own: str, ctx: StepContext) -> str | None:
    """The condition for values that change without an error."""
    if new.name == "numeric":
        return f"{own} <> round({own}, {new.arguments[1] if new.arguments[1:] else 0})"
    if new.name in INTEGERS:
        return f"{own} <> round({own})"
    if new.name == "real" or (old.name == "numeric" and new.name == "double precision"):
        low, high = ("1e-37", "3.4e38") if new.name == "real" else ("1e-300", "1.7e308")
        same = f"{own}::{new.name}::{spelled(old, ctx.before)}"
        return f"CASE WHEN abs({own}) BETWEEN {low} AND {high} THEN {own} <> {same} END"
    return f"{own} IS DISTINCT FROM {own}::{spelled(new, ctx.before)}"
