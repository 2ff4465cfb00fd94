"""What a type change does to values that the new type cannot hold: which are lost, and which stop the migration."""

from migguard.catalog.lookup import type_at
from migguard.catalog.schema import Column, Table
from migguard.catalog.types import loses, misfits, rounds
from migguard.changes import AlterColumnType, DataType, Engine, ModifyColumn
from migguard.records import dataclass
from migguard.rules.facts.advice.probes import column
from migguard.rules.facts.rows.cast_failures import STRINGS, Failure, failure
from migguard.rules.facts.rows.empty_tables import empty
from migguard.rules.facts.rows.held_labels import all_fit
from migguard.rules.facts.rows.lost_values import as_rows_hold
from migguard.rules.facts.rows.refused_casts import refused_type_change
from migguard.rules.frame import StepContext
from migguard.sql.open_casts import open_casts


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Why a type is narrower, in words. `lost` says that values are changed without an error, `refused` that the first
    value that does not fit stops the migration."""

    reason: str
    lost: bool
    refused: bool


def narrowing(
    change: AlterColumnType | ModifyColumn, table: Table, there: Column, ctx: StepContext
) -> Narrowing | None:
    """What the new type cannot hold of an existing column's values; None where that is all of them, or none is left, or
    the server refuses the change whatever the rows hold."""
    new = change.type if isinstance(change, AlterColumnType) else change.definition.type
    if there.type is None or new is None or (there.oid and not ctx.deployment.existing(there.oid)):
        return None
    reason = loses(there.type, new, as_rows_hold(there, table, ctx))
    if reason is None or ctx.step.refusal is not None or empty(table, ctx.step, ctx.known):
        return None
    if not isinstance(change, AlterColumnType) or ctx.before.server.engine is not Engine.POSTGRESQL:
        own = type_at(ctx.before, new) is not None
        return Narrowing(reason, lost=not own, refused=own)
    if refused_type_change(change, ctx.step) is not None or only_known(change, table, there, ctx):
        return None
    refused = misfits(reason) and fails(change, table, there, new, ctx) is not None
    return Narrowing(reason, lost=rounds(reason) or not refused, refused=refused)


def told_as_narrowing(change: AlterColumnType, table: Table, ctx: StepContext) -> bool:
    """Whether the values on which a cast fails are those that the new type is too narrow for.

    A text that does not read as a number is not too large for it: that is the cast's own failure.
    """
    there = table.column(change.column)
    if there is not None and there.type is not None and there.type.name in STRINGS and change.type.name not in STRINGS:
        return False
    found = narrowing(change, table, there, ctx) if there is not None else None
    return found is not None and found.refused


def fails(change: AlterColumnType, table: Table, there: Column, new: DataType, ctx: StepContext) -> Failure | None:
    """Which values fail on the way, or None."""
    assert there.type is not None
    own, source, held = column(change.column, ctx.before), there.type, as_rows_hold(there, table, ctx)
    if only_known(change, table, there, ctx):
        return None
    if change.using is not None and change.using.cast_of != change.column:
        if source.name not in (*STRINGS, "json", "jsonb"):
            return None
        casts = open_casts(change.using.text, ctx.before.server.engine)
        return next((Failure(f.values) for c in casts if (f := failure(source, c, own, held, assigned=False))), None)
    for cast in change.using.cast_types if change.using is not None else ():
        found = failure(source, cast, own, held, assigned=False)
        if found is not None:
            return found
        if cast.name not in STRINGS or cast.arguments:
            source = cast  # a detour by way of text changes no value
    return failure(source, new, own, held, assigned=True)


def only_known(change: AlterColumnType, table: Table, there: Column, ctx: StepContext) -> bool:
    """Whether a text becomes an enum as it is, and no row has a text that is none of its values."""
    plain = change.using is None or change.using.cast_of == change.column
    text = there.type is not None and there.type.name in STRINGS
    return plain and text and all_fit(there, table, change.type, ctx)
