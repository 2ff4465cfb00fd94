"""The released index that a new one takes the place of: the same columns, whatever it is called."""

from dataclasses import replace

from migguard.catalog.schema import Index, Table
from migguard.rules.facts.schema.deployment_end import released
from migguard.rules.facts.schema.index_cover import covers
from migguard.rules.facts.schema.key_twins import named
from migguard.rules.frame import StepContext


def superfluous_before(index: Index, table: Table, ctx: StepContext) -> bool:
    """Whether the index is one that the deployment drops under another name, superfluous as it was then."""
    old = released(table, ctx)
    if old is None or None in index.columns:
        return False
    there = {i.oid for i in table.indexes}
    gone = [i for i in old.indexes if i.oid not in there and alike(i, old, index, table)]
    new = [i for i in table.indexes if not ctx.deployment.existing(i.oid) and alike(i, table, index, table)]
    superfluous = any(covers(other, one) for one in gone for other in old.indexes if other is not one)
    return superfluous and index in sorted(new, key=lambda i: i.oid)[: len(gone)]


def alike(one: Index, its: Table, other: Index, table: Table) -> bool:
    """Whether two indexes are one but for their names: over the same columns, by identity, in the same way."""
    if None in one.columns or named(its, columns(one)) != named(table, columns(other)):
        return False
    elements = tuple(replace(a, column=b.column) for a, b in zip(one.elements, other.elements, strict=True))
    return replace(one, name=other.name, elements=elements, comment=other.comment, constraint=other.constraint) == other


def columns(index: Index) -> tuple[str, ...]:
    """The columns of an index that has no expression."""
    return tuple(c for c in index.columns if c is not None)
