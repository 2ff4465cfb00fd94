"""The index that makes another one superfluous: it finds, and forbids, all that the other does."""

from migguard.catalog.schema import ConstraintKind, Index, Table
from migguard.changes import CreateIndex
from migguard.rules.facts.schema.index_cover import covers
from migguard.rules.facts.schema.index_twins import superfluous_before
from migguard.rules.facts.schema.introduced import new_indexes
from migguard.rules.frame import MYSQL_FAMILY, StepContext


def instead_of_new(index: Index, table: Table, ctx: StepContext) -> Index | None:
    """The index that does all that a new one does, as the revision leaves the table; None where there is none."""
    there = (o for o in table.indexes if made_by_then(o, ctx))
    other = next((o for o in there if makes_superfluous(o, index, table, ctx)), None)
    return None if other is None or superfluous_before(index, table, ctx) else other


def instead_of_built(change: CreateIndex, ctx: StepContext) -> Index | None:
    """The index that makes superfluous what a step builds."""
    found = (instead_of_new(index, table, ctx) for table, index in new_indexes(change, ctx))
    return next((other for other in found if other is not None), None)


def overtaking(change: CreateIndex, ctx: StepContext) -> Index | None:
    """The index of a later revision of the deployment that makes superfluous what a step builds."""
    for table, index in new_indexes(change, ctx):
        for other in table.indexes:
            if not made_by_then(other, ctx) and makes_superfluous(other, index, table, ctx):
                return other
    return None


def made_by_then(index: Index, ctx: StepContext) -> bool:
    """Whether an index is there when the revision has run; later ones tell of it in their own."""
    return ctx.trace is None or index.oid < ctx.trace.after.next_oid


def makes_superfluous(other: Index, index: Index, table: Table, ctx: StepContext) -> bool:
    """Whether the other index does all that the new one does, and of two equal ones is the one to keep."""
    if other is index or other.oid == index.oid or not covers(other, index):
        return False
    if ctx.after.server.engine in MYSQL_FAMILY and made_for_foreign_key(other, table):
        return False
    if not covers(index, other) or ctx.deployment.existing(other.oid):
        return True
    if (other.constraint is None) != (index.constraint is None):
        return other.constraint is not None
    return (other.primary, -other.oid) > (index.primary, -index.oid)


def made_for_foreign_key(index: Index, table: Table) -> bool:
    """Whether MySQL made the index for a foreign key; it drops it again once another serves."""
    return not index.named and any(
        c.kind is ConstraintKind.FOREIGN and c.columns == index.columns for c in table.constraints
    )
