"""The order in which the objects that one DROP names go."""

from __future__ import annotations

from migguard.catalog.apply import apply
from migguard.catalog.copying import replace
from migguard.catalog.schema import Catalog, RefusalKind
from migguard.changes import (
    Change,
    DropFunction,
    DropSchema,
    DropSequence,
    DropTable,
    DropType,
    DropView,
    Engine,
)

Drop = DropTable | DropView | DropSequence | DropType | DropFunction | DropSchema


def together(catalog: Catalog, changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """The changes of a statement in the order in which they can be made.

    PostgreSQL drops all objects of one DROP together (performMultipleDeletions): `DROP TABLE parent, child`
    works though the child refers to the parent, so dependents go first here. Other statements, and those of
    other engines, stay as they are written.
    """
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


def free(catalog: Catalog, change: Drop) -> bool:
    """Whether nothing depends on the object."""
    refusal = apply(catalog, replace(change, cascade=False)).refusal
    return refusal is None or refusal.kind is not RefusalKind.DEPENDENTS
