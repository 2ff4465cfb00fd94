"""Whether the rows of an existing table can violate a new check or foreign key, and what is wrong with them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from migguard.catalog.copying import replace
from migguard.catalog.schema import Column, ConstraintKind, ConstraintState, Table
from migguard.changes import (
    AddConstraint,
    CreateIndex,
    DropConstraint,
    DropIndex,
    Expression,
    Insert,
    Merge,
    Nothing,
    Select,
    SetDefault,
    SetNullable,
    Update,
)
from migguard.rules.facts.advice.askable import names_before
from migguard.rules.facts.advice.probes import any_row, column, literals, relation
from migguard.rules.facts.rows.copied_references import only_copies
from migguard.rules.facts.rows.first_values import same_in_all, satisfied
from migguard.rules.facts.rows.left_as_made import passes_as_made
from migguard.rules.facts.rows.mended_rows import by_default, leads_somewhere, true_of_rows, writes_to
from migguard.rules.facts.rows.nulls import holds_no_null, is_of
from migguard.rules.facts.rows.old_writes import as_written, shortened
from migguard.rules.facts.rows.restrictions import (
    all_new,
    check_known,
    conditions_of,
    former,
    is_new,
    left_null,
    made_with,
    written_here,
)
from migguard.rules.facts.schema.deployment_end import before_this
from migguard.rules.facts.schema.shown_backwards import made_back
from migguard.rules.frame import StepContext
from migguard.rules.wording import label, listed
from migguard.sql.expressions import read_expression
from migguard.trace import Certainty

STILL = (SetNullable, SetDefault, AddConstraint, CreateIndex, DropIndex)
"""Changes that leave the rows, the columns and what they refer to as they were."""


def known(constraint: ConstraintState, before: Table, table: Table, ctx: StepContext) -> bool:
    """Whether the rows that are there fulfil it: by an older valid constraint, or by what was done to them."""
    once, now = ([c for c in t.constraints if c.enforced and c.valid] for t in (former(before, table, ctx), before))
    once += [c for c in made_back(before, ctx)[0] if c.enforced and c.valid]
    if constraint.kind is ConstraintKind.FOREIGN:
        older = [*once, *now, *dropped_just_now(before, ctx)]
        return leads_somewhere(constraint, older, before, ctx) or only_copies(constraint, table, ctx)
    new = [c for n in constraint.columns if (c := table.column(n)) is not None and is_new(c, ctx)]
    empty = [c.name for c in new if left_null(c, ctx) and not written_here(c.name, table, ctx)]
    came = [as_it_came(c, ctx) for c in new if left_null(c, ctx) and c.name not in empty]
    held = [*true_of_rows(conditions_of(once), before, ctx, came), *conditions_of(now)]
    return check_known(constraint, before, held, empty, ctx.before, by_default(before, ctx))


def as_it_came(made: Column, ctx: StepContext) -> Expression:
    """What is true of the rows in which no statement has written a new column since."""
    return read_expression(f"{column(made.name, ctx.before)} IS NULL", ctx.before.server.engine)


def dropped_just_now(table: Table, ctx: StepContext) -> list[ConstraintState]:
    """The valid foreign keys that this transaction has dropped: nothing was written since, and nobody else could."""
    found: list[ConstraintState] = []
    for step in before_this(ctx):
        change = step.change
        if step.refusal is not None or step.statement.transaction != ctx.step.statement.transaction:
            found = []
        elif isinstance(change, DropConstraint) and is_of(change.table, table, step):
            there = step.before.tables.get(table.key)
            key = there.constraint(change.name) if there is not None and change.name is not None else None
            if key is not None and key.kind is ConstraintKind.FOREIGN and key.valid and key.enforced:
                found.append(key)
        elif not isinstance(change, (*STILL, Select, Nothing)):
            found = []
    return found


def kept_out(constraint: ConstraintState, before: Table, table: Table, ctx: StepContext) -> bool:
    """Whether the released schema let no row in that violates a check: only this deployment can have made one.

    What was NOT NULL then had a value in every row, and a column of this deployment came with none.
    """
    if constraint.kind is not ConstraintKind.CHECK:
        return False
    once = [c for c in former(before, table, ctx).constraints if c.enforced and c.valid]
    new = [c for n in constraint.columns if (c := table.column(n)) is not None and is_new(c, ctx)]
    empty = [c.name for c in new if left_null(c, ctx)]
    return check_known(constraint, as_written(before, ctx), conditions_of(once), empty, ctx.before)


def made_here(constraint: ConstraintState, before: Table, table: Table, ctx: StepContext) -> bool:
    """Whether what can violate it is of this deployment: the columns are, or what is in them."""
    if constraint.kind is ConstraintKind.FOREIGN:
        return any(is_new(table.column(c), ctx) for c in constraint.columns)
    new = all_new(constraint.columns, table, ctx)
    return new or kept_out(constraint, before, table, ctx)


def unfilled(constraint: ConstraintState, before: Table, table: Table, ctx: StepContext) -> bool:
    """Whether no row can have a value that violates it: new columns are NULL, or hold the default."""
    columns = [c for n in constraint.columns if (c := table.column(n)) is not None]
    new = [c for c in columns if is_new(c, ctx) and not written_here(c.name, table, ctx)]
    if constraint.kind is ConstraintKind.FOREIGN:
        return any(left_null(c, ctx) for c in new) or put_there(constraint, table, ctx)
    conditions = constraint.expression.conditions if constraint.expression is not None else ()
    wanted = {c.column for c in conditions if c.operator == "is not null"}
    whole = constraint.expression is not None and constraint.expression.conjunctive and bool(conditions)
    if whole and all(c.operator == "is not null" and holds_no_null(before, c.column, ctx) for c in conditions):
        return True
    if constraint.expression is not None and columns and satisfied(constraint.expression, columns, table, ctx):
        return True
    return (
        bool(columns)
        and len(new) == len(columns)
        and all(not left_null(c, ctx) or c.name not in wanted for c in new)
        and refused_as_made(constraint, columns, ctx) is not True
    )


def refused_as_made(check: ConstraintState, columns: Sequence[Column], ctx: StepContext) -> bool | None:
    """Whether a check over new columns alone refuses what they were made with; None where that cannot be told."""
    if check.expression is None:
        return None
    made = [replace(c, default=made_with(c, ctx)) for c in columns]
    passed = passes_as_made(check.expression, made, ctx.before.server.engine)
    return None if passed is None else not passed


def one_value(key: ConstraintState, table: Table, ctx: StepContext) -> list[Expression]:
    """The constants that all rows hold in the columns of a foreign key, where all of them are new; else nothing."""
    columns = [c for n in key.columns if (c := table.column(n)) is not None]
    held = [value for c in columns if (value := same_in_all(c, table, ctx)) is not None]
    return held if len(held) == len(key.columns) == len(key.references_columns) else []


def spelled(value: Expression) -> str:
    """A constant without its casts."""
    return literals([value.constant]) if value.constant is not None and "'" in value.text else value.text


def put_there(key: ConstraintState, table: Table, ctx: StepContext) -> bool:
    """Whether this deployment certainly puts the row into the other table to which all rows then refer."""
    held = one_value(key, table, ctx)
    parent = ctx.before.tables.get(key.references) if key.references is not None else None
    if not held or parent is None:
        return False
    wanted, there = {c: v.constant for c, v in zip(key.references_columns, held, strict=True)}, False
    for step, done in writes_to(parent, ctx):
        if isinstance(done, Insert):
            whole = step.statement.certainty is Certainty.RAN and not done.on_conflict
            rows = [dict(zip(done.columns, row, strict=False)) for row in done.values]
            rows += [{str(c): str(v) for c, v in one.items()} for one in sets(step.statement.parameters)]
            there = there or (whole and any(wanted.items() <= row.items() for row in rows))
        elif not isinstance(done, Update) or {c for c, _ in done.assignments} & wanted.keys():
            there = False
    return there


def sets(parameters: Any) -> Iterator[Mapping[str, Any]]:
    """The parameter sets that a driver was given by name: SQLAlchemy calls those of an INSERT like the columns."""
    for one in parameters if isinstance(parameters, list | tuple) else (parameters,):
        if isinstance(one, Mapping):
            yield one


def gets_rows(key: ConstraintState, ctx: StepContext) -> bool:
    """Whether this deployment puts rows into the table to which a key refers."""
    parent = ctx.before.tables.get(key.references) if key.references is not None else None
    return parent is not None and any(isinstance(d, Insert | Merge) for _, d in writes_to(parent, ctx))


def lacking(key: ConstraintState, held: Sequence[Expression], table: Table, ctx: StepContext) -> str | None:
    """The query that finds a row where the other table does not have the one that all refer to; None if not askable."""
    was = names_before(table, (), ctx)
    parent = ctx.before.tables.get(key.references) if key.references is not None else None
    there = names_before(parent, key.references_columns, ctx) if parent is not None else None
    if was is None or gets_rows(key, ctx):
        return None
    if there is None:
        return any_row(was[0], ctx.before)
    same = " AND ".join(f"{column(c, ctx.before)} = {spelled(v)}" for c, v in zip(there[1], held, strict=True))
    none = f"NOT EXISTS (SELECT 1 FROM {relation(there[0], ctx.before)} WHERE {same})"
    return f"SELECT 1 FROM {relation(was[0], ctx.before)} WHERE {none} LIMIT 1"


def violation(constraint: ConstraintState, ctx: StepContext) -> str:
    """What is wrong with a row, in words."""
    if constraint.kind is ConstraintKind.FOREIGN:
        other = label(constraint.references, ctx) if constraint.references is not None else "the other table"
        return f"whose {listed(constraint.columns)} is not in {other}"
    text = constraint.expression.text if constraint.expression is not None else "its condition"
    return f"that does not fulfil {shortened(text)}"
