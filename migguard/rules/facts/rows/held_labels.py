"""Which values of an enum the rows of a column can hold when a step runs: what they held before, and were given since.

A value that this deployment adds to the type, by ADD VALUE or by building the type again, is in no row until something
writes it, and no code that runs knows it. One that an UPDATE or DELETE has moved away is in no row any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from migguard.catalog.lookup import type_at, type_key
from migguard.catalog.naming import quote
from migguard.catalog.schema import Column, EnumType, Table
from migguard.changes import (
    AlterColumnType,
    Condition,
    DataType,
    Delete,
    Engine,
    Expression,
    Insert,
    Merge,
    RenameEnumValue,
    Truncate,
    Unknown,
    Update,
)
from migguard.records import dataclass
from migguard.rules.facts.advice.probes import literals
from migguard.rules.facts.rows.implication import Rows, lets_in
from migguard.rules.facts.rows.mended_rows import alone, sure, true_of_rows
from migguard.rules.facts.rows.nulls import is_of, taken_out
from migguard.rules.facts.rows.restrictions import conditions_of
from migguard.rules.facts.schema.deployment_end import before_this, released
from migguard.rules.facts.schema.introduced import same
from migguard.rules.frame import StepContext
from migguard.sql.chosen_values import chosen
from migguard.sql.expressions import read_expression
from migguard.trace import Step


@dataclass(frozen=True, slots=True)
class Held:
    """The values that rows may hold, and those that the released type has, by the names that they have now."""

    rows: frozenset[str]
    released: frozenset[str]


def held(column: Column, table: Table, ctx: StepContext) -> Held | None:
    """What an existing column holds; None where it was no enum before, or was written in a way that is not known."""
    was = released(table, ctx)
    first = same(column, was.columns) if was is not None else None
    made = type_at(ctx.deployment.released, first.type) if first is not None and first.type is not None else None
    if first is None or first.oid != column.oid or not isinstance(made, EnumType):
        return None
    rows, known = set(made.labels), set(made.labels)
    for step in before_this(ctx):
        at = step.before.tables.get(table.key)
        if at is None or at.oid != table.oid:
            at = next((t for t in step.before.tables.values() if t.oid == table.oid), None)
        there = next((c for c in at.columns if c.oid == column.oid), None) if at is not None else None
        if at is None or there is None or step.refusal is not None:
            continue
        if isinstance(step.change, RenameEnumValue):
            if renames(step.change, there, step):
                rows, known = ({renamed(v, step.change) for v in some} for some in (rows, known))
            continue
        left = after(step, there, at, rows, ctx.before.server.engine)
        if left is None:
            return None
        rows = left
    return Held(frozenset(rows), frozenset(known))


def after(step: Step, column: Column, table: Table, rows: set[str], engine: Engine) -> set[str] | None:
    """The values in a column after a step; None where that is not known."""
    done = step.change
    match done:
        case Unknown():
            return None
        case Insert() | Merge() if is_of(done.table, table, step):
            return None
        case AlterColumnType() if is_of(done.table, table, step) and done.column == column.name:
            plain = done.using is None or done.using.cast_of == column.name
            return rows if plain else None
        case Delete() | Truncate() if is_of(done.table, table, step):
            if taken_out(step, table):
                return set()
            return rows - taken(step, done, column, rows, engine) if isinstance(done, Delete) else rows
        case Update() if is_of(done.table, table, step):
            given = [value for name, value in done.assignments if name == column.name]
            if not given:
                return rows
            values = [written_for(value, rows, step, done, column.name) for value in given]
            if column.type is None or column.type.dimensions or any(v is None for v in values):
                return None
            return (rows - taken(step, done, column, rows, engine)).union(*(v for v in values if v is not None))
        case _:
            return rows


def written_for(value: Expression, rows: Iterable[str], step: Step, done: Update, column: str) -> frozenset[str] | None:
    """What an UPDATE puts into a column in the rows that have these values, or NULL; None where it may be any."""
    if value.is_null or value.constant is not None:
        return frozenset() if value.constant is None else frozenset({value.constant})
    if value.subquery or not alone(done):
        return None
    bound = step.statement.parameters
    given = bound if isinstance(bound, Mapping) else {}
    return chosen(value.text, column, frozenset(rows), step.before.server.engine, given)


def taken(step: Step, done: Update | Delete, column: Column, rows: set[str], engine: Engine) -> set[str]:
    """The values that no row has any more when an UPDATE or DELETE is through, but for what it writes itself."""
    if not sure(step, done):
        return set()
    if done.where is None or done.where.always_true:
        return rows
    found = {c.value for c in single(done.where, column.name) if c.operator == "=" and c.value is not None}
    found |= {v for c in single(done.where, column.name) if c.operator == "in" for v in c.values}
    if found:
        return rows & found
    spared = [read_expression(f"NOT ({done.where.text})", engine)]
    own = quote(column.name, engine)
    return {
        v for v in rows if lets_in(spared, read_expression(f"{own} NOT IN ({literals([v])})", engine), Rows(), engine)
    }


def single(where: Expression, column: str) -> tuple[Condition, ...]:
    """The one condition that a WHERE is made of, where it is about the column."""
    return where.conditions if where.conjunctive and [c.column for c in where.conditions] == [column] else ()


def renames(change: RenameEnumValue, column: Column, step: Step) -> bool:
    """Whether RENAME VALUE is about the type of a column."""
    own = type_at(step.before, column.type) if column.type is not None else None
    key = type_key(step.before, change.type)
    return isinstance(own, EnumType) and key is not None and own.key == key


def renamed(label: str, change: RenameEnumValue) -> str:
    """A value by its new name."""
    return change.new if label == change.value else label


def all_fit(column: Column, table: Table, new: DataType, ctx: StepContext) -> bool:
    """Whether every text in a column is a value of the enum that it becomes.

    The column was an enum of these before, or checks and what the deployment wrote leave no other text.
    """
    target = type_at(ctx.before, new)
    if not isinstance(target, EnumType) or not target.labels or new.dimensions:
        return False
    found = held(column, table, ctx)
    if found is not None and found.rows <= set(target.labels):
        return True
    engine = ctx.before.server.engine
    wanted = read_expression(f"{quote(column.name, engine)} IN ({literals(target.labels)})", engine)
    valid = [c for c in table.constraints if c.valid and c.enforced]
    return lets_in(true_of_rows(conditions_of(valid), table, ctx), wanted, Rows(), engine)
