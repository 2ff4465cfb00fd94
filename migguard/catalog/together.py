"""The order in which the parts of one statement are made."""

from __future__ import annotations

from migguard.catalog.apply import apply
from migguard.catalog.copying import replace
from migguard.catalog.schema import Catalog, RefusalKind
from migguard.changes import (
    AddColumn,
    AddConstraint,
    AlterColumnType,
    AlterConstraint,
    Change,
    DropColumn,
    DropConstraint,
    DropFunction,
    DropSchema,
    DropSequence,
    DropTable,
    DropType,
    DropView,
    Engine,
    Exclusion,
    PrimaryKey,
    SetColumnOption,
    SetDefault,
    SetGenerated,
    SetIdentity,
    SetInheritance,
    SetNullable,
    SetTableOption,
    Unique,
    ValidateConstraint,
)

Drop = DropTable | DropView | DropSequence | DropType | DropFunction | DropSchema


def together(catalog: Catalog, changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """The changes of a statement in the order in which they can be made.

    PostgreSQL drops all objects of one DROP together (performMultipleDeletions): `DROP TABLE parent, child`
    works though the child refers to the parent, so dependents go first here. It also makes the actions of one
    ALTER TABLE in passes, not as they are written: drops before types, columns before constraints. Other
    statements, and those of other engines, stay as they are written.
    """
    if len(changes) > 1 and catalog.server.engine is Engine.POSTGRESQL and all(pass_of(c) is not None for c in changes):
        return tuple(sorted(changes, key=lambda c: pass_of(c) or 0))
    left = [c for c in changes if isinstance(c, Drop)]
    if len(left) < 2 or len(left) < len(changes) or catalog.server.engine is not Engine.POSTGRESQL:
        return changes
    ordered: list[Change] = []
    while left:
        first = next((c for c in left if free(catalog, c)), left[0])
        left.remove(first)
        ordered.append(first)
        catalog = apply(catalog, first).catalog
    return tuple(ordered)


def pass_of(change: Change) -> int | None:
    """In which of its passes ALTER TABLE makes an action (ATPrepCmd); None for what is no such action."""
    match change:
        case DropColumn() | DropConstraint():
            return 0
        case SetNullable(nullable=True) | SetDefault(default=None) | SetIdentity(action="drop"):
            return 0
        case SetGenerated(expression=None):
            return 0
        case AlterColumnType():
            return 1
        case AddColumn():
            return 2
        case SetGenerated():
            return 3
        case SetNullable() | SetIdentity(action="alter"):
            return 4
        case AddConstraint(constraint=PrimaryKey() | Unique() | Exclusion()):
            return 5
        case AddConstraint() | SetDefault() | SetIdentity():
            return 6
        case ValidateConstraint() | AlterConstraint() | SetColumnOption() | SetInheritance() | SetTableOption():
            return 7
        case _:
            return None


def free(catalog: Catalog, change: Drop) -> bool:
    """Whether nothing depends on the object."""
    refusal = apply(catalog, replace(change, cascade=False)).refusal
    return refusal is None or refusal.kind is not RefusalKind.DEPENDENTS
