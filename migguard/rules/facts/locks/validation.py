"""Where a constraint that is validated was added: in the same transaction, its addition's lock is still held."""

from migguard.catalog.lookup import table_key
from migguard.catalog.schema import ConstraintState
from migguard.changes import AddConstraint, NotNull, ValidateConstraint
from migguard.effects.model import Blocks
from migguard.rules.frame import Lookup
from migguard.trace import Step


def added_in_transaction(validating: Step, lookup: Lookup) -> Step | None:
    """The step of this transaction that added the constraint and still holds a blocking lock on its table."""
    change = validating.change
    key = table_key(validating.before, change.table) if isinstance(change, ValidateConstraint) else None
    table = validating.before.tables.get(key) if key is not None else None
    if table is None or not isinstance(change, ValidateConstraint):
        return None
    constraint = table.constraint(change.name)
    for step in lookup.transaction(validating.statement.transaction):
        if step is validating:
            return None
        made = step.change
        if not isinstance(made, AddConstraint) or step.refusal is not None:
            continue
        there = table_key(step.before, made.table)
        before = step.before.tables.get(there) if there is not None else None
        after = step.after.tables.get(there) if there is not None else None
        if before is None or after is None or before.oid != table.oid or not blocks(step, table.oid, lookup):
            continue
        if constraint is None:
            if isinstance(made.constraint, NotNull) and made.constraint.name == change.name:
                return step
        elif has(after.constraints, constraint.oid) and not has(before.constraints, constraint.oid):
            return step
    return None


def has(constraints: tuple[ConstraintState, ...], oid: int) -> bool:
    """Whether a constraint is among others."""
    return any(c.oid == oid for c in constraints)


def blocks(step: Step, oid: int, lookup: Lookup) -> bool:
    """Whether a step took a blocking lock on a table."""
    return any(lock.oid == oid and lock.blocks is not Blocks.NOTHING for lock in lookup.effect(step).locks)
