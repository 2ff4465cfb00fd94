"""A foreign key or CHECK that the deployment drops and adds again as it was, and that could have stayed."""

from migguard.catalog.copying import replace
from migguard.catalog.lookup import relation_key
from migguard.catalog.schema import ConstraintState, Key, Table
from migguard.changes import (
    AddColumn,
    AddConstraint,
    Comment,
    CreateIndex,
    DropColumn,
    DropConstraint,
    DropIndex,
    Engine,
    Grant,
    Name,
    Nothing,
    RenameColumn,
    RenameConstraint,
    RenameIndex,
    RenameTable,
    Select,
    SetDefault,
    SetNullable,
    SetVariable,
    TransactionControl,
    ValidateConstraint,
)
from migguard.rules.facts.locks.held_until import place
from migguard.rules.facts.rows.restrictions import former
from migguard.rules.facts.schema.deployment_end import before_this
from migguard.rules.frame import StepContext, table_at
from migguard.trace import Certainty, Step

BESIDE = (
    AddColumn
    | AddConstraint
    | Comment
    | CreateIndex
    | DropColumn
    | DropConstraint
    | DropIndex
    | Grant
    | Nothing
    | RenameColumn
    | RenameConstraint
    | RenameIndex
    | RenameTable
    | Select
    | SetDefault
    | SetNullable
    | SetVariable
    | TransactionControl
    | ValidateConstraint
)
"""What PostgreSQL does beside a foreign key or CHECK that stays, but for what that itself rests on
(https://www.postgresql.org/docs/current/sql-altertable.html)."""


def left_in_place(change: AddConstraint, table: Table, ctx: StepContext) -> str | None:
    """The advice to leave the constraint that is added as it was; None where something may need it to be away."""
    old = as_it_was(change, table, ctx)
    drop = dropping(old, ctx) if old is not None else None
    if old is None or drop is None:
        return None
    past = False
    for step in before_this(ctx):
        if past and needs_it_away(step, old.references, table):
            return None
        past = past or step is drop
    name = change.constraint.name
    return (
        f"Leave {name} in place: what is done between {place(drop, ctx)} and here does not need it away on PostgreSQL."
    )


def as_it_was(change: AddConstraint, table: Table, ctx: StepContext) -> ConstraintState | None:
    """The released constraint that the added one is, name and all."""
    then = ctx.after.tables.get(table.key)
    new = then.constraint(change.constraint.name) if then is not None and change.constraint.name is not None else None
    if new is None or ctx.before.server.engine is not Engine.POSTGRESQL:
        return None
    olds = former(table, table, ctx).constraints
    return next((c for c in olds if replace(c, named=new.named, comment=new.comment) == new and not c.inherited), None)


def dropping(old: ConstraintState, ctx: StepContext) -> Step | None:
    """The step that drops a released constraint."""
    found = None
    for step in before_this(ctx):
        change = step.change
        if isinstance(change, DropConstraint) and not step.refusal and step.statement.certainty is Certainty.RAN:
            there = table_at(relation_key(step.before, change.table), step.before)
            dropped = there.constraint(change.name) if there is not None and change.name is not None else None
            found = step if dropped is not None and dropped.oid == old.oid != 0 else found
    return found


def needs_it_away(step: Step, references: Key | None, table: Table) -> bool:
    """Whether a step may be what a constraint is dropped for: rows that it forbids, a type, or what is not read."""
    if isinstance(step.change, BESIDE):
        return False
    name = getattr(step.change, "table", None)
    there = table_at(relation_key(step.before, name), step.before) if isinstance(name, Name) else None
    other = step.before.tables.get(references) if references is not None else None
    if there is None or there.oid == table.oid:
        return True
    return references is not None and (other is None or there.oid == other.oid)
