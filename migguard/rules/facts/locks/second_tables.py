"""The changes that lock other tables than the one they are about, in words."""

from migguard.changes import (
    AddColumn,
    AddConstraint,
    AlterColumnType,
    AlterCompositeType,
    AlterConstraint,
    AttachPartition,
    Constraint,
    CreateTable,
    DetachPartition,
    DropColumn,
    DropConstraint,
    DropExtension,
    DropFunction,
    DropSchema,
    DropSequence,
    DropTable,
    DropType,
    DropView,
    ForeignKey,
    Truncate,
)
from migguard.effects.model import TableLock
from migguard.rules.facts.locks.work import grows_with
from migguard.rules.frame import Lookup
from migguard.trace import Step

Drop = DropSchema | DropType | DropSequence | DropFunction | DropExtension | DropView

Locking = (
    CreateTable
    | DropTable
    | AddConstraint
    | DropConstraint
    | AlterConstraint
    | AddColumn
    | DropColumn
    | AlterColumnType
    | AlterCompositeType
    | Truncate
    | AttachPartition
    | DetachPartition
    | DropSchema
    | DropType
    | DropSequence
    | DropFunction
    | DropExtension
    | DropView
)


def what(change: Locking) -> str:
    """The change in words."""
    match change:
        case CreateTable():
            return f"Creating {change.table}"
        case DropTable():
            return f"Dropping {change.table}"
        case AddConstraint():
            return f"Adding {constraint_name(change.constraint)} to {change.table}"
        case DropConstraint():
            return f"Dropping {change.name or 'the constraint'} of {change.table}"
        case AlterConstraint():
            return f"Changing {change.name} of {change.table}"
        case AddColumn():
            return f"Adding {change.table}.{change.column.name}"
        case DropColumn():
            return f"Dropping {change.table}.{change.column}"
        case AlterColumnType():
            return f"Changing the type of {change.table}.{change.column}"
        case AlterCompositeType():
            return f"Changing the type {change.type}"
        case Truncate():
            return f"Truncating {change.table}"
        case AttachPartition():
            return f"Attaching {change.partition} to {change.table}"
        case DetachPartition():
            return f"Detaching {change.partition} from {change.table}"
        case _:
            return f"Dropping {dropped(change)}"


def dropped(change: Drop) -> str:
    """What a drop names."""
    match change:
        case DropSchema():
            return f"the schema {change.schema}"
        case DropType():
            return f"the {change.kind} {change.type}"
        case DropSequence():
            return f"the sequence {change.sequence}"
        case DropFunction():
            return f"the {change.kind} {change.function}"
        case DropExtension():
            return f"the extension {change.name}"
        case DropView():
            return f"the view {change.view}"


def constraint_name(constraint: Constraint) -> str:
    """The constraint's name, or what it is."""
    if constraint.name:
        return constraint.name
    return f"a foreign key to {constraint.references}" if isinstance(constraint, ForeignKey) else "a constraint"


def made_later(lock: TableLock, step: Step, lookup: Lookup) -> bool:
    """Whether the same call goes on to add a foreign key under the lock: MG403 says how long it is held then."""
    statement = step.statement
    return any(
        isinstance(later.change, AddConstraint)
        and later.refusal is None
        and later.statement.origin == statement.origin is not None
        and any(one.oid == lock.oid for one in lookup.effect(later).locks)
        and bool(grows_with(later, lookup))
        for later in lookup.transactions.after(step)
    )
